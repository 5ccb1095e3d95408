// OffsetForLeaderEpoch: where a leader epoch ended, so that a client can tell whether the log was
// truncated behind it. Source: KIP-279, KIP-320.
#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "protocol/messages/offset_for_leader_epoch.h"

namespace mamba::broker {

void on_offset_for_leader_epoch(Broker& broker, const protocol::OffsetForLeaderEpochRequest& request,
                                const RequestContext&, Reply<protocol::OffsetForLeaderEpochResponse> reply) {
    protocol::OffsetForLeaderEpochResponse response;
    for (const auto& topic : request.topics) {
        auto& result = response.topics.emplace_back();
        result.topic = topic.topic;
        for (const auto& asked : topic.partitions) {
            auto& answer = result.partitions.emplace_back();
            answer.partition = asked.partition;
            const auto partition = broker.partitions->find(topic.topic, PartitionIndex(asked.partition));
            ErrorCode wrong = ErrorCode::none;
            if (!partition) {
                wrong = ErrorCode::unknown_topic_or_partition;
            } else if (partition->failed()) {
                wrong = partition->failure();
            } else {
                wrong = partition->check_epoch(LeaderEpoch(asked.current_leader_epoch));
            }
            answer.error_code = to_wire(wrong);
            if (wrong != ErrorCode::none) continue;
            const Partition::Position end = partition->end_of_epoch(LeaderEpoch(asked.leader_epoch));
            answer.leader_epoch = end.epoch.value;
            answer.end_offset = end.offset.value;
        }
    }
    reply(std::move(response));
}

}  // namespace mamba::broker
