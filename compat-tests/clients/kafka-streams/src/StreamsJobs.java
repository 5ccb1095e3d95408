import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Jobs of Kafka Streams: words are counted, whatever happens to the application and its broker. */
final class StreamsJobs {
    private static final int PARTITIONS = 4;
    private static final List<String> LINES = List.of(
            "the quick brown fox", "jumps over the lazy dog", "the dog sleeps", "the fox runs");

    /** The topics of one job, what was sent, and what was counted. */
    private static final class Words implements AutoCloseable {
        final String lines;
        final String counts;
        final Map<String, Long> sent = new HashMap<>();
        final Map<String, Long> counted = new HashMap<>();
        private final KafkaProducer<String, String> producer;
        private final KafkaConsumer<String, Long> reader;

        Words(Job job) throws Exception {
            lines = job.topic("lines", PARTITIONS);
            counts = job.topic("counts", PARTITIONS);
            producer = job.producer();
            reader = new KafkaConsumer<>(job.settings("auto.offset.reset", "earliest", "enable.auto.commit", "false"),
                    new StringDeserializer(), new LongDeserializer());
            reader.assign(Job.partitions(counts, PARTITIONS));
        }

        void produce(int times) throws Exception {
            Future<?> last = null;
            for (int i = 0; i < times; i++) {
                for (String line : LINES) {
                    last = producer.send(new ProducerRecord<>(lines, i % PARTITIONS, null, line));
                    for (String word : line.split(" ")) sent.merge(word, 1L, Long::sum);
                }
            }
            producer.flush();
            last.get();
        }

        void readCounts() {
            for (ConsumerRecord<String, Long> record : reader.poll(Duration.ofMillis(100))) {
                counted.put(record.key(), record.value());
            }
        }

        /** Each word's last count is what was sent of it. */
        void expectAllCounted() throws Exception {
            Job.eventually("the words are counted: " + sent, () -> {
                readCounts();
                return counted.equals(sent);
            });
        }

        @Override
        public void close() {
            producer.close();
            reader.close();
        }
    }

    static void wordCount(Job job) throws Exception {
        try (Words words = new Words(job); WordCount application = new WordCount(job, words.lines, words.counts)) {
            words.produce(25);
            words.expectAllCounted();
            Job.checkEqual(application.count("the"), 100L, "the count in the store");
            words.produce(25);
            words.expectAllCounted();
            Job.checkEqual(application.count("the"), 200L, "the count in the store");
        }
        deleteGroup(job);
    }

    static void restoreFromChangelog(Job job) throws Exception {
        try (Words words = new Words(job)) {
            try (WordCount application = new WordCount(job, words.lines, words.counts)) {
                words.produce(25);
                words.expectAllCounted();
                Job.checkEqual(application.recordsRestored.get(), 0L, "the number of records restored at first");
            }
            try (WordCount application = new WordCount(job, words.lines, words.counts)) {
                words.produce(25);
                words.expectAllCounted();
                // Without compaction each count of a word is still there.
                Job.check(application.recordsRestored.get() >= words.sent.size(),
                        "only " + application.recordsRestored.get() + " records were restored");
                Job.checkEqual(application.count("the"), 200L, "the count in the store");
            }
        }
        deleteGroup(job);
    }

    static void twoInstances(Job job) throws Exception {
        Object[] standby = {"num.standby.replicas", 1, "acceptable.recovery.lag", 0L,
                "probing.rebalance.interval.ms", 60_000L};
        try (Words words = new Words(job)) {
            WordCount first = new WordCount(job, words.lines, words.counts, standby);
            words.produce(25);
            words.expectAllCounted();
            try (WordCount second = new WordCount(job, words.lines, words.counts, standby)) {
                Job.eventually("both instances have tasks", () -> first.activeTasks() > 0 && second.activeTasks() > 0
                        && first.activeTasks() + second.activeTasks() == 2 * PARTITIONS);
                words.produce(25);
                words.expectAllCounted();
                first.close();
                words.produce(25);
                words.expectAllCounted();
                Job.checkEqual(second.activeTasks(), 2 * PARTITIONS, "the number of tasks of the one that is left");
                Job.checkEqual(second.count("the"), 300L, "the count in the store");
            }
        }
        deleteGroup(job);
    }

    static void brokerRestart(Job job) throws Exception {
        try (Words words = new Words(job); WordCount application = new WordCount(job, words.lines, words.counts)) {
            for (String how : List.of("restart", "kill")) {
                words.produce(25);
                Job.eventually("some words are counted", () -> {
                    words.readCounts();
                    return !words.counted.isEmpty();
                });
                words.counted.clear();
                Job.brokerControl(how);
            }
            words.produce(25);
            // A count may be too high, as the application asked for "at least once"; none is too low.
            Job.eventually("no count is too low: " + words.sent, () -> {
                words.readCounts();
                return words.sent.entrySet().stream().allMatch(
                        word -> words.counted.getOrDefault(word.getKey(), 0L) >= word.getValue());
            });
            Job.check(application.running(), "the application does not run");
        }
        deleteGroup(job);
    }

    /** Once the session of the last member has ended. */
    private static void deleteGroup(Job job) throws Exception {
        String group = job.prefix + "-words";
        Job.eventually("the group is empty", () -> job.admin.describeConsumerGroups(List.of(group)).all().get()
                .get(group).members().isEmpty());
        job.admin.deleteConsumerGroups(List.of(group)).all().get();
    }
}
