// DescribeProducers: who writes to a partition, and where they are. Source: KIP-664.
#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "broker/metadata/topic_name.h"
#include "protocol/messages/describe_producers.h"

namespace mamba::broker {

void on_describe_producers(Broker& broker, const protocol::DescribeProducersRequest& request, const RequestContext&,
                           Reply<protocol::DescribeProducersResponse> reply) {
    protocol::DescribeProducersResponse response;
    const ClusterImagePtr image = broker.metadata->image();
    for (const auto& topic : request.topics) {
        const auto fault = topic_name_fault(topic.name);
        const bool exists = image->find_topic(topic.name) != nullptr;
        auto& result = response.topics.emplace_back();
        result.name = topic.name;
        for (const std::int32_t index : topic.partition_indexes) {
            auto& answer = result.partitions.emplace_back();
            answer.partition_index = index;
            if (fault) {
                answer.error_code = to_wire(ErrorCode::invalid_topic_exception);
                answer.error_message = *fault;
                continue;
            }
            const auto partition = broker.partitions->find(topic.name, PartitionIndex(index));
            if (!partition) {
                answer.error_code = to_wire(ErrorCode::unknown_topic_or_partition);
                if (!exists) answer.error_message = "This server does not host this topic-partition.";
                continue;
            }
            partition->with_log([&](const log::PartitionLog& log) {
                for (const auto& [id, producer] : log.producers().producers()) {
                    auto& told = answer.active_producers.emplace_back();
                    told.producer_id = id.value;
                    told.producer_epoch = producer.epoch.value;
                    told.last_sequence = producer.last_sequence();
                    told.last_timestamp = producer.last_timestamp.value;
                    told.coordinator_epoch = producer.coordinator_epoch;
                    told.current_txn_start_offset = producer.transaction_first_offset.value;
                }
            });
        }
    }
    reply(std::move(response));
}

}  // namespace mamba::broker
