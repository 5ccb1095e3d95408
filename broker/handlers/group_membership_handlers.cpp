// JoinGroup, SyncGroup, Heartbeat, LeaveGroup.
#include "broker/group/group_service.h"
#include "broker/handlers/group_handlers.h"

namespace mamba::broker {

void on_join_group(GroupService& groups, const protocol::JoinGroupRequest& request,
                   const RequestContext& context, Reply<protocol::JoinGroupResponse> reply) {
    // From version 7 on Kafka says null where there is no protocol.
    groups.join_group(request, context,
                      Reply<protocol::JoinGroupResponse>(
                          [send = std::move(reply), version = context.version](
                              protocol::JoinGroupResponse&& response) mutable {
                              if (version >= 7 && response.error_code != 0) {
                                  response.protocol_name.reset();
                              }
                              send(std::move(response));
                          }));
}

void on_sync_group(GroupService& groups, const protocol::SyncGroupRequest& request,
                   const RequestContext& context, Reply<protocol::SyncGroupResponse> reply) {
    // From version 5 on a client says what it believes the group's protocol to be (KIP-559).
    if (context.version >= 5 && (!request.protocol_type || !request.protocol_name)) {
        protocol::SyncGroupResponse response;
        response.error_code = to_wire(ErrorCode::inconsistent_group_protocol);
        reply(std::move(response));
        return;
    }
    groups.sync_group(request, context, std::move(reply));
}

void on_heartbeat(GroupService& groups, const protocol::HeartbeatRequest& request,
                  const RequestContext& context, Reply<protocol::HeartbeatResponse> reply) {
    groups.heartbeat(request, context, std::move(reply));
}

void on_leave_group(GroupService& groups, const protocol::LeaveGroupRequest& request,
                    const RequestContext& context, Reply<protocol::LeaveGroupResponse> reply) {
    if (context.version >= 3) {
        groups.leave_group(request, context, std::move(reply));
        return;
    }
    // Before version 3 one member leaves, and its error is the answer's.
    protocol::LeaveGroupRequest one;
    one.group_id = request.group_id;
    one.members.emplace_back().member_id = request.member_id;
    groups.leave_group(
        one, context,
        Reply<protocol::LeaveGroupResponse>(
            [send = std::move(reply)](protocol::LeaveGroupResponse&& response) mutable {
                if (response.error_code == 0 && !response.members.empty()) {
                    response.error_code = response.members.front().error_code;
                }
                response.members.clear();
                send(std::move(response));
            }));
}

}  // namespace mamba::broker
