#include "broker/group/classic_group.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "broker/group/java_text.h"
#include "protocol/messages/consumer_protocol_subscription.h"

namespace mamba::broker {

namespace {

// The topics of a consumer's subscription; none when the bytes are not one. As in Kafka only the fields of
// version 0 are looked at, with which every version begins.
std::optional<std::vector<std::string>> subscription_topics(BytesView metadata) {
    protocol::Reader in(metadata);
    in.int16();  // the version
    protocol::ConsumerProtocolSubscription subscription;
    subscription.decode(in, 0);
    if (!in.ok()) return std::nullopt;
    return std::move(subscription.topics);
}

// Where a small HashMap of Java keeps a text; Kafka breaks a tie of protocols in the map's order.
std::uint32_t java_bucket(std::string_view text) {
    const auto hash = static_cast<std::uint32_t>(java_hash_code(text));
    return (hash ^ hash >> 16) & 15;
}

std::optional<std::string> none_if_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

}  // namespace

std::string_view name_of(GroupState state) {
    switch (state) {
        case GroupState::empty:
            return "Empty";
        case GroupState::preparing_rebalance:
            return "PreparingRebalance";
        case GroupState::completing_rebalance:
            return "CompletingRebalance";
        case GroupState::stable:
            return "Stable";
    }
    return "Unknown";
}

const Bytes* GroupMember::metadata_for(std::string_view protocol) const {
    const auto found = std::ranges::find(protocols, protocol, &GroupProtocol::name);
    return found == protocols.end() ? nullptr : &found->metadata;
}

bool ClassicGroup::is_subscribed_to(std::string_view topic) const {
    if (subscribed_topics_) return subscribed_topics_->contains(topic);
    return uses_consumer_protocol();
}

GroupMember* ClassicGroup::find(std::string_view member) {
    const auto found = members_.find(member);
    return found == members_.end() ? nullptr : &found->second;
}

const GroupMember* ClassicGroup::find(std::string_view member) const {
    const auto found = members_.find(member);
    return found == members_.end() ? nullptr : &found->second;
}

std::optional<std::string> ClassicGroup::static_member(std::string_view instance_id) const {
    const auto found = static_members_.find(instance_id);
    return found == static_members_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<GroupMember*> ClassicGroup::members() {
    std::vector<GroupMember*> all;
    all.reserve(members_.size());
    for (auto& [id, member] : members_) all.push_back(&member);
    std::ranges::sort(all, {}, &GroupMember::order);
    return all;
}

std::vector<const GroupMember*> ClassicGroup::members() const {
    std::vector<const GroupMember*> all;
    all.reserve(members_.size());
    for (const auto& [id, member] : members_) all.push_back(&member);
    std::ranges::sort(all, {}, &GroupMember::order);
    return all;
}

bool ClassicGroup::supports(std::string_view protocol_type,
                            const std::vector<GroupProtocol>& protocols) const {
    if (is_empty()) return !protocol_type.empty() && !protocols.empty();
    if (protocol_type_ != protocol_type) return false;
    return std::ranges::any_of(protocols, [this](const GroupProtocol& protocol) {
        return std::ranges::all_of(members_, [&](const auto& entry) {
            return entry.second.metadata_for(protocol.name) != nullptr;
        });
    });
}

std::string ClassicGroup::select_protocol() const {
    assert(!members_.empty());
    const auto all = members();
    const auto supported_by_all = [&](const GroupProtocol& protocol) {
        return std::ranges::all_of(
            all, [&](const GroupMember* m) { return m->metadata_for(protocol.name) != nullptr; });
    };
    std::vector<std::string_view> candidates;
    for (const GroupProtocol& protocol : all.front()->protocols) {
        if (supported_by_all(protocol)) candidates.push_back(protocol.name);
    }
    assert(!candidates.empty());  // supports() is asked before a member is let in

    std::vector<std::size_t> votes(candidates.size());
    for (const GroupMember* member : all) {
        for (const GroupProtocol& protocol : member->protocols) {
            const auto found = std::ranges::find(candidates, std::string_view(protocol.name));
            if (found == candidates.end()) continue;
            ++votes[static_cast<std::size_t>(found - candidates.begin())];
            break;
        }
    }
    std::size_t winner = 0;
    for (std::size_t at = 1; at < candidates.size(); ++at) {
        const bool is_tie = votes[at] == votes[winner];
        if (votes[at] > votes[winner] ||
            (is_tie && java_bucket(candidates[at]) < java_bucket(candidates[winner]))) {
            winner = at;
        }
    }
    return std::string(candidates[winner]);
}

std::int32_t ClassicGroup::rebalance_timeout_ms() const {
    std::int32_t longest = 0;
    for (const auto& [id, member] : members_)
        longest = std::max(longest, member.rebalance_timeout_ms);
    return longest;
}

void ClassicGroup::transition(GroupState to, Timestamp now) {
    previous_state_ = state_;
    state_ = to;
    state_since_ = now;
}

GroupMember& ClassicGroup::add(GroupMember member, std::string_view protocol_type) {
    assert(!members_.contains(member.id));
    if (members_.empty()) protocol_type_ = std::string(protocol_type);
    if (!leader_) leader_ = member.id;
    if (member.instance_id) {
        [[maybe_unused]] const bool added =
            static_members_.emplace(*member.instance_id, member.id).second;
        assert(added);
    }
    if (const auto pending = pending_join.find(member.id); pending != pending_join.end()) {
        pending_join.erase(pending);
    }
    member.order = next_order_++;
    std::string id = member.id;
    return members_.emplace(std::move(id), std::move(member)).first->second;
}

void ClassicGroup::remove(std::string_view member) {
    if (const auto found = members_.find(member); found != members_.end()) {
        if (found->second.instance_id) static_members_.erase(*found->second.instance_id);
        const bool was_leader = is_leader(member);
        const auto pending = pending_sync.find(member);
        if (pending != pending_sync.end()) pending_sync.erase(pending);
        members_.erase(found);
        if (was_leader) {
            const auto rest = members();
            leader_ = rest.empty() ? std::nullopt : std::optional(rest.front()->id);
        }
        return;
    }
    if (const auto pending = pending_join.find(member); pending != pending_join.end()) {
        pending_join.erase(pending);
    }
}

GroupMember& ClassicGroup::rename(std::string_view from, const std::string& to) {
    auto node = members_.extract(members_.find(from));
    assert(!node.empty());
    if (is_leader(from)) leader_ = to;
    if (const auto pending = pending_sync.find(from); pending != pending_sync.end()) {
        pending_sync.erase(pending);
        pending_sync.insert(to);
    }
    node.key() = to;
    GroupMember& member = node.mapped();
    member.id = to;
    member.order = next_order_++;
    member.session = {};
    if (member.instance_id) static_members_[*member.instance_id] = to;
    return members_.insert(std::move(node)).position->second;
}

void ClassicGroup::set_protocols(GroupMember& member, std::vector<GroupProtocol> protocols) {
    member.protocols = std::move(protocols);
}

std::size_t ClassicGroup::awaiting_join() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        members_, [](const auto& entry) { return entry.second.join.has_value(); }));
}

