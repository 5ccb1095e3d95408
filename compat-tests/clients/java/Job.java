import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What a job has: a broker, names of its own, clients for it, and ways to check and to wait. */
final class Job implements AutoCloseable {
    private static final int UNSUPPORTED = 77;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final String prefix = variable("PREFIX");
    final AdminClient admin;
    private final String bootstrap = variable("BOOTSTRAP");

    /** What a job does; it throws what went wrong, UnsupportedOperationException what the library lacks. */
    interface Body {
        void run(Job job) throws Exception;
    }

    private Job() {
        admin = AdminClient.create(settings());
    }

    /** Runs the job that `arguments` name; the exit code, as ../README.md has it. */
    static int run(Map<String, Body> jobs, String... arguments) {
        Body body = arguments.length == 1 ? jobs.get(arguments[0]) : null;
        if (body == null) {
            System.out.println("give one job of " + jobs.keySet());
            return 2;
        }
        try (Job job = new Job()) {
            body.run(job);
            return 0;
        } catch (UnsupportedOperationException missing) {
            System.out.println(missing.getMessage());
            return UNSUPPORTED;
        } catch (Throwable failure) {
            failure.printStackTrace();
            System.out.println(failure.toString().replace('\n', ' '));
            return 1;
        }
    }

    /** The job's topics go with it. */
    @Override
    public void close() throws Exception {
        try {
            admin.deleteTopics(topicsMade()).all().get();
        } finally {
            admin.close();
        }
    }

    private List<String> topicsMade() throws Exception {
        return admin.listTopics().names().get().stream().filter(name -> name.startsWith(prefix))
                .collect(Collectors.toList());
    }

    /**
     * A new topic whose leaders are at work. In Kafka that is some time after it is made; until then
     * the first batch of an idempotent producer may be refused and a later one taken, for good.
     */
    String topic(String name, int partitions) throws Exception {
        String topic = prefix + "-" + name;
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
        try (KafkaConsumer<String, String> reader = reader(topic, partitions)) {
            reader.endOffsets(reader.assignment());
        }
        return topic;
    }

    /** Settings of any client: where the broker is, and the pairs of `more`. */
    Map<String, Object> settings(Object... more) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        for (int i = 0; i < more.length; i += 2) settings.put((String) more[i], more[i + 1]);
        return settings;
    }

    /** With acks=all in every version: only what is committed can be read at once. */
    KafkaProducer<String, String> producer(Object... more) {
        Map<String, Object> settings = settings("acks", "all");
        settings.putAll(settings(more));
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    /** Reads from the beginning where nothing else is said. */
    KafkaConsumer<String, String> consumer(Object... more) {
        Map<String, Object> settings = settings("auto.offset.reset", "earliest");
        settings.putAll(settings(more));
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    /** A consumer in no group that reads all of a topic. */
    KafkaConsumer<String, String> reader(String topic, int partitions) {
        KafkaConsumer<String, String> reader = consumer("enable.auto.commit", "false");
        reader.assign(partitions(topic, partitions));
        return reader;
    }

    Map<TopicPartition, OffsetAndMetadata> committed(String group) throws Exception {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    }

    static List<TopicPartition> partitions(String topic, int count) {
        return IntStream.range(0, count).mapToObj(i -> new TopicPartition(topic, i))
                .collect(Collectors.toList());
    }

    static <K, V> List<ConsumerRecord<K, V>> read(KafkaConsumer<K, V> consumer, int count)
            throws Exception {
        List<ConsumerRecord<K, V>> records = new ArrayList<>();
        eventually(count + " records are read", () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return records.size() >= count;
        });
        return records;
    }

    /** Restarts the broker: "restart" cleanly, "kill" with kill -9. */
    static Process startBrokerControl(String how) throws IOException {
        return new ProcessBuilder(variable("BROKER_CONTROL"), how)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    static void brokerControl(String how) throws Exception {
        check(startBrokerControl(how).waitFor() == 0, "the broker does not " + how);
    }

    static void check(boolean holds, String sentence) {
        if (!holds) throw new AssertionError(sentence);
    }

    static void checkEqual(Object actual, Object expected, String what) {
        check(expected.equals(actual), what + " is " + actual + ", not " + expected);
    }

    static void eventually(String sentence, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            check(System.nanoTime() < deadline, "not within " + PATIENCE.getSeconds() + " s: " + sentence);
            Thread.sleep(5);
        }
    }

    /** Calls again while the error is one that passes by itself, as the broker's restart does. */
    static <T> T retried(Callable<T> call) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return call.call();
            } catch (ExecutionException failure) {
                if (!(failure.getCause() instanceof RetriableException) || System.nanoTime() > deadline) throw failure;
                Thread.sleep(50);
            }
        }
    }

    /** The call fails, and with this error. */
    static void expectError(Class<? extends Exception> error, Future<?> call) throws Exception {
        try {
            call.get();
        } catch (ExecutionException failure) {
            check(error.isInstance(failure.getCause()),
                    failure.getCause() + " where " + error.getSimpleName() + " should be");
            return;
        }
        throw new AssertionError("no error where " + error.getSimpleName() + " should be");
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        check(value != null, "the variable " + name + " is not set");
        return value;
    }
}
