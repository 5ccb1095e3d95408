// Who is in a group: joining, leaving, and the checks that every member's request passes.
#include <cassert>

#include "broker/group/group_coordinator.h"

namespace mamba::broker {

namespace {

GroupAnswer refused_join(ReplyToken token, std::string_view member, ErrorCode code) {
    protocol::JoinGroupResponse response;
    response.member_id = member;
    response.error_code = to_wire(code);
    return {.token = token, .response = std::move(response)};
}

std::vector<GroupProtocol> protocols_of(const protocol::JoinGroupRequest& request) {
    std::vector<GroupProtocol> protocols;
    protocols.reserve(request.protocols.size());
    for (const auto& protocol : request.protocols) {
        protocols.push_back({std::string(protocol.name),
                             Bytes(protocol.metadata.begin(), protocol.metadata.end())});
    }
    return protocols;
}

// JoinGroup 0 has no rebalance timeout.
std::int32_t rebalance_timeout_of(const protocol::JoinGroupRequest& request) {
    return request.rebalance_timeout_ms == -1 ? request.session_timeout_ms
                                              : request.rebalance_timeout_ms;
}

}  // namespace

ErrorCode GroupCoordinator::check_member(const ClassicGroup& group, std::string_view member,
                                         const std::optional<std::string_view>& instance_id) const {
    if (instance_id) {
        const auto known = group.static_member(*instance_id);
        if (!known) return ErrorCode::unknown_member_id;
        if (*known != member) return ErrorCode::fenced_instance_id;
    }
    return group.find(member) == nullptr ? ErrorCode::unknown_member_id : ErrorCode::none;
}

GroupCoordinator::Effects GroupCoordinator::join_group(ReplyToken token, const JoinRequest& request,
                                                       const GroupClient& client,
                                                       JoinOptions options, Now now) {
    Effects effects;
    const auto refuse_with = [&](ErrorCode code, std::string_view member) {
        effects.answers.push_back(refused_join(token, member, code));
        return std::move(effects);
    };
    if (request.group_id.empty())
        return refuse_with(ErrorCode::invalid_group_id, request.member_id);
    const std::chrono::milliseconds session{request.session_timeout_ms};
    if (session < config_.session_timeout_min || session > config_.session_timeout_max) {
        return refuse_with(ErrorCode::invalid_session_timeout, request.member_id);
    }

    const bool has_id = !request.member_id.empty();
    ClassicGroup* group = find(request.group_id);
    if (group == nullptr) {
        if (has_id) return refuse_with(ErrorCode::unknown_member_id, request.member_id);
        ClassicGroup fresh{std::string(request.group_id)};
        fresh.transition(GroupState::empty, now.wall);
        // Kafka announces a new group with a record of no members and generation 0, even if its
        // first member is then refused.
        effects.records.push_back(group_metadata_record(
            fresh.id(), fresh.to_record([](const GroupMember&) { return Bytes(); })));
        effects.undo = JoinOfNewGroup{fresh.id()};
        group = &groups_.emplace(fresh.id(), std::move(fresh)).first->second;
    }

    if (!accepts_joining(*group, request.member_id)) {
        if (has_id) remove_member(*group, std::string(request.member_id), effects);
        return refuse_with(ErrorCode::group_max_size_reached, "");
    }
    if (has_id) {
        join_again(*group, token, request, client, now, effects);
    } else {
        join_as_new(*group, token, request, client, options, now, effects);
    }
    return effects;
}

bool GroupCoordinator::accepts_joining(const ClassicGroup& group, std::string_view member) const {
    const auto size_max = static_cast<std::size_t>(config_.group_size_max);
    const GroupMember* known = group.find(member);
    switch (group.state()) {
        case GroupState::empty:
            return true;
        case GroupState::preparing_rebalance:
            // Those who joined first stay; in a group that outgrew its limit the rest go.
            return (known != nullptr && known->join) || group.awaiting_join() < size_max;
        case GroupState::completing_rebalance:
        case GroupState::stable:
            return known != nullptr || group.size() < size_max;
    }
    return true;
}

void GroupCoordinator::join_as_new(ClassicGroup& group, ReplyToken token,
                                   const JoinRequest& request, const GroupClient& client,
                                   JoinOptions options, Now now, Effects& effects) {
    if (!group.supports(request.protocol_type, protocols_of(request))) {
        effects.answers.push_back(refused_join(token, "", ErrorCode::inconsistent_group_protocol));
        return;
    }
    std::string id(request.group_instance_id.value_or(client.client_id));
    id += '-';
    id += next_uuid_();

    if (request.group_instance_id) {
        if (const auto old_id = group.static_member(*request.group_instance_id)) {
            replace_static(group, *old_id, id, token, request, options, now, effects);
        } else {
            add_member(group, id, token, request, client, now, effects);
        }
        return;
    }
    if (options.needs_known_member_id) {
        // KIP-394: a client that never learns its id leaves no member behind.
        Deadline& deadline = group.pending_join[id];
        arm(deadline, now.instant + std::chrono::milliseconds(request.session_timeout_ms),
            TimerKind::pending_join, group.id(), id);
        effects.answers.push_back(refused_join(token, id, ErrorCode::member_id_required));
        return;
    }
    add_member(group, id, token, request, client, now, effects);
}

void GroupCoordinator::join_again(ClassicGroup& group, ReplyToken token, const JoinRequest& request,
                                  const GroupClient& client, Now now, Effects& effects) {
    const std::string id(request.member_id);
    const auto refuse_with = [&](ErrorCode code) {
        effects.answers.push_back(refused_join(token, id, code));
    };
    std::vector<GroupProtocol> protocols = protocols_of(request);
    if (!group.supports(request.protocol_type, protocols)) {
        return refuse_with(ErrorCode::inconsistent_group_protocol);
    }
    if (group.pending_join.contains(id)) {
        if (request.group_instance_id) return refuse_with(ErrorCode::unknown_member_id);
        return add_member(group, id, token, request, client, now, effects);
    }
    if (const ErrorCode code = check_member(group, id, request.group_instance_id);
        code != ErrorCode::none) {
        return refuse_with(code);
    }

    GroupMember& member = *group.find(id);
    const bool unchanged = member.protocols == protocols;
    const bool answer_at_once =
        (group.is_in(GroupState::completing_rebalance) && unchanged) ||
        (group.is_in(GroupState::stable) && unchanged && !group.is_leader(id));
    if (group.is_empty()) return refuse_with(ErrorCode::unknown_member_id);
    if (answer_at_once) {
        // The answer to its first JoinGroup got lost, or it only checks: nothing has changed.
        if (member.join) {
            effects.answers.push_back(
                refused_join(*member.join, id, ErrorCode::rebalance_in_progress));
        }
        member.join = token;
        return answer_join(group, member, false, group.leader().value_or(""), effects);
    }
    // A leader that joins a stable group asks for a rebalance.
    update_member(member, group, token, request, effects);
    rebalance_or_complete(group, "member " + id + " joined again", now, effects);
}

void GroupCoordinator::add_member(ClassicGroup& group, const std::string& id, ReplyToken token,
                                  const JoinRequest& request, const GroupClient& client, Now now,
                                  Effects& effects) {
    GroupMember fresh;
    fresh.id = id;
    if (request.group_instance_id) fresh.instance_id = std::string(*request.group_instance_id);
    fresh.client_id = client.client_id;
    fresh.client_host = client.host;
    fresh.rebalance_timeout_ms = rebalance_timeout_of(request);
    fresh.session_timeout_ms = request.session_timeout_ms;
    fresh.protocols = protocols_of(request);
    fresh.join = token;

    if (group.is_in(GroupState::preparing_rebalance) &&
        group.previous_state() == GroupState::empty) {
        group.new_member_added = true;
    }
    GroupMember& member = group.add(std::move(fresh), request.protocol_type);
    // It does not know its id or generation yet and cannot send heartbeats.
    arm(member.session, now.instant + config_.new_member_join_timeout, TimerKind::session,
        group.id(), id);
    rebalance_or_complete(group, "member " + id + " joined", now, effects);
}

void GroupCoordinator::update_member(GroupMember& member, ClassicGroup& group, ReplyToken token,
                                     const JoinRequest& request, Effects& effects) {
    if (member.join) {  // the client gave up on that request
        effects.answers.push_back(
            refused_join(*member.join, member.id, ErrorCode::rebalance_in_progress));
    }
    member.join = token;
    member.rebalance_timeout_ms = rebalance_timeout_of(request);
    member.session_timeout_ms = request.session_timeout_ms;
    group.set_protocols(member, protocols_of(request));
}

void GroupCoordinator::replace_static(ClassicGroup& group, const std::string& old_id,
                                      const std::string& new_id, ReplyToken token,
                                      const JoinRequest& request, JoinOptions options, Now now,
                                      Effects& effects) {
    const std::string old_leader = group.leader().value_or("");
    GroupMember& old = *group.find(old_id);
    if (old.join) {
        effects.answers.push_back(refused_join(*std::exchange(old.join, std::nullopt), old_id,
                                               ErrorCode::fenced_instance_id));
    }
    if (old.sync) {
        protocol::SyncGroupResponse fenced;
        fenced.error_code = to_wire(ErrorCode::fenced_instance_id);
        effects.answers.push_back(
            {.token = *std::exchange(old.sync, std::nullopt), .response = std::move(fenced)});
    }
    Replacement undo{.group = group.id(),
                     .old_id = old_id,
                     .new_id = new_id,
                     .protocols = old.protocols,
                     .rebalance_timeout_ms = old.rebalance_timeout_ms,
                     .session_timeout_ms = old.session_timeout_ms};
    GroupMember& member = group.rename(old_id, new_id);
    update_member(member, group, token, request, effects);
    restart_session(group, member, now);

    if (group.is_in(GroupState::completing_rebalance)) {
        // The leader may have been told the old id, so its assignment would miss the new one.
        return prepare_rebalance(group, "static member " + new_id + " came back", now, effects);
    }
    if (!group.is_in(GroupState::stable)) return maybe_complete_join(group, now, effects);
    if (group.protocol() != group.select_protocol()) {
        return rebalance_or_complete(group, "static member " + new_id + " brought another protocol", now, effects);
    }

    // KIP-345: within its session a static member comes back to its assignment, without a
    // rebalance. Before KIP-814 a leader that came back had to be kept from assigning again: it is
    // told its old id as the leader's.
    effects.records.push_back(group_metadata_record(
        group.id(), group.to_record([](const GroupMember& m) { return m.assignment; })));
    effects.undo = std::move(undo);
    const bool is_leader = group.is_leader(new_id);
    protocol::JoinGroupResponse response;
    response.generation_id = group.generation();
    response.protocol_type = group.protocol_type();
    response.protocol_name = group.protocol();
    response.leader = options.can_skip_assignment ? group.leader().value_or("") : old_leader;
    response.skip_assignment = options.can_skip_assignment && is_leader;
    response.member_id = new_id;
    if (response.skip_assignment) {
        for (const GroupMember* each : std::as_const(group).members()) {
            const Bytes* metadata = each->metadata_for(group.protocol().value_or(""));
            response.members.push_back({.member_id = each->id,
                                        .group_instance_id = each->instance_id,
                                        .metadata = metadata != nullptr ? *metadata : Bytes(),
                                        .unknown_tags = {}});
        }
    }
    member.join.reset();
    member.is_new = false;
    effects.answers.push_back(
        {.token = token, .response = std::move(response), .after_commit = true});
}

// Answers what is still owed to it; the rebalance that this may start is the caller's.
void GroupCoordinator::remove_member(ClassicGroup& group, const std::string& id, Effects& effects) {
    if (const GroupMember* member = group.find(id)) {
        if (member->join) {
            effects.answers.push_back(
                refused_join(*member->join, "", ErrorCode::unknown_member_id));
        }
        if (member->sync) {
            protocol::SyncGroupResponse response;
            response.error_code = to_wire(ErrorCode::unknown_member_id);
            effects.answers.push_back({.token = *member->sync, .response = std::move(response)});
        }
    }
    group.remove(id);
}

GroupCoordinator::Effects GroupCoordinator::heartbeat(ReplyToken token,
                                                      const protocol::HeartbeatRequest& request,
                                                      Now now) {
    Effects effects;
    const auto code = [&] {
        if (request.group_id.empty()) return ErrorCode::invalid_group_id;
        ClassicGroup* group = find(request.group_id);
        if (group == nullptr) return ErrorCode::unknown_member_id;
        const ErrorCode refused =
            check_member(*group, request.member_id, request.group_instance_id);
        if (refused != ErrorCode::none) return refused;
        if (request.generation_id != group->generation()) return ErrorCode::illegal_generation;
        if (group->is_empty()) return ErrorCode::unknown_member_id;
        restart_session(*group, *group->find(request.member_id), now);
        return group->is_in(GroupState::preparing_rebalance) ? ErrorCode::rebalance_in_progress
                                                             : ErrorCode::none;
    }();
    protocol::HeartbeatResponse response;
    response.error_code = to_wire(code);
    effects.answers.push_back({.token = token, .response = std::move(response)});
    return effects;
}

GroupCoordinator::Effects GroupCoordinator::leave_group(ReplyToken token,
                                                        const protocol::LeaveGroupRequest& request,
                                                        Now now) {
    Effects effects;
    protocol::LeaveGroupResponse response;
    ClassicGroup* group = find(request.group_id);
    bool somebody_left = false;

    // An administrator names a static member by its instance id alone.
    const auto leave = [&](const protocol::LeaveGroupRequest::MemberIdentity& identity) {
        if (group == nullptr) return ErrorCode::unknown_member_id;
        std::string id(identity.member_id);
        if (id.empty()) {
            const auto known = identity.group_instance_id
                                   ? group->static_member(*identity.group_instance_id)
                                   : std::nullopt;
            if (!known) return ErrorCode::unknown_member_id;
            id = *known;
        } else if (!group->pending_join.contains(id)) {
            const ErrorCode code = check_member(*group, id, identity.group_instance_id);
            if (code != ErrorCode::none) return code;
        }
        remove_member(*group, id, effects);
        somebody_left = true;
        return ErrorCode::none;
    };

    if (request.group_id.empty()) {
        response.error_code = to_wire(ErrorCode::invalid_group_id);
    } else {
        for (const auto& identity : request.members) {
            auto& member = response.members.emplace_back();
            member.member_id = identity.member_id;
            member.group_instance_id = identity.group_instance_id;
            member.error_code = to_wire(leave(identity));
        }
    }
    if (somebody_left) {
        if (group->is_in(GroupState::stable) || group->is_in(GroupState::completing_rebalance)) {
            rebalance_or_complete(*group, "a member left", now, effects);
        } else {
            maybe_complete_join(*group, now, effects);
        }
    }
    effects.answers.push_back({.token = token, .response = std::move(response)});
    return effects;
}

void GroupCoordinator::on_session_expired(ClassicGroup& group, const std::string& id, Now now,
                                          Effects& effects) {
    remove_member(group, id, effects);
    if (group.is_in(GroupState::preparing_rebalance)) {
        // Even within the initial delay: nobody else is known to come.
        if (group.all_joined()) complete_join(group, now, effects);
    } else if (!group.is_empty()) {
        rebalance_or_complete(group, "the session of member " + id + " ended", now, effects);
    }
}

}  // namespace mamba::broker
