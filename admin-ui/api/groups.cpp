// Consumer groups: all of them, one with its members and offsets, and what is taken away from it.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value_from.hpp>
#include <set>

#include "admin-ui/api/group_json.h"
#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/spark.h"
#include "admin-ui/asking.h"
#include "admin-ui/console.h"
#include "admin-ui/group_verdict.h"
#include "admin-ui/json.h"
#include "admin-ui/member_positions.h"
#include "broker/group/java_address.h"
#include "protocol/api.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/offset_delete.h"

namespace mamba::admin {
namespace {

using broker::GroupSnapshot;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t sample_age_ms_max = 60'000;

// Group ids may be any bytes; the list tells those that are no text as they look.
std::size_t topics_of(const GroupSnapshot& group) {
    std::size_t topics = 0;
    std::string_view last;
    for (const auto& offset : group.offsets) {  // by topic
        if (topics == 0 || offset.partition.topic != last) ++topics;
        last = offset.partition.topic;
    }
    return topics;
}

// Rebalances that began in the last hour, by group.
std::map<std::string, int> rebalances_of_last_hour(Console& console, Timestamp now) {
    std::map<std::string, int> counts;
    for (const broker::ClusterEvent& event : console.broker().observations->events.since(0).events) {
        const bool counts_here = event.kind == broker::EventKind::group_rebalance_began && now - event.at < hour_ms;
        if (counts_here) ++counts[event.subject];
    }
    return counts;
}

json::value trend_of(const GroupSample* group) {
    const auto trend = group == nullptr ? std::nullopt : group->trend();
    return trend ? json::value(name_of(*trend)) : json::value();
}
json::value eta_of(const GroupSample* group) { return group == nullptr ? json::value() : ms_or_null(group->eta_ms()); }
json::value consume_rate_of(const GroupSample* group) {
    return group == nullptr || !group->consume_rate ? json::value() : json::value(*group->consume_rate);
}

// When the offsets of a group without members expire; nothing while it has any. Source: KIP-211.
std::optional<std::int64_t> expires_of(const GroupSnapshot& group, std::int64_t retention_ms) {
    if (!group.members.empty() || group.offsets.empty()) return std::nullopt;
    Timestamp since = group.protocol_type.empty() ? no_timestamp : group.state_since;
    for (const auto& offset : group.offsets) since = std::max(since, offset.committed.committed_at);
    return since == no_timestamp ? std::nullopt : std::optional(since.value + retention_ms);
}

// A group as it is, and as the sampler saw it last.
struct ListedGroup {
    const GroupSnapshot& group;
    const GroupSample* known;  // null: it is new
    GroupLag lag;
};

// Both lists are by name, so that one walk finds what belongs together.
std::vector<ListedGroup> listed(Console& console, const std::vector<GroupSnapshot>& groups, const Sample& sample,
                                Timestamp now) {
    LagLookup lookup(console.broker());
    const bool is_fresh = now - sample.groups_at < sample_age_ms_max;
    std::vector<ListedGroup> all;
    all.reserve(groups.size());
    auto known = sample.groups.begin();
    for (const GroupSnapshot& group : groups) {
        while (known != sample.groups.end() && known->name < group.id) ++known;
        const GroupSample* seen = known != sample.groups.end() && known->name == group.id ? &*known : nullptr;
        // The sampler has looked lags up already; what it has not seen yet is new.
        const bool has_lag = seen != nullptr && is_fresh;
        all.push_back({group, seen, has_lag ? GroupLag{seen->lag, seen->lag_ms} : lag_of(group, lookup, now)});
    }
    return all;
}

Response make_list(Console& console) {
    const Timestamp now = wall_clock();
    const auto groups = console.broker().groups->snapshot({std::chrono::steady_clock::now(), now});
    const auto rebalances = rebalances_of_last_hour(console, now);
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    const std::int64_t retention_ms =
        console.broker().configs->broker()->offsets.retention_minutes * std::int64_t{60'000};
    const std::vector<ListedGroup> rows = listed(console, groups, *sample, now);
    json::object cols;
    const auto column = [&](std::string_view name, auto value) {
        json::array values;
        values.reserve(rows.size());
        for (const ListedGroup& row : rows) values.push_back(value(row));
        cols[name] = std::move(values);
    };
    using R = const ListedGroup&;
    column("group", [](R r) { return json::value(text_of(r.group.id)); });
    column("type", [](R r) { return json::value(r.group.type); });
    column("state", [](R r) { return json::value(r.group.state); });
    column("members", [](R r) { return json::value(r.group.members.size()); });
    column("topics", [](R r) { return json::value(topics_of(r.group)); });
    column("lag", [](R r) { return exact_or_null(r.lag.records); });
    column("lag_ms", [](R r) { return ms_or_null(r.lag.ms); });
    column("trend", [](R r) { return trend_of(r.known); });
    column("eta_ms", [](R r) { return eta_of(r.known); });
    column("consume_rate", [](R r) { return consume_rate_of(r.known); });
    column("commit_age_ms", [&](R r) { return ms_or_null(commit_age_of(r.group, now)); });
    column("coordinator", [&](R) { return json::value(console.broker_id().value); });
    column("assignor", [](R r) { return text_or_null(r.group.protocol); });
    column("epoch", [](R r) { return json::value(r.group.generation); });
    column("rebalances_1h", [&](R r) {
        const auto count = rebalances.find(r.group.id);
        return json::value(count == rebalances.end() ? 0 : count->second);
    });
    column("expires_ms", [&](R r) { return ms_or_null(expires_of(r.group, retention_ms)); });
    column("spark_lag", [&](R r) { return spark_of(console.sampler().history(), "group.lag", r.group.id, now); });
    return ok({{"snapshot", exact(now.value)}, {"at_ms", now.value}, {"n", rows.size()}, {"cols", std::move(cols)}});
}

// Made anew once a second, and after a change that was made here.
Response list(Console& console, const Request&, Captures) {
    const auto second = static_cast<std::uint64_t>(wall_clock().value / 1000);
    return console.shared_answers().get("groups", second, [&] { return make_list(console); });
}

// What the connections of its members show: when one last asked for records, and what none has taken.
void add_connections(Console& console, const GroupSnapshot& group, GroupFacts& facts) {
    std::set<std::pair<std::string_view, std::string_view>> members;
    for (const auto& member : group.members) members.emplace(member.client_id, member.client_host);
    const auto looked = console.connections().look(std::chrono::steady_clock::now(), wall_clock());
    for (const WatchedConnection& one : looked->all) {
        const broker::Client& client = one.info.client;
        if (!members.contains({client.client_id, broker::java_address(client.host)})) continue;
        if (!client.apis.test(static_cast<std::size_t>(protocol::ApiKey::fetch))) continue;
        const auto idle =
            std::chrono::duration_cast<std::chrono::milliseconds>(looked->at - one.info.last_activity).count();
        const std::int64_t idle_ms = one.info.in_flight > 0 ? 0 : std::max<std::int64_t>(0, idle);
        facts.fetch_idle_ms = std::min(facts.fetch_idle_ms.value_or(idle_ms), idle_ms);
        facts.unsent_bytes += one.info.unsent;
    }
}

// What a person wants to know first, as far as the broker can tell.
json::object verdict_of(Console& console, const GroupSnapshot& group, const GroupLag& lag, Timestamp now) {
    const auto sample = console.sampler().latest();
    GroupFacts facts{.state = group.members.empty() ? "Empty" : std::string_view(group.state),
                     .members = static_cast<std::int64_t>(group.members.size()),
                     .rebalance_reason = {},
                     .lag = lag.records,
                     .lag_ms = lag.ms,
                     .commit_age_ms = commit_age_of(group, now)};
    for (const auto& member : group.members) {
        std::int64_t partitions = 0;
        for (const auto& [topic, indexes] : assignment_of(member))
            partitions += static_cast<std::int64_t>(indexes.size());
        facts.partitions += partitions;
        facts.members_without_partition += partitions == 0;
    }
    const auto events = console.broker().observations->events.since(0).events;
    for (const broker::ClusterEvent& event : events) {
        if (event.kind != broker::EventKind::group_rebalance_began || event.subject != group.id) continue;
        if (now - event.at >= rebalance_loop_ms) continue;
        ++facts.rebalances;
        facts.rebalance_reason = event.detail;
    }
    add_connections(console, group, facts);
    if (const GroupSample* known = sample->find_group(group.id)) {
        facts.consume_rate = known->consume_rate;
        std::set<std::string_view> topics;
        for (const auto& offset : group.offsets) topics.insert(offset.partition.topic);
        for (const std::string_view topic : topics) {
            const TopicSample* produced = sample->find(topic);
            if (produced != nullptr) facts.produce_rate = facts.produce_rate.value_or(0) + produced->rates.records_in;
        }
    }
    const GroupVerdict verdict = judge(facts);
    return {{"code", verdict.code},
            {"severity", verdict.severity},
            {"text", text_of(verdict.text)},
            {"suggestion", text_or_null(verdict.suggestion)}};
}

Response detail(Console& console, const Request& request, Captures captures) {
    const auto group = find_group(console, group_id_of(request, captures));
    if (!group) return refuse(request, group.error());
    const Timestamp now = wall_clock();
    LagLookup lookup(console.broker());
    const GroupLag lag = lag_of(*group, lookup, now);
    const auto rebalances = rebalances_of_last_hour(console, now);
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    const GroupSample* numbers = sample->find_group(group->id);
    const auto own = rebalances.find(group->id);
    const int count = own == rebalances.end() ? 0 : own->second;
    std::set<std::string> topics;
    for (const auto& offset : group->offsets) topics.insert(offset.partition.topic);
    for (const auto& member : group->members) {
        for (const auto& [topic, partitions] : assignment_of(member)) topics.insert(topic);
    }
    json::array names;
    for (const std::string& topic : topics) names.push_back(text_of(topic));
    return ok({{"group", text_of(group->id)},
               {"type", group->type},
               {"state", group->state},
               {"epoch", group->generation},
               {"protocol", text_or_null(group->protocol_type)},
               {"assignor", text_or_null(group->protocol)},
               {"coordinator", console.broker_id().value},
               {"members", group->members.size()},
               {"topics", std::move(names)},
               {"lag", exact_or_null(lag.records)},
               {"lag_ms", ms_or_null(lag.ms)},
               {"trend", trend_of(numbers)},
               {"eta_ms", eta_of(numbers)},
               {"consume_rate", consume_rate_of(numbers)},
               {"commit_age_ms", ms_or_null(commit_age_of(*group, now))},
               {"rebalances_1h", count},
               {"verdict", verdict_of(console, *group, lag, now)}});
}

// By topic and partition; what is assigned but never committed is there too.
Response offsets(Console& console, const Request& request, Captures captures) {
    const auto group = find_group(console, group_id_of(request, captures));
    if (!group) return refuse(request, group.error());
    struct Row {
        const GroupSnapshot::Member* member = nullptr;
        const broker::CommittedOffset* committed = nullptr;
    };
    std::map<TopicPartition, Row> rows;
    for (const auto& offset : group->offsets) rows[offset.partition].committed = &offset.committed;
    for (const auto& member : group->members) {
        for (const auto& [topic, partitions] : assignment_of(member)) {
            for (const std::int32_t partition : partitions) rows[{topic, PartitionIndex(partition)}].member = &member;
        }
    }
    const Timestamp now = wall_clock();
    LagLookup lookup(console.broker());
    const auto looked = console.connections().look(std::chrono::steady_clock::now(), now);
    const MemberPositions positions(*group, *looked);
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    json::array data;
    for (const auto& [name, row] : rows) {
        const broker::TopicState* topic = image->find_topic(name.topic);
        const auto position = row.member == nullptr || topic == nullptr
                                  ? std::nullopt
                                  : positions.find(*row.member, topic->id, name.partition);
        const auto lag = lookup.find(name, row.committed == nullptr ? 0 : row.committed->offset, now);
        const bool has_lag = lag && row.committed != nullptr;
        data.push_back(
            {{"topic", text_of(name.topic)},
             {"partition", name.partition.value},
             {"member_id", row.member == nullptr ? json::value() : json::value(text_of(row.member->id))},
             {"client_id", row.member == nullptr ? json::value() : json::value(text_of(row.member->client_id))},
             {"committed", row.committed == nullptr ? json::value() : json::value(exact(row.committed->offset))},
             {"position", position ? json::value(exact(*position)) : json::value()},
             {"log_start", lag ? json::value(exact(lag->log_start)) : json::value()},
             {"end", lag ? json::value(exact(lag->end)) : json::value()},
             {"lag", has_lag ? json::value(exact(lag->records)) : json::value()},
             {"lag_ms", has_lag ? ms_or_null(lag->ms) : json::value()},
             {"commit_ms", row.committed == nullptr ? json::value() : time_or_null(row.committed->committed_at)},
             {"metadata", row.committed == nullptr ? json::value() : json::value(text_of(row.committed->metadata))},
             {"leader_epoch", row.committed == nullptr || row.committed->leader_epoch < 0
                                  ? json::value()
                                  : json::value(row.committed->leader_epoch)}});
    }
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

// The software of the connections that bear a client id, where they all agree.
std::map<std::string, std::string> software_by_client(Console& console) {
    std::map<std::string, std::string> software;
    for (const broker::ConnectionInfo& connection : console.activity().connections()) {
        if (connection.client.software_name.empty()) continue;
        const std::string text = connection.client.software_name + " " + connection.client.software_version;
        const auto [known, is_new] = software.emplace(connection.client.client_id, text);
        if (!is_new && known->second != text) known->second.clear();
    }
    return software;
}

Response members(Console& console, const Request& request, Captures captures) {
    const auto group = find_group(console, group_id_of(request, captures));
    if (!group) return refuse(request, group.error());
    const auto software = software_by_client(console);
    json::array data;
    for (const auto& member : group->members) {
        json::array assignment;
        for (const auto& [topic, partitions] : assignment_of(member)) {
            assignment.push_back({{"topic", text_of(topic)}, {"partitions", json::value_from(partitions)}});
        }
        const auto known = software.find(member.client_id);
        data.push_back({{"member_id", text_of(member.id)},
                        {"instance_id", member.instance_id ? json::value(text_of(*member.instance_id)) : json::value()},
                        {"client_id", text_of(member.client_id)},
                        {"host", text_of(member.client_host)},
                        {"software", known == software.end() ? json::value() : text_or_null(known->second)},
                        {"assignment", std::move(assignment)},
                        {"epoch", group->generation},
                        {"target_epoch", nullptr},
                        {"session_timeout_ms", member.session_timeout_ms},
                        {"rebalance_timeout_ms", member.rebalance_timeout_ms},
                        {"heartbeat_ms", time_or_null(member.last_heard)},
                        {"is_leader", member.is_leader}});
    }
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

std::string_view history_name_of(broker::EventKind kind) {
    switch (kind) {
        case broker::EventKind::group_rebalance_began:
            return "REBALANCE_BEGAN";
        case broker::EventKind::group_stable:
            return "STABLE";
        case broker::EventKind::group_empty:
            return "EMPTY";
        default:
            return {};
    }
}

// Newest first. A rebalance that came to an end has the time that it took.
Response history(Console& console, const Request& request, Captures captures) {
    const std::string id = group_id_of(request, captures);
    std::vector<json::object> events;
    Timestamp began = no_timestamp;
    for (const broker::ClusterEvent& event : console.broker().observations->events.since(0).events) {
        const std::string_view type = history_name_of(event.kind);
        if (type.empty() || event.subject != id) continue;
        const bool ends = event.kind != broker::EventKind::group_rebalance_began && began != no_timestamp;
        events.push_back({{"at_ms", event.at.value},
                          {"type", type},
                          {"detail", text_of(event.detail)},
                          {"duration_ms", ends ? json::value(event.at - began) : json::value()}});
        began = event.kind == broker::EventKind::group_rebalance_began ? began == no_timestamp ? event.at : began
                                                                       : no_timestamp;
    }
    json::array data(events.rbegin(), events.rend());
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

Response remove(Console& console, const Request& request, Captures captures) {
    const std::string id = group_id_of(request, captures);
    protocol::DeleteGroupsRequest question;
    question.groups_names.push_back(id);
    const auto answer = ask<protocol::DeleteGroupsResponse>(console, request, question);
    if (!answer) return refuse(request, answer.error());
    const ErrorCode code{answer->results.front().error_code};
    return code == ErrorCode::none ? no_content() : refuse(request, kafka_error(code));
}

json::object result_of(const Request& request, std::string_view target, ErrorCode code) {
    json::object result{{"target", text_of(target)}, {"status", code == ErrorCode::none ? 204 : http_status(code)}};
    if (code != ErrorCode::none) result["error"] = error_body(kafka_error(code), request.id)["error"];
    return result;
}

// All that the group has committed of these topics.
Response remove_offsets(Console& console, const Request& request, Captures captures) {
    const std::string id = group_id_of(request, captures);
    Fields fields(request);
    const std::vector<std::string> topics = fields.texts("topics");
    if (topics.empty()) fields.wrong("topics", "is missing");
    if (const auto error = fields.error()) return refuse(request, *error);
    const auto group = find_group(console, id);
    if (!group) return refuse(request, group.error());
    protocol::OffsetDeleteRequest question;
    question.group_id = id;
    json::array results;
    for (const std::string& topic : topics) {
        protocol::OffsetDeleteRequest::OffsetDeleteRequestTopic wanted;
        wanted.name = topic;
        for (const auto& offset : group->offsets) {
            if (offset.partition.topic == topic)
                wanted.partitions.emplace_back().partition_index = offset.partition.partition.value;
        }
        if (wanted.partitions.empty()) {
            results.push_back(result_of(request, topic, ErrorCode::unknown_topic_or_partition));
        } else {
            question.topics.push_back(std::move(wanted));
        }
    }
    if (question.topics.empty()) return ok({{"results", std::move(results)}});
    const auto answer = ask<protocol::OffsetDeleteResponse>(console, request, question);
    if (!answer) return refuse(request, answer.error());
    if (const ErrorCode code{answer->error_code}; code != ErrorCode::none) return refuse(request, kafka_error(code));
    for (const auto& topic : answer->topics) {
        ErrorCode worst = ErrorCode::none;
        for (const auto& partition : topic.partitions) {
            if (partition.error_code != 0) worst = ErrorCode{partition.error_code};
        }
        results.push_back(result_of(request, topic.name, worst));
    }
    return ok({{"results", std::move(results)}});
}

Response remove_members(Console& console, const Request& request, Captures captures) {
    const std::string id = group_id_of(request, captures);
    Fields fields(request);
    const json::array* list = fields.array("members");
    if (list == nullptr || list->empty()) fields.wrong("members", "is missing");
    if (const auto error = fields.error()) return refuse(request, *error);
    struct Wanted {
        std::string member;
        std::optional<std::string> instance;
    };
    std::vector<Wanted> wanted;
    for (std::size_t i = 0; i < list->size(); ++i) {
        Fields entry((*list)[i], fmt::format("members[{}]", i));
        Wanted one{entry.text("member_id", ""), entry.text_or_null("instance_id")};
        if (one.member.empty() && !one.instance) entry.wrong("member_id", "or instance_id is needed");
        if (const auto error = entry.error()) return refuse(request, *error);
        wanted.push_back(std::move(one));
    }
    protocol::LeaveGroupRequest question;
    question.group_id = id;
    for (const Wanted& one : wanted) {
        auto& member = question.members.emplace_back();
        member.member_id = one.member;
        member.group_instance_id = one.instance;
        member.reason = "removed in the console";
    }
    const auto answer = ask<protocol::LeaveGroupResponse>(console, request, question);
    if (!answer) return refuse(request, answer.error());
    if (const ErrorCode code{answer->error_code}; code != ErrorCode::none) return refuse(request, kafka_error(code));
    json::array results;
    for (const auto& member : answer->members) {
        const std::string target = member.group_instance_id ? *member.group_instance_id : member.member_id;
        results.push_back(result_of(request, target, ErrorCode{member.error_code}));
    }
    return ok({{"results", std::move(results)}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/groups", list, false, "DESCRIBE group"},
    {Method::get, "/api/v1/groups/{group}", detail, false, "DESCRIBE group"},
    {Method::get, "/api/v1/groups/{group}/offsets", offsets, false, "DESCRIBE group"},
    {Method::get, "/api/v1/groups/{group}/members", members, false, "DESCRIBE group"},
    {Method::get, "/api/v1/groups/{group}/history", history, false, "DESCRIBE group"},
    {Method::del, "/api/v1/groups/{group}", remove, true, "DELETE group"},
    {Method::post, "/api/v1/groups/{group}/offsets:delete", remove_offsets, true, "DELETE group"},
    {Method::post, "/api/v1/groups/{group}/members:remove", remove_members, true, "DELETE group"},
};

}  // namespace

std::span<const Route> group_routes() { return routes; }

}  // namespace mamba::admin
