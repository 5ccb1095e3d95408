package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/IBM/sarama"

	"mambamq/jobs"
)

// handler is a sarama.ConsumerGroupHandler of functions, the unset of which do nothing.
type handler struct {
	begin, end func(sarama.ConsumerGroupSession)
	each       func(sarama.ConsumerGroupSession, *sarama.ConsumerMessage)
}

func (h handler) Setup(session sarama.ConsumerGroupSession) error {
	if h.begin != nil {
		h.begin(session)
	}
	return nil
}

func (h handler) Cleanup(session sarama.ConsumerGroupSession) error {
	if h.end != nil {
		h.end(session)
	}
	return nil
}

func (h handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			h.each(session, message)
		case <-session.Context().Done():
			return nil
		}
	}
}

// consume is a member of `group` until its context ends.
func consume(context context.Context, bootstrap, group, topic, instance string, h handler) error {
	config := newConfig()
	config.Consumer.Group.InstanceId = instance
	config.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	member, err := sarama.NewConsumerGroup([]string{bootstrap}, group, config)
	if err != nil {
		return err
	}
	for err == nil && context.Err() == nil {
		err = member.Consume(context, []string{topic}, h)
	}
	return errors.Join(err, member.Close())
}

func member(bootstrap, group, topic string, static bool) jobs.Member {
	return func(context context.Context, name string, told *jobs.Group) error {
		instance := ""
		if static {
			instance = name
		}
		return consume(context, bootstrap, group, topic, instance, handler{
			begin: func(session sarama.ConsumerGroupSession) {
				told.Gained(name, session.GenerationID(), session.Claims()[topic])
			},
			end: func(session sarama.ConsumerGroupSession) {
				told.Lost(name, session.Claims()[topic])
			},
			each: func(session sarama.ConsumerGroupSession, message *sarama.ConsumerMessage) {
				told.Saw(name, message.Value)
				session.MarkMessage(message, "")
			},
		})
	}
}

// committed waits for a coordinator that is still loading; sarama does not.
func committed(j *jobs.Job, group, topic string, partitions int32) map[int32]*sarama.OffsetFetchResponseBlock {
	admin, wanted := newAdmin(j), make(map[string][]int32)
	for partition := range partitions {
		wanted[topic] = append(wanted[topic], partition)
	}
	var fetched *sarama.OffsetFetchResponse
	j.Wait("the coordinator's answer", func() (answered bool) {
		var err error
		fetched, err = admin.ListConsumerGroupOffsets(group, wanted)
		if errors.Is(err, sarama.ErrOffsetsLoadInProgress) {
			return false
		}
		jobs.Check(err)
		return !errors.Is(fetched.Err, sarama.ErrOffsetsLoadInProgress)
	})
	return fetched.Blocks[topic]
}

func committedOffsets(j *jobs.Job, group, topic string, partitions int32) map[int32]int64 {
	offsets := make(map[int32]int64)
	for partition, block := range committed(j, group, topic, partitions) {
		offsets[partition] = block.Offset
	}
	return offsets
}

func groupOfThree(j *jobs.Job) {
	topic, group := newTopic(j, "six", 6), newGroup(j, "three")
	producer := newProducer(j, newConfig())
	produce := func(first, last int) error {
		var messages []*sarama.ProducerMessage
		for number := first; number < last; number++ {
			messages = append(messages, &sarama.ProducerMessage{Topic: topic, Partition: int32(number % 6),
				Value: sarama.StringEncoder(strconv.Itoa(number))})
		}
		return producer.SendMessages(messages)
	}
	jobs.GroupOfThree(j, member(j.Bootstrap, group, topic, false), produce,
		func() map[int32]int64 { return committedOffsets(j, group, topic, 6) },
		func() map[int32]int64 { return endOffsets(j, topic) })
}

