// Makes one record batch of format 2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/compression.h"
#include "protocol/record.h"
#include "protocol/record_batch.h"
#include "protocol/types.h"

namespace mamba::protocol {

// Everything in a batch's header that does not follow from its records.
struct BatchOptions {
    Offset base_offset{0};
    LeaderEpoch partition_leader_epoch = no_leader_epoch;
    CompressionType codec = CompressionType::none;
    CompressionLevels levels{};
    TimestampType timestamp_type = TimestampType::create_time;
    Timestamp log_append_time = no_timestamp;  // max_timestamp when the type is log_append_time
    ProducerId producer_id = no_producer_id;
    ProducerEpoch producer_epoch = no_producer_epoch;
    std::int32_t base_sequence = -1;
    bool is_transactional = false;
    bool is_control = false;
    // Set by compaction: from when on tombstones and markers may go. Lies in base_timestamp's
    // place.
    std::optional<Timestamp> delete_horizon{};
    // Where it is not the last record's delta: compaction keeps a batch's last offset when the
    // record there has gone.
    std::optional<std::int32_t> last_offset_delta{};
};

class RecordBatchBuilder {
public:
    explicit RecordBatchBuilder(const BatchOptions& options) : options_(options) {}

    // Appends a record at the offset after the last one's.
    void append(Timestamp timestamp, std::optional<BytesView> key, std::optional<BytesView> value,
                std::span<const RecordHeader> headers = {});
    // Appends a record at a given offset, above the last one's.
    void append_at(Offset offset, Timestamp timestamp, std::optional<BytesView> key,
                   std::optional<BytesView> value, std::span<const RecordHeader> headers = {});

    std::int32_t record_count() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    // Bytes of the batch when it is not compressed.
    std::size_t uncompressed_size() const noexcept { return batch_header_bytes + records_.size(); }

    // The batch, checksum and all. A batch without records is legal: compaction leaves such.
    Bytes build(Compression& compression) const;
    // The same, with working memory of its own.
    Bytes build() const;

private:
    BatchOptions options_;
    Bytes records_;
    Timestamp base_timestamp_ = no_timestamp;
    Timestamp max_timestamp_ = no_timestamp;
    std::int32_t count_ = 0;
    std::int32_t last_offset_delta_ = -1;
};

}  // namespace mamba::protocol
