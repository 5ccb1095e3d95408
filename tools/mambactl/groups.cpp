#include "tools/mambactl/groups.h"

#include <fmt/format.h>

#include <map>

#include "protocol/byte_order.h"
#include "protocol/messages/consumer_group_describe.h"
#include "protocol/messages/consumer_protocol_assignment.h"
#include "protocol/messages/delete_groups.h"
#include "protocol/messages/describe_groups.h"
#include "protocol/messages/list_groups.h"
#include "tools/client/coordinator_wait.h"
#include "tools/client/offsets.h"
#include "tools/mambactl/committed_offsets.h"
#include "tools/mambactl/table.h"

namespace mamba::ctl {
namespace {

struct Owner {
    std::string member;
    std::string client;
    std::string host;
};
struct GroupView {
    std::string state;
    std::map<TopicPartition, Owner> owners;
};

// What a member of a classic group was given; empty when it cannot be read.
std::vector<TopicPartition> assigned(BytesView bytes) {
    std::vector<TopicPartition> partitions;
    protocol::Reader reader(bytes);
    const std::int16_t version = reader.int16();
    protocol::ConsumerProtocolAssignment assignment;
    assignment.decode(reader, std::clamp<std::int16_t>(version, 0, assignment.version_max));
    if (!reader.ok()) return partitions;
    for (const auto& topic : assignment.assigned_partitions) {
        for (const std::int32_t index : topic.partitions) {
            partitions.push_back({topic.topic, PartitionIndex(index)});
        }
    }
    return partitions;
}

// A group of the consumer protocol (KIP-848); an error when it is none or not known.
std::expected<GroupView, Error> consumer_group(client::Connection& coordinator,
                                               const std::string& group) {
    protocol::ConsumerGroupDescribeRequest request;
    request.group_ids = {group};
    const auto answer = coordinator.call<protocol::ConsumerGroupDescribeResponse>(request);
    if (!answer) return std::unexpected(answer.error());
    GroupView view;
    for (const auto& described : answer->groups) {
        const Outcome checked =
            check("group " + group, described.error_code, described.error_message);
        if (!checked) return std::unexpected(checked.error());
        view.state = described.group_state;
        for (const auto& member : described.members) {
            for (const auto& topic : member.assignment.topic_partitions) {
                for (const std::int32_t index : topic.partitions) {
                    view.owners[{topic.topic_name, PartitionIndex(index)}] = {
                        member.member_id, member.client_id, member.client_host};
                }
            }
        }
    }
    return view;
}

std::expected<GroupView, Error> classic_group(client::Connection& coordinator,
                                              const std::string& group) {
    protocol::DescribeGroupsRequest request;
    request.groups = {group};
    const auto answer = coordinator.call<protocol::DescribeGroupsResponse>(request);
    if (!answer) return std::unexpected(answer.error());
    GroupView view;
    for (const auto& described : answer->groups) {
        const Outcome checked =
            check("group " + group, described.error_code, described.error_message);
        if (!checked) return std::unexpected(checked.error());
        view.state = described.group_state;
        for (const auto& member : described.members) {
            for (const TopicPartition& partition : assigned(member.member_assignment)) {
                view.owners[partition] = {member.member_id, member.client_id, member.client_host};
            }
        }
    }
    return view;
}

std::expected<GroupView, Error> view_of(client::Connection& coordinator, const std::string& group) {
    if (coordinator.serves(protocol::ConsumerGroupDescribeRequest::api_key)) {
        auto view = consumer_group(coordinator, group);
        if (view) return view;
    }
    return classic_group(coordinator, group);
}

std::expected<client::PartitionOffsets, Error> targets(client::Cluster& cluster,
                                                       const std::string& topic,
                                                       const ResetTarget& target,
                                                       const Committed& committed) {
    using Kind = ResetTarget::Kind;
    auto begins = list_offsets(cluster, topic, client::offset_time::earliest);
    if (!begins || target.kind == Kind::earliest) return begins;
    auto ends = list_offsets(cluster, topic, client::offset_time::latest);
    if (!ends || target.kind == Kind::latest) return ends;
    if (target.kind == Kind::timestamp) {
        auto found = list_offsets(cluster, topic, target.value);
        if (!found) return found;
        for (auto& [partition, offset] : *found) {
            if (offset.value < 0) offset = (*ends)[partition];  // nothing is so late
        }
        return found;
    }
    client::PartitionOffsets wanted;
    for (const auto& [partition, end] : *ends) {
        Offset offset(target.value);
        if (target.kind == Kind::shift) {
            const auto current = committed.find({topic, partition});
            if (current == committed.end()) continue;
            offset = current->second + target.value;
        }
        wanted[partition] = std::clamp(offset, (*begins)[partition], end);
    }
    return wanted;
}

}  // namespace

Outcome list_groups(Session& session) {
    const auto metadata = session.cluster.metadata(std::vector<std::string>{});
    if (!metadata) return std::unexpected(metadata.error());
    Table table({"group", "type", "state", "protocol"});
    for (const BrokerId id : session.cluster.brokers()) {
        const auto connection = session.cluster.broker(id);
        if (!connection) return std::unexpected(connection.error());
        const auto answer =
            (*connection)->call<protocol::ListGroupsResponse>(protocol::ListGroupsRequest());
        if (!answer) return std::unexpected(answer.error());
        const Outcome checked = check("list groups", answer->error_code);
        if (!checked) return checked;
        for (const auto& group : answer->groups) {
            table.add({group.group_id, group.group_type, group.group_state, group.protocol_type});
        }
    }
    fmt::print("{}", table.show(session.as_json));
    return {};
}

Outcome describe_group(Session& session, const std::string& group) {
    const auto coordinator = session.cluster.group_coordinator(group);
    if (!coordinator) return std::unexpected(coordinator.error());
    const auto view = view_of(**coordinator, group);
    if (!view) return std::unexpected(view.error());
    const auto committed = committed_offsets(**coordinator, group);
    if (!committed) return std::unexpected(committed.error());

    std::map<TopicPartition, std::optional<Offset>> rows;
    for (const auto& [partition, owner] : view->owners) rows[partition];
    for (const auto& [partition, offset] : *committed) rows[partition] = offset;
    std::map<std::string, client::PartitionOffsets> ends;
    Table table({"topic", "partition", "committed", "end", "lag", "member", "client", "host"});
    for (const auto& [partition, offset] : rows) {
        if (!ends.contains(partition.topic)) {
            // A topic that has gone leaves its commits behind; they have no lag.
            ends[partition.topic] =
                list_offsets(session.cluster, partition.topic, client::offset_time::latest)
                    .value_or(client::PartitionOffsets());
        }
        const auto end = ends[partition.topic].find(partition.partition);
        const bool has_end = end != ends[partition.topic].end();
        const auto owner = view->owners.find(partition);
        const bool has_owner = owner != view->owners.end();
        table.add({partition.topic, std::int64_t{partition.partition.value},
                   offset ? Cell(offset->value) : Cell(Nothing()),
                   has_end ? Cell(end->second.value) : Cell(Nothing()),
                   has_end && offset ? Cell(end->second - *offset) : Cell(Nothing()),
                   has_owner ? Cell(owner->second.member) : Cell(Nothing()),
                   has_owner ? Cell(owner->second.client) : Cell(Nothing()),
                   has_owner ? Cell(owner->second.host) : Cell(Nothing())});
    }
    if (!session.as_json) fmt::print("group {} is {}\n", group, view->state);
    fmt::print("{}", table.show(session.as_json));
    return {};
}

Outcome reset_offsets(Session& session, const std::string& group, const std::string& topic,
                      const ResetTarget& target, bool dry_run) {
    const auto coordinator = session.cluster.group_coordinator(group);
    if (!coordinator) return std::unexpected(coordinator.error());
    const auto committed = committed_offsets(**coordinator, group);
    if (!committed) return std::unexpected(committed.error());
    const auto wanted = targets(session.cluster, topic, target, *committed);
    if (!wanted) return std::unexpected(wanted.error());

    Table table({"topic", "partition", "before", "after"});
    Committed changed;
    for (const auto& [partition, offset] : *wanted) {
        changed[{topic, partition}] = offset;
        const auto before = committed->find({topic, partition});
        table.add({topic, std::int64_t{partition.value},
                   before == committed->end() ? Cell(Nothing()) : Cell(before->second.value),
                   offset.value});
    }
    if (!dry_run) {
        const Outcome done = commit_offsets(**coordinator, group, changed);
        if (!done) return done;
    }
    fmt::print("{}", table.show(session.as_json));
    return {};
}

namespace {

Outcome delete_group(Session& session, const std::string& group) {
    const auto coordinator = session.cluster.group_coordinator(group);
    if (!coordinator) return std::unexpected(coordinator.error());
    protocol::DeleteGroupsRequest request;
    request.groups_names = {group};
    const auto answer = (*coordinator)->call<protocol::DeleteGroupsResponse>(request);
    if (!answer) return std::unexpected(answer.error());
    for (const auto& result : answer->results) {
        const Outcome checked = check("delete group " + result.group_id, result.error_code);
        if (!checked) return checked;
    }
    return {};
}

}  // namespace

Outcome delete_groups(Session& session, const std::vector<std::string>& groups) {
    for (const std::string& group : groups) {
        const Outcome deleted =
            client::with_coordinator([&] { return delete_group(session, group); });
        if (!deleted) return deleted;
    }
    return {};
}

}  // namespace mamba::ctl
