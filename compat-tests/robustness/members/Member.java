import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.BytesDeserializer;
import org.apache.kafka.common.utils.Bytes;

/** A member of a group by kafka-clients: member GROUP TOPIC; tells each change, runs until it is killed. */
public class Member {
    private static class Tell implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            System.out.println("assigned " + assigned.size());
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            System.out.println("revoked");
        }
    }

    public static void main(String[] arguments) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", System.getenv("BOOTSTRAP"));
        settings.put("group.id", arguments[0]);
        settings.put("session.timeout.ms", "6000");
        settings.put("heartbeat.interval.ms", "1000");
        settings.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor");
        KafkaConsumer<Bytes, Bytes> consumer =
            new KafkaConsumer<>(settings, new BytesDeserializer(), new BytesDeserializer());
        consumer.subscribe(List.of(arguments[1]), new Tell());
        while (true) {
            consumer.poll(Duration.ofMillis(100));
        }
    }
}
