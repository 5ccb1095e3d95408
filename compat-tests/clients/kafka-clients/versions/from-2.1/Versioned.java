import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** What versions of the library do in ways of their own. Here: before incrementalAlterConfigs and static members. */
final class Versioned {
    static KafkaFuture<TopicDescription> describe(AdminClient admin, String topic) {
        return admin.describeTopics(List.of(topic)).values().get(topic);
    }

    /** Replaces all configs of the topic. */
    static void setConfig(AdminClient admin, String topic, String name, String value) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        admin.alterConfigs(Map.of(resource, new Config(List.of(new ConfigEntry(name, value))))).all().get();
    }

    static void needStaticMembers() {
        throw new UnsupportedOperationException("no static members (2.3)");
    }

    static void deleteOffsets(Job job, String group, Set<TopicPartition> partitions) {
        System.out.println("without deleting offsets of a group: no such call (2.4)");
    }
}
