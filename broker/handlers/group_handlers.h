// The APIs of consumer groups: wire on one side, GroupService on the other. Topic names and ids are
// resolved here, against `image`; what a group answers is decided in broker/group.
#pragma once

#include "broker/request.h"
#include "protocol/fwd.h"

namespace mamba::broker {

class ClusterImage;
class GroupService;

void on_join_group(GroupService&, const protocol::JoinGroupRequest&, const RequestContext&,
                   Reply<protocol::JoinGroupResponse>);
void on_sync_group(GroupService&, const protocol::SyncGroupRequest&, const RequestContext&,
                   Reply<protocol::SyncGroupResponse>);
void on_heartbeat(GroupService&, const protocol::HeartbeatRequest&, const RequestContext&,
                  Reply<protocol::HeartbeatResponse>);
void on_leave_group(GroupService&, const protocol::LeaveGroupRequest&, const RequestContext&,
                    Reply<protocol::LeaveGroupResponse>);
void on_offset_commit(GroupService&, const ClusterImage&, const protocol::OffsetCommitRequest&,
                      const RequestContext&, Reply<protocol::OffsetCommitResponse>);
void on_offset_fetch(GroupService&, const ClusterImage&, const protocol::OffsetFetchRequest&,
                     const RequestContext&, Reply<protocol::OffsetFetchResponse>);
void on_offset_delete(GroupService&, const ClusterImage&, const protocol::OffsetDeleteRequest&,
                      const RequestContext&, Reply<protocol::OffsetDeleteResponse>);
void on_list_groups(GroupService&, const protocol::ListGroupsRequest&, const RequestContext&,
                    Reply<protocol::ListGroupsResponse>);
void on_describe_groups(GroupService&, const protocol::DescribeGroupsRequest&,
                        const RequestContext&, Reply<protocol::DescribeGroupsResponse>);
void on_delete_groups(GroupService&, const protocol::DeleteGroupsRequest&, const RequestContext&,
                      Reply<protocol::DeleteGroupsResponse>);

}  // namespace mamba::broker
