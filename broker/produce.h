// Produce: all requests of one turn, validated one by one and appended together.
//
//     on_request   decode, validate each partition's batch where it was received, stage it
//     commit       per partition one append, which is one write however many requests staged there;
//                  then the answers: at once for acks 1, when committed for acks all, none for 0
//
// One per io thread. Whoever handles another kind of request in the same turn calls commit() first,
// so that a client sees its own earlier records.
// Source: KIP-98 (idempotence), KIP-467 (record errors), KIP-516 (topic ids, version 13).
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "broker/answer.h"
#include "broker/executor.h"
#include "broker/logging.h"
#include "broker/partition.h"
#include "broker/request.h"
#include "broker/waiting_request.h"
#include "protocol/compression.h"
#include "protocol/messages/produce.h"

namespace mamba::broker {

class Partitions;
struct Observations;

class ProduceTurn {
public:
    ProduceTurn(Partitions& partitions, Observations& observations, Executor& executor);
    ~ProduceTurn();

    // `frame` is the received request, which `body` lies in; both stay until commit().
    // False when the request cannot be decoded: the client is to be cut off.
    bool on_request(std::span<std::byte> frame, BytesView body, const RequestContext& context,
                    std::int32_t correlation_id, ReplySlot slot);
    void commit(Timestamp now);
    bool empty() const { return pending_.empty(); }

    // Answers what has waited longer than its request allows. Call every now and then.
    void expire(Instant now);
    // Requests whose records are not committed yet.
    std::vector<WaitingRequest> waiting_requests(Instant now) const;

private:
    class Pending;
    struct Target {
        Pending* pending = nullptr;
        std::uint32_t index = 0;  // of the partition in the request, counted over all topics
    };
    struct Staged {
        std::shared_ptr<Partition> partition;
        std::vector<log::AppendRequest> requests;
        std::vector<CommitWait> waits;
        std::vector<Target> targets;
    };

    void stage(const std::shared_ptr<Pending>& pending, std::uint32_t index, std::shared_ptr<Partition> partition,
               std::span<std::byte> records, log::BatchOrigin origin, Timestamp now);
    Staged& staged_for(std::shared_ptr<Partition> partition);
    void tell_of_failure(const TopicPartition& partition, const log::Error& error);
    void observe(const Target& target, const Partition& partition, const log::AppendRequest& request, Timestamp now);
    void finish(Pending& pending);

    Partitions& partitions_;
    Observations& observations_;
    Executor& executor_;
    protocol::Compression compression_;
    std::vector<std::shared_ptr<Pending>> pending_;  // of this turn
    std::vector<Staged> staged_;                     // the first staged_used_ are in use
    std::size_t staged_used_ = 0;
    std::vector<Bytes> rebuilt_;  // batches that were compressed anew, until commit
    std::unordered_map<Pending*, std::shared_ptr<Pending>> waiting_;
    RateLimited failed_appends_;
};

}  // namespace mamba::broker