func staticMembers(j *jobs.Job) {
	topic, group := newTopic(j, "six", 6), newGroup(j, "static")
	admin := newAdmin(j)
	j.Cleanup(func() { jobs.Must(admin.RemoveMemberFromConsumerGroup(group, []string{"left", "right"})) })
	jobs.StaticMembers(j, member(j.Bootstrap, group, topic, true),
		func(err error) bool { return errors.Is(err, sarama.ErrFencedInstancedId) })
}

type received struct {
	session sarama.ConsumerGroupSession
	message *sarama.ConsumerMessage
}

// subscribe runs a member in the background; `stop` ends it and waits.
func subscribe(j *jobs.Job, group, topic string) (messages chan received, stop func()) {
	context, cancel := context.WithCancel(j)
	messages = make(chan received, 10_000)
	ended := make(chan error, 1)
	go func() {
		ended <- consume(context, j.Bootstrap, group, topic, "", handler{
			each: func(session sarama.ConsumerGroupSession, message *sarama.ConsumerMessage) {
				messages <- received{session, message}
			}})
	}()
	j.Cleanup(cancel)
	return messages, func() {
		cancel()
		jobs.Check(jobs.Receive(j, "the consumer's end", ended))
	}
}

func receive(j *jobs.Job, messages chan received, count int) []received {
	var result []received
	for range count {
		result = append(result, jobs.Receive(j, "the next message", messages))
	}
	return result
}

func commitResume(j *jobs.Job) {
	topic, group := newTopic(j, "resume", 3), newGroup(j, "resume")
	fill(j, topic, 3, 100)
	messages, stop := subscribe(j, group, topic)
	session := receive(j, messages, 300)[0].session
	for partition := range int32(3) {
		session.MarkOffset(topic, partition, 50, "half")
	}
	session.Commit()
	stop()
	j.Broker("restart")

	for _, block := range committed(j, group, topic, 3) {
		jobs.Equal("committed offset", block.Offset, 50)
		jobs.Equal("metadata of the commit", block.Metadata, "half")
	}
	messages, stop = subscribe(j, group, topic)
	next := map[int32]int64{0: 50, 1: 50, 2: 50}
	for _, received := range receive(j, messages, 150) {
		jobs.Equal("offset of the next record", received.message.Offset, next[received.message.Partition])
		next[received.message.Partition]++
	}
	stop()
}

func seekByTime(j *jobs.Job) {
	topic, client := newTopic(j, "hourly", 1), newClient(j)
	producer := newProducer(j, newConfig())
	start := time.Now().Add(-10 * time.Hour).Truncate(time.Millisecond)
	for hour := range 10 {
		_, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic,
			Value:     sarama.StringEncoder(strconv.Itoa(hour)),
			Timestamp: start.Add(time.Duration(hour) * time.Hour)})
		jobs.Check(err)
	}
	lookUp := func(after time.Duration) int64 {
		return jobs.Must(client.GetOffset(topic, 0, start.Add(after).UnixMilli()))
	}
	offset := lookUp(3*time.Hour + 30*time.Minute)
	jobs.Equal("first record read from there", string(readFrom(j, topic, 0, offset, 1)[0].Value), "4")
	jobs.Equal("offset of a time after the last", lookUp(9*time.Hour+30*time.Minute), -1)
}

func patternSubscription(j *jobs.Job) {
	j.Unsupported("a consumer group takes names of topics, no pattern")
}

func thousandPartitions(j *jobs.Job) {
	topic, group := newTopic(j, "thousand", 1000), newGroup(j, "thousand")
	fill(j, topic, 1000, 3)
	messages, stop := subscribe(j, group, topic)
	counts := make(map[int32]int)
	for _, received := range receive(j, messages, 3000) {
		counts[received.message.Partition]++
	}
	stop()
	for partition := range int32(1000) {
		jobs.Equal("records of a partition", counts[partition], 3)
	}
	described := jobs.Must(newAdmin(j).DescribeTopics([]string{topic}))
	jobs.Equal("partitions described", len(described[0].Partitions), 1000)
}
