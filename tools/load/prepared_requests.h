// Produce requests made beforehand for one connection, ready to be sent as they lie: only the
// sequence numbers of an idempotent producer change from one sending to the next.
//
// The requests form a ring of slots, one behind the other in memory, so that several neighbours
// leave in one system call. A slot's number is its correlation id.
#pragma once

#include <expected>
#include <map>
#include <vector>

#include "protocol/error_code.h"
#include "protocol/types.h"
#include "protocol/wire.h"
#include "tools/load/produce_plan.h"
#include "tools/load/sequence_patch.h"

namespace mamba::load {

class PreparedRequests {
public:
    struct Producer {
        ProducerId id = no_producer_id;
        ProducerEpoch epoch = no_producer_epoch;
    };

    // `version` is Produce's, from 9 to 12. `connection` picks the partitions that slot 0 starts
    // with, `now` is every record's time.
    PreparedRequests(const ProducePlan& plan, protocol::MessageVersion version, int connection,
                     Producer producer, Timestamp now);

    std::size_t slots() const { return slots_.size(); }
    // Bytes of batches that one request carries, about the same in every slot.
    std::uint64_t batch_bytes(std::size_t slot) const { return slots_[slot].batch_bytes; }
    BytesView frame(std::size_t slot) const {
        return BytesView(memory_).subspan(slots_[slot].begin, slots_[slot].size);
    }
    // Gives the slot's batches their next sequence numbers; for a producer without an id, nothing.
    void prepare(std::size_t slot);

private:
    struct Batch {
        std::size_t begin = 0;  // in memory_
        std::size_t size = 0;
        std::size_t partition = 0;
    };
    struct Slot {
        std::size_t begin = 0;
        std::size_t size = 0;
        std::uint64_t batch_bytes = 0;
        std::vector<Batch> batches;
    };

    Bytes memory_;
    std::vector<Slot> slots_;
    bool is_idempotent_ = false;
    std::int32_t records_per_batch_ = 0;
    std::vector<std::int32_t> next_sequence_;       // by partition
    std::map<std::size_t, SequencePatch> patches_;  // by the batch's size
};

// The first error of an answer to Produce (version 9 to 12, behind the length prefix), and whose
// answer it is. Allocates nothing.
struct ProduceAnswer {
    std::int32_t correlation_id = 0;
    ErrorCode error = ErrorCode::none;
};
std::expected<ProduceAnswer, protocol::DecodeError> skim_produce_answer(BytesView answer);

}  // namespace mamba::load
