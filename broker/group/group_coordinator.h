// The coordinator of the groups of one partition of __consumer_offsets. Pure: no clock, no
// randomness, no log, no lock.
//
//     event                            asks the caller for
//     join_group, sync_group,          answers, now or later under their token;
//     heartbeat, leave_group           records when a generation is complete or has its assignment
//     commit_offsets, delete_offsets,  records, and the answer to give when they are committed
//     delete_groups
//     fetch_offsets, describe, list    the answer
//     tick                             what time brings: lost members, rebalances, expiry
//
// The caller appends `Effects::records` as one batch and then calls settle() with the outcome, in
// the same turn and before any other event; settle() replays them and gives further effects, which
// hold no records. An answer marked `after_commit` waits until all that was appended so far is
// committed. Loading after a restart is replay() of each record, then on_loaded().
//
// Held after every event:
//   1. the generation of a group never falls while the group lives;
//   2. what replay() of the records gives equals the live offsets, and the live groups that are
//      Stable or Empty;
//   3. every token is answered exactly once, at the latest when the rebalance, session or
//   new-member
//      timeout that guards it has passed;
//   4. a Stable group has one assignment per generation.
//
// Sources: Kafka 4.3's behaviour; KIP-211 (expiry), KIP-345, KIP-394, KIP-814 (skip assignment).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/group/classic_group.h"
#include "broker/group/group_config.h"
#include "broker/group/group_records.h"
#include "broker/group/group_snapshot.h"
#include "protocol/error_code.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/heartbeat.h"
#include "protocol/messages/join_group.h"
#include "protocol/messages/leave_group.h"
#include "protocol/messages/list_groups.h"
#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_delete.h"
#include "protocol/messages/offset_fetch.h"
#include "protocol/messages/sync_group.h"

namespace mamba::broker {

// Both clocks at one moment: sessions run on the one, records carry the other.
struct Now {
    Instant instant;
    Timestamp wall;
};

// Who asks, as far as a group cares.
struct GroupClient {
    std::string_view client_id;
    std::string_view host;
};

using GroupResponse = std::variant<
    protocol::JoinGroupResponse, protocol::SyncGroupResponse, protocol::HeartbeatResponse,
    protocol::LeaveGroupResponse, protocol::OffsetCommitResponse,
    protocol::OffsetFetchResponse::OffsetFetchResponseGroup, protocol::OffsetDeleteResponse,
    protocol::DescribeGroupsResponse::DescribedGroup, protocol::ListGroupsResponse,
    protocol::DeleteGroupsResponse::DeletableGroupResult>;

// The same kind of answer, refusing with `code`. Entries of a batch that were refused already keep
// their own code.
void refuse(GroupResponse& response, ErrorCode code);

// How Kafka tells a client that an append failed with `code`.
ErrorCode refusal_of_commit(ErrorCode code);  // OffsetCommit and the deletions
ErrorCode refusal_of_group(ErrorCode code);   // JoinGroup and SyncGroup

struct GroupAnswer {
    ReplyToken token = 0;
    GroupResponse response;
    bool after_commit = false;  // of everything appended before or with it
};

// A request that is parked, and what it waits for, for people.
struct GroupWaiting {
    ReplyToken token = 0;
    std::string group;
    std::string member;
    std::string client_id;
    bool is_sync = false;
    Timestamp since = no_timestamp;   // the rebalance is under way
    std::optional<Instant> deadline;
    std::string reason;  // "3 of 5 members have joined, waiting for m-4, at most 48 s more"
};

// What has become of a group, for the log and the console.
struct GroupEvent {
    enum class Kind : std::uint8_t { rebalance_began, stable, empty };

    Kind kind{};
    std::string group;
    std::string detail;  // "member m-1 joined", "generation 7: 3 members, range"
};

class GroupCoordinator {
public:
    // A new member's id is its instance or client id, a dash and what `next_uuid` gives.
    using UuidSource = std::move_only_function<std::string()>;

    // What has to be done if the append fails.
    struct JoinOfNewGroup {
        std::string group;
    };
    struct Assignment {
        std::string group;
        std::int32_t generation = 0;
    };
    struct Replacement {  // a static member that came back under a new id
        std::string group, old_id, new_id;
        std::vector<GroupProtocol> protocols;
        std::int32_t rebalance_timeout_ms = 0, session_timeout_ms = 0;
    };
    using Undo = std::variant<std::monostate, JoinOfNewGroup, Assignment, Replacement>;

    struct Effects {
        std::vector<CoordinatorRecord> records;
        std::vector<GroupAnswer> answers;  // order matters to nobody but is always the same
        std::vector<GroupEvent> events;
        Undo undo;
    };

    struct JoinOptions {
        bool needs_known_member_id = false;  // JoinGroup 4 and later (KIP-394)
        bool can_skip_assignment = false;    // JoinGroup 9 and later (KIP-814)
    };

    GroupCoordinator(const GroupConfig& config, UuidSource next_uuid);

    Effects join_group(ReplyToken token, const protocol::JoinGroupRequest& request,
                       const GroupClient& client, JoinOptions options, Now now);
    Effects sync_group(ReplyToken token, const protocol::SyncGroupRequest& request, Now now);
    Effects heartbeat(ReplyToken token, const protocol::HeartbeatRequest& request, Now now);
    // `request.members` holds the members, in versions before 3 too.
    Effects leave_group(ReplyToken token, const protocol::LeaveGroupRequest& request, Now now);

