// Moves what a group has committed: a plan first, then exactly that plan, or nothing of it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "admin-ui/api/group_json.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/asking.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "protocol/messages/offset_commit.h"

namespace mamba::admin {
namespace {

using broker::GroupSnapshot;

constexpr std::size_t steps_max = 10'000;

// Where a partition's offset is to go.
struct Strategy {
    enum class Type : std::uint8_t { earliest, latest, time, offset, shift, duration, group, named };

    Type type = Type::earliest;
    std::int64_t number = 0;                       // the time, the offset, the shift, the duration
    std::map<TopicPartition, std::int64_t> named;  // another group's offsets, or those that were given
};

struct Step {
    TopicPartition partition;
    std::optional<std::int64_t> before;
    std::int64_t after = 0;
    std::string_view warning;
};

std::map<TopicPartition, std::int64_t> committed_of(const GroupSnapshot& group) {
    std::map<TopicPartition, std::int64_t> committed;
    for (const auto& offset : group.offsets) committed[offset.partition] = offset.committed.offset;
    return committed;
}

std::expected<Strategy, ApiError> read_strategy(Console& console, const json::object& object) {
    static const std::map<std::string, Strategy::Type, std::less<>> types{
        {"earliest", Strategy::Type::earliest}, {"latest", Strategy::Type::latest},
        {"time", Strategy::Type::time},         {"offset", Strategy::Type::offset},
        {"shift", Strategy::Type::shift},       {"duration", Strategy::Type::duration},
        {"group", Strategy::Type::group},       {"explicit", Strategy::Type::named}};
    Fields fields(object, "strategy");
    Strategy strategy;
    const auto type = types.find(fields.text("type"));
    if (type == types.end()) {
        fields.wrong("type", "is none of earliest, latest, time, offset, shift, duration, group, explicit");
        return std::unexpected(*fields.error());
    }
    strategy.type = type->second;
    std::string other;
    switch (strategy.type) {
        case Strategy::Type::time:
        case Strategy::Type::duration:
            strategy.number = fields.integer("ms", 0, INT64_MAX);
            break;
        case Strategy::Type::offset:
            strategy.number = fields.integer("offset", 0, INT64_MAX);
            break;
        case Strategy::Type::shift:
            strategy.number = fields.integer("by", INT64_MIN, INT64_MAX);
            break;
        case Strategy::Type::group:
            other = fields.text("group");
            break;
        case Strategy::Type::named: {
            const json::array* offsets = fields.array("offsets");
            if (offsets == nullptr) fields.wrong("offsets", "is missing");
            for (std::size_t i = 0; offsets != nullptr && i < offsets->size(); ++i) {
                Fields entry((*offsets)[i], fmt::format("strategy.offsets[{}]", i));
                const std::string topic = entry.text("topic");
                const auto partition = static_cast<std::int32_t>(entry.integer("partition", 0, INT32_MAX));
                strategy.named[{topic, PartitionIndex(partition)}] = entry.integer("offset", 0, INT64_MAX);
                if (const auto error = entry.error()) return std::unexpected(*error);
            }
            break;
        }
        case Strategy::Type::earliest:
        case Strategy::Type::latest:
            break;
    }
    if (const auto error = fields.error()) return std::unexpected(*error);
    if (strategy.type == Strategy::Type::group) {
        const auto found = find_group(console, other);
        if (!found) return std::unexpected(found.error());
        strategy.named = committed_of(*found);
    }
    return strategy;
}

// The partitions that are asked for: [{topic, partitions: [..] | null}].
std::expected<std::vector<TopicPartition>, ApiError> read_partitions(Console& console, Fields& fields) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    std::set<TopicPartition> wanted;
    const json::array* list = fields.array("partitions");
    if (list == nullptr || list->empty()) fields.wrong("partitions", "is missing");
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        Fields entry((*list)[i], fmt::format("partitions[{}]", i));
        const std::string topic = entry.text("topic");
        const json::array* indexes = entry.array("partitions");
        const broker::TopicState* state = image->find_topic(topic);
        if (const auto error = entry.error()) return std::unexpected(*error);
        if (state == nullptr)
            return std::unexpected(
                kafka_error(ErrorCode::unknown_topic_or_partition, topic + ": there is no such topic"));
        for (std::int32_t p = 0; indexes == nullptr && p < state->partition_count(); ++p)
            wanted.insert({topic, PartitionIndex(p)});
        for (std::size_t p = 0; indexes != nullptr && p < indexes->size(); ++p) {
            const json::value& index = (*indexes)[p];
            if (!index.is_int64() || index.get_int64() < 0 || index.get_int64() >= state->partition_count()) {
                return std::unexpected(ApiError{
                    .message = fmt::format("partitions[{}].partitions[{}] is no partition of {}", i, p, topic)});
            }
            wanted.insert({topic, PartitionIndex(static_cast<std::int32_t>(index.get_int64()))});
        }
    }
    if (wanted.size() > steps_max) fields.wrong("partitions", "are too many at once");
    return std::vector<TopicPartition>(wanted.begin(), wanted.end());
}

