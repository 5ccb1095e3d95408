// Committed offsets: commit, fetch, delete, and what time or deleted topics take away.
#include <algorithm>
#include <limits>

#include "broker/group/group_coordinator.h"
#include "broker/group/java_text.h"

namespace mamba::broker {

namespace {

// One batch of expired offsets; the rest follows soon after.
constexpr std::size_t expired_records_max = 1000;
constexpr std::chrono::milliseconds expiry_pause{100};

// What clients and records say may be anything: sums stop at the ends of time.
Timestamp later_by(Timestamp start, std::int64_t milliseconds) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(start.value, milliseconds, &sum)) return Timestamp{sum};
    return Timestamp{milliseconds > 0 ? std::numeric_limits<std::int64_t>::max()
                                      : std::numeric_limits<std::int64_t>::min()};
}

void append_tombstones(std::string_view group, const GroupCoordinator::GroupOffsets* offsets,
                       std::vector<CoordinatorRecord>& records) {
    if (offsets == nullptr) return;
    for (const auto& [partition, offset] : *offsets) {
        records.push_back(offset_tombstone(group, partition.topic, partition.partition));
    }
}

}  // namespace

ErrorCode GroupCoordinator::check_commit(const protocol::OffsetCommitRequest& request,
                                         protocol::MessageVersion version) const {
    const std::int32_t generation = request.generation_id_or_member_epoch;
    const ClassicGroup* group = find_group(request.group_id);
    if (group == nullptr) {
        // Who manages partitions alone needs no group; it comes to be with the commit.
        if (generation < 0) return ErrorCode::none;
        return version >= 9 ? ErrorCode::group_id_not_found : ErrorCode::illegal_generation;
    }
    if (generation < 0 && group->is_empty()) return ErrorCode::none;
    if (generation < 0 && request.member_id.empty() && !request.group_instance_id) {
        return ErrorCode::unknown_member_id;  // the group's members own its offsets
    }
    const ErrorCode code = check_member(*group, request.member_id, request.group_instance_id);
    if (code != ErrorCode::none) return code;
    if (generation != group->generation()) return ErrorCode::illegal_generation;
    // The member knows the new generation but not yet its partitions.
    if (group->is_in(GroupState::completing_rebalance)) return ErrorCode::rebalance_in_progress;
    return ErrorCode::none;
}

bool GroupCoordinator::has_committed(std::string_view group, const ExpectedOffset& expected) const {
    const GroupOffsets* offsets = find_offsets(group);
    if (offsets == nullptr) return !expected.offset;
    const auto found = offsets->find(expected.partition);
    if (found == offsets->end()) return !expected.offset;
    return expected.offset == found->second.offset;
}

GroupCoordinator::Effects GroupCoordinator::commit_offsets(
    ReplyToken token, const protocol::OffsetCommitRequest& request,
    protocol::MessageVersion version, Now now, std::span<const ExpectedOffset> expected) {
    Effects effects;
    protocol::OffsetCommitResponse response;
    const auto is_so = [&](const ExpectedOffset& one) { return has_committed(request.group_id, one); };
    if (!std::ranges::all_of(expected, is_so)) {
        effects.answers.push_back({.token = token, .response = std::move(response)});
        return effects;
    }
    const ErrorCode refused = check_commit(request, version);

    if (refused == ErrorCode::none) {
        ClassicGroup* group = find(request.group_id);
        if (group != nullptr && !group->is_empty()) {  // a commit shows that the member lives
            if (GroupMember* member = group->find(request.member_id)) {
                restart_session(*group, *member, now);
            }
        }
    }
    for (const auto& topic : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        answered.topic_id = topic.topic_id;
        for (const auto& partition : topic.partitions) {
            auto& result = answered.partitions.emplace_back();
            result.partition_index = partition.partition_index;
            const std::string_view metadata = partition.committed_metadata.value_or("");
            if (refused != ErrorCode::none) {
                result.error_code = to_wire(refused);
                continue;
            }
            if (java_length(metadata) >
                static_cast<std::size_t>(config_.offset_metadata_bytes_max)) {
                result.error_code = to_wire(ErrorCode::offset_metadata_too_large);
                continue;
            }
            const Timestamp expires_at = request.retention_time_ms == -1
                                             ? no_timestamp
                                             : later_by(now.wall, request.retention_time_ms);
            effects.records.push_back(offset_commit_record(
                request.group_id, topic.name, PartitionIndex{partition.partition_index},
                {.offset = partition.committed_offset,
                 .leader_epoch = partition.committed_leader_epoch,
                 .metadata = std::string(metadata),
                 .committed_at = now.wall,
                 .expires_at = expires_at,
                 .topic_id = topic.topic_id}));
        }
    }
    effects.answers.push_back({.token = token,
                               .response = std::move(response),
                               .after_commit = !effects.records.empty()});
    return effects;
}

