// DescribeProducers: who writes to a partition, and where they are. Source: KIP-664.
#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "protocol/messages/describe_producers.h"

namespace mamba::broker {

void on_describe_producers(Broker& broker, const protocol::DescribeProducersRequest& request, const RequestContext&,
                           Reply<protocol::DescribeProducersResponse> reply) {
    protocol::DescribeProducersResponse response;
    for (const auto& topic : request.topics) {
        auto& result = response.topics.emplace_back();
        result.name = topic.name;
        for (const std::int32_t index : topic.partition_indexes) {
            auto& answer = result.partitions.emplace_back();
            answer.partition_index = index;
            const auto partition = broker.partitions->find(topic.name, PartitionIndex(index));
            if (!partition) {
                answer.error_code = to_wire(ErrorCode::unknown_topic_or_partition);
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