// Where the strategy takes one partition; nothing when it has nothing to say of it.
std::expected<std::optional<std::int64_t>, ApiError> target_of(const Strategy& strategy, const TopicPartition& name,
                                                               broker::Partition& partition,
                                                               std::optional<std::int64_t> before) {
    const auto by_time = [&](Timestamp time) -> std::expected<std::optional<std::int64_t>, ApiError> {
        const auto found = partition.find_by_time(time);
        if (!found) return std::unexpected(kafka_error(ErrorCode::kafka_storage_error, found.error().message));
        return *found ? (*found)->offset.value : partition.high_watermark().value;
    };
    switch (strategy.type) {
        case Strategy::Type::earliest:
            return partition.log_start_offset().value;
        case Strategy::Type::latest:
            return partition.high_watermark().value;
        case Strategy::Type::time:
            return by_time(Timestamp(strategy.number));
        case Strategy::Type::duration:
            return by_time(wall_clock() - std::min(strategy.number, wall_clock().value));
        case Strategy::Type::offset:
            return strategy.number;
        case Strategy::Type::shift: {
            if (!before) return std::nullopt;
            std::int64_t moved = 0;
            if (!__builtin_add_overflow(*before, strategy.number, &moved)) return moved;
            return strategy.number < 0 ? INT64_MIN : INT64_MAX;
        }
        case Strategy::Type::group:
        case Strategy::Type::named: {
            const auto found = strategy.named.find(name);
            if (found == strategy.named.end()) return std::nullopt;
            return found->second;
        }
    }
    return std::nullopt;
}

json::value delta_ms_of(LagLookup& lookup, const Step& step, Timestamp now) {
    if (!step.before) return nullptr;
    const auto before = lookup.find(step.partition, *step.before, now);
    const auto after = lookup.find(step.partition, step.after, now);
    if (!before || !after || !before->ms || !after->ms) return nullptr;
    return *before->ms - *after->ms;
}

// A group's id may be any text, and people paste the command into a shell.
std::string shell_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'') quoted += "'\\'";
        quoted += c;
    }
    return quoted += '\'';
}

std::string command_of(const std::string& group, const Strategy& strategy,
                       const std::vector<TopicPartition>& partitions) {
    std::string topics;
    for (const TopicPartition& one : partitions)
        topics += fmt::format(" --topic {}:{}", one.topic, one.partition.value);
    std::string to;
    switch (strategy.type) {
        case Strategy::Type::earliest:
            to = "--to-earliest";
            break;
        case Strategy::Type::latest:
            to = "--to-latest";
            break;
        case Strategy::Type::time:
            to = fmt::format("--to-datetime $(date -u -d @{}.{:03} +%FT%T.%3N)", strategy.number / 1000,
                             strategy.number % 1000);
            break;
        case Strategy::Type::duration:
            to = fmt::format("--by-duration PT{}.{:03}S", strategy.number / 1000, strategy.number % 1000);
            break;
        case Strategy::Type::offset:
            to = fmt::format("--to-offset {}", strategy.number);
            break;
        case Strategy::Type::shift:
            to = fmt::format("--shift-by {}", strategy.number);
            break;
        case Strategy::Type::group:
        case Strategy::Type::named:
            to = "--from-file offsets.csv";
            break;
    }
    return fmt::format("kafka-consumer-groups.sh --bootstrap-server BROKER --group {} --reset-offsets{} {} --execute",
                       shell_quoted(group), topics, to);
}

