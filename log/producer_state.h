// What one partition remembers of the producers that wrote to it, so that a batch sent twice is
// stored once and a producer replaced by a newer one is turned away. Pure: `now` comes with the
// event.
//
//     event              answer
//     check              accept; duplicate of a remembered batch; or the error code for the client
//     update             (the batch is in the log, or staged to be written)
//     end_transaction    the transaction that a marker ended, if it held data
//     expire             how many producers were forgotten
//
// Rules, as Kafka 4.3 has them:
//   1. The last five batches of each producer are remembered. A batch with the epoch and both
//      sequences of one of them is a duplicate, answered with the offsets of the first append.
//   2. An epoch below the known one gives INVALID_PRODUCER_EPOCH.
//   3. A higher epoch starts at sequence 0, or gives OUT_OF_ORDER_SEQUENCE_NUMBER.
//   4. Within an epoch the first sequence follows the last one, or gives
//      OUT_OF_ORDER_SEQUENCE_NUMBER: for a repeat from before the window too, since
//      DUPLICATE_SEQUENCE_NUMBER is no longer sent by Kafka's brokers.
//   5. A producer that is not known (new, or expired) may start at any epoch and sequence.
//   6. A batch outside a transaction while one is open gives INVALID_TXN_STATE.
//   7. A producer without an open transaction is forgotten `producer.id.expiration.ms` after its
//      last record's timestamp.
// A replica copies what its leader took: there only update() is called.
//
// Sequences wrap from 2^31 - 1 to 0. Each producer costs about 200 bytes; nothing here bounds their
// number (nor does Kafka) but expiry, so the broker's quota on producer ids has to.
//
// Snapshot, integers big-endian, the layout of Kafka's .snapshot files:
//
//     snapshot := version                    int16   1
//                 crc                        uint32  CRC-32C of all that follows
//                 count                      int32
//                 count x entry
//     entry    := producer_id                int64
//                 producer_epoch             int16
//                 last_sequence              int32   -1: no batch in this epoch
//                 last_offset                int64   -1: no batch in this epoch
//                 offset_delta               int32   last minus first offset of the last batch
//                 timestamp                  int64
//                 coordinator_epoch          int32   of the last transaction marker, -1: none
//                 current_txn_first_offset   int64   -1: no open transaction
//
// Only the last batch of a producer is in a snapshot; the window fills up again from there.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "log/error.h"
#include "protocol/error_code.h"
#include "protocol/types.h"

namespace mamba::log {

// What the state has to know of a batch. Offsets are not looked at by check().
struct ProducerBatch {
    ProducerId producer_id = no_producer_id;
    ProducerEpoch epoch = no_producer_epoch;
    std::int32_t first_sequence = -1;
    std::int32_t last_sequence = -1;
    Offset first_offset{-1};
    Offset last_offset{-1};
    Timestamp max_timestamp = no_timestamp;
    bool transactional = false;
};

// The marker that ends a transaction, as a control batch carries it.
struct EndTransactionMarker {
    ProducerId producer_id = no_producer_id;
    ProducerEpoch epoch = no_producer_epoch;
    std::int32_t coordinator_epoch = -1;
    bool commit = false;
    Offset offset{-1};
    Timestamp timestamp = no_timestamp;
};

struct CompletedTransaction {
    ProducerId producer_id;
    Offset first_offset;
    Offset last_offset;  // of the marker
    bool aborted = false;

    friend bool operator==(const CompletedTransaction&, const CompletedTransaction&) = default;
};

// The sequence `steps` records after `sequence`; wraps to 0, as -1 means "not idempotent".
constexpr std::int32_t sequence_after(std::int32_t sequence, std::int32_t steps) {
    constexpr std::int64_t sequences = std::int64_t{1} << 31;
    return static_cast<std::int32_t>((std::int64_t{sequence} + steps) % sequences);
}
// The sequence `steps` records before `sequence`.
constexpr std::int32_t sequence_before(std::int32_t sequence, std::int32_t steps) {
    constexpr std::int64_t sequences = std::int64_t{1} << 31;
    return static_cast<std::int32_t>((std::int64_t{sequence} - steps + sequences) % sequences);
}

class ProducerState {
public:
    static constexpr std::size_t batches_kept_max = 5;

