#include "admin-ui/api/group_json.h"

#include <algorithm>
#include <set>

#include "protocol/messages/consumer_protocol_assignment.h"

namespace mamba::admin {

std::string group_id_of(const Request& request, Captures captures) {
    if (captures[0] != "-") return captures[0];
    return request.parameter("id").value_or("-");
}

std::expected<broker::GroupSnapshot, ApiError> find_group(Console& console, const std::string& id) {
    auto group = console.broker().groups->snapshot(id, {std::chrono::steady_clock::now(), wall_clock()});
    if (!group) return std::unexpected(kafka_error(ErrorCode::group_id_not_found));
    return *group;
}

std::map<std::string, std::vector<std::int32_t>> assignment_of(const broker::GroupSnapshot::Member& member) {
    std::map<std::string, std::vector<std::int32_t>> partitions;
    if (member.assignment.size() < 2) return partitions;
    protocol::Reader in(member.assignment);
    const protocol::MessageVersion version = std::clamp<protocol::MessageVersion>(in.int16(), 0, 3);
    protocol::ConsumerProtocolAssignment assignment;
    assignment.decode(in, version);
    if (!in.ok()) return partitions;
    for (auto& topic : assignment.assigned_partitions) partitions[topic.topic] = std::move(topic.partitions);
    return partitions;
}

GroupLag lag_of(const broker::GroupSnapshot& group, LagLookup& lookup, Timestamp now) {
    GroupLag lag;
    for (const auto& offset : group.offsets) {
        const auto one = lookup.find(offset.partition, offset.committed.offset, now);
        if (!one) continue;
        lag.records = lag.records.value_or(0) + one->records;
        if (one->ms) lag.ms = std::max(lag.ms.value_or(0), *one->ms);
    }
    return lag;
}

json::value ms_or_null(std::optional<std::int64_t> ms) {
    if (!ms) return nullptr;
    return *ms;
}

std::optional<std::int64_t> commit_age_of(const broker::GroupSnapshot& group, Timestamp now) {
    Timestamp newest = no_timestamp;
    for (const auto& offset : group.offsets) newest = std::max(newest, offset.committed.committed_at);
    if (newest == no_timestamp) return std::nullopt;
    return std::max<std::int64_t>(0, now - newest);
}

}  // namespace mamba::admin