Response preview(Console& console, const Request& request, Captures captures) {
    const std::string id = group_id_of(request, captures);
    Fields fields(request);
    const json::object* given = fields.object("strategy");
    if (given == nullptr) fields.wrong("strategy", "is missing");
    const auto partitions = read_partitions(console, fields);
    if (!partitions) return refuse(request, partitions.error());
    if (const auto error = fields.error()) return refuse(request, *error);
    const auto strategy = read_strategy(console, *given);
    if (!strategy) return refuse(request, strategy.error());
    const auto group = find_group(console, id);
    if (!group) return refuse(request, group.error());

    const std::map<TopicPartition, std::int64_t> committed = committed_of(*group);
    const Timestamp now = wall_clock();
    LagLookup lookup(console.broker());
    json::array plan;
    for (const TopicPartition& name : *partitions) {
        const auto partition = console.broker().partitions->find(name.topic, name.partition);
        if (!partition) continue;
        Step step{.partition = name};
        if (const auto known = committed.find(name); known != committed.end()) step.before = known->second;
        const auto target = target_of(*strategy, name, *partition, step.before);
        if (!target) return refuse(request, target.error());
        if (!*target) continue;
        // What lies outside of the log is taken as its nearest end, as Kafka's own tool does.
        const std::int64_t start = partition->log_start_offset().value;
        const std::int64_t end = partition->high_watermark().value;
        step.after = std::clamp(**target, start, end);
        step.warning = **target < start            ? "BEFORE_LOG_START"
                       : **target > end            ? "BEYOND_END"
                       : step.before == step.after ? "NO_CHANGE"
                                                   : "";
        plan.push_back({{"topic", name.topic},
                        {"partition", name.partition.value},
                        {"before", exact_or_null(step.before)},
                        {"after", exact(step.after)},
                        {"delta", step.before ? json::value(exact(step.after - *step.before)) : json::value()},
                        {"delta_ms", delta_ms_of(lookup, step, now)},
                        {"warning", step.warning.empty() ? json::value() : json::value(step.warning)}});
    }
    return ok({{"plan", std::move(plan)},
               {"active_members", group->members.size()},
               {"cli", text_of(command_of(id, *strategy, *partitions))}});
}

std::expected<std::vector<Step>, ApiError> read_plan(Console& console, const Request& request) {
    Fields fields(request);
    const json::array* list = fields.array("plan");
    if (list == nullptr || list->empty()) fields.wrong("plan", "is missing");
    if (list != nullptr && list->size() > steps_max) fields.wrong("plan", "has too many steps");
    if (const auto error = fields.error()) return std::unexpected(*error);
    std::vector<Step> plan;
    std::set<TopicPartition> seen;
    for (std::size_t i = 0; i < list->size(); ++i) {
        Fields entry((*list)[i], fmt::format("plan[{}]", i));
        Step step;
        step.partition.topic = entry.text("topic");
        step.partition.partition = PartitionIndex(static_cast<std::int32_t>(entry.integer("partition", 0, INT32_MAX)));
        step.before = entry.integer_or_null("before", 0, INT64_MAX);
        step.after = entry.integer("after", 0, INT64_MAX);
        if (!seen.insert(step.partition).second) entry.wrong("partition", "is there twice");
        if (const auto error = entry.error()) return std::unexpected(*error);
        const auto partition = console.broker().partitions->find(step.partition.topic, step.partition.partition);
        if (!partition) return std::unexpected(kafka_error(ErrorCode::unknown_topic_or_partition));
        if (step.after < partition->log_start_offset().value || step.after > partition->high_watermark().value) {
            return std::unexpected(kafka_error(ErrorCode::offset_out_of_range,
                                               fmt::format("{}-{} has no offset {} any more", step.partition.topic,
                                                           step.partition.partition.value, step.after)));
        }
        plan.push_back(std::move(step));
    }
    std::ranges::sort(plan, {}, &Step::partition);
    return plan;
}

