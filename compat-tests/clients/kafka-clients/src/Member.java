import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** A member of a group: a consumer in a thread of its own, as it is not to be shared by threads. */
final class Member implements ConsumerRebalanceListener, AutoCloseable {
    final AtomicInteger recordsRead = new AtomicInteger();
    final AtomicInteger rebalances = new AtomicInteger();
    private final Group group;
    private final KafkaConsumer<String, String> consumer;
    private final Set<TopicPartition> owned = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean closing;
    private volatile Exception failure;

    /** What the members of a group have seen, and who owns what. */
    static final class Group {
        final Set<String> valuesRead = ConcurrentHashMap.newKeySet();
        private final Map<TopicPartition, Member> owners = new ConcurrentHashMap<>();
        private volatile String conflict;

        void checkNoConflict() {
            Job.check(conflict == null, conflict);
        }
    }

    Member(Group group, KafkaConsumer<String, String> consumer, Collection<String> topics) {
        this.group = group;
        this.consumer = consumer;
        consumer.subscribe(topics, this);
        thread = new Thread(this::readUntilClosed);
        thread.start();
    }

    private void readUntilClosed() {
        try (KafkaConsumer<String, String> closedAtEnd = consumer) {
            while (!closing) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(50))) {
                    group.valuesRead.add(record.value());
                    recordsRead.incrementAndGet();
                }
            }
            onPartitionsRevoked(owned);  // before 2.4 close() does not call it
        } catch (Exception thrown) {
            failure = thrown;
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        rebalances.incrementAndGet();
        owned.addAll(partitions);
        for (TopicPartition partition : partitions) {
            if (group.owners.put(partition, this) != null) group.conflict = partition + " has two owners";
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            owned.remove(partition);
            group.owners.remove(partition, this);
        }
    }

    Set<TopicPartition> owned() {
        Job.check(failure == null, "a member ended with " + failure);
        return new HashSet<>(owned);
    }

    /** What ended the member; null while it runs. */
    Exception failure() {
        return failure;
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join();
    }
}
