#include "tools/client/offsets.h"

#include <fmt/format.h>

#include "protocol/messages/list_offsets.h"

namespace mamba::client {

std::expected<PartitionOffsets, Error> list_offsets(Cluster& cluster, const std::string& topic,
                                                    std::int64_t time) {
    const auto described = cluster.topic(topic);
    if (!described) return std::unexpected(described.error());
    std::map<BrokerId, protocol::ListOffsetsRequest> requests;  // by leader
    for (const auto& partition : described->partitions) {
        protocol::ListOffsetsRequest& request = requests[BrokerId(partition.leader_id)];
        request.replica_id = -1;
        if (request.topics.empty()) request.topics.emplace_back().name = topic;
        auto& asked = request.topics[0].partitions.emplace_back();
        asked.partition_index = partition.partition_index;
        asked.timestamp = time;
    }

    PartitionOffsets offsets;
    for (const auto& [leader, request] : requests) {
        const auto connection = cluster.broker(leader);
        if (!connection) return std::unexpected(connection.error());
        const auto answer = (*connection)->call<protocol::ListOffsetsResponse>(request);
        if (!answer) return std::unexpected(answer.error());
        for (const auto& answered : answer->topics) {
            for (const auto& partition : answered.partitions) {
                if (partition.error_code != 0) {
                    return std::unexpected(
                        refusal(fmt::format("offsets of {}-{}", topic, partition.partition_index),
                                static_cast<ErrorCode>(partition.error_code)));
                }
                offsets[PartitionIndex(partition.partition_index)] = Offset(partition.offset);
            }
        }
    }
    return offsets;
}

}  // namespace mamba::client
