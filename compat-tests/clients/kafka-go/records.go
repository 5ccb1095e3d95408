package main

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"mambamq/jobs"
)

func produceCodecs(j *jobs.Job) {
	codecs := map[string]kafka.Compression{
		"none": 0, "gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}
	for name, codec := range codecs {
		topic := newTopic(j, name, 3)
		writer := newWriter(j, topic)
		writer.Balancer = &kafka.Hash{}
		writer.Compression = codec
		sent := jobs.Samples(500)
		var messages []kafka.Message
		for _, record := range sent {
			messages = append(messages, toClient(record))
		}
		jobs.Check(writer.WriteMessages(j, messages...))

		var got []jobs.Record
		for _, message := range readAll(j, topic, 3) {
			got = append(got, fromClient(message))
		}
		jobs.SameByKey(name, got, sent)
	}
}

func toClient(record jobs.Record) kafka.Message {
	message := kafka.Message{Key: []byte(record.Key), Value: []byte(record.Value)}
	for _, header := range record.Headers {
		message.Headers = append(message.Headers, kafka.Header{Key: header.Key, Value: []byte(header.Value)})
	}
	return message
}

func fromClient(message kafka.Message) jobs.Record {
	record := jobs.Record{Key: string(message.Key), Value: string(message.Value)}
	for _, header := range message.Headers {
		record.Headers = append(record.Headers, jobs.Header{Key: header.Key, Value: string(header.Value)})
	}
	return record
}

// member reads `topic` in `group`; it commits what it has read when a generation ends.
func member(bootstrap, id, topic string) jobs.Member {
	return func(context context.Context, name string, told *jobs.Group) error {
		group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
			ID:                id,
			Brokers:           []string{bootstrap},
			Topics:            []string{topic},
			StartOffset:       kafka.FirstOffset,
			HeartbeatInterval: 200 * time.Millisecond,
			JoinGroupBackoff:  100 * time.Millisecond,
		})
		if err != nil {
			return err
		}
		defer group.Close()
		for {
			generation, err := group.Next(context)
			if context.Err() != nil {
				return nil
			}
			if errors.As(err, new(kafka.Error)) {
				continue // what the broker refuses makes the group back off and join again
			}
			if err != nil {
				return err
			}
			startReading(bootstrap, topic, generation, name, told)
		}
	}
}

func startReading(bootstrap, topic string, generation *kafka.Generation, name string, told *jobs.Group) {
	assignments := generation.Assignments[topic]
	var partitions []int32
	for _, assignment := range assignments {
		partitions = append(partitions, int32(assignment.ID))
	}
	told.Gained(name, generation.ID, partitions)
	generation.Start(func(context context.Context) {
		var readers sync.WaitGroup
		for _, assignment := range assignments {
			readers.Go(func() {
				next := readPartition(context, bootstrap, topic, assignment, name, told)
				_ = generation.CommitOffsets(map[string]map[int]int64{topic: {assignment.ID: next}})
			})
		}
		readers.Wait()
		told.Lost(name, partitions)
	})
}

// readPartition reads until the context ends; the offset after the last record read.
func readPartition(context context.Context, bootstrap, topic string,
	assignment kafka.PartitionAssignment, name string, told *jobs.Group) int64 {
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{bootstrap}, Topic: topic,
		Partition: assignment.ID, MaxWait: 100 * time.Millisecond})
	defer reader.Close()
	_ = reader.SetOffset(assignment.Offset)
	next := max(assignment.Offset, 0)
	for {
		message, err := reader.ReadMessage(context)
		if err != nil {
			return next
		}
		told.Saw(name, message.Value)
		next = message.Offset + 1
	}
}

func groupOfThree(j *jobs.Job) {
	topic, group := newTopic(j, "six", 6), newGroup(j, "three")
	writer := newWriter(j, topic)
	produce := func(first, last int) error {
		var messages []kafka.Message
		for number := first; number < last; number++ {
			messages = append(messages, kafka.Message{Value: []byte(strconv.Itoa(number)), WriterData: number % 6})
		}
		return writer.WriteMessages(j, messages...)
	}
	jobs.GroupOfThree(j, member(j.Bootstrap, group, topic), produce,
		func() map[int32]int64 { return committedOffsets(j, group, topic, 6) },
		func() map[int32]int64 { return endOffsets(j, topic, 6) })
}

