#include "tools/mambactl/committed_offsets.h"

#include <fmt/format.h>

#include "protocol/messages/offset_commit.h"
#include "protocol/messages/offset_fetch.h"

namespace mamba::ctl {
namespace {

constexpr protocol::MessageVersion names_until = 9;  // later versions know topics by id
constexpr protocol::MessageVersion several_groups_since = 8;

}  // namespace

std::expected<Committed, Error> committed_offsets(client::Connection& coordinator,
                                                  const std::string& group) {
    const auto version = coordinator.version_of(protocol::OffsetFetchRequest::api_key, names_until);
    if (!version) return std::unexpected(version.error());
    protocol::OffsetFetchRequest request;
    if (*version >= several_groups_since) {
        auto& asked = request.groups.emplace_back();
        asked.group_id = group;
        asked.topics.reset();  // all
    } else {
        request.group_id = group;
        request.topics.reset();
    }
    const auto answer = coordinator.call<protocol::OffsetFetchResponse>(request, names_until);
    if (!answer) return std::unexpected(answer.error());
    Committed committed;
    const auto take = [&](const auto& topics) {
        for (const auto& topic : topics) {
            for (const auto& partition : topic.partitions) {
                if (partition.error_code != 0 || partition.committed_offset < 0) continue;
                committed[{topic.name, PartitionIndex(partition.partition_index)}] =
                    Offset(partition.committed_offset);
            }
        }
    };
    Outcome checked = check("offsets of group " + group, answer->error_code);
    take(answer->topics);
    for (const auto& found : answer->groups) {
        if (checked) checked = check("offsets of group " + group, found.error_code);
        take(found.topics);
    }
    if (!checked) return std::unexpected(checked.error());
    return committed;
}

Outcome commit_offsets(client::Connection& coordinator, const std::string& group,
                       const Committed& offsets) {
    protocol::OffsetCommitRequest request;
    request.group_id = group;
    for (const auto& [partition, offset] : offsets) {
        if (request.topics.empty() || request.topics.back().name != partition.topic) {
            request.topics.emplace_back().name = partition.topic;
        }
        auto& commit = request.topics.back().partitions.emplace_back();
        commit.partition_index = partition.partition.value;
        commit.committed_offset = offset.value;
    }
    const auto answer = coordinator.call<protocol::OffsetCommitResponse>(request, names_until);
    if (!answer) return std::unexpected(answer.error());
    for (const auto& topic : answer->topics) {
        for (const auto& partition : topic.partitions) {
            std::optional<std::string> reason;
            if (static_cast<ErrorCode>(partition.error_code) == ErrorCode::unknown_member_id) {
                reason = "the group has members";
            }
            const Outcome checked = check(fmt::format("commit for group {} in {}-{}", group,
                                                      topic.name, partition.partition_index),
                                          partition.error_code, reason);
            if (!checked) return checked;
        }
    }
    return {};
}

}  // namespace mamba::ctl
