package main

import (
	"slices"

	"github.com/IBM/sarama"

	"mambamq/jobs"
)

// Kafka answers an admin's request before all of its brokers' metadata show what was done; hence
// the waiting for what is described.
func topicAdmin(j *jobs.Job) {
	admin, topic := newAdmin(j), j.Name("topic")
	retention := func(value string) map[string]*string { return map[string]*string{"retention.ms": &value} }
	detail := &sarama.TopicDetail{NumPartitions: 3, ReplicationFactor: 1, ConfigEntries: retention("3600000")}
	jobs.Check(admin.CreateTopic(topic, detail, false))
	j.Wait("the topic is listed with three partitions", func() bool {
		return jobs.Must(admin.ListTopics())[topic].NumPartitions == 3
	})
	waitForConfig(j, admin, topic, "retention.ms", "3600000")
	jobs.Check(admin.AlterConfig(sarama.TopicResource, topic, retention("7200000"), false))
	waitForConfig(j, admin, topic, "retention.ms", "7200000")
	set := sarama.IncrementalAlterConfigsEntry{
		Operation: sarama.IncrementalAlterConfigsOperationSet, Value: retention("10800000")["retention.ms"]}
	jobs.Check(admin.IncrementalAlterConfig(sarama.TopicResource, topic,
		map[string]sarama.IncrementalAlterConfigsEntry{"retention.ms": set}, false))
	waitForConfig(j, admin, topic, "retention.ms", "10800000")

	jobs.Check(admin.CreatePartitions(topic, 6, nil, false))
	described := func() *sarama.TopicMetadata { return jobs.Must(admin.DescribeTopics([]string{topic}))[0] }
	j.Wait("the topic has six partitions", func() bool { return len(described().Partitions) == 6 })

	err := admin.CreateTopic(topic, detail, false)
	jobs.Refused("creating the topic again", err, sarama.ErrTopicAlreadyExists)
	err = admin.CreateTopic(topic+"/", detail, false)
	jobs.Refused("creating a topic of an illegal name", err, sarama.ErrInvalidTopic)
	jobs.Check(admin.DeleteTopic(topic))
	j.Wait("describing the deleted topic gives UNKNOWN_TOPIC_OR_PARTITION", func() bool {
		return described().Err == sarama.ErrUnknownTopicOrPartition
	})
}

func waitForConfig(j *jobs.Job, admin sarama.ClusterAdmin, topic, key, value string) {
	j.Wait(key+"="+value+" is described", func() bool {
		entries := jobs.Must(admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic}))
		return slices.ContainsFunc(entries, func(entry sarama.ConfigEntry) bool {
			return entry.Name == key && entry.Value == value
		})
	})
}

func groupAdmin(j *jobs.Job) {
	admin, topic, group := newAdmin(j), newTopic(j, "lag", 3), j.Name("lag")
	fill(j, topic, 3, 10)
	messages, stop := subscribe(j, group, topic)
	session := receive(j, messages, 30)[0].session
	for partition := range int32(3) {
		session.MarkOffset(topic, partition, 6, "")
	}
	session.Commit()

	_, found := jobs.Must(admin.ListConsumerGroups())[group]
	jobs.Equal("the group is listed", found, true)
	described := jobs.Must(admin.DescribeConsumerGroups([]string{group}))[0]
	jobs.Equal("state of the group", described.State, "Stable")
	jobs.Equal("members", len(described.Members), 1)
	assignment := jobs.Must(described.Members[session.MemberID()].GetMemberAssignment())
	jobs.Equal("assigned partitions", len(assignment.Topics[topic]), 3)
	ends := endOffsets(j, topic)
	for partition, committed := range committedOffsets(j, group, topic, 3) {
		jobs.Equal("committed", committed, 6)
		jobs.Equal("lag", ends[partition]-committed, 4)
	}

	err := admin.DeleteConsumerGroup(group)
	jobs.Refused("deleting the active group", err, sarama.ErrNonEmptyGroup)
	stop()
	for partition := range int32(3) {
		jobs.Check(admin.DeleteConsumerGroupOffset(group, topic, partition))
	}
	for _, committed := range committedOffsets(j, group, topic, 3) {
		jobs.Equal("committed once deleted", committed, -1)
	}
	jobs.Check(admin.DeleteConsumerGroup(group))
	_, found = jobs.Must(admin.ListConsumerGroups())[group]
	jobs.Equal("the deleted group is listed", found, false)
}

func deleteRecords(j *jobs.Job) {
	admin, client, topic := newAdmin(j), newClient(j), newTopic(j, "cut", 1)
	fill(j, topic, 1, 100)
	jobs.Check(admin.DeleteRecords(topic, map[int32]int64{0: 60}))
	jobs.Equal("earliest offset", jobs.Must(client.GetOffset(topic, 0, sarama.OffsetOldest)), 60)
	jobs.Equal("first record read", readFrom(j, topic, 0, sarama.OffsetOldest, 40)[0].Offset, 60)
	err := admin.DeleteRecords(topic, map[int32]int64{0: 101})
	jobs.Refused("deleting beyond the end", err, sarama.ErrOffsetOutOfRange)
}
