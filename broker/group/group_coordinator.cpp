#include "broker/group/group_coordinator.h"

#include <algorithm>
#include <cassert>
#include <cctype>

namespace mamba::broker {

namespace {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool passes_filter(const std::vector<std::string_view>& filter, std::string_view name) {
    return filter.empty() || std::ranges::any_of(filter, [&](std::string_view wanted) {
               return equals_ignoring_case(wanted, name);
           });
}

}  // namespace

void refuse(GroupResponse& response, ErrorCode code) {
    const std::int16_t wire = to_wire(code);
    const auto refuse_partitions = [wire](auto& topics) {
        for (auto& topic : topics) {
            for (auto& partition : topic.partitions) {
                if (partition.error_code == 0) partition.error_code = wire;
            }
        }
    };
    std::visit(Overloaded{
                   [&](protocol::JoinGroupResponse& r) {
                       r = {};
                       r.error_code = wire;
                   },
                   [&](protocol::SyncGroupResponse& r) {
                       r = {};
                       r.error_code = wire;
                   },
                   [&](protocol::OffsetCommitResponse& r) { refuse_partitions(r.topics); },
                   [&](protocol::OffsetFetchResponse::OffsetFetchResponseGroup& r) {
                       r.topics.clear();
                       r.error_code = wire;
                   },
                   [&](protocol::OffsetDeleteResponse& r) {
                       r.topics.clear();
                       r.error_code = wire;
                   },
                   [&](protocol::ListGroupsResponse& r) {
                       r.groups.clear();
                       r.error_code = wire;
                   },
                   [&](protocol::DescribeGroupsResponse::DescribedGroup& r) {
                       std::string id = std::move(r.group_id);
                       r = {};
                       r.group_id = std::move(id);
                       r.error_code = wire;
                   },
                   [&](auto& r) { r.error_code = wire; },
               },
               response);
}

ErrorCode refusal_of_commit(ErrorCode code) {
    switch (code) {
        case ErrorCode::unknown_topic_or_partition:
        case ErrorCode::not_enough_replicas:
        case ErrorCode::not_enough_replicas_after_append:
        case ErrorCode::request_timed_out:
            return ErrorCode::coordinator_not_available;
        case ErrorCode::not_leader_or_follower:
        case ErrorCode::kafka_storage_error:
            return ErrorCode::not_coordinator;
        case ErrorCode::message_too_large:
        case ErrorCode::record_list_too_large:
        case ErrorCode::invalid_fetch_size:
            return ErrorCode::invalid_commit_offset_size;
        default:
            return code;
    }
}

ErrorCode refusal_of_group(ErrorCode code) {
    const ErrorCode refused = refusal_of_commit(code);
    return refused == ErrorCode::invalid_commit_offset_size ? ErrorCode::unknown_server_error
                                                            : refused;
}

GroupCoordinator::GroupCoordinator(const GroupConfig& config, UuidSource next_uuid)
    : config_(config), next_uuid_(std::move(next_uuid)) {}

ClassicGroup* GroupCoordinator::find(std::string_view group) {
    const auto found = groups_.find(group);
    return found == groups_.end() ? nullptr : &found->second;
}

const ClassicGroup* GroupCoordinator::find_group(std::string_view group) const {
    const auto found = groups_.find(group);
    return found == groups_.end() ? nullptr : &found->second;
}

const GroupCoordinator::GroupOffsets* GroupCoordinator::find_offsets(std::string_view group) const {
    const auto found = offsets_.find(group);
    return found == offsets_.end() ? nullptr : &found->second;
}

// A deadline that moves back leaves its queue entry where it is; the entry is moved when it fires.
// So a heartbeat costs no work in the queue.
void GroupCoordinator::arm(Deadline& deadline, Instant at, TimerKind kind, std::string_view group,
                           std::string_view member) {
    deadline.at = at;
    if (deadline.queued && *deadline.queued <= at) return;
    deadline.queued = at;
    timers_.push({.at = at,
                  .sequence = next_sequence_++,
                  .kind = kind,
                  .group = std::string(group),
                  .member = std::string(member)});
}

Deadline* GroupCoordinator::deadline_of(const Timer& timer) {
    ClassicGroup* group = find(timer.group);
    if (group == nullptr) return nullptr;
    switch (timer.kind) {
        case TimerKind::join:
            return &group->join_deadline;
        case TimerKind::sync:
            return &group->sync_deadline;
        case TimerKind::session: {
            GroupMember* member = group->find(timer.member);
            return member == nullptr ? nullptr : &member->session;
        }
        case TimerKind::pending_join: {
            const auto found = group->pending_join.find(timer.member);
            return found == group->pending_join.end() ? nullptr : &found->second;
        }
    }
    return nullptr;
}

GroupCoordinator::Effects GroupCoordinator::tick(Now now) {
    Effects effects;
    while (!timers_.empty() && timers_.top().at <= now.instant) {
        const Timer timer = timers_.top();
        timers_.pop();
        Deadline* deadline = deadline_of(timer);
        if (deadline == nullptr || deadline->queued != timer.at) continue;  // superseded
        deadline->queued.reset();
        if (!deadline->at) continue;  // disarmed
        if (*deadline->at > now.instant) {
            arm(*deadline, *deadline->at, timer.kind, timer.group, timer.member);
            continue;
        }
        deadline->at.reset();
        ClassicGroup& group = *find(timer.group);
        switch (timer.kind) {
            case TimerKind::join:
                on_join_deadline(group, now, effects);
                break;
            case TimerKind::sync:
                on_sync_deadline(group, now, effects);
                break;
            case TimerKind::pending_join:
                group.remove(timer.member);
                maybe_complete_join(group, now, effects);
                break;
            case TimerKind::session: {
                // Who waits for an answer cannot send heartbeats; its session starts again with
                // the answer. A new member is not waited for that long.
                const GroupMember& member = *group.find(timer.member);
                if (!member.is_new && member.is_waiting()) continue;
                on_session_expired(group, timer.member, now, effects);
                break;
            }
        }
        return effects;
    }
    if (next_expiry_ && *next_expiry_ <= now.instant) expire(now, effects);
    return effects;
}

std::optional<Instant> GroupCoordinator::next_deadline() const {
    if (timers_.empty()) return next_expiry_;
    return next_expiry_ ? std::min(*next_expiry_, timers_.top().at) : timers_.top().at;
}

GroupCoordinator::Effects GroupCoordinator::settle(Effects effects, ErrorCode outcome, Now now) {
    Effects further;
    further.answers = std::move(effects.answers);
    if (outcome == ErrorCode::none) {
        for (const CoordinatorRecord& record : effects.records) {
            replay(record.key,
                   record.value ? std::optional<BytesView>(*record.value) : std::nullopt);
        }
        if (const auto* assigned = std::get_if<Assignment>(&effects.undo)) {
            ClassicGroup& group = *find(assigned->group);
            assert(group.generation() == assigned->generation && group.is_in(GroupState::stable));
            for (GroupMember* member : group.members()) {
                if (member->sync) answer_sync(group, *member, now, further);
            }
            further.events.push_back(
                {GroupEvent::Kind::stable, group.id(),
                 "generation " + std::to_string(group.generation()) + ": " + std::to_string(group.size()) +
                     " members, " + std::string(group.protocol().value_or(""))});
        }
        return further;
    }

    const bool of_group = !std::holds_alternative<std::monostate>(effects.undo);
    const ErrorCode refusal = of_group ? refusal_of_group(outcome) : refusal_of_commit(outcome);
    for (GroupAnswer& answer : further.answers) {
        if (answer.after_commit) refuse(answer.response, refusal);
    }
    if (const auto* assigned = std::get_if<Assignment>(&effects.undo)) {
        ClassicGroup& group = *find(assigned->group);
        fail_syncs(group, refusal, now, further);
        rebalance_or_complete(group, "the assignment could not be stored", now, further);
    } else if (const auto* created = std::get_if<JoinOfNewGroup>(&effects.undo)) {
        for (GroupAnswer& answer : further.answers) refuse(answer.response, refusal);
        for (GroupMember* member : find(created->group)->members()) {
            protocol::JoinGroupResponse response;
            response.error_code = to_wire(refusal);
            if (member->join) {
                further.answers.push_back(
                    {.token = *member->join, .response = std::move(response)});
            }
        }
        groups_.erase(created->group);
    } else if (auto* replaced = std::get_if<Replacement>(&effects.undo)) {
        ClassicGroup& group = *find(replaced->group);
        GroupMember& member = group.rename(replaced->new_id, replaced->old_id);
        member.rebalance_timeout_ms = replaced->rebalance_timeout_ms;
        member.session_timeout_ms = replaced->session_timeout_ms;
        group.set_protocols(member, std::move(replaced->protocols));
        restart_session(group, member, now);
    }
    return further;
}

void GroupCoordinator::replay(BytesView key, std::optional<BytesView> value) {
    ParsedRecord parsed = parse_record(key, value);
    std::visit(Overloaded{
                   [&](SkippedRecord&) { ++skipped_records_; },
                   [&](GroupMetadataRecord& record) {
                       if (!record.value) {
                           groups_.erase(record.group);
                           return;
                       }
                       ClassicGroup& group =
                           groups_.try_emplace(record.group, record.group).first->second;
                       // The record that announces a new group says nothing about those already
                       // joining.
                       const bool announces =
                           record.value->generation == 0 && record.value->members.empty();
                       if (announces && !group.is_empty()) return;
                       group.apply(*record.value);
                   },
                   [&](OffsetCommitRecord& record) {
                       if (record.value) {
                           groups_.try_emplace(record.group, record.group);
                           offsets_[record.group][record.partition] = std::move(*record.value);
                       } else if (const auto of_group = offsets_.find(record.group);
                                  of_group != offsets_.end()) {
                           of_group->second.erase(record.partition);
                           if (of_group->second.empty()) offsets_.erase(of_group);
                       }
                   },
               },
               parsed);
}

GroupCoordinator::Effects GroupCoordinator::on_loaded(Now now) {
    Effects effects;
    next_expiry_ = now.instant + config_.retention_check_interval;
    for (auto& [id, group] : groups_) {
        for (GroupMember* member : group.members()) restart_session(group, *member, now);
        if (group.size() > static_cast<std::size_t>(config_.group_size_max)) {
            // The limit was lowered: the rest cannot rejoin.
            prepare_rebalance(group, "the group is larger than group.max.size", now, effects);
        }
    }
    return effects;
}

GroupCoordinator::Effects GroupCoordinator::unload(ErrorCode code) {
    Effects effects;
    for (auto& [id, group] : groups_) {
        for (GroupMember* member : group.members()) {
            if (member->join) {
                protocol::JoinGroupResponse response;
                response.error_code = to_wire(code);
                effects.answers.push_back(
                    {.token = *member->join, .response = std::move(response)});
            }
            if (member->sync) {
                protocol::SyncGroupResponse response;
                response.error_code = to_wire(code);
                effects.answers.push_back(
                    {.token = *member->sync, .response = std::move(response)});
            }
        }
    }
    groups_.clear();
    offsets_.clear();
    timers_ = {};
    next_expiry_.reset();
    return effects;
}

GroupCoordinator::Effects GroupCoordinator::describe_group(ReplyToken token, std::string_view id,
                                                           protocol::MessageVersion version) const {
    protocol::DescribeGroupsResponse::DescribedGroup described;
    described.group_id = id;
    const ClassicGroup* group = find_group(id);
    if (group == nullptr) {
        described.group_state = "Dead";
        if (version >= 6) {
            described.error_code = to_wire(ErrorCode::group_id_not_found);
            described.error_message = "Group " + std::string(id) + " not found.";
        }
    } else {
        const bool is_stable = group->is_in(GroupState::stable);
        described.group_state = name_of(group->state());
        described.protocol_type = group->protocol_type().value_or("");
        if (is_stable) described.protocol_data = group->protocol().value_or("");
        for (const GroupMember* member : group->members()) {
            auto& entry = described.members.emplace_back();
            entry.member_id = member->id;
            entry.group_instance_id = member->instance_id;
            entry.client_id = member->client_id;
            entry.client_host = member->client_host;
            entry.member_assignment = member->assignment;
            if (!is_stable) continue;
            if (const Bytes* metadata = member->metadata_for(described.protocol_data)) {
                entry.member_metadata = *metadata;
            }
        }
    }
    Effects effects;
    effects.answers.push_back(
        {.token = token, .response = std::move(described), .after_commit = true});
    return effects;
}

GroupCoordinator::Effects GroupCoordinator::list_groups(
    ReplyToken token, const protocol::ListGroupsRequest& request) const {
    protocol::ListGroupsResponse response;
    std::vector<std::string_view> states;  // without blanks around them; types are taken as they are
    for (const std::string_view state : request.states_filter) states.push_back(trimmed(state));
    if (passes_filter(request.types_filter, "classic")) {
        for (const auto& [id, group] : groups_) {
            if (!passes_filter(states, name_of(group.state()))) continue;
            auto& listed = response.groups.emplace_back();
            listed.group_id = id;
            listed.protocol_type = group.protocol_type().value_or("");
            listed.group_state = name_of(group.state());
            listed.group_type = "classic";
        }
    }
    Effects effects;
    effects.answers.push_back(
        {.token = token, .response = std::move(response), .after_commit = true});
    return effects;
}

GroupSnapshot GroupCoordinator::snapshot(const ClassicGroup& group, Now now) const {
    GroupSnapshot snapshot{.id = group.id(),
                           .type = "classic",
                           .state = std::string(name_of(group.state())),
                           .state_since = group.state_since(),
                           .generation = group.generation(),
                           .protocol_type = group.protocol_type().value_or(""),
                           .protocol = group.protocol().value_or(""),
                           .members = {},
                           .offsets = {}};
    for (const GroupMember* member : group.members()) {
        auto& seen = snapshot.members.emplace_back();
        seen.id = member->id;
        seen.instance_id = member->instance_id;
        seen.client_id = member->client_id;
        seen.client_host = member->client_host;
        seen.session_timeout_ms = member->session_timeout_ms;
        seen.rebalance_timeout_ms = member->rebalance_timeout_ms;
        seen.assignment = member->assignment;
        seen.is_leader = group.is_leader(member->id);
        seen.is_waiting = member->is_waiting();
        // A session ends one time-out after the member was last heard; a new member's is not its own.
        if (member->session.at && !member->is_new && !seen.is_waiting) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*member->session.at - now.instant);
            seen.last_heard = now.wall + (left.count() - member->session_timeout_ms);
        }
    }
    if (const GroupOffsets* offsets = find_offsets(group.id())) {
        snapshot.offsets.reserve(offsets->size());
        for (const auto& [partition, committed] : *offsets) snapshot.offsets.push_back({partition, committed});
    }
    return snapshot;
}