    struct Verdict {
        enum class Kind : std::uint8_t { accept, duplicate, refuse };

        Kind kind = Kind::accept;
        ErrorCode code = ErrorCode::none;  // refuse: what the client is told
        // duplicate: what the answer to the first append said
        Offset first_offset{-1};
        Offset last_offset{-1};
        Timestamp append_time{-1};

        bool accepted() const { return kind == Kind::accept; }
        friend bool operator==(const Verdict&, const Verdict&) = default;
    };

    // One remembered batch; the first offset and sequence follow from the last and the delta.
    struct Batch {
        Offset last_offset{-1};
        Timestamp timestamp{-1};
        std::int32_t last_sequence = -1;
        std::int32_t offset_delta = 0;

        Offset first_offset() const { return last_offset - std::int64_t{offset_delta}; }
        std::int32_t first_sequence() const { return sequence_before(last_sequence, offset_delta); }
        friend bool operator==(const Batch&, const Batch&) = default;
    };

    // What is known of one producer. Also what DescribeProducers answers from.
    struct Producer {
        ProducerEpoch epoch{-1};
        std::int32_t coordinator_epoch = -1;
        Timestamp last_timestamp{-1};
        Offset transaction_first_offset{-1};          // -1: no open transaction
        std::array<Batch, batches_kept_max> batches;  // oldest first
        std::uint8_t batch_count = 0;                 // of this epoch

        std::span<const Batch> kept() const { return {batches.data(), batch_count}; }
        std::int32_t last_sequence() const {
            return batch_count == 0 ? -1 : batches[batch_count - 1U].last_sequence;
        }
        bool in_transaction() const { return transaction_first_offset.value >= 0; }
        friend bool operator==(const Producer&, const Producer&) = default;
    };

    // Judges a batch that a client sent, before it is appended. `batch.producer_id` is >= 0.
    Verdict check(const ProducerBatch& batch) const;

    // Takes a batch that is appended: checked by check() on a leader, as it comes on a follower and
    // in recovery. No allocation for a producer that is known.
    void update(const ProducerBatch& batch);

    // Puts back a batch from before the oldest remembered one: a snapshot holds a producer's last
    // batch alone. Ignored unless it comes directly before it and there is room.
    void recall(const ProducerBatch& batch);

    // Judges a marker: INVALID_PRODUCER_EPOCH or TRANSACTION_COORDINATOR_FENCED, else none. From
    // `transaction_version` 2 on (KIP-890) a marker raises the epoch; a repeated one passes.
    ErrorCode check(const EndTransactionMarker& marker, std::int16_t transaction_version) const;

    // Takes a marker that is appended. The answer is empty when the transaction held no data here.
    std::optional<CompletedTransaction> end_transaction(const EndTransactionMarker& marker);

    // Several batches may be checked and updated, one after the other, before one vectored write
    // stores them all: begin_staging(), check and update each, then commit_staging() when the write
    // succeeded or roll_back() when it failed, which restores the state at begin_staging().
    void begin_staging();
    void commit_staging();
    void roll_back();

    // Forgets the producers of rule 7; `expiration_ms` is `producer.id.expiration.ms`.
    std::size_t expire(Timestamp now, std::int64_t expiration_ms);

    // Where the earliest open transaction starts; empty when none is open.
    std::optional<Offset> first_undecided_offset() const;

    const Producer* find(ProducerId id) const;
    const std::unordered_map<ProducerId, Producer>& producers() const { return producers_; }
    void clear();

    // The bytes of a .snapshot file, producers in rising order of id.
    Bytes snapshot() const;
    // Errors: corrupt, with the reason. Producers that have expired by `now` are left out.
    static std::expected<ProducerState, Error> load(BytesView bytes, Timestamp now,
                                                    std::int64_t expiration_ms);

private:
    struct Undo {
        ProducerId id;
        bool known = false;
        Producer before;
    };

    Producer& touch(ProducerId id);
    void set_transaction(Producer& producer, Offset first_offset);

    std::unordered_map<ProducerId, Producer> producers_;
    std::multiset<Offset> transactions_;  // first offsets of the open ones
    std::vector<Undo> undo_;
    bool staging_ = false;
};

}  // namespace mamba::log
