import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Jobs that read as members of a group. */
final class GroupJobs {
    static void groupOfThree(Job job) throws Exception {
        String topic = job.topic("shared", 6);
        String name = job.prefix + "-three";
        Member.Group group = new Member.Group();
        List<Member> members = new ArrayList<>();
        try (KafkaProducer<String, String> producer = job.producer()) {
            produceNumbers(producer, topic, 6, 0, 1000);
            for (int i = 0; i < 3; i++) members.add(join(job, group, name, topic));
            Job.eventually("three members share six partitions", () -> partitionsOf(members) == 6
                    && members.stream().allMatch(member -> member.owned().size() == 2));
            produceNumbers(producer, topic, 6, 1000, 1600);
            Job.eventually("all three read",
                    () -> members.stream().allMatch(member -> member.recordsRead.get() > 0));

            produceNumbers(producer, topic, 6, 1600, 2300);
            members.remove(1).close();
            Job.eventually("two members share six partitions", () -> partitionsOf(members) == 6);

            produceNumbers(producer, topic, 6, 2300, 3000);
            members.add(join(job, group, name, topic));
            Job.eventually("the new member has two partitions", () -> partitionsOf(members) == 6
                    && members.stream().allMatch(member -> member.owned().size() == 2));
            producer.flush();
            Job.eventually("every record is seen", () -> group.valuesRead.size() == 3000);
        } finally {
            for (Member member : members) member.close();
        }
        group.checkNoConflict();
        for (TopicPartition partition : Job.partitions(topic, 6)) {
            Job.checkEqual(job.committed(name).get(partition).offset(), 500L, "the offset committed for " + partition);
        }
        job.admin.deleteConsumerGroups(List.of(name)).all().get();
    }

    private static Member join(Job job, Member.Group group, String name, String topic) {
        return new Member(group, job.consumer("group.id", name, "auto.commit.interval.ms", 200,
                "heartbeat.interval.ms", 300), List.of(topic));
    }

    private static int partitionsOf(List<Member> members) {
        return members.stream().mapToInt(member -> member.owned().size()).sum();
    }

    private static void produceNumbers(KafkaProducer<String, String> producer, String topic, int partitions,
                                       int from, int to) {
        for (int i = from; i < to; i++) {
            producer.send(new ProducerRecord<>(topic, i % partitions, null, Integer.toString(i)));
        }
    }

    static void staticMembers(Job job) throws Exception {
        Versioned.needStaticMembers();
        String topic = job.topic("static", 4);
        String name = job.prefix + "-static";
        Member.Group group = new Member.Group();
        try (KafkaProducer<String, String> producer = job.producer();
                Member stays = joinAs(job, group, name, topic, "stays")) {
            Member leaves = joinAs(job, group, name, topic, "leaves");
            Job.eventually("two members share four partitions",
                    () -> leaves.owned().size() == 2 && stays.owned().size() == 2);
            Set<TopicPartition> before = leaves.owned();
            int rebalances = stays.rebalances.get();
            leaves.close();  // a static member does not tell the group

            Member returns = joinAs(job, group, name, topic, "leaves");
            Job.eventually("the member is back", () -> returns.owned().size() == 2);
            Job.checkEqual(returns.owned(), before, "what the member owns when it is back");
            int readBefore = stays.recordsRead.get();
            produceNumbers(producer, topic, 4, 0, 100);
            Job.eventually("both read", () -> group.valuesRead.size() == 100);
            Job.checkEqual(stays.recordsRead.get() - readBefore, 50, "the number of records read by the other");
            Job.checkEqual(stays.rebalances.get(), rebalances, "the number of rebalances that the other saw");

            try (Member second = joinAs(job, new Member.Group(), name, topic, "leaves")) {
                Job.eventually("the first of two with one id is fenced", () -> returns.failure() != null);
                Job.checkEqual(returns.failure().getClass().getSimpleName(), "FencedInstanceIdException",
                        "what it ends with");
                Job.eventually("the second has its partitions", () -> second.owned().equals(before));
            }
        }
    }