    // What a group is expected to have committed; none: nothing.
    struct ExpectedOffset {
        TopicPartition partition;
        std::optional<std::int64_t> offset;
    };
    // Topics that do not exist are filtered out before; names and ids are both filled in. Nothing is
    // committed when one of `expected` is not so: the answer has no topics then.
    Effects commit_offsets(ReplyToken token, const protocol::OffsetCommitRequest& request,
                           protocol::MessageVersion version, Now now,
                           std::span<const ExpectedOffset> expected = {});
    // No topics: all that the group has committed.
    Effects fetch_offsets(
        ReplyToken token,
        const protocol::OffsetFetchRequest::OffsetFetchRequestGroup& request) const;
    Effects delete_offsets(ReplyToken token, const protocol::OffsetDeleteRequest& request);

    Effects describe_group(ReplyToken token, std::string_view group,
                           protocol::MessageVersion version) const;
    Effects list_groups(ReplyToken token, const protocol::ListGroupsRequest& request) const;
    Effects delete_group(ReplyToken token, std::string_view group);

    // Offsets of partitions that no longer exist become tombstones.
    Effects on_partitions_deleted(std::span<const TopicPartition> partitions);

    // One due event; call again while next_deadline() is not after `now`.
    Effects tick(Now now);
    std::optional<Instant> next_deadline() const;

    // After the append of `effects.records`: `outcome` is none when they are in the log.
    Effects settle(Effects effects, ErrorCode outcome, Now now);

    void replay(BytesView key, std::optional<BytesView> value);
    // Everything is replayed: sessions start to run.
    Effects on_loaded(Now now);

    // Refuses everything parked and forgets all state, before a new load.
    Effects unload(ErrorCode code);

    std::vector<GroupWaiting> describe_waiting(Instant now) const;

    GroupSnapshot snapshot(const ClassicGroup& group, Now now) const;

    // For tests and the console.
    const ClassicGroup* find_group(std::string_view group) const;
    using GroupOffsets = std::map<TopicPartition, CommittedOffset>;
    const GroupOffsets* find_offsets(std::string_view group) const;  // null when none
    const std::map<std::string, ClassicGroup, std::less<>>& groups() const { return groups_; }
    std::uint64_t skipped_records() const { return skipped_records_; }

private:
    enum class TimerKind : std::uint8_t { session, pending_join, join, sync };
    struct Timer {
        Instant at;
        std::uint64_t sequence = 0;
        TimerKind kind{};
        std::string group;
        std::string member;
        friend bool operator>(const Timer& a, const Timer& b) {
            return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
        }
    };
    using JoinRequest = protocol::JoinGroupRequest;

    // Membership, group_membership.cpp.
    bool accepts_joining(const ClassicGroup& group, std::string_view member) const;
    void join_as_new(ClassicGroup& group, ReplyToken token, const JoinRequest& request,
                     const GroupClient& client, JoinOptions options, Now now, Effects& effects);
    void join_again(ClassicGroup& group, ReplyToken token, const JoinRequest& request,
                    const GroupClient& client, Now now, Effects& effects);
    void add_member(ClassicGroup& group, const std::string& id, ReplyToken token,
                    const JoinRequest& request, const GroupClient& client, Now now,
                    Effects& effects);
    void update_member(GroupMember& member, ClassicGroup& group, ReplyToken token,
                       const JoinRequest& request, Effects& effects);
    void replace_static(ClassicGroup& group, const std::string& old_id, const std::string& new_id,
                        ReplyToken token, const JoinRequest& request, JoinOptions options, Now now,
                        Effects& effects);
    void remove_member(ClassicGroup& group, const std::string& member, Effects& effects);

    // The phases of a rebalance, group_rebalance.cpp.
    // `reason` says why, for people.
    void rebalance_or_complete(ClassicGroup& group, const std::string& reason, Now now, Effects& effects);
    void prepare_rebalance(ClassicGroup& group, const std::string& reason, Now now, Effects& effects);
    void maybe_complete_join(ClassicGroup& group, Now now, Effects& effects);
    void complete_join(ClassicGroup& group, Now now, Effects& effects);
    void on_join_deadline(ClassicGroup& group, Now now, Effects& effects);
    void on_sync_deadline(ClassicGroup& group, Now now, Effects& effects);
    void on_session_expired(ClassicGroup& group, const std::string& member, Now now,
                            Effects& effects);
    void fail_syncs(ClassicGroup& group, ErrorCode code, Now now, Effects& effects);
    void answer_join(ClassicGroup& group, GroupMember& member, bool skip_assignment,
                     std::string_view leader, Effects& effects);
    void answer_sync(ClassicGroup& group, GroupMember& member, Now now, Effects& effects);
    void received_sync(ClassicGroup& group, std::string_view member);
    void restart_session(ClassicGroup& group, GroupMember& member, Now now);

    ErrorCode check_member(const ClassicGroup& group, std::string_view member,
                           const std::optional<std::string_view>& instance_id) const;
    bool has_committed(std::string_view group, const ExpectedOffset& expected) const;
    ErrorCode check_commit(const protocol::OffsetCommitRequest& request,
                           protocol::MessageVersion version) const;
    ClassicGroup* find(std::string_view group);

    void expire(Now now, Effects& effects);
    void arm(Deadline& deadline, Instant at, TimerKind kind, std::string_view group,
             std::string_view member);
    Deadline* deadline_of(const Timer& timer);

    GroupConfig config_;
    UuidSource next_uuid_;
    std::map<std::string, ClassicGroup, std::less<>> groups_;
    std::map<std::string, GroupOffsets, std::less<>> offsets_;  // never an empty inner map
    std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
    std::uint64_t next_sequence_ = 0;
    std::optional<Instant> next_expiry_;  // set once loaded
    std::uint64_t skipped_records_ = 0;
};

}  // namespace mamba::broker
