// The phases of a rebalance: waiting for members, handing out the generation, waiting for the
// leader's assignment.
#include <algorithm>
#include <cassert>

#include "broker/group/group_coordinator.h"

namespace mamba::broker {

using std::chrono::milliseconds;

void GroupCoordinator::rebalance_or_complete(ClassicGroup& group, const std::string& reason, Now now,
                                             Effects& effects) {
    if (group.is_in(GroupState::preparing_rebalance)) {
        maybe_complete_join(group, now, effects);
    } else {
        prepare_rebalance(group, reason, now, effects);
    }
}

void GroupCoordinator::prepare_rebalance(ClassicGroup& group, const std::string& reason, Now now,
                                         Effects& effects) {
    effects.events.push_back({GroupEvent::Kind::rebalance_began, group.id(), reason});
    if (group.is_in(GroupState::completing_rebalance)) {
        fail_syncs(group, ErrorCode::rebalance_in_progress, now, effects);
    }
    group.sync_deadline.at.reset();
    group.pending_sync.clear();

    const bool is_initial = group.is_empty();
    group.transition(GroupState::preparing_rebalance, now.wall);
    if (is_initial) {
        // The first of several members to start: give the others the time to come.
        group.in_initial_delay = true;
        group.new_member_added = false;
        group.delay = config_.initial_rebalance_delay;
        group.delay_left =
            std::max(milliseconds(group.rebalance_timeout_ms()) - group.delay, milliseconds(0));
        arm(group.join_deadline, now.instant + group.delay, TimerKind::join, group.id(), "");
    } else if (group.all_joined()) {
        complete_join(group, now, effects);
    } else {
        arm(group.join_deadline, now.instant + milliseconds(group.rebalance_timeout_ms()),
            TimerKind::join, group.id(), "");
    }
}

void GroupCoordinator::maybe_complete_join(ClassicGroup& group, Now now, Effects& effects) {
    if (group.is_in(GroupState::preparing_rebalance) && group.all_joined() &&
        group.previous_state() != GroupState::empty) {
        complete_join(group, now, effects);
    }
}

void GroupCoordinator::on_join_deadline(ClassicGroup& group, Now now, Effects& effects) {
    if (!group.is_in(GroupState::preparing_rebalance)) return;
    if (group.in_initial_delay && group.new_member_added && group.delay_left > milliseconds(0)) {
        group.new_member_added = false;
        const milliseconds next = std::min(config_.initial_rebalance_delay, group.delay_left);
        group.delay_left = std::max(group.delay_left - group.delay, milliseconds(0));
        group.delay = next;
        arm(group.join_deadline, now.instant + next, TimerKind::join, group.id(), "");
        return;
    }
    group.in_initial_delay = false;
    complete_join(group, now, effects);
}

void GroupCoordinator::complete_join(ClassicGroup& group, Now now, Effects& effects) {
    group.join_deadline.at.reset();
    for (const GroupMember* member : std::as_const(group).members()) {
        // A static member keeps its place until its session ends.
        if (!member->join && !member->instance_id)
            remove_member(group, std::string(member->id), effects);
    }
    if (group.size() > 0 && !group.elect_joined_leader()) {
        // Only static members are left, and none has come back: sessions decide.
        arm(group.join_deadline, now.instant + milliseconds(group.rebalance_timeout_ms()),
            TimerKind::join, group.id(), "");
        return;
    }
    group.begin_generation(now.wall);
    if (group.is_empty()) {
        effects.events.push_back({GroupEvent::Kind::empty, group.id(), {}});
        effects.records.push_back(group_metadata_record(
            group.id(), group.to_record([](const GroupMember&) { return Bytes(); })));
        return;
    }
    for (GroupMember* member : group.members()) {
        group.pending_sync.insert(member->id);
        if (member->join) answer_join(group, *member, false, group.leader().value_or(""), effects);
        member->is_new = false;
        restart_session(group, *member, now);
    }
    arm(group.sync_deadline, now.instant + milliseconds(group.rebalance_timeout_ms()),
        TimerKind::sync, group.id(), "");
}

void GroupCoordinator::answer_join(ClassicGroup& group, GroupMember& member, bool skip_assignment,
                                   std::string_view leader, Effects& effects) {
    assert(member.join);
    protocol::JoinGroupResponse response;
    response.generation_id = group.generation();
    response.protocol_type = group.protocol_type();
    response.protocol_name = group.protocol();
    response.leader = leader;
    response.skip_assignment = skip_assignment;
    response.member_id = member.id;
    if (group.is_leader(member.id)) {
        for (const GroupMember* each : std::as_const(group).members()) {
            const Bytes* metadata = each->metadata_for(group.protocol().value_or(""));
            response.members.push_back({.member_id = each->id,
                                        .group_instance_id = each->instance_id,
                                        .metadata = metadata != nullptr ? *metadata : Bytes(),
                                        .unknown_tags = {}});
        }
    }
    effects.answers.push_back(
        {.token = *std::exchange(member.join, std::nullopt), .response = std::move(response)});
}

GroupCoordinator::Effects GroupCoordinator::sync_group(ReplyToken token,
                                                       const protocol::SyncGroupRequest& request,
                                                       Now now) {
    Effects effects;
    ClassicGroup* group = find(request.group_id);
    const auto differs = [](const std::optional<std::string_view>& asked,
                            const std::optional<std::string>& actual) {
        return asked && asked != actual;
    };
    const ErrorCode refused = [&] {
        if (request.group_id.empty()) return ErrorCode::invalid_group_id;
        if (group == nullptr) return ErrorCode::unknown_member_id;
        const ErrorCode code = check_member(*group, request.member_id, request.group_instance_id);
        if (code != ErrorCode::none) return code;
        if (request.generation_id != group->generation()) return ErrorCode::illegal_generation;
        if (differs(request.protocol_type, group->protocol_type()) ||
            differs(request.protocol_name, group->protocol())) {
            return ErrorCode::inconsistent_group_protocol;
        }
        if (group->is_empty()) return ErrorCode::unknown_member_id;
        if (group->is_in(GroupState::preparing_rebalance)) return ErrorCode::rebalance_in_progress;
        return ErrorCode::none;
    }();
    if (refused != ErrorCode::none) {
        protocol::SyncGroupResponse response;
        response.error_code = to_wire(refused);
        effects.answers.push_back({.token = token, .response = std::move(response)});
        return effects;
    }

    GroupMember& member = *group->find(request.member_id);
    if (member.sync) {  // the client gave up on that request
        protocol::SyncGroupResponse response;
        response.error_code = to_wire(ErrorCode::rebalance_in_progress);
        effects.answers.push_back({.token = *member.sync, .response = std::move(response)});
    }
    member.sync = token;
    received_sync(*group, request.member_id);
    if (group->is_in(GroupState::stable)) {
        answer_sync(*group, member, now, effects);
        return effects;
    }
    if (!group->is_leader(member.id)) return effects;  // until the leader has assigned

    std::map<std::string_view, BytesView> assigned;
    for (const auto& entry : request.assignments) assigned[entry.member_id] = entry.assignment;
    effects.records.push_back(
        group_metadata_record(group->id(), group->to_record([&](const GroupMember& each) {
            const auto found = assigned.find(each.id);
            return found == assigned.end() ? Bytes()
                                           : Bytes(found->second.begin(), found->second.end());
        })));
    effects.undo = Assignment{.group = group->id(), .generation = group->generation()};
    return effects;
}

void GroupCoordinator::received_sync(ClassicGroup& group, std::string_view member) {
    if (const auto owed = group.pending_sync.find(member); owed != group.pending_sync.end()) {
        group.pending_sync.erase(owed);
    }
    if (group.pending_sync.empty()) group.sync_deadline.at.reset();
}

void GroupCoordinator::answer_sync(ClassicGroup& group, GroupMember& member, Now now,
                                   Effects& effects) {
    assert(member.sync);
    protocol::SyncGroupResponse response;
    response.protocol_type = group.protocol_type();
    response.protocol_name = group.protocol();
    response.assignment = member.assignment;
    effects.answers.push_back({.token = *std::exchange(member.sync, std::nullopt),
                               .response = std::move(response),
                               .after_commit = true});
    restart_session(group, member, now);
}

void GroupCoordinator::fail_syncs(ClassicGroup& group, ErrorCode code, Now now, Effects& effects) {
    for (GroupMember* member : group.members()) {
        member->assignment.clear();
        if (!member->sync) continue;
        protocol::SyncGroupResponse response;
        response.error_code = to_wire(code);
        effects.answers.push_back(
            {.token = *std::exchange(member->sync, std::nullopt), .response = std::move(response)});
        restart_session(group, *member, now);
    }
}

void GroupCoordinator::on_sync_deadline(ClassicGroup& group, Now now, Effects& effects) {
    if (group.is_empty() || group.is_in(GroupState::preparing_rebalance)) return;
    if (group.pending_sync.empty()) return;
    const std::vector<std::string> late(group.pending_sync.begin(), group.pending_sync.end());
    for (const std::string& member : late) remove_member(group, member, effects);
    prepare_rebalance(group, "member " + late.front() + " did not ask for its assignment in time", now, effects);
}

void GroupCoordinator::restart_session(ClassicGroup& group, GroupMember& member, Now now) {
    arm(member.session, now.instant + milliseconds(member.session_timeout_ms), TimerKind::session,
        group.id(), member.id);
}

}  // namespace mamba::broker
