package main

import (
	"errors"
	"slices"

	"github.com/segmentio/kafka-go"

	"mambamq/jobs"
)

// Kafka answers an admin's request before all of its brokers' metadata show what was done; hence
// the waiting for what is described.
func topicAdmin(j *jobs.Job) {
	admin, topic := newAdmin(j), j.Name("topic")
	config := kafka.TopicConfig{Topic: topic, NumPartitions: 3, ReplicationFactor: 1,
		ConfigEntries: []kafka.ConfigEntry{{ConfigName: "retention.ms", ConfigValue: "3600000"}}}
	jobs.Check(createTopic(j, config))
	j.Wait("the topic is listed with three partitions", func() bool {
		listed := jobs.Must(admin.Metadata(j, &kafka.MetadataRequest{})).Topics
		return slices.ContainsFunc(listed, func(listed kafka.Topic) bool {
			return listed.Name == topic && len(listed.Partitions) == 3
		})
	})
	waitForConfig(j, admin, topic, "retention.ms", "3600000")
	altered := jobs.Must(admin.IncrementalAlterConfigs(j, &kafka.IncrementalAlterConfigsRequest{
		Resources: []kafka.IncrementalAlterConfigsRequestResource{{
			ResourceType: kafka.ResourceTypeTopic, ResourceName: topic,
			Configs: []kafka.IncrementalAlterConfigsRequestConfig{{
				Name: "retention.ms", Value: "7200000", ConfigOperation: kafka.ConfigOperationSet}}}}}))
	jobs.Check(altered.Resources[0].Error)
	waitForConfig(j, admin, topic, "retention.ms", "7200000")

	grown := jobs.Must(admin.CreatePartitions(j, &kafka.CreatePartitionsRequest{
		Topics: []kafka.TopicPartitionsConfig{{Name: topic, Count: 6}}}))
	jobs.Check(grown.Errors[topic])
	j.Wait("the topic has six partitions", func() bool { return len(describeTopic(j, topic).Partitions) == 6 })

	jobs.Refused("creating the topic again", createTopic(j, config), kafka.TopicAlreadyExists)
	illegal := kafka.TopicConfig{Topic: topic + "/", NumPartitions: 1, ReplicationFactor: 1}
	jobs.Refused("creating a topic of an illegal name", createTopic(j, illegal), kafka.InvalidTopic)
	jobs.Check(deleteTopic(j, topic))
	j.Wait("describing the deleted topic gives UNKNOWN_TOPIC_OR_PARTITION", func() bool {
		return errors.Is(describeTopic(j, topic).Error, kafka.UnknownTopicOrPartition)
	})
}

func waitForConfig(j *jobs.Job, admin *kafka.Client, topic, key, value string) {
	request := &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{
		{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic}}}
	j.Wait(key+"="+value+" is described", func() bool {
		described := jobs.Must(admin.DescribeConfigs(j, request)).Resources[0]
		jobs.Check(described.Error)
		return slices.ContainsFunc(described.ConfigEntries, func(entry kafka.DescribeConfigResponseConfigEntry) bool {
			return entry.ConfigName == key && entry.ConfigValue == value
		})
	})
}

func groupAdmin(j *jobs.Job) {
	admin, topic, group := newAdmin(j), newTopic(j, "lag", 3), j.Name("lag")
	fill(j, topic, 3, 10)
	reader := newReader(j, kafka.ReaderConfig{GroupID: group, Topic: topic})
	for _, message := range read(j, reader, 30) {
		if message.Offset == 5 {
			jobs.Check(reader.CommitMessages(j, message))
		}
	}

	jobs.Equal("the group is listed", isListed(j, admin, group), true)
	request := &kafka.DescribeGroupsRequest{GroupIDs: []string{group}}
	described := jobs.Must(admin.DescribeGroups(j, request)).Groups[0]
	jobs.Check(described.Error)
	jobs.Equal("state of the group", described.GroupState, "Stable")
	jobs.Equal("members", len(described.Members), 1)
	assignment := described.Members[0].MemberAssignments
	jobs.Equal("assigned topics", len(assignment.Topics), 1)
	jobs.Equal("assigned partitions", len(assignment.Topics[0].Partitions), 3)
	ends := endOffsets(j, topic, 3)
	for partition, committed := range committedOffsets(j, group, topic, 3) {
		jobs.Equal("committed", committed, 6)
		jobs.Equal("lag", ends[partition]-committed, 4)
	}

	jobs.Refused("deleting the active group", deleteGroup(j, group), kafka.NonEmptyGroup)
	jobs.Check(reader.Close())
	deleted := jobs.Must(admin.OffsetDelete(j, &kafka.OffsetDeleteRequest{
		GroupID: group, Topics: map[string][]int{topic: {0, 1, 2}}}))
	jobs.Check(deleted.Error)
	for _, partition := range deleted.Topics[topic] {
		jobs.Check(partition.Error)
	}
	for _, committed := range committedOffsets(j, group, topic, 3) {
		jobs.Equal("committed once deleted", committed, -1)
	}
	jobs.Check(deleteGroup(j, group))
	jobs.Equal("the deleted group is listed", isListed(j, admin, group), false)
}

func isListed(j *jobs.Job, admin *kafka.Client, group string) bool {
	listed := jobs.Must(admin.ListGroups(j, &kafka.ListGroupsRequest{}))
	jobs.Check(listed.Error)
	return slices.ContainsFunc(listed.Groups, func(listed kafka.ListGroupsResponseGroup) bool {
		return listed.GroupID == group
	})
}
