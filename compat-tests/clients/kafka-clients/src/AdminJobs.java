import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ConsumerGroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Jobs of the admin client. */
final class AdminJobs {
    static void topicAdmin(Job job) throws Exception {
        AdminClient admin = job.admin;
        String topic = job.prefix + "-made";
        NewTopic wanted = new NewTopic(topic, 3, (short) 1)
                .configs(Map.of("retention.ms", "3600000", "cleanup.policy", "compact"));
        admin.createTopics(List.of(wanted)).all().get();
        Job.check(admin.listTopics().names().get().contains(topic), "the topic is not listed");
        TopicDescription description = Versioned.describe(admin, topic).get();
        Job.checkEqual(description.partitions().size(), 3, "the number of partitions");
        Job.check(description.partitions().get(0).leader() != null, "partition 0 has no leader");
        Job.checkEqual(config(admin, topic, "retention.ms"), "3600000", "retention.ms");
        Job.checkEqual(config(admin, topic, "cleanup.policy"), "compact", "cleanup.policy");

        Versioned.setConfig(admin, topic, "retention.ms", "7200000");
        Job.eventually("the altered config is told",
                () -> config(admin, topic, "retention.ms").equals("7200000"));
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(6))).all().get();
        Job.eventually("the topic has six partitions",
                () -> Versioned.describe(admin, topic).get().partitions().size() == 6);

        Job.expectError(TopicExistsException.class, admin.createTopics(List.of(wanted)).all());
        NewTopic illegal = new NewTopic(job.prefix + "-not legal", 1, (short) 1);
        Job.expectError(InvalidTopicException.class, admin.createTopics(List.of(illegal)).all());

        admin.deleteTopics(List.of(topic)).all().get();
        Job.eventually("the topic is gone", () -> !admin.listTopics().names().get().contains(topic));
        Job.expectError(UnknownTopicOrPartitionException.class, Versioned.describe(admin, topic));
    }

    private static String config(AdminClient admin, String topic, String name) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name).value();
    }

    static void groupAdmin(Job job) throws Exception {
        AdminClient admin = job.admin;
        String topic = job.topic("lag", 2);
        String name = job.prefix + "-watched";
        List<TopicPartition> partitions = Job.partitions(topic, 2);
        produce(job, topic, 2, 20);
        try (KafkaConsumer<String, String> consumer = job.consumer("group.id", name, "enable.auto.commit", "false")) {
            consumer.subscribe(List.of(topic));
            Job.read(consumer, 20);
            consumer.commitSync(Map.of(partitions.get(0), new OffsetAndMetadata(4),
                    partitions.get(1), new OffsetAndMetadata(10)));

            Job.check(admin.listConsumerGroups().all().get().stream().anyMatch(group -> group.groupId().equals(name)),
                    "the group is not listed");
            ConsumerGroupDescription group = admin.describeConsumerGroups(List.of(name)).all().get().get(name);
            Job.checkEqual(group.state(), ConsumerGroupState.STABLE, "the group's state");
            Job.checkEqual(group.members().size(), 1, "the number of members");
            MemberDescription member = group.members().iterator().next();
            Job.checkEqual(member.assignment().topicPartitions(), new HashSet<>(partitions), "the assignment");

            Map<TopicPartition, Long> lag = new HashMap<>(consumer.endOffsets(partitions));
            job.committed(name).forEach((partition, offset) ->
                    lag.merge(partition, offset.offset(), (end, committed) -> end - committed));
            Job.checkEqual(lag, Map.of(partitions.get(0), 6L, partitions.get(1), 0L), "the lag");
            Job.expectError(GroupNotEmptyException.class, admin.deleteConsumerGroups(List.of(name)).all());
        }
        Versioned.deleteOffsets(job, name, Set.copyOf(partitions));
        admin.deleteConsumerGroups(List.of(name)).all().get();
        Job.check(admin.listConsumerGroups().all().get().stream().noneMatch(group -> group.groupId().equals(name)),
                "the deleted group is listed");
    }

    static void deleteRecords(Job job) throws Exception {
        String topic = job.topic("cut", 1);
        TopicPartition partition = new TopicPartition(topic, 0);
        produce(job, topic, 1, 100);
        long low = job.admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(60)))
                .lowWatermarks().get(partition).get().lowWatermark();
        Job.checkEqual(low, 60L, "the low watermark");
        try (KafkaConsumer<String, String> reader = job.reader(topic, 1)) {
            Job.checkEqual(reader.beginningOffsets(List.of(partition)).get(partition), 60L, "the earliest offset");
            Job.checkEqual(Job.read(reader, 40).get(0).offset(), 60L, "the first offset read");
        }
        Job.expectError(OffsetOutOfRangeException.class,
                job.admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(101))).all());
    }

    private static void produce(Job job, String topic, int partitions, int count) {
        try (KafkaProducer<String, String> producer = job.producer()) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, i % partitions, null, Integer.toString(i)));
            }
        }
    }
}
