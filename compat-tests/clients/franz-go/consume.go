package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"mambamq/jobs"
)

func endOffsets(j *jobs.Job, topic string) map[int32]int64 {
	listed := jobs.Must(newAdmin(j).ListEndOffsets(j, topic))
	jobs.Check(listed.Error())
	offsets := make(map[int32]int64)
	listed.Each(func(offset kadm.ListedOffset) { offsets[offset.Partition] = offset.Offset })
	return offsets
}

func committedOffsets(j *jobs.Job, group, topic string) map[int32]int64 {
	committed := jobs.Must(newAdmin(j).FetchOffsets(j, group))
	jobs.Check(committed.Error())
	offsets := make(map[int32]int64)
	for partition, offset := range committed[topic] {
		offsets[partition] = offset.At
	}
	return offsets
}

// member reads `topic` in `group`; it commits what it has read after every poll.
func member(bootstrap, group, topic string, options ...kgo.Opt) jobs.Member {
	return func(context context.Context, name string, told *jobs.Group) error {
		client, err := kgo.NewClient(append(options,
			kgo.SeedBrokers(bootstrap),
			kgo.ConsumerGroup(group),
			kgo.ConsumeTopics(topic),
			kgo.HeartbeatInterval(200*time.Millisecond),
			kgo.DisableAutoCommit(),
			kgo.BlockRebalanceOnPoll(),
			kgo.OnPartitionsAssigned(gained(name, topic, told)),
			kgo.OnPartitionsRevoked(lost(name, topic, told)))...)
		if err != nil {
			return err
		}
		defer client.CloseAllowingRebalance()
		for {
			fetches := client.PollFetches(context)
			fetches.EachRecord(func(record *kgo.Record) { told.Saw(name, record.Value) })
			err := client.CommitUncommittedOffsets(client.Context())
			if err != nil && !errors.Is(err, kerr.RebalanceInProgress) {
				return err
			}
			if context.Err() != nil {
				return nil
			}
			if err := fetches.Err(); err != nil {
				return err
			}
			client.AllowRebalance()
		}
	}
}

type onPartitions = func(context.Context, *kgo.Client, map[string][]int32)

func gained(name, topic string, told *jobs.Group) onPartitions {
	return func(_ context.Context, client *kgo.Client, partitions map[string][]int32) {
		_, generation := client.GroupMetadata()
		told.Gained(name, generation, partitions[topic])
	}
}

func lost(name, topic string, told *jobs.Group) onPartitions {
	return func(_ context.Context, _ *kgo.Client, partitions map[string][]int32) {
		told.Lost(name, partitions[topic])
	}
}

func groupOfThree(j *jobs.Job) {
	topic, group := newTopic(j, "six", 6), newGroup(j, "three")
	producer := newClient(j, kgo.DefaultProduceTopic(topic))
	produceRange := func(first, last int) error {
		var records []*kgo.Record
		for number := first; number < last; number++ {
			text := strconv.Itoa(number)
			records = append(records, kgo.KeyStringRecord(text, text))
		}
		return producer.ProduceSync(j, records...).FirstErr()
	}
	jobs.GroupOfThree(j, member(j.Bootstrap, group, topic), produceRange,
		func() map[int32]int64 { return committedOffsets(j, group, topic) },
		func() map[int32]int64 { return endOffsets(j, topic) })
}

func staticMembers(j *jobs.Job) {
	topic, group := newTopic(j, "six", 6), newGroup(j, "static")
	admin := newAdmin(j)
	j.Cleanup(func() {
		leave := kadm.LeaveGroup(group).InstanceIDs("left", "right")
		jobs.Must(admin.LeaveGroup(j, leave))
	})
	static := func(context context.Context, name string, told *jobs.Group) error {
		return member(j.Bootstrap, group, topic, kgo.InstanceID(name))(context, name, told)
	}
	jobs.StaticMembers(j, static, func(err error) bool { return errors.Is(err, kerr.FencedInstanceID) })
}