GroupCoordinator::Effects GroupCoordinator::fetch_offsets(
    ReplyToken token, const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& request) const {
    protocol::OffsetFetchResponse::OffsetFetchResponseGroup response;
    response.group_id = request.group_id;
    const GroupOffsets* offsets = find_offsets(request.group_id);

    const auto add = [](auto& topic, std::int32_t partition, const CommittedOffset* committed) {
        auto& result = topic.partitions.emplace_back();
        result.partition_index = partition;
        result.committed_offset = committed != nullptr ? committed->offset : -1;
        result.committed_leader_epoch = committed != nullptr ? committed->leader_epoch : -1;
        result.metadata = committed != nullptr ? committed->metadata : std::string();
    };
    if (request.topics) {
        for (const auto& topic : *request.topics) {
            auto& answered = response.topics.emplace_back();
            answered.name = topic.name;
            answered.topic_id = topic.topic_id;
            for (const std::int32_t partition : topic.partition_indexes) {
                const CommittedOffset* committed = nullptr;
                if (offsets != nullptr) {
                    const auto found =
                        offsets->find({std::string(topic.name), PartitionIndex{partition}});
                    if (found != offsets->end()) committed = &found->second;
                }
                // The topic was deleted and made again since: what was committed is not about it.
                const bool other_topic = committed != nullptr && !committed->topic_id.is_zero() &&
                                         !topic.topic_id.is_zero() &&
                                         committed->topic_id != topic.topic_id;
                add(answered, partition, other_topic ? nullptr : committed);
            }
        }
    } else if (offsets != nullptr) {
        for (const auto& [partition, committed] : *offsets) {
            if (response.topics.empty() || response.topics.back().name != partition.topic) {
                auto& topic = response.topics.emplace_back();
                topic.name = partition.topic;
                topic.topic_id = committed.topic_id;
            }
            add(response.topics.back(), partition.partition.value, &committed);
        }
    }
    Effects effects;
    effects.answers.push_back(
        {.token = token, .response = std::move(response), .after_commit = true});
    return effects;
}

GroupCoordinator::Effects GroupCoordinator::delete_offsets(
    ReplyToken token, const protocol::OffsetDeleteRequest& request) {
    Effects effects;
    protocol::OffsetDeleteResponse response;
    const ClassicGroup* group = find_group(request.group_id);
    const ErrorCode refused = [&] {
        if (request.group_id.empty()) return ErrorCode::invalid_group_id;
        if (group == nullptr) return ErrorCode::group_id_not_found;
        // Of others than consumers the broker cannot know what they are subscribed to.
        if (!group->is_empty() && !group->uses_consumer_protocol())
            return ErrorCode::non_empty_group;
        return ErrorCode::none;
    }();
    response.error_code = to_wire(refused);
    if (refused == ErrorCode::none) {
        const GroupOffsets* offsets = find_offsets(request.group_id);
        for (const auto& topic : request.topics) {
            auto& answered = response.topics.emplace_back();
            answered.name = topic.name;
            const bool subscribed = group->is_subscribed_to(topic.name);
            for (const auto& partition : topic.partitions) {
                auto& result = answered.partitions.emplace_back();
                result.partition_index = partition.partition_index;
                const PartitionIndex index{partition.partition_index};
                if (subscribed) {
                    result.error_code = to_wire(ErrorCode::group_subscribed_to_topic);
                } else if (offsets != nullptr &&
                           offsets->contains({std::string(topic.name), index})) {
                    effects.records.push_back(
                        offset_tombstone(request.group_id, topic.name, index));
                }
            }
        }
    }
    effects.answers.push_back({.token = token,
                               .response = std::move(response),
                               .after_commit = !effects.records.empty()});
    return effects;
}

GroupCoordinator::Effects GroupCoordinator::delete_group(ReplyToken token, std::string_view id) {
    Effects effects;
    protocol::DeleteGroupsResponse::DeletableGroupResult result;
    result.group_id = id;
    const ClassicGroup* group = find_group(id);
    if (group == nullptr) {
        result.error_code = to_wire(ErrorCode::group_id_not_found);
    } else if (!group->is_empty()) {
        result.error_code = to_wire(ErrorCode::non_empty_group);
    } else {
        append_tombstones(id, find_offsets(id), effects.records);
        effects.records.push_back(group_tombstone(id));
    }
    effects.answers.push_back(
        {.token = token, .response = std::move(result), .after_commit = !effects.records.empty()});
    return effects;
}

GroupCoordinator::Effects GroupCoordinator::on_partitions_deleted(
    std::span<const TopicPartition> partitions) {
    Effects effects;
    for (const auto& [group, offsets] : offsets_) {
        for (const TopicPartition& partition : partitions) {
            if (!offsets.contains(partition)) continue;
            effects.records.push_back(
                offset_tombstone(group, partition.topic, partition.partition));
        }
    }
    return effects;
}

// KIP-211: an empty group's offsets live on for the retention after it became empty; those of a
// stable group of consumers after the last commit, once nobody is subscribed to the topic any more;
// those of a group without members ever (simple consumers) after the last commit.
void GroupCoordinator::expire(Now now, Effects& effects) {
    next_expiry_ = now.instant + config_.retention_check_interval;
    const std::int64_t retention = config_.offsets_retention.count();
    for (const auto& [id, group] : groups_) {
        if (effects.records.size() >= expired_records_max) {
            next_expiry_ = now.instant + expiry_pause;
            return;
        }
        const bool is_simple = !group.protocol_type().has_value();
        const bool from_commit =
            is_simple || (group.uses_consumer_protocol() && group.knows_subscriptions() &&
                          group.is_in(GroupState::stable));
        const GroupOffsets* offsets = find_offsets(id);
        bool all_expired = true;
        if (offsets != nullptr) {
            if (!from_commit && !group.is_empty()) continue;
            for (const auto& [partition, offset] : *offsets) {
                const Timestamp since = from_commit || group.state_since() == no_timestamp
                                            ? offset.committed_at
                                            : group.state_since();
                const bool expired = offset.expires_at != no_timestamp
                                         ? now.wall >= offset.expires_at
                                         : now.wall >= later_by(since, retention);
                if (expired && !group.is_subscribed_to(partition.topic)) {
                    effects.records.push_back(
                        offset_tombstone(id, partition.topic, partition.partition));
                } else {
                    all_expired = false;
                }
            }
        }
        if (all_expired && group.is_empty()) effects.records.push_back(group_tombstone(id));
    }
}

}  // namespace mamba::broker
