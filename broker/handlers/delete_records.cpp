// DeleteRecords: moves a partition's log start forward. Source: KIP-107.
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "protocol/messages/delete_records.h"

namespace mamba::broker {
namespace {

using protocol::DeleteRecordsResponse;

struct Deletion {
    std::shared_ptr<Partition> partition;
    Offset before;
};

// The new log start, once it would survive a power cut.
std::expected<Offset, ErrorCode> carry_out(Broker& broker, const Deletion& deletion) {
    if (!deletion.partition) return std::unexpected(ErrorCode::unknown_topic_or_partition);
    if (is_internal_topic(deletion.partition->name().topic)) return std::unexpected(ErrorCode::invalid_topic_exception);
    // A compacted topic without deletion must not lose the latest value of a key.
    if (!deletion.partition->settings()->log.cleanup_delete) return std::unexpected(ErrorCode::policy_violation);
    const auto start = deletion.partition->delete_records_before(deletion.before);
    if (!start) return start;
    if (!broker.partitions->store_log_starts(*deletion.partition))
        return std::unexpected(ErrorCode::kafka_storage_error);
    return start;
}

}  // namespace

void on_delete_records(Broker& broker, const protocol::DeleteRecordsRequest& request, const RequestContext&,
                       Reply<DeleteRecordsResponse> reply) {
    DeleteRecordsResponse response;
    std::vector<Deletion> deletions;  // in the order of the response's partitions
    for (const auto& topic : request.topics) {
        if (topic.partitions.empty()) continue;  // as in Kafka's answers
        auto& result = response.topics.emplace_back();
        result.name = topic.name;
        for (const auto& partition : topic.partitions) {
            result.partitions.emplace_back().partition_index = partition.partition_index;
            deletions.push_back({broker.partitions->find(topic.name, PartitionIndex(partition.partition_index)),
                                 Offset(partition.offset)});
        }
    }
    broker.workers->submit([&broker, response = std::move(response), deletions = std::move(deletions),
                            reply = std::move(reply)]() mutable {
        auto deletion = deletions.begin();
        for (auto& topic : response.topics) {
            for (auto& result : topic.partitions) {
                const auto start = carry_out(broker, *deletion++);
                result.low_watermark = start ? start->value : -1;
                result.error_code = to_wire(start ? ErrorCode::none : start.error());
            }
        }
        reply(std::move(response));
    });
}

}  // namespace mamba::broker