func commitResume(j *jobs.Job) {
	topic, group := newTopic(j, "resume", 3), newGroup(j, "resume")
	fill(j, topic, 3, 100)
	reader := newReader(j, kafka.ReaderConfig{GroupID: group, Topic: topic})
	for _, message := range read(j, reader, 300) {
		if message.Offset == 49 {
			jobs.Check(reader.CommitMessages(j, message))
		}
	}
	jobs.Check(reader.Close())
	j.Broker("restart")

	for _, committed := range committedOffsets(j, group, topic, 3) {
		jobs.Equal("committed offset", committed, 50)
	}
	next := map[int]int64{0: 50, 1: 50, 2: 50}
	for _, message := range read(j, newReader(j, kafka.ReaderConfig{GroupID: group, Topic: topic}), 150) {
		jobs.Equal("offset of the next record", message.Offset, next[message.Partition])
		next[message.Partition]++
	}
}

func seekByTime(j *jobs.Job) {
	topic := newTopic(j, "hourly", 1)
	writer := newWriter(j, topic)
	start := time.Now().Add(-10 * time.Hour).Truncate(time.Millisecond)
	for hour := range 10 {
		jobs.Check(writer.WriteMessages(j, kafka.Message{Value: []byte(strconv.Itoa(hour)),
			Time: start.Add(time.Duration(hour) * time.Hour)}))
	}
	between := start.Add(3*time.Hour + 30*time.Minute)
	// The time beside the offset is the one that was asked for; kafka-go does not tell the record's.
	_, found := offsets(j, topic, kafka.TimeOffsetOf(0, between))[0].Offsets[4]
	jobs.Equal("the record after 3.5 hours is found", found, true)
	reader := newReader(j, kafka.ReaderConfig{Topic: topic, Partition: 0})
	jobs.Check(reader.SetOffsetAt(j, between))
	jobs.Equal("first record read from there", string(read(j, reader, 1)[0].Value), "4")
	_, none := offsets(j, topic, kafka.TimeOffsetOf(0, start.Add(9*time.Hour+30*time.Minute)))[0].Offsets[-1]
	jobs.Equal("a time after the last gives the offset -1", none, true)
}

func largeRecords(j *jobs.Job) {
	topic := newTopic(j, "large", 1)
	writer := newWriter(j, topic)
	for seed := range byte(20) {
		jobs.Check(writer.WriteMessages(j, kafka.Message{Value: jobs.Blob(1_000_000, seed)}))
	}
	for seed, message := range readAll(j, topic, 1) {
		if !bytes.Equal(message.Value, jobs.Blob(1_000_000, byte(seed))) {
			jobs.Fail("the record at offset %d is not what was produced", message.Offset)
		}
	}
	raised := newWriter(j, topic)
	raised.BatchBytes = 3_000_000
	err := raised.WriteMessages(j, kafka.Message{Value: jobs.Blob(2_000_000, 0)})
	if failed := (kafka.WriteErrors{}); errors.As(err, &failed) {
		err = failed[0]
	}
	jobs.Refused("a record of 2,000,000 bytes", err, kafka.MessageSizeTooLarge)
}

func thousandPartitions(j *jobs.Job) {
	topic, group := newTopic(j, "thousand", 1000), newGroup(j, "thousand")
	fill(j, topic, 1000, 3)
	counts := make(map[int]int)
	reader := newReader(j, kafka.ReaderConfig{GroupID: group, Topic: topic})
	for _, message := range read(j, reader, 3000) {
		counts[message.Partition]++
	}
	jobs.Check(reader.Close()) // it has a connection for each partition
	for partition := range 1000 {
		jobs.Equal("records of a partition", counts[partition], 3)
	}
	jobs.Equal("partitions described", len(describeTopic(j, topic).Partitions), 1000)
}