std::vector<GroupWaiting> GroupCoordinator::describe_waiting(Instant now) const {
    std::vector<GroupWaiting> waiting;
    const auto seconds_left = [now](const Deadline& deadline) {
        if (!deadline.at) return std::string();
        const auto left = std::chrono::ceil<std::chrono::seconds>(*deadline.at - now).count();
        return ", at most " + std::to_string(std::max<std::int64_t>(left, 0)) + " s more";
    };
    for (const auto& [id, group] : groups_) {
        std::string for_join;
        std::string for_sync;
        for (const GroupMember* member : group.members()) {
            if (!member->is_waiting()) continue;
            if (member->join && for_join.empty()) {
                std::string missing;
                for (const GroupMember* each : group.members()) {
                    if (!each->join) missing += (missing.empty() ? "" : ", ") + each->id;
                }
                for (const auto& [pending, deadline] : group.pending_join) {
                    missing += (missing.empty() ? "" : ", ") + pending;
                }
                for_join = std::to_string(group.awaiting_join()) + " of " +
                           std::to_string(group.size() + group.pending_join.size()) +
                           " members have joined, waiting for " +
                           (missing.empty() ? "more members to start" : missing) +
                           seconds_left(group.join_deadline);
            }
            if (member->sync && for_sync.empty()) {
                for_sync = "waiting for the assignment by the leader, " +
                           group.leader().value_or("") + seconds_left(group.sync_deadline);
            }
            if (member->join) {
                waiting.push_back({.token = *member->join,
                                   .group = id,
                                   .member = member->id,
                                   .client_id = member->client_id,
                                   .is_sync = false,
                                   .since = group.state_since(),
                                   .deadline = group.join_deadline.at,
                                   .reason = for_join});
            }
            if (member->sync) {
                waiting.push_back({.token = *member->sync,
                                   .group = id,
                                   .member = member->id,
                                   .client_id = member->client_id,
                                   .is_sync = true,
                                   .since = group.state_since(),
                                   .deadline = group.sync_deadline.at,
                                   .reason = for_sync});
            }
        }
    }
    return waiting;
}

}  // namespace mamba::broker
