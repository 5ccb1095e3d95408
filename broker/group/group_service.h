// The shell of the group coordinator: one shard per partition of __consumer_offsets, each with its
// core, its log and one mutex. Any thread may call it; answers come on the caller's thread or on
// the one that reports the commit, never under a shard's mutex.
//
// A group belongs to the partition that Kafka gives it. A shard that is not loaded refuses with
// NOT_COORDINATOR, one that is loading with COORDINATOR_LOAD_IN_PROGRESS (a heartbeat is then
// granted, as Kafka does).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/group/group_coordinator.h"
#include "broker/request.h"

namespace mamba::broker {

// One partition of __consumer_offsets, as a coordinator sees it.
class CoordinatorLog {
public:
    virtual ~CoordinatorLog() = default;

    // Appends `records` as one batch, all or nothing. After `none` they are in the log, behind
    // everything appended before, and `on_commit` is called once, in the order of the appends: with
    // none when they are committed, else with the reason why they never will be. It may be called
    // before append() returns, and on any thread. After another code nothing has changed and
    // `on_commit` is not called.
    virtual ErrorCode append(std::vector<CoordinatorRecord> records, Timestamp now,
                             std::move_only_function<void(ErrorCode)> on_commit) = 0;

    // Every record in the log in order. Control records are left out.
    virtual ErrorCode read_all(
        const std::function<void(BytesView key, std::optional<BytesView> value)>& on_record) = 0;
};

// Kafka's choice of the partition: Java's String.hashCode of the id's UTF-16 text.
PartitionIndex partition_for_group(std::string_view group, std::int32_t partitions);

class GroupService {
public:
    // `on_event` is told what becomes of groups, under a shard's mutex; it may be empty.
    GroupService(const GroupConfig& config, std::int32_t partitions,
                 std::function<GroupCoordinator::UuidSource()> make_uuid_source,
                 std::function<void(const GroupEvent&)> on_event = {});
    ~GroupService();

    std::int32_t partitions() const { return static_cast<std::int32_t>(shards_.size()); }

    // Takes over a partition: from now on it is loading; load(), which has to follow, reads the log
    // on the calling thread and returns when the shard serves. `log` outlives the service or the
    // next unload(). The three are called by one thread at a time for a partition.
    void begin_load(PartitionIndex partition);
    ErrorCode load(PartitionIndex partition, CoordinatorLog& log, Now now);
    // Gives the partition up; everything parked is refused.
    void unload(PartitionIndex partition, ErrorCode code = ErrorCode::not_coordinator);
    // Gives up all partitions that are served: the broker stops. From any thread.
    void unload_all();

    // Drives the timers. Call at next_deadline() or every 10 ms.
    void tick(Now now);
    std::optional<Instant> next_deadline() const;

    void join_group(const protocol::JoinGroupRequest& request, const RequestContext& context,
                    Reply<protocol::JoinGroupResponse> reply);
    void sync_group(const protocol::SyncGroupRequest& request, const RequestContext& context,
                    Reply<protocol::SyncGroupResponse> reply);
    void heartbeat(const protocol::HeartbeatRequest& request, const RequestContext& context,
                   Reply<protocol::HeartbeatResponse> reply);
    void leave_group(const protocol::LeaveGroupRequest& request, const RequestContext& context,
                     Reply<protocol::LeaveGroupResponse> reply);
    void commit_offsets(const protocol::OffsetCommitRequest& request, const RequestContext& context,
                        Reply<protocol::OffsetCommitResponse> reply);
    // The same, if what the group has committed is as `expected`; if not, the answer has no topics.
    void commit_offsets_if(std::span<const GroupCoordinator::ExpectedOffset> expected,
                           const protocol::OffsetCommitRequest& request, const RequestContext& context,
                           Reply<protocol::OffsetCommitResponse> reply);
    using FetchedGroup = protocol::OffsetFetchResponse::OffsetFetchResponseGroup;
    void fetch_offsets(const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& request,
                       const RequestContext& context, Reply<FetchedGroup> reply);
    void delete_offsets(const protocol::OffsetDeleteRequest& request, const RequestContext& context,
                        Reply<protocol::OffsetDeleteResponse> reply);
    using DescribedGroup = protocol::DescribeGroupsResponse::DescribedGroup;
    void describe_group(std::string_view group, const RequestContext& context,
                        Reply<DescribedGroup> reply);
    void list_groups(const protocol::ListGroupsRequest& request, const RequestContext& context,
                     Reply<protocol::ListGroupsResponse> reply);
    using DeletedGroup = protocol::DeleteGroupsResponse::DeletableGroupResult;
    void delete_group(std::string_view group, const RequestContext& context,
                      Reply<DeletedGroup> reply);

    // Call when topics are deleted: their committed offsets go too.
    void on_partitions_deleted(std::span<const TopicPartition> partitions, Now now);

    // All groups of the partitions that are loaded here, by id: a copy, for which one shard after the
    // other is held for as long as its part takes.
    std::vector<GroupSnapshot> snapshot(Now now) const;
    std::optional<GroupSnapshot> snapshot(std::string_view group, Now now) const;  // nothing: no such group here

    // What every parked join and sync waits for.
    std::vector<GroupWaiting> describe_waiting(Instant now) const;

private:
    struct Shard;

    Shard& shard_of(std::string_view group) const;
    Shard& shard_at(PartitionIndex partition) const;
    template <class Response, class Event>
    void serve(Shard& shard, const RequestContext& context, Response blank, Reply<Response> reply,
               Event event);

    std::unique_ptr<GroupConfig> config_;
    std::function<void(const GroupEvent&)> on_event_;
    std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace mamba::broker
