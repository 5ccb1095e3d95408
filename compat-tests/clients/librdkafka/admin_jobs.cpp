// Jobs about the administration of topics and groups.

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "admin.h"
#include "consumer.h"
#include "jobs.h"
#include "sender.h"

namespace jobs {

void topic_admin() {
    Admin admin;
    const std::string topic = name("t");
    const auto has_partitions = [&](std::size_t count) {
        return [&admin, &topic, count] { return admin.describe(topic).partitions == count; };
    };
    expect_error("creating a topic", admin.create(topic, 3, {{"retention.ms", "3600000"}}),
                 RD_KAFKA_RESP_ERR_NO_ERROR);
    wait_for("the topic in the list", [&] { return admin.is_listed(topic); });
    wait_for("a description with 3 partitions", has_partitions(3));
    expect(admin.config(topic, "retention.ms") == "3600000", "retention.ms is not as created");
    expect_error("altering a config", admin.alter_config(topic, "retention.ms", "7200000"),
                 RD_KAFKA_RESP_ERR_NO_ERROR);
    wait_for("the altered config", [&] { return admin.config(topic, "retention.ms") == "7200000"; });
    expect_error("adding partitions", admin.add_partitions(topic, 6), RD_KAFKA_RESP_ERR_NO_ERROR);
    wait_for("a description with 6 partitions", has_partitions(6));
    expect_error("creating it again", admin.create(topic, 1), RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
    expect_error("an illegal name", admin.create(name("a b"), 1), RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
    expect_error("deleting it", admin.remove(topic), RD_KAFKA_RESP_ERR_NO_ERROR);
    wait_for("UNKNOWN_TOPIC_OR_PARTITION for the deleted topic",
             [&] { return admin.describe(topic).error == RdKafka::ERR_UNKNOWN_TOPIC_OR_PART; });
}

void group_admin() {
    Admin admin;
    const std::string group = name("g");
    const Topic topic("t", 2);
    send_all(topic, 100, 2);
    {
        Consumer member("g", {{"enable.auto.commit", "false"}, {"client.id", name("client")}});
        member.subscribe(topic);
        member.read(100);
        member.commit(topic, {{0, 30}, {1, 45}});
        expect(admin.groups().contains(group), "the group is not in the list");
        const auto described = admin.describe_group(group);
        expect(described.state == RD_KAFKA_CONSUMER_GROUP_STATE_STABLE, "the group is not Stable");
        expect(described.client_ids == std::vector{name("client")}, "the group has other members");
        expect(described.assigned == 2, "the member's assignment is not both partitions");
        auto lag = admin.group_offsets(group);
        for (auto& [partition, offset] : lag) {
            offset = member.watermarks(topic, partition).second - offset;
        }
        expect(lag == std::map<std::int32_t, std::int64_t>{{0, 20}, {1, 5}}, "the lag is not 20 and 5");
        expect_error("deleting an active group", admin.delete_group(group),
                     RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP);
    }
    expect_error("deleting its offsets", admin.delete_group_offsets(group, topic, 2),
                 RD_KAFKA_RESP_ERR_NO_ERROR);
    expect(admin.group_offsets(group).empty(), "offsets are left");
    expect_error("deleting the group", admin.delete_group(group), RD_KAFKA_RESP_ERR_NO_ERROR);
    expect(!admin.groups().contains(group), "the deleted group is still listed");
}

}  // namespace jobs
