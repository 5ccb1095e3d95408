// The jobs of the client matrix on sarama.
package main

import (
	"errors"

	"github.com/IBM/sarama"

	"mambamq/jobs"
)

func main() {
	jobs.Main(produceCodecs, groupOfThree, staticMembers, commitResume, seekByTime, idempotentRestart,
		patternSubscription, topicAdmin, groupAdmin, deleteRecords, largeRecords, thousandPartitions)
}

// newConfig retries for longer than sarama by itself, which gives up within the time that Kafka
// takes to restart, or to make a new topic's leaders known.
func newConfig() *sarama.Config {
	config := sarama.NewConfig()
	config.Metadata.Retry.Max = 200
	config.Producer.Retry.Max = 200
	config.Version = sarama.MaxVersion
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	return config
}

func newClient(j *jobs.Job) sarama.Client {
	client := jobs.Must(sarama.NewClient([]string{j.Bootstrap}, newConfig()))
	j.Cleanup(func() { jobs.Check(client.Close()) })
	return client
}

func newAdmin(j *jobs.Job) sarama.ClusterAdmin {
	admin := jobs.Must(sarama.NewClusterAdmin([]string{j.Bootstrap}, newConfig()))
	j.Cleanup(func() { jobs.Check(admin.Close()) })
	return admin
}

func newTopic(j *jobs.Job, what string, partitions int32) string {
	topic, admin := j.Name(what), newAdmin(j)
	detail := &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}
	jobs.Check(admin.CreateTopic(topic, detail, false))
	j.Cleanup(func() { jobs.Check(admin.DeleteTopic(topic)) })
	j.Wait("the new topic's metadata", func() bool {
		described := jobs.Must(admin.DescribeTopics([]string{topic}))
		return len(described[0].Partitions) == int(partitions)
	})
	return topic
}

func newGroup(j *jobs.Job, what string) string {
	group, admin := j.Name(what), newAdmin(j)
	j.Cleanup(func() {
		if err := admin.DeleteConsumerGroup(group); !errors.Is(err, sarama.ErrGroupIDNotFound) {
			jobs.Check(err)
		}
	})
	return group
}

func newProducer(j *jobs.Job, config *sarama.Config) sarama.SyncProducer {
	producer := jobs.Must(sarama.NewSyncProducer([]string{j.Bootstrap}, config))
	j.Cleanup(func() { jobs.Check(producer.Close()) })
	return producer
}

// fill produces `count` records to each of the partitions.
func fill(j *jobs.Job, topic string, partitions int32, count int) {
	var messages []*sarama.ProducerMessage
	for partition := range partitions {
		for range count {
			messages = append(messages, &sarama.ProducerMessage{
				Topic: topic, Partition: partition, Value: sarama.StringEncoder("x")})
		}
	}
	jobs.Check(newProducer(j, newConfig()).SendMessages(messages))
}

func endOffsets(j *jobs.Job, topic string) map[int32]int64 {
	client := newClient(j)
	offsets := make(map[int32]int64)
	for _, partition := range jobs.Must(client.Partitions(topic)) {
		offsets[partition] = jobs.Must(client.GetOffset(topic, partition, sarama.OffsetNewest))
	}
	return offsets
}

// readFrom reads `count` messages of a partition; `offset` may be sarama.OffsetOldest.
func readFrom(j *jobs.Job, topic string, partition int32, offset, count int64) []*sarama.ConsumerMessage {
	consumer := jobs.Must(sarama.NewConsumer([]string{j.Bootstrap}, newConfig()))
	defer consumer.Close()
	reader := jobs.Must(consumer.ConsumePartition(topic, partition, offset))
	defer reader.Close()
	var messages []*sarama.ConsumerMessage
	for range count {
		messages = append(messages, jobs.Receive(j, "the next message", reader.Messages()))
	}
	return messages
}

// readAll reads every partition from the beginning to its present end.
func readAll(j *jobs.Job, topic string) []*sarama.ConsumerMessage {
	var messages []*sarama.ConsumerMessage
	for partition, end := range endOffsets(j, topic) {
		messages = append(messages, readFrom(j, topic, partition, sarama.OffsetOldest, end)...)
	}
	return messages
}
