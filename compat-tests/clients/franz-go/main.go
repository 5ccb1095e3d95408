// The jobs of the client matrix on franz-go.
package main

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"mambamq/jobs"
)

func main() {
	jobs.Main(produceCodecs, groupOfThree, staticMembers, commitResume, seekByTime, idempotentRestart,
		patternSubscription, topicAdmin, groupAdmin, deleteRecords, largeRecords, thousandPartitions)
}

func newClient(j *jobs.Job, options ...kgo.Opt) *kgo.Client {
	client := jobs.Must(kgo.NewClient(append(options, kgo.SeedBrokers(j.Bootstrap))...))
	j.Cleanup(client.Close)
	return client
}

// kadm answers from metadata that are younger than the minimum age; five seconds by default.
func newAdmin(j *jobs.Job) *kadm.Client {
	return kadm.NewClient(newClient(j, kgo.MetadataMinAge(50*time.Millisecond)))
}

func newTopic(j *jobs.Job, what string, partitions int32) string {
	topic, admin := j.Name(what), newAdmin(j)
	jobs.Must(admin.CreateTopic(j, partitions, 1, nil, topic))
	j.Cleanup(func() { jobs.Must(admin.DeleteTopic(j, topic)) })
	return topic
}

func newGroup(j *jobs.Job, what string) string {
	group, admin := j.Name(what), newAdmin(j)
	j.Cleanup(func() {
		if _, err := admin.DeleteGroup(j, group); !errors.Is(err, kerr.GroupIDNotFound) {
			jobs.Check(err)
		}
	})
	return group
}

func produce(j *jobs.Job, producer *kgo.Client, records ...*kgo.Record) {
	jobs.Check(producer.ProduceSync(j, records...).FirstErr())
}

// fill produces `count` records to each of the partitions.
func fill(j *jobs.Job, topic string, partitions int32, count int) {
	producer := newClient(j, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	var records []*kgo.Record
	for partition := range partitions {
		for range count {
			records = append(records, &kgo.Record{Topic: topic, Partition: partition, Value: []byte("x")})
		}
	}
	produce(j, producer, records...)
}

// read polls until it has `count` records.
func read(j *jobs.Job, consumer *kgo.Client, count int) []*kgo.Record {
	var records []*kgo.Record
	for len(records) < count {
		fetches := consumer.PollFetches(j)
		jobs.Check(fetches.Err())
		records = append(records, fetches.Records()...)
	}
	jobs.Equal("number of records", len(records), count)
	return records
}

func readFromStart(j *jobs.Job, topic string, count int) []*kgo.Record {
	return read(j, newClient(j, kgo.ConsumeTopics(topic)), count)
}