bool ClassicGroup::elect_joined_leader() {
    if (!leader_) return false;
    const GroupMember* current = find(*leader_);
    assert(current != nullptr);
    if (current->join) return true;
    for (const GroupMember* member : members()) {
        if (!member->join) continue;
        leader_ = member->id;
        return true;
    }
    return false;
}

void ClassicGroup::begin_generation(Timestamp now) {
    // Two thousand million rebalances from now it starts again rather than turn negative.
    generation_ = generation_ == std::numeric_limits<std::int32_t>::max() ? 1 : generation_ + 1;
    if (members_.empty()) {
        protocol_.reset();
        compute_subscribed_topics();
        transition(GroupState::empty, now);
    } else {
        protocol_ = select_protocol();
        compute_subscribed_topics();
        transition(GroupState::completing_rebalance, now);
    }
    pending_sync.clear();
    in_initial_delay = false;
    new_member_added = false;
}

protocol::GroupMetadataValue ClassicGroup::to_record(
    const std::function<Bytes(const GroupMember&)>& assignment_of) const {
    protocol::GroupMetadataValue value;
    value.protocol_type = protocol_type_.value_or("");
    value.generation = generation_;
    value.protocol = protocol_;
    value.leader = leader_;
    value.current_state_timestamp = state_since_.value;
    for (const GroupMember* member : members()) {
        protocol::GroupMetadataValue::MemberMetadata& entry = value.members.emplace_back();
        entry.member_id = member->id;
        entry.group_instance_id = member->instance_id;
        entry.client_id = member->client_id;
        entry.client_host = member->client_host;
        entry.rebalance_timeout = member->rebalance_timeout_ms;
        entry.session_timeout = member->session_timeout_ms;
        const Bytes* metadata = member->metadata_for(protocol_.value_or(""));
        if (metadata != nullptr) entry.subscription = *metadata;
        entry.assignment = assignment_of(*member);
    }
    return value;
}

