import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * One instance of an application that counts the words of all lines: lines are parted into words,
 * the words repartitioned by a topic, counted in a store with a changelog, and each new count written
 * to another topic. Its state directory is its own and goes with it.
 */
final class WordCount implements StateRestoreListener, AutoCloseable {
    private static final String STORE = "counts";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final AtomicLong recordsRestored = new AtomicLong();
    private final Path stateDirectory;
    private final KafkaStreams streams;

    WordCount(Job job, String lines, String counts, Object... more) throws IOException {
        stateDirectory = Files.createTempDirectory("mamba-streams-");
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(lines, Consumed.with(Serdes.String(), Serdes.String()))
                .flatMapValues(line -> Arrays.asList(line.split(" ")))
                .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()))
                .count(Materialized.as(STORE))
                .toStream().to(counts, Produced.with(Serdes.String(), Serdes.Long()));

        Properties settings = new Properties();
        settings.putAll(job.settings(
                "application.id", job.prefix + "-words",
                "state.dir", stateDirectory.toString(),
                "group.protocol", "classic",
                "processing.guarantee", "at_least_once",
                "commit.interval.ms", 200,
                "statestore.cache.max.bytes", 0,
                // A closed instance does not leave its group: the session's end tells the others.
                "session.timeout.ms", 6000, "heartbeat.interval.ms", 500));
        settings.putAll(job.settings(more));
        streams = new KafkaStreams(builder.build(), settings);
        streams.setGlobalStateRestoreListener(this);
        streams.start();
    }

    boolean running() {
        Job.check(!streams.state().hasStartedOrFinishedShuttingDown(), "the application ended");
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /** The number of tasks at work, of both halves of the topology. */
    int activeTasks() {
        return streams.metadataForLocalThreads().stream().mapToInt(thread -> thread.activeTasks().size()).sum();
    }

    /** From the store, as an interactive query. */
    Long count(String word) {
        ReadOnlyKeyValueStore<String, Long> store = streams.store(
                StoreQueryParameters.fromNameAndType(STORE, QueryableStoreTypes.keyValueStore()));
        return store.get(word);
    }

    @Override
    public void close() throws IOException {
        Job.check(streams.close(PATIENCE), "the application does not end");
        try (Stream<Path> files = Files.walk(stateDirectory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long begin, long end) {}

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long count) {}

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long count) {
        recordsRestored.addAndGet(count);
    }
}