    private static Member joinAs(Job job, Member.Group group, String name, String topic, String id) {
        return new Member(group, job.consumer("group.id", name, "group.instance.id", id,
                "session.timeout.ms", 30_000, "heartbeat.interval.ms", 300), List.of(topic));
    }

    static void commitResume(Job job) throws Exception {
        String topic = job.topic("halves", 2);
        String name = job.prefix + "-resume";
        try (KafkaProducer<String, String> producer = job.producer()) {
            produceNumbers(producer, topic, 2, 0, 100);
        }
        Map<TopicPartition, OffsetAndMetadata> half = new HashMap<>();
        try (KafkaConsumer<String, String> consumer = manualConsumer(job, name)) {
            consumer.subscribe(List.of(topic));
            Job.read(consumer, 50);
            for (TopicPartition partition : consumer.assignment()) {
                half.put(partition, new OffsetAndMetadata(consumer.position(partition), "half of " + partition));
            }
            consumer.commitSync(half);
        }
        Job.brokerControl("restart");
        // AdminClient gives up at NOT_COORDINATOR before 2.5; its users ask again.
        Job.checkEqual(Job.retried(() -> job.committed(name)), half, "what is committed after the restart");
        try (KafkaConsumer<String, String> consumer = manualConsumer(job, name)) {
            consumer.subscribe(List.of(topic));
            Map<TopicPartition, Long> first = new HashMap<>();
            for (ConsumerRecord<String, String> record : Job.read(consumer, 50)) {
                first.putIfAbsent(new TopicPartition(record.topic(), record.partition()), record.offset());
            }
            first.forEach((partition, offset) ->
                    Job.checkEqual(offset, half.get(partition).offset(), "where " + partition + " resumes"));
        }
        job.admin.deleteConsumerGroups(List.of(name)).all().get();
    }

    private static KafkaConsumer<String, String> manualConsumer(Job job, String group) {
        return job.consumer("group.id", group, "enable.auto.commit", "false", "max.poll.records", 10);
    }

    static void patternSubscription(Job job) throws Exception {
        List<String> topics = new ArrayList<>(List.of(job.topic("p-one", 1), job.topic("p-two", 1)));
        String other = job.topic("q-one", 1);
        String name = job.prefix + "-pattern";
        Set<String> seen = new HashSet<>();
        try (KafkaProducer<String, String> producer = job.producer();
                KafkaConsumer<String, String> consumer = job.consumer("group.id", name, "metadata.max.age.ms", 500)) {
            consumer.subscribe(Pattern.compile(Pattern.quote(job.prefix) + "-p-.*"));
            for (String topic : topics) producer.send(new ProducerRecord<>(topic, topic));
            producer.send(new ProducerRecord<>(other, other));
            for (ConsumerRecord<String, String> record : Job.read(consumer, 2)) seen.add(record.value());
            topics.add(job.topic("p-three", 1));
            producer.send(new ProducerRecord<>(topics.get(2), topics.get(2)));
            for (ConsumerRecord<String, String> record : Job.read(consumer, 1)) seen.add(record.value());
        }
        Job.checkEqual(seen, new HashSet<>(topics), "the set of topics read");
        job.admin.deleteConsumerGroups(List.of(name)).all().get();
    }

    static void thousandPartitions(Job job) throws Exception {
        String topic = job.topic("wide", 1000);
        String name = job.prefix + "-wide";
        try (KafkaProducer<String, String> producer = job.producer()) {
            produceNumbers(producer, topic, 1000, 0, 3000);
        }
        try (KafkaConsumer<String, String> consumer = job.consumer("group.id", name)) {
            consumer.subscribe(List.of(topic));
            Set<String> values = new HashSet<>();
            for (ConsumerRecord<String, String> record : Job.read(consumer, 3000)) values.add(record.value());
            Job.checkEqual(values.size(), 3000, "the number of different records");
            Job.checkEqual(consumer.assignment().size(), 1000, "the number of partitions assigned");
        }
        Job.checkEqual(Versioned.describe(job.admin, topic).get().partitions().size(), 1000,
                "the number of partitions");
        job.admin.deleteConsumerGroups(List.of(name)).all().get();
    }
}
