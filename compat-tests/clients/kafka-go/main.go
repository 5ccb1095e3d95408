// The jobs of the client matrix on segmentio's kafka-go.
package main

import (
	"errors"
	"time"

	"github.com/segmentio/kafka-go"

	"mambamq/jobs"
)

func main() {
	jobs.Main(produceCodecs, groupOfThree, staticMembers, commitResume, seekByTime, idempotentRestart,
		patternSubscription, topicAdmin, groupAdmin, deleteRecords, largeRecords, thousandPartitions)
}

func staticMembers(j *jobs.Job) {
	j.Unsupported("its consumers know no group.instance.id, its raw requests alone do")
}

func idempotentRestart(j *jobs.Job) { j.Unsupported("no idempotent producer") }

func patternSubscription(j *jobs.Job) {
	j.Unsupported("a consumer group takes names of topics, no pattern")
}

func deleteRecords(j *jobs.Job) { j.Unsupported("no DeleteRecords") }

func newAdmin(j *jobs.Job) *kafka.Client {
	return &kafka.Client{Addr: kafka.TCP(j.Bootstrap), Timeout: 30 * time.Second,
		Transport: &kafka.Transport{MetadataTTL: 50 * time.Millisecond}}
}

func createTopic(j *jobs.Job, config kafka.TopicConfig) error {
	request := &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{config}}
	return jobs.Must(newAdmin(j).CreateTopics(j, request)).Errors[config.Topic]
}

func deleteTopic(j *jobs.Job, topic string) error {
	request := &kafka.DeleteTopicsRequest{Topics: []string{topic}}
	return jobs.Must(newAdmin(j).DeleteTopics(j, request)).Errors[topic]
}

func describeTopic(j *jobs.Job, topic string) kafka.Topic {
	request := &kafka.MetadataRequest{Topics: []string{topic}}
	return jobs.Must(newAdmin(j).Metadata(j, request)).Topics[0]
}

func deleteGroup(j *jobs.Job, group string) error {
	request := &kafka.DeleteGroupsRequest{GroupIDs: []string{group}}
	return jobs.Must(newAdmin(j).DeleteGroups(j, request)).Errors[group]
}

func newTopic(j *jobs.Job, what string, partitions int) string {
	topic := j.Name(what)
	jobs.Check(createTopic(j, kafka.TopicConfig{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}))
	j.Cleanup(func() { jobs.Check(deleteTopic(j, topic)) })
	j.Wait("the new topic's metadata", func() bool {
		return len(describeTopic(j, topic).Partitions) == partitions
	})
	return topic
}

func newGroup(j *jobs.Job, what string) string {
	group := j.Name(what)
	j.Cleanup(func() {
		if err := deleteGroup(j, group); !errors.Is(err, kafka.GroupIdNotFound) {
			jobs.Check(err)
		}
	})
	return group
}

func newWriter(j *jobs.Job, topic string) *kafka.Writer {
	writer := &kafka.Writer{
		Addr:         kafka.TCP(j.Bootstrap),
		Topic:        topic,
		Balancer:     kafka.BalancerFunc(chosenPartition),
		BatchTimeout: 5 * time.Millisecond,
		RequiredAcks: kafka.RequireAll,
		MaxAttempts:  100, // Kafka takes a while to make a new topic's leaders known
		// A time-out would make it write again: it has no idempotent producer.
		ReadTimeout:  time.Minute,
		WriteTimeout: time.Minute,
		// The default one is shared, and remembers for seconds that a topic was not there.
		Transport: &kafka.Transport{},
	}
	j.Cleanup(func() { jobs.Check(writer.Close()) })
	return writer
}

// chosenPartition finds the partition in the message's WriterData, zero when there is none.
func chosenPartition(message kafka.Message, _ ...int) int {
	partition, _ := message.WriterData.(int)
	return partition
}

// fill produces `count` records to each of the partitions.
func fill(j *jobs.Job, topic string, partitions int, count int) {
	var messages []kafka.Message
	for partition := range partitions {
		for range count {
			messages = append(messages, kafka.Message{Value: []byte("x"), WriterData: partition})
		}
	}
	jobs.Check(newWriter(j, topic).WriteMessages(j, messages...))
}

func offsets(j *jobs.Job, topic string, wanted ...kafka.OffsetRequest) []kafka.PartitionOffsets {
	request := &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: wanted}}
	listed := jobs.Must(newAdmin(j).ListOffsets(j, request)).Topics[topic]
	for _, partition := range listed {
		jobs.Check(partition.Error)
	}
	return listed
}

func endOffsets(j *jobs.Job, topic string, partitions int) map[int32]int64 {
	var wanted []kafka.OffsetRequest
	for partition := range partitions {
		wanted = append(wanted, kafka.LastOffsetOf(partition))
	}
	ends := make(map[int32]int64)
	for _, partition := range offsets(j, topic, wanted...) {
		ends[int32(partition.Partition)] = partition.LastOffset
	}
	return ends
}

func committedOffsets(j *jobs.Job, group, topic string, partitions int) map[int32]int64 {
	request := &kafka.OffsetFetchRequest{GroupID: group, Topics: map[string][]int{topic: {}}}
	for partition := range partitions {
		request.Topics[topic] = append(request.Topics[topic], partition)
	}
	var fetched *kafka.OffsetFetchResponse
	j.Wait("the coordinator's answer", func() bool { // after a restart it is still loading
		fetched = jobs.Must(newAdmin(j).OffsetFetch(j, request))
		temporary := kafka.Error(0)
		return !errors.As(fetched.Error, &temporary) || !temporary.Temporary()
	})
	jobs.Check(fetched.Error)
	committed := make(map[int32]int64)
	for _, partition := range fetched.Topics[topic] {
		committed[int32(partition.Partition)] = partition.CommittedOffset
	}
	return committed
}

func newReader(j *jobs.Job, config kafka.ReaderConfig) *kafka.Reader {
	config.Brokers = []string{j.Bootstrap}
	config.StartOffset = kafka.FirstOffset
	config.MaxWait = time.Second
	reader := kafka.NewReader(config)
	j.Cleanup(func() { jobs.Check(reader.Close()) })
	return reader
}

func read(j *jobs.Job, reader *kafka.Reader, count int64) []kafka.Message {
	var messages []kafka.Message
	for range count {
		messages = append(messages, jobs.Must(reader.FetchMessage(j)))
	}
	return messages
}

// readAll reads every partition from the beginning to its present end.
func readAll(j *jobs.Job, topic string, partitions int) []kafka.Message {
	var messages []kafka.Message
	for partition, end := range endOffsets(j, topic, partitions) {
		reader := newReader(j, kafka.ReaderConfig{Topic: topic, Partition: int(partition)})
		messages = append(messages, read(j, reader, end)...)
	}
	return messages
}
