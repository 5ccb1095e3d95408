// What a leader checks, and changes, before it appends the records that a client sent for one
// partition.
//
//     in order           refused with
//     shape              INVALID_RECORD when not exactly one whole batch of magic 2;
//                        CORRUPT_MESSAGE when a length or magic is impossible
//     base offset        INVALID_RECORD unless 0
//     size               MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE beyond a segment
//     checksum           CORRUPT_MESSAGE
//     header             INVALID_RECORD (codec, count, offsets, control flag, sequence);
//                        UNSUPPORTED_COMPRESSION_TYPE
//     records            INVALID_RECORD (structure, offsets, keys of a compacted topic),
//                        INVALID_TIMESTAMP; both name each record
//
// Fewer bytes than a header, or a batch cut short, behind the first batch are dropped, as Kafka
// does.
//
// A batch that needs no change is neither copied nor allocated for. Uncompressed records are walked
// in place. Compressed ones stay compressed, and what the header says of their number and times is
// believed, unless a rule can only be decided by looking: keys of a compacted topic, a limit on
// early timestamps (the header has no minimum), another codec for the topic. Kafka decompresses
// every batch; a producer that lies in its own header here harms the readers of its own records.
//
// Stricter than Kafka in one thing: offsets inside an uncompressed batch must run 0, 1, 2 ...
// Where Kafka 4.3 falls over (UNKNOWN_SERVER_ERROR for an unknown codec, for compressed bytes that
// are none, for some malformed records) the answer here is INVALID_RECORD. Kafka gives a message
// only with record errors; here every refusal says why.
//
// Source: the behaviour of Apache Kafka 4.3; settings message.timestamp.*, compression.*,
// max.message.bytes, cleanup.policy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/compression.h"
#include "protocol/error_code.h"
#include "protocol/record_batch.h"
#include "protocol/types.h"

namespace mamba::log {

// The topic's settings that bear on an append, with Kafka's defaults.
struct BatchRules {
    std::int32_t message_bytes_max = 1'048'588;  // max.message.bytes
    protocol::TimestampType timestamp_type = protocol::TimestampType::create_time;
    std::int32_t segment_bytes = 1'073'741'824;
    std::int64_t timestamp_before_ms_max = std::numeric_limits<std::int64_t>::max();
    std::int64_t timestamp_after_ms_max = 3'600'000;
    // compression.type; none set: as the producer sent it.
    std::optional<protocol::CompressionType> compression{};
    protocol::CompressionLevels levels{};
    bool compacted = false;  // cleanup.policy holds `compact`: every record needs a key
};

enum class BatchOrigin : std::uint8_t {
    client,              // Produce from version 7 on
    client_before_zstd,  // Produce below version 7, whose senders' peers cannot read zstd (KIP-110)
    coordinator,         // ourselves: may write control batches and any base offset
};

// One record that was refused; `batch_index` is its place in the batch.
struct BatchRecordError {
    std::int32_t batch_index = 0;
    std::string message;

    friend bool operator==(const BatchRecordError&, const BatchRecordError&) = default;
};

// What the Produce answer says of the partition.
struct BatchRejection {
    ErrorCode code = ErrorCode::none;
    std::string message;
    std::vector<BatchRecordError> record_errors;
    bool is_no_batch = false;  // there is not exactly one whole batch: nothing to ask the log about
};

// A batch that may be appended once its base offset and leader epoch are patched in.
struct ValidatedBatch {
    std::span<std::byte>
        bytes;      // in the caller's bytes, or in `rebuilt` (so move this, never copy)
    Bytes rebuilt;  // used only when the batch had to be compressed anew

    protocol::RecordBatchView view() const noexcept;
};

// How much one batch may hold when decompressed; nobody's bomb gets further.
std::size_t decompressed_bytes_max(const BatchRules& rules) noexcept;

// `records` is the partition's field of a Produce request; its header may be changed in place.
// `partition` appears in messages only. `now` sets LogAppendTime and bounds CreateTime.
std::expected<ValidatedBatch, BatchRejection> validate_batch(
    std::span<std::byte> records, const BatchRules& rules, BatchOrigin origin,
    const TopicPartition& partition, Timestamp now, protocol::Compression& compression);

}  // namespace mamba::log
