// ListOffsets: the ends of a partition, or the first offset at or after a time.
// Source: KIP-79 (times), KIP-734 (largest timestamp), KIP-405 and KIP-1005 (tiers, of which there
// is only the local one here).
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/handlers/handlers.h"
#include "protocol/messages/list_offsets.h"

namespace mamba::broker {
namespace {

using protocol::ListOffsetsResponse;
using Answer = ListOffsetsResponse::ListOffsetsPartitionResponse;

// Times with a meaning of their own.
constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;
constexpr std::int64_t largest_timestamp = -3;
constexpr std::int64_t earliest_local = -4;
constexpr std::int64_t latest_tiered = -5;
constexpr std::int64_t earliest_pending_upload = -6;

struct Query {
    std::shared_ptr<Partition> partition;  // null: `missing` says why
    ErrorCode missing = ErrorCode::none;
    LeaderEpoch current_leader_epoch;
    std::int64_t timestamp = 0;
    bool served = true;  // the version knows such a time
    bool repeated = false;
    Answer answer;

    bool reads_disk() const { return timestamp >= 0 || timestamp == largest_timestamp; }
};

// Times below zero came one by one; what an older version sends is refused.
bool is_served(std::int64_t timestamp, protocol::MessageVersion version) {
    switch (timestamp) {
        case largest_timestamp:
            return version >= 7;
        case earliest_local:
            return version >= 8;
        case latest_tiered:
            return version >= 9;
        case earliest_pending_upload:
            return version >= 11;
        default:
            return timestamp >= earliest;
    }
}

void tell(Answer& answer, const Partition::Position& position) {
    answer.offset = position.offset.value;
    answer.timestamp = position.timestamp.value;
    answer.leader_epoch = position.epoch.value;
}

void look_up(Query& query) {
    Answer& answer = query.answer;
    if (query.repeated) {
        answer.error_code = to_wire(ErrorCode::invalid_request);
        return;
    }
    if (!query.partition) {
        answer.error_code = to_wire(query.missing);
        return;
    }
    Partition& partition = *query.partition;
    const ErrorCode wrong =
        partition.failed() ? partition.failure() : partition.check_epoch(query.current_leader_epoch);
    if (wrong != ErrorCode::none) {
        answer.error_code = to_wire(wrong);
        return;
    }
    if (!query.served) {
        answer.error_code = to_wire(ErrorCode::unsupported_version);
        return;
    }
    switch (query.timestamp) {
        case latest:
            return tell(answer, {partition.high_watermark(), no_timestamp, partition.leader_epoch()});
        case earliest:
        case earliest_local: {
            const Offset start = partition.log_start_offset();
            const LeaderEpoch epoch = partition.epoch_of(start);
            return tell(answer, {start, no_timestamp, epoch == no_leader_epoch ? partition.leader_epoch() : epoch});
        }
        case latest_tiered:
        case earliest_pending_upload:
            return;  // nothing is tiered: offset -1
        default:
            break;
    }
    const auto found = query.timestamp == largest_timestamp ? partition.find_max_timestamp()
                                                            : partition.find_by_time(Timestamp(query.timestamp));
    if (!found) {
        answer.error_code = to_wire(found.error().code);
    } else if (*found) {
        tell(answer, **found);
    }
}

// All of one request, kept until the last look-up is done.
struct Lookup {
    struct Topic {
        std::string name;
        std::vector<Query> queries;
    };
    std::vector<Topic> topics;
    Reply<ListOffsetsResponse> reply;

    void run() {
        ListOffsetsResponse response;
        for (Topic& topic : topics) {
            auto& answers = response.topics.emplace_back();
            answers.name = std::move(topic.name);
            for (Query& query : topic.queries) {
                look_up(query);
                answers.partitions.push_back(std::move(query.answer));
            }
        }
        reply(std::move(response));
    }
};

}  // namespace

void on_list_offsets(Broker& broker, const protocol::ListOffsetsRequest& request, const RequestContext& context,
                     Reply<ListOffsetsResponse> reply) {
    auto lookup = std::make_unique<Lookup>();
    bool reads_disk = false;
    for (const auto& topic : request.topics) {
        if (topic.partitions.empty()) continue;  // as in Kafka's answers
        auto& entry = lookup->topics.emplace_back();
        entry.name = topic.name;
        std::vector<std::int32_t> seen;
        for (const auto& partition : topic.partitions) seen.push_back(partition.partition_index);
        std::ranges::sort(seen);
        for (const auto& partition : topic.partitions) {
            Query& query = entry.queries.emplace_back();
            const PartitionIndex index(partition.partition_index);
            query.partition = broker.partitions->find(topic.name, index);
            if (!query.partition) query.missing = broker.partitions->why_missing(topic.name, index);
            query.current_leader_epoch = LeaderEpoch(partition.current_leader_epoch);
            query.timestamp = partition.timestamp;
            query.served = is_served(partition.timestamp, context.version);
            query.repeated = std::ranges::equal_range(seen, partition.partition_index).size() > 1;
            query.answer.partition_index = partition.partition_index;
            reads_disk |= query.reads_disk();
        }
    }
    lookup->reply = std::move(reply);
    if (!reads_disk) return lookup->run();
    broker.workers->submit([lookup = std::move(lookup)] { lookup->run(); });
}

}  // namespace mamba::broker
