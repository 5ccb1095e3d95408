package main

import (
	"errors"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"mambamq/jobs"
)

// Kafka answers an admin's request before all of its brokers' metadata show what was done; hence
// the waiting for what is described.
func topicAdmin(j *jobs.Job) {
	admin, topic := newAdmin(j), j.Name("topic")
	configs := map[string]*string{"retention.ms": kadm.StringPtr("3600000")}
	jobs.Must(admin.CreateTopic(j, 3, 1, configs, topic))
	j.Wait("the topic is listed with three partitions", func() bool {
		return len(jobs.Must(admin.ListTopics(j))[topic].Partitions) == 3
	})
	waitForConfig(j, admin, topic, "retention.ms", "3600000")
	altered := jobs.Must(admin.AlterTopicConfigs(j,
		[]kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: kadm.StringPtr("7200000")}}, topic))
	jobs.Check(altered[0].Err)
	waitForConfig(j, admin, topic, "retention.ms", "7200000")

	jobs.Check(jobs.Must(admin.UpdatePartitions(j, 6, topic)).Error())
	j.Wait("the topic has six partitions", func() bool {
		return len(jobs.Must(admin.ListTopics(j, topic))[topic].Partitions) == 6
	})

	_, err := admin.CreateTopic(j, 3, 1, nil, topic)
	jobs.Refused("creating the topic again", err, kerr.TopicAlreadyExists)
	_, err = admin.CreateTopic(j, 3, 1, nil, topic+"/")
	jobs.Refused("creating a topic of an illegal name", err, kerr.InvalidTopicException)
	jobs.Must(admin.DeleteTopic(j, topic))
	j.Wait("describing the deleted topic gives UNKNOWN_TOPIC_OR_PARTITION", func() bool {
		return errors.Is(jobs.Must(admin.ListTopics(j, topic))[topic].Err, kerr.UnknownTopicOrPartition)
	})
}

func waitForConfig(j *jobs.Job, admin *kadm.Client, topic, key, value string) {
	j.Wait(key+"="+value+" is described", func() bool {
		resource := jobs.Must(jobs.Must(admin.DescribeTopicConfigs(j, topic)).On(topic, nil))
		jobs.Check(resource.Err)
		return slices.ContainsFunc(resource.Configs, func(config kadm.Config) bool {
			return config.Key == key && config.MaybeValue() == value
		})
	})
}

func groupAdmin(j *jobs.Job) {
	admin, topic, group := newAdmin(j), newTopic(j, "lag", 3), j.Name("lag")
	fill(j, topic, 3, 10)
	consumer := newClient(j, kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit())
	var sixth []*kgo.Record
	for _, record := range read(j, consumer, 30) {
		if record.Offset == 5 {
			sixth = append(sixth, record)
		}
	}
	jobs.Check(consumer.CommitRecords(j, sixth...))

	listed := jobs.Must(admin.ListGroups(j))
	jobs.Equal("state of the listed group", listed[group].State, "Stable")
	lags := jobs.Must(admin.Lag(j, group))
	described := lags[group]
	jobs.Check(described.Error())
	jobs.Equal("state of the group", described.State, "Stable")
	jobs.Equal("members", len(described.Members), 1)
	assignment, _ := described.Members[0].Assigned.AsConsumer()
	jobs.Equal("assigned topics", len(assignment.Topics), 1)
	jobs.Equal("assigned partitions", len(assignment.Topics[0].Partitions), 3)
	for partition := range int32(3) {
		lag, _ := described.Lag.Lookup(topic, partition)
		jobs.Equal("committed", lag.Commit.At, 6)
		jobs.Equal("end", lag.End.Offset, 10)
		jobs.Equal("lag", lag.Lag, 4)
	}

	_, err := admin.DeleteGroup(j, group)
	jobs.Refused("deleting the active group", err, kerr.NonEmptyGroup)
	consumer.Close()
	topics := make(kadm.TopicsSet)
	topics.Add(topic, 0, 1, 2)
	jobs.Check(jobs.Must(admin.DeleteOffsets(j, group, topics)).Error())
	jobs.Equal("offsets that are left", len(committedOffsets(j, group, topic)), 0)
	jobs.Must(admin.DeleteGroup(j, group))
	_, found := jobs.Must(admin.ListGroups(j))[group]
	jobs.Equal("the deleted group is listed", found, false)
}

func deleteRecords(j *jobs.Job) {
	admin, topic := newAdmin(j), newTopic(j, "cut", 1)
	fill(j, topic, 1, 100)
	deleteBefore := func(offset int64) kadm.DeleteRecordsResponse {
		before := make(kadm.Offsets)
		before.AddOffset(topic, 0, offset, -1)
		return jobs.Must(admin.DeleteRecords(j, before))[topic][0]
	}
	deleted := deleteBefore(60)
	jobs.Check(deleted.Err)
	jobs.Equal("low watermark", deleted.LowWatermark, 60)
	earliest, _ := jobs.Must(admin.ListStartOffsets(j, topic)).Lookup(topic, 0)
	jobs.Equal("earliest offset", earliest.Offset, 60)
	jobs.Equal("first record read", readFromStart(j, topic, 40)[0].Offset, 60)
	jobs.Refused("deleting beyond the end", deleteBefore(101).Err, kerr.OffsetOutOfRange)
}
