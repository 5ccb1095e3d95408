// One consumer group of the classic protocol: members, generation and phase. It only keeps its own
// books straight; what a request means is decided in GroupCoordinator.
//
//     Empty -> PreparingRebalance -> CompletingRebalance -> Stable      (a member joins; all have;
//       ^             ^   |                  |                |          the leader has assigned)
//       |             |   v                  v                v
//       +-------------+---+   <--------------+----------------+         (a member leaves or
//       changes)
//
// Held after every change:
//   1. an empty group has no leader, any other has one of its members;
//   2. members that wait for a join are members, and pending members are not;
//   3. static ids name members that carry them;
//   4. the generation never falls.
//
// Sources: the classic protocol as Kafka 4.3 serves it; KIP-345 (static members), KIP-394 (member
// ids on first join).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/request.h"
#include "protocol/messages/group_metadata_value.h"
#include "protocol/types.h"

namespace mamba::broker {

// Names a request whose answer is still owed; given by the caller, unique within a shard.
using ReplyToken = std::uint64_t;

enum class GroupState : std::uint8_t { empty, preparing_rebalance, completing_rebalance, stable };

std::string_view name_of(GroupState state);  // Kafka's, such as "PreparingRebalance"

// When something is due, and for when the coordinator's queue already has an entry.
struct Deadline {
    std::optional<Instant> at;
    std::optional<Instant> queued;
};

struct GroupProtocol {
    std::string name;
    Bytes metadata;

    friend bool operator==(const GroupProtocol&, const GroupProtocol&) = default;
};

struct GroupMember {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    std::int32_t rebalance_timeout_ms = 0;
    std::int32_t session_timeout_ms = 0;
    std::vector<GroupProtocol> protocols;  // in the member's order of preference
    Bytes assignment;

    // Not durable.
    bool is_new = true;  // has not been answered yet, so it cannot send heartbeats
    std::optional<ReplyToken> join;
    std::optional<ReplyToken> sync;
    Deadline session;
    std::uint64_t order = 0;  // of joining; the oldest member becomes leader

    const Bytes* metadata_for(std::string_view protocol) const;
    bool is_waiting() const { return join || sync; }
};

class ClassicGroup {
public:
    explicit ClassicGroup(std::string id) : id_(std::move(id)) {}

    const std::string& id() const { return id_; }
    GroupState state() const { return state_; }
    GroupState previous_state() const { return previous_state_; }
    Timestamp state_since() const { return state_since_; }
    std::int32_t generation() const { return generation_; }
    const std::optional<std::string>& protocol_type() const { return protocol_type_; }
    const std::optional<std::string>& protocol() const { return protocol_; }
    const std::optional<std::string>& leader() const { return leader_; }

    bool is_in(GroupState state) const { return state_ == state; }
    bool is_empty() const { return state_ == GroupState::empty; }
    bool is_leader(std::string_view member) const { return leader_ && *leader_ == member; }
    bool uses_consumer_protocol() const { return protocol_type_ && *protocol_type_ == "consumer"; }
    bool is_subscribed_to(std::string_view topic) const;
    bool knows_subscriptions() const { return subscribed_topics_.has_value(); }

    std::size_t size() const { return members_.size(); }
    GroupMember* find(std::string_view member);
    const GroupMember* find(std::string_view member) const;
    // The member that `instance_id` names, if any.
    std::optional<std::string> static_member(std::string_view instance_id) const;
    // In the order in which they joined.
    std::vector<GroupMember*> members();
    std::vector<const GroupMember*> members() const;

    bool supports(std::string_view protocol_type,
                  const std::vector<GroupProtocol>& protocols) const;
    // The protocol that most members prefer among those that all support; a tie is decided as in
    // Kafka.
    std::string select_protocol() const;
    std::int32_t rebalance_timeout_ms() const;  // the longest of the members'

    void transition(GroupState to, Timestamp now);
    GroupMember& add(GroupMember member, std::string_view protocol_type);
    // Removes a member or a pending one. Answers still owed to it are the caller's affair.
    void remove(std::string_view member);
    // The same member under another id, as the youngest.
    GroupMember& rename(std::string_view from, const std::string& to);
    void set_protocols(GroupMember& member, std::vector<GroupProtocol> protocols);

    std::size_t awaiting_join() const;
    bool all_joined() const { return pending_join.empty() && awaiting_join() == members_.size(); }
    // Makes the oldest re-joined member leader if the leader has not re-joined. False: nobody has.
    bool elect_joined_leader();
    // Raises the generation, picks its protocol and goes on to the next phase.
    void begin_generation(Timestamp now);

    // The durable state as a record, each member with the bytes of `assignment_of`.
    protocol::GroupMetadataValue to_record(
        const std::function<Bytes(const GroupMember&)>& assignment_of) const;
    // Takes over what the record says. Members that are here already keep what is not durable.
    void apply(const protocol::GroupMetadataValue& value);

    // Not durable: the join phase and the timers of the group as a whole.
    std::map<std::string, Deadline, std::less<>> pending_join;  // ids given out, not yet joined
    std::set<std::string, std::less<>> pending_sync;            // members that owe a SyncGroup
    Deadline join_deadline;
    Deadline sync_deadline;
    bool in_initial_delay = false;
    bool new_member_added = false;           // since the initial delay was last extended
    std::chrono::milliseconds delay{};       // of the running initial delay
    std::chrono::milliseconds delay_left{};  // how far it may still be extended

private:
    void compute_subscribed_topics();

    std::string id_;
    GroupState state_ = GroupState::empty;
    GroupState previous_state_ = GroupState::empty;
    Timestamp state_since_ = no_timestamp;
    std::int32_t generation_ = 0;
    std::optional<std::string> protocol_type_;
    std::optional<std::string> protocol_;
    std::optional<std::string> leader_;
    std::map<std::string, GroupMember, std::less<>> members_;
    std::map<std::string, std::string, std::less<>> static_members_;  // instance id -> member id
    std::optional<std::set<std::string, std::less<>>> subscribed_topics_;
    std::uint64_t next_order_ = 0;
};

}  // namespace mamba::broker