func commitResume(j *jobs.Job) {
	topic, group := newTopic(j, "resume", 3), newGroup(j, "resume")
	fill(j, topic, 3, 100)
	newConsumer := func() *kgo.Client {
		return newClient(j, kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit())
	}

	consumer := newConsumer()
	var half []*kgo.Record
	for _, record := range read(j, consumer, 300) {
		if record.Offset < 50 {
			half = append(half, record)
		}
	}
	withMetadata := kgo.PreCommitFnContext(j, func(request *kmsg.OffsetCommitRequest) error {
		for partition := range request.Topics[0].Partitions {
			request.Topics[0].Partitions[partition].Metadata = kmsg.StringPtr("half")
		}
		return nil
	})
	jobs.Check(consumer.CommitRecords(withMetadata, half...))
	consumer.Close()
	j.Broker("restart")

	committed := jobs.Must(newAdmin(j).FetchOffsets(j, group))
	for partition := range int32(3) {
		offset, _ := committed.Lookup(topic, partition)
		jobs.Equal("committed offset", offset.At, 50)
		jobs.Equal("metadata of the commit", offset.Metadata, "half")
	}
	next := map[int32]int64{0: 50, 1: 50, 2: 50}
	for _, record := range read(j, newConsumer(), 150) {
		jobs.Equal("offset of the next record", record.Offset, next[record.Partition])
		next[record.Partition]++
	}
}

func seekByTime(j *jobs.Job) {
	topic := newTopic(j, "hourly", 1)
	producer := newClient(j, kgo.DefaultProduceTopic(topic))
	start := time.Now().Add(-10 * time.Hour).Truncate(time.Millisecond)
	for hour := range 10 {
		record := kgo.StringRecord(strconv.Itoa(hour))
		record.Timestamp = start.Add(time.Duration(hour) * time.Hour)
		produce(j, producer, record)
	}
	lookUp := func(hours float64) kadm.ListedOffset {
		at := start.Add(time.Duration(hours * float64(time.Hour))).UnixMilli()
		listed := jobs.Must(newAdmin(j).ListOffsetsAfterMilli(j, at, topic))
		jobs.Check(listed.Error())
		offset, _ := listed.Lookup(topic, 0)
		return offset
	}

	found := lookUp(3.5)
	jobs.Equal("offset of the first record after 3.5 hours", found.Offset, 4)
	jobs.Equal("its time", found.Timestamp, start.Add(4*time.Hour).UnixMilli())
	consumer := newClient(j, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{
		topic: {0: kgo.NewOffset().AfterMilli(start.Add(3*time.Hour + 30*time.Minute).UnixMilli())},
	}))
	jobs.Equal("first record read from there", string(read(j, consumer, 6)[0].Value), "4")

	none := lookUp(9.5) // franz-go turns the broker's "none" into the end offset without a time
	jobs.Equal("offset of a time after the last", none.Offset, 10)
	jobs.Equal("its time", none.Timestamp, -1)
}

func patternSubscription(j *jobs.Job) {
	producer := newClient(j)
	produceTo := func(what string) {
		produce(j, producer, &kgo.Record{Topic: newTopic(j, what, 1), Value: []byte(what)})
	}
	produceTo("p-one")
	produceTo("p-two")
	consumer := newClient(j, kgo.ConsumerGroup(newGroup(j, "pattern")),
		kgo.ConsumeRegex(), kgo.ConsumeTopics("^"+j.Name("p-")+".*"),
		kgo.MetadataMaxAge(time.Second), kgo.MetadataMinAge(time.Second))
	topics := make(map[string]bool)
	for _, record := range read(j, consumer, 2) {
		topics[record.Topic] = true
	}
	jobs.Equal("topics read", len(topics), 2)
	produceTo("p-three")
	jobs.Equal("topic of the next record", read(j, consumer, 1)[0].Topic, j.Name("p-three"))
}

func thousandPartitions(j *jobs.Job) {
	topic := newTopic(j, "thousand", 1000)
	fill(j, topic, 1000, 3)
	consumer := newClient(j, kgo.ConsumerGroup(newGroup(j, "thousand")), kgo.ConsumeTopics(topic))
	counts := make(map[int32]int)
	for _, record := range read(j, consumer, 3000) {
		counts[record.Partition]++
	}
	for partition := range int32(1000) {
		jobs.Equal("records of a partition", counts[partition], 3)
	}
	topics := jobs.Must(newAdmin(j).ListTopics(j, topic))
	jobs.Equal("partitions described", len(topics[topic].Partitions), 1000)
}
