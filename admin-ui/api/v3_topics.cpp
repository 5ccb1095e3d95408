// v3: topics, their partitions and replicas.
#include <algorithm>
#include <charconv>

#include "admin-ui/api/routes.h"
#include "admin-ui/api/v3.h"
#include "admin-ui/asking.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"

namespace mamba::admin {
namespace {

using broker::PartitionState;
using broker::TopicState;

Response no_such_topic() { return v3_refuse(kafka_error(ErrorCode::unknown_topic_or_partition)); }

json::object describe(const V3Links& links, const std::string& name, std::int64_t partitions,
                      std::int64_t replication_factor) {
    json::object topic = links.item("KafkaTopic", {"topics", name}, links.resource({{"topic", name}}));
    topic["topic_name"] = name;
    topic["is_internal"] = broker::is_internal_topic(name);
    topic["replication_factor"] = replication_factor;
    topic["partitions_count"] = partitions;
    topic["partitions"] = links.related({"topics", name, "partitions"});
    topic["configs"] = links.related({"topics", name, "configs"});
    topic["partition_reassignments"] = links.related({"topics", name, "partitions", "-", "reassignment"});
    topic["authorized_operations"] = json::array();
    return topic;
}
json::object describe(const V3Links& links, const TopicState& topic) {
    return describe(links, topic.name, topic.partition_count(),
                    static_cast<std::int64_t>(topic.partitions.front().replicas.size()));
}

Response list(Console& console, const Request& request, Captures) {
    const V3Links links(console, request);
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    json::array data;
    for (const TopicState* topic : image->topics_by_name()) data.push_back(describe(links, *topic));
    return links.list("KafkaTopicList", {"topics"}, std::move(data));
}

Response get(Console& console, const Request& request, Captures captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return no_such_topic();
    return ok(describe(V3Links(console, request), *topic));
}

Response create(Console& console, const Request& request, Captures) {
    Fields fields(request);
    protocol::CreateTopicsRequest question;
    question.timeout_ms = ask_timeout_ms;
    question.validate_only = fields.flag("validate_only", false);
    auto& wanted = question.topics.emplace_back();
    const std::string name = fields.text("topic_name");
    wanted.name = name;
    wanted.num_partitions = static_cast<std::int32_t>(fields.integer("partitions_count", 1, 10'000, -1));
    wanted.replication_factor = static_cast<std::int16_t>(fields.integer("replication_factor", 1, 32'767, -1));
    std::vector<std::pair<std::string, std::optional<std::string>>> configs;  // the question holds views of them
    const json::array* list = fields.array("configs");
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        Fields entry((*list)[i], "configs[" + std::to_string(i) + "]");
        std::string key = entry.text("name");
        configs.emplace_back(std::move(key), entry.text_or_null("value"));
        fields.check(entry);
    }
    if (const auto error = fields.error()) return v3_refuse(*error);
    for (const auto& [key, value] : configs) {
        auto& config = wanted.configs.emplace_back();
        config.name = key;
        config.value = value;
    }
    const auto answer = ask<protocol::CreateTopicsResponse>(console, request, question);
    if (!answer) return v3_refuse(answer.error());
    const auto& created = answer->topics.front();
    if (const ErrorCode code{created.error_code}; code != ErrorCode::none) {
        return v3_refuse(kafka_error(code, created.error_message.value_or("")));
    }
    if (!question.validate_only) console.sampler().sample(wall_clock());
    Response response =
        ok(describe(V3Links(console, request), created.name, created.num_partitions, created.replication_factor));
    response.status = question.validate_only ? 200 : 201;
    return response;
}

Response remove(Console& console, const Request& request, Captures captures) {
    protocol::DeleteTopicsRequest question;
    question.timeout_ms = ask_timeout_ms;
    question.topics.emplace_back().name = captures[0];
    const auto answer = ask<protocol::DeleteTopicsResponse>(console, request, question);
    if (!answer) return v3_refuse(answer.error());
    const auto& deleted = answer->responses.front();
    if (const ErrorCode code{deleted.error_code}; code != ErrorCode::none) {
        return v3_refuse(kafka_error(code, deleted.error_message.value_or("")));
    }
    console.sampler().sample(wall_clock());
    return no_content();
}

// PATCH: more partitions.
Response change(Console& console, const Request& request, Captures captures) {
    Fields fields(request);
    protocol::CreatePartitionsRequest question;
    auto& topic = question.topics.emplace_back();
    topic.name = captures[0];
    topic.count = static_cast<std::int32_t>(fields.integer("partitions_count", 1, 10'000));
    topic.assignments.reset();  // the broker chooses
    question.timeout_ms = ask_timeout_ms;
    if (const auto error = fields.error()) return v3_refuse(*error);
    const auto answer = ask<protocol::CreatePartitionsResponse>(console, request, question);
    if (!answer) return v3_refuse(answer.error());
    const auto& result = answer->results.front();
    if (const ErrorCode code{result.error_code}; code != ErrorCode::none) {
        return v3_refuse(kafka_error(code, result.error_message.value_or("")));
    }
    return get(console, request, captures);
}

json::object describe(const V3Links& links, const std::string& topic, std::int32_t index, const PartitionState& state) {
    const std::string id = std::to_string(index);
    json::object partition = links.item("KafkaPartition", {"topics", topic, "partitions", id},
                                        links.resource({{"topic", topic}, {"partition", id}}));
    partition["topic_name"] = topic;
    partition["partition_id"] = index;
    partition["leader"] = state.leader == no_broker
                              ? json::value()
                              : json::value(links.related({"topics", topic, "partitions", id, "replicas",
                                                           std::to_string(state.leader.value)}));
    partition["replicas"] = links.related({"topics", topic, "partitions", id, "replicas"});
    partition["reassignment"] = links.related({"topics", topic, "partitions", id, "reassignment"});
    return partition;
}

std::optional<std::int32_t> number_of(const std::string& text) {
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// Null when there is no such topic or partition.
const PartitionState* find_partition(const broker::ClusterImage& image, const std::string& topic,
                                     const std::string& index) {
    const auto number = number_of(index);
    return number ? image.find_partition(topic, PartitionIndex(*number)) : nullptr;
}

Response partitions(Console& console, const Request& request, Captures captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return no_such_topic();
    const V3Links links(console, request);
    json::array data;
    for (std::int32_t i = 0; i < topic->partition_count(); ++i) {
        data.push_back(describe(links, topic->name, i, topic->partitions[static_cast<std::size_t>(i)]));
    }
    return links.list("KafkaPartitionList", {"topics", topic->name, "partitions"}, std::move(data));
}

Response partition(Console& console, const Request& request, Captures captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const PartitionState* state = find_partition(*image, captures[0], captures[1]);
    if (state == nullptr) return no_such_topic();
    return ok(describe(V3Links(console, request), captures[0], *number_of(captures[1]), *state));
}

json::object describe(const V3Links& links, const std::string& topic, const std::string& partition, BrokerId id,
                      const PartitionState& state) {
    const std::string broker = std::to_string(id.value);
    json::object replica =
        links.item("KafkaReplica", {"topics", topic, "partitions", partition, "replicas", broker},
                   links.resource({{"topic", topic}, {"partition", partition}, {"replica", broker}}));
    replica["topic_name"] = topic;
    replica["partition_id"] = *number_of(partition);
    replica["broker_id"] = id.value;
    replica["is_leader"] = id == state.leader;
    replica["is_in_sync"] = std::ranges::find(state.isr, id) != state.isr.end();
    replica["broker"] = links.related({"brokers", broker});
    return replica;
}

Response replicas(Console& console, const Request& request, Captures captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const PartitionState* state = find_partition(*image, captures[0], captures[1]);
    if (state == nullptr) return no_such_topic();
    const V3Links links(console, request);
    json::array data;
    for (const BrokerId id : state->replicas) data.push_back(describe(links, captures[0], captures[1], id, *state));
    return links.list("KafkaReplicaList", {"topics", captures[0], "partitions", captures[1], "replicas"},
                      std::move(data));
}

Response replica(Console& console, const Request& request, Captures captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const PartitionState* state = find_partition(*image, captures[0], captures[1]);
    if (state == nullptr) return no_such_topic();
    const auto id = number_of(captures[2]);
    if (!id || std::ranges::find(state->replicas, BrokerId(*id)) == state->replicas.end()) {
        return v3_refuse({.status = 404, .message = "Replica " + captures[2] + " cannot be found."});
    }
    return ok(describe(V3Links(console, request), captures[0], captures[1], BrokerId(*id), *state));
}

const V3Route routes[] = {
    {Method::get, "/topics", of_cluster<list>, false, "DESCRIBE topic"},
    {Method::post, "/topics", of_cluster<create>, true, "CREATE topic"},
    {Method::get, "/topics/{topic}", of_cluster<get>, false, "DESCRIBE topic"},
    {Method::patch, "/topics/{topic}", of_cluster<change>, true, "ALTER topic"},
    {Method::del, "/topics/{topic}", of_cluster<remove>, true, "DELETE topic"},
    {Method::get, "/topics/{topic}/partitions", of_cluster<partitions>, false, "DESCRIBE topic"},
    {Method::get, "/topics/{topic}/partitions/{partition}", of_cluster<partition>, false, "DESCRIBE topic"},
    {Method::get, "/topics/{topic}/partitions/{partition}/replicas", of_cluster<replicas>, false, "DESCRIBE topic"},
    {Method::get, "/topics/{topic}/partitions/{partition}/replicas/{broker}", of_cluster<replica>, false,
     "DESCRIBE topic"},
};

}  // namespace

std::vector<Route> v3_topic_routes() { return mount(routes); }

}  // namespace mamba::admin
