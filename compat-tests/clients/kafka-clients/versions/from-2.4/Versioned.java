import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** What versions of the library do in ways of their own. Here: from 2.4 on, before topic ids. */
final class Versioned {
    static KafkaFuture<TopicDescription> describe(AdminClient admin, String topic) {
        return admin.describeTopics(List.of(topic)).values().get(topic);
    }

    static void setConfig(AdminClient admin, String topic, String name, String value) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
    }

    static void needStaticMembers() {}

    static void deleteOffsets(Job job, String group, Set<TopicPartition> partitions) throws Exception {
        job.admin.deleteConsumerGroupOffsets(group, partitions).all().get();
        Job.checkEqual(job.committed(group), Map.of(), "what is committed after deleting it");
    }
}
