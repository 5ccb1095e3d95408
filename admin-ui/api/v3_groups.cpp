// v3: consumer groups, their members, and how far behind they are.
#include <algorithm>
#include <charconv>
#include <map>

#include "admin-ui/api/group_json.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/v3.h"

namespace mamba::admin {
namespace {

using broker::GroupSnapshot;

// "PreparingRebalance" is "PREPARING_REBALANCE".
std::string state_of(std::string_view state) {
    std::string name;
    for (const char c : state) {
        const bool is_capital = c >= 'A' && c <= 'Z';
        if (is_capital && !name.empty()) name += '_';
        name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

std::expected<GroupSnapshot, ApiError> find(Console& console, const std::string& id) {
    auto group = find_group(console, id);
    if (!group)
        return std::unexpected(ApiError{.status = 404, .message = "Consumer group " + id + " cannot be found."});
    return group;
}

json::object describe(Console& console, const V3Links& links, const GroupSnapshot& group) {
    json::object object =
        links.item("KafkaConsumerGroup", {"consumer-groups", group.id}, links.resource({{"consumer-group", group.id}}));
    object["consumer_group_id"] = text_of(group.id);
    object["is_simple"] = group.protocol_type.empty();
    object["partition_assignor"] = text_of(group.protocol);
    object["state"] = state_of(group.state);
    object["type"] = state_of(group.type);
    object["coordinator"] = links.related({"brokers", std::to_string(console.broker_id().value)});
    object["consumers"] = links.related({"consumer-groups", group.id, "consumers"});
    object["lag_summary"] = links.related({"consumer-groups", group.id, "lag-summary"});
    return object;
}

Response list(Console& console, const Request& request, Captures) {
    const V3Links links(console, request);
    json::array data;
    for (const GroupSnapshot& group :
         console.broker().groups->snapshot({std::chrono::steady_clock::now(), wall_clock()})) {
        data.push_back(describe(console, links, group));
    }
    return links.list("KafkaConsumerGroupList", {"consumer-groups"}, std::move(data));
}

Response get(Console& console, const Request& request, Captures captures) {
    const auto group = find(console, captures[0]);
    if (!group) return v3_refuse(group.error());
    return ok(describe(console, V3Links(console, request), *group));
}

json::value text_or_null(const std::optional<std::string>& text) {
    if (!text) return nullptr;
    return text_of(*text);
}

json::object describe(const V3Links& links, const std::string& group, const GroupSnapshot::Member& member) {
    json::object object = links.item("KafkaConsumer", {"consumer-groups", group, "consumers", member.id},
                                     links.resource({{"consumer-group", group}, {"consumer", member.id}}));
    object["consumer_group_id"] = text_of(group);
    object["consumer_id"] = text_of(member.id);
    object["instance_id"] = text_or_null(member.instance_id);
    object["client_id"] = text_of(member.client_id);
    object["assignments"] = links.related({"consumer-groups", group, "consumers", member.id, "assignments"});
    return object;
}

Response consumers(Console& console, const Request& request, Captures captures) {
    const auto group = find(console, captures[0]);
    if (!group) return v3_refuse(group.error());
    const V3Links links(console, request);
    json::array data;
    for (const GroupSnapshot::Member& member : group->members) data.push_back(describe(links, group->id, member));
    return links.list("KafkaConsumerList", {"consumer-groups", group->id, "consumers"}, std::move(data));
}

std::expected<GroupSnapshot::Member, ApiError> find_member(const GroupSnapshot& group, const std::string& id) {
    const auto found = std::ranges::find(group.members, id, &GroupSnapshot::Member::id);
    if (found == group.members.end()) {
        return std::unexpected(ApiError{.status = 404, .message = "Consumer " + id + " cannot be found."});
    }
    return *found;
}

Response consumer(Console& console, const Request& request, Captures captures) {
    const auto group = find(console, captures[0]);
    if (!group) return v3_refuse(group.error());
    const auto member = find_member(*group, captures[1]);
    if (!member) return v3_refuse(member.error());
    return ok(describe(V3Links(console, request), group->id, *member));
}

Response assignments(Console& console, const Request& request, Captures captures) {
    const auto group = find(console, captures[0]);
    if (!group) return v3_refuse(group.error());
    const auto member = find_member(*group, captures[1]);
    if (!member) return v3_refuse(member.error());
    const V3Links links(console, request);
    json::array data;
    for (const auto& [topic, partitions] : assignment_of(*member)) {
        for (const std::int32_t partition : partitions) {
            const std::string index = std::to_string(partition);
            json::object object = links.item(
                "KafkaConsumerAssignment",
                {"consumer-groups", group->id, "consumers", member->id, "assignments", topic, "partitions", index},
                links.resource({{"consumer-group", group->id},
                                {"consumer", member->id},
                                {"assignment", topic},
                                {"partition", index}}));
            object["consumer_group_id"] = text_of(group->id);
            object["consumer_id"] = text_of(member->id);
            object["topic_name"] = text_of(topic);
            object["partition_id"] = partition;
            object["partition"] = links.related({"topics", topic, "partitions", index});
            object["lag"] = links.related({"consumer-groups", group->id, "lags", topic, "partitions", index});
            data.push_back(std::move(object));
        }
    }
    return links.list("KafkaConsumerAssignmentList",
                      {"consumer-groups", group->id, "consumers", member->id, "assignments"}, std::move(data));
}

// One partition that the group has committed an offset of.
struct Lag {
    TopicPartition partition;
    std::int64_t current = 0;
    std::int64_t end = 0;
    const GroupSnapshot::Member* member = nullptr;  // that it is assigned to

    std::int64_t records() const { return std::max<std::int64_t>(0, end - current); }
};

// By topic and partition. Partitions that are no longer there have no lag.
std::vector<Lag> lags_of(Console& console, const GroupSnapshot& group) {
    std::map<TopicPartition, const GroupSnapshot::Member*> owners;
    for (const GroupSnapshot::Member& member : group.members) {
        for (const auto& [topic, partitions] : assignment_of(member)) {
            for (const std::int32_t index : partitions) owners[{topic, PartitionIndex(index)}] = &member;
        }
    }
    std::vector<Lag> lags;
    for (const GroupSnapshot::Offset& offset : group.offsets) {
        const auto partition = console.broker().partitions->find(offset.partition.topic, offset.partition.partition);
        if (!partition) continue;
        const auto owner = owners.find(offset.partition);
        lags.push_back({.partition = offset.partition,
                        .current = offset.committed.offset,
                        .end = partition->high_watermark().value,
                        .member = owner == owners.end() ? nullptr : owner->second});
    }
    return lags;
}

// What the lag and the summary say of whose it is.
void add_owner(const GroupSnapshot::Member* member, std::string_view prefix, json::object& object) {
    const std::string begin(prefix);
    object[begin + "consumer_id"] = member == nullptr ? json::string() : text_of(member->id);
    object[begin + "instance_id"] = member == nullptr ? json::value() : text_or_null(member->instance_id);
    object[begin + "client_id"] = member == nullptr ? json::string() : text_of(member->client_id);
}

json::object describe(const V3Links& links, const std::string& group, const Lag& lag) {
    const std::string index = std::to_string(lag.partition.partition.value);
    json::object object =
        links.item("KafkaConsumerLag", {"consumer-groups", group, "lags", lag.partition.topic, "partitions", index},
                   links.resource({{"consumer-group", group}, {"lag", lag.partition.topic}, {"partition", index}}));
    object["consumer_group_id"] = text_of(group);
    object["topic_name"] = text_of(lag.partition.topic);
    object["partition_id"] = lag.partition.partition.value;
    add_owner(lag.member, "", object);
    object["current_offset"] = lag.current;
    object["log_end_offset"] = lag.end;
    object["lag"] = lag.records();
    return object;
}

Response lags(Console& console, const Request& request, Captures captures) {
    const auto group = find(console, captures[0]);
    if (!group) return v3_refuse(group.error());
    const V3Links links(console, request);
    json::array data;
    for (const Lag& lag : lags_of(console, *group)) data.push_back(describe(links, group->id, lag));
    return links.list("KafkaConsumerLagList", {"consumer-groups", group->id, "lags"}, std::move(data));
}

Response lag(Console& console, const Request& request, Captures captures) {
    const auto group = find(console, captures[0]);
    if (!group) return v3_refuse(group.error());
    for (const Lag& lag : lags_of(console, *group)) {
        if (lag.partition.topic != captures[1] || std::to_string(lag.partition.partition.value) != captures[2])
            continue;
        return ok(describe(V3Links(console, request), group->id, lag));
    }
    return v3_refuse({.status = 404, .message = "Consumer lag cannot be found."});
}

Response lag_summary(Console& console, const Request& request, Captures captures) {
    const auto group = find(console, captures[0]);
    if (!group) return v3_refuse(group.error());
    const std::vector<Lag> lags = lags_of(console, *group);
    if (lags.empty()) {
        return v3_refuse({.status = 404, .message = "Consumer group " + group->id + " has committed no offsets."});
    }
    const Lag& worst = *std::ranges::max_element(lags, {}, &Lag::records);
    std::int64_t total = 0;
    for (const Lag& lag : lags) total += lag.records();
    const V3Links links(console, request);
    const std::string index = std::to_string(worst.partition.partition.value);
    json::object object = links.item("KafkaConsumerGroupLagSummary", {"consumer-groups", group->id, "lag-summary"},
                                     links.resource({{"consumer-group", group->id}, {"lag-summary", ""}}));
    object["consumer_group_id"] = text_of(group->id);
    add_owner(worst.member, "max_lag_", object);
    object["max_lag_topic_name"] = text_of(worst.partition.topic);
    object["max_lag_partition_id"] = worst.partition.partition.value;
    object["max_lag"] = worst.records();
    object["total_lag"] = total;
    object["max_lag_consumer"] =
        worst.member == nullptr
            ? json::value()
            : json::value(links.related({"consumer-groups", group->id, "consumers", worst.member->id}));
    object["max_lag_partition"] = links.related({"topics", worst.partition.topic, "partitions", index});
    return ok(object);
}

const V3Route routes[] = {
    {Method::get, "/consumer-groups", of_cluster<list>, false, "DESCRIBE group"},
    {Method::get, "/consumer-groups/{group}", of_cluster<get>, false, "DESCRIBE group"},
    {Method::get, "/consumer-groups/{group}/consumers", of_cluster<consumers>, false, "DESCRIBE group"},
    {Method::get, "/consumer-groups/{group}/consumers/{consumer}", of_cluster<consumer>, false, "DESCRIBE group"},
    {Method::get, "/consumer-groups/{group}/consumers/{consumer}/assignments", of_cluster<assignments>, false,
     "DESCRIBE group"},
    {Method::get, "/consumer-groups/{group}/lags", of_cluster<lags>, false, "DESCRIBE group"},
    {Method::get, "/consumer-groups/{group}/lags/{topic}/partitions/{partition}", of_cluster<lag>, false,
     "DESCRIBE group"},
    {Method::get, "/consumer-groups/{group}/lag-summary", of_cluster<lag_summary>, false, "DESCRIBE group"},
};

}  // namespace

std::vector<Route> v3_group_routes() { return mount(routes); }

}  // namespace mamba::admin