void ClassicGroup::apply(const protocol::GroupMetadataValue& value) {
    generation_ = value.generation;
    protocol_type_ = none_if_empty(value.protocol_type);
    protocol_ = value.protocol;

    std::map<std::string, GroupMember, std::less<>> before = std::exchange(members_, {});
    static_members_.clear();
    for (const auto& entry : value.members) {
        if (members_.contains(entry.member_id)) continue;  // no writer of ours leaves two
        GroupMember member;
        if (auto known = before.extract(entry.member_id); !known.empty()) {
            member = std::move(known.mapped());
        } else {
            member.id = entry.member_id;
            member.is_new = false;
            member.order = next_order_++;
        }
        // While loading, a later record may bring another subscription; to a live member its own
        // record says nothing new, and the protocols that were not chosen stay known.
        const std::string protocol = value.protocol.value_or("");
        const Bytes* metadata = member.metadata_for(protocol);
        if (metadata == nullptr || *metadata != entry.subscription) {
            member.protocols = {{protocol, entry.subscription}};
        }
        member.instance_id = entry.group_instance_id;
        if (member.instance_id && !static_members_.emplace(*member.instance_id, member.id).second) {
            member.instance_id.reset();  // likewise: an instance id names one member
        }
        member.client_id = entry.client_id;
        member.client_host = entry.client_host;
        member.session_timeout_ms = entry.session_timeout;
        member.rebalance_timeout_ms =
            entry.rebalance_timeout == -1 ? entry.session_timeout : entry.rebalance_timeout;
        member.assignment = entry.assignment;
        members_.emplace(entry.member_id, std::move(member));
    }
    leader_ = value.leader;
    if (!leader_ || !members_.contains(*leader_)) {
        leader_ = members_.empty() ? std::nullopt
                                   : std::optional(std::as_const(*this).members().front()->id);
    }
    transition(members_.empty() ? GroupState::empty : GroupState::stable,
               Timestamp{value.current_state_timestamp});
    compute_subscribed_topics();
}

// Known only for consumers whose subscriptions can all be read; an empty group has none.
void ClassicGroup::compute_subscribed_topics() {
    subscribed_topics_.reset();
    if (!uses_consumer_protocol()) return;
    std::set<std::string, std::less<>> topics;
    for (const auto& [id, member] : members_) {
        const Bytes* metadata = protocol_ ? member.metadata_for(*protocol_) : nullptr;
        if (metadata == nullptr) return;
        auto of_member = subscription_topics(*metadata);
        if (!of_member) return;
        topics.insert(of_member->begin(), of_member->end());
    }
    subscribed_topics_ = std::move(topics);
}

}  // namespace mamba::broker