ApiError moved(Console& console, const std::string& id, const std::vector<Step>& plan) {
    json::array current;
    const auto group = find_group(console, id);
    const auto committed = group ? committed_of(*group) : std::map<TopicPartition, std::int64_t>();
    for (const Step& step : plan) {
        const auto known = committed.find(step.partition);
        current.push_back({{"topic", step.partition.topic},
                           {"partition", step.partition.partition.value},
                           {"offset", known == committed.end() ? json::value() : json::value(exact(known->second))}});
    }
    return {.status = 409,
            .message = "OFFSETS_MOVED: the group has committed since the preview; nothing was changed",
            .detail = {{"current", std::move(current)}}};
}

// The coordinator compares and commits as one: nobody's commit is lost between the two.
Response reset(Console& console, const Request& request, Captures captures) {
    const std::string id = group_id_of(request, captures);
    const auto plan = read_plan(console, request);
    if (!plan) return refuse(request, plan.error());
    const auto group = find_group(console, id);
    if (!group) return refuse(request, group.error());
    if (!group->members.empty()) return refuse(request, kafka_error(ErrorCode::non_empty_group));

    constexpr protocol::MessageVersion version = 9;  // the last that names topics; ids are filled in all the same
    constexpr std::int32_t no_generation = -1;
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    protocol::OffsetCommitRequest question;
    question.group_id = id;
    question.generation_id_or_member_epoch = no_generation;
    question.retention_time_ms = -1;
    std::vector<broker::GroupCoordinator::ExpectedOffset> expected;
    for (const Step& step : *plan) {
        expected.push_back({step.partition, step.before});
        if (question.topics.empty() || question.topics.back().name != step.partition.topic) {
            auto& topic = question.topics.emplace_back();
            topic.name = step.partition.topic;
            if (const broker::TopicState* state = image->find_topic(step.partition.topic)) topic.topic_id = state->id;
        }
        auto& partition = question.topics.back().partitions.emplace_back();
        partition.partition_index = step.partition.partition.value;
        partition.committed_offset = step.after;
        partition.committed_leader_epoch = -1;
        partition.committed_metadata = "";
    }
    const auto answer = ask_with<protocol::OffsetCommitResponse>(
        request, version,
        [&](const broker::RequestContext& context, broker::Reply<protocol::OffsetCommitResponse> reply) {
            console.broker().groups->commit_offsets_if(expected, question, context, std::move(reply));
        });
    if (!answer) return refuse(request, answer.error());
    if (answer->topics.empty()) return refuse(request, moved(console, id, *plan));
    json::array results;
    for (const auto& topic : answer->topics) {
        for (const auto& partition : topic.partitions) {
            const ErrorCode code{partition.error_code};
            json::object result{{"target", fmt::format("{}-{}", topic.name, partition.partition_index)},
                                {"status", code == ErrorCode::none ? 204 : http_status(code)}};
            if (code != ErrorCode::none) result["error"] = error_body(kafka_error(code), request.id)["error"];
            results.push_back(std::move(result));
        }
    }
    return ok({{"results", std::move(results)}});
}

constexpr Route routes[] = {
    {Method::post, "/api/v1/groups/{group}/offsets:preview", preview, false, "READ group"},
    {Method::post, "/api/v1/groups/{group}/offsets:reset", reset, true, "READ group"},
};

}  // namespace

std::span<const Route> group_reset_routes() { return routes; }

}  // namespace mamba::admin
