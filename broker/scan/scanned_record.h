// A record as the console shows it, and the batch that it came in; copies, so that they outlive the scan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "broker/scan/record_view.h"
#include "log/batch_scanner.h"
#include "protocol/record_batch.h"

namespace mamba::broker {

// What the header of a batch says, and whether its checksum is right.
struct BatchFacts {
    Offset base_offset;
    Offset last_offset;
    std::int32_t record_count = 0;  // compaction lowers it, and leaves the offsets
    std::size_t bytes = 0;          // in the log, the header included
    std::size_t plain_bytes = 0;    // the records decompressed; 0 when they were not looked at
    std::int16_t attributes = 0;
    bool has_known_codec = true;
    protocol::CompressionType codec = protocol::CompressionType::none;  // when it is known
    protocol::TimestampType timestamp_type = protocol::TimestampType::create_time;
    Timestamp base_timestamp = no_timestamp;  // the delete horizon when has_delete_horizon
    Timestamp max_timestamp = no_timestamp;
    bool has_delete_horizon = false;
    bool is_transactional = false;
    bool is_control = false;
    LeaderEpoch leader_epoch = no_leader_epoch;
    ProducerId producer_id = no_producer_id;
    ProducerEpoch producer_epoch = no_producer_epoch;
    std::int32_t base_sequence = -1;
    std::uint32_t stored_crc = 0;
    std::uint32_t computed_crc = 0;

    bool crc_is_right() const { return stored_crc == computed_crc; }
};

BatchFacts facts_of(const protocol::RecordBatchView& batch);

// Bytes of a record, or their beginning.
struct BytesPreview {
    bool is_null = false;
    bool is_utf8 = false;  // `bytes` are; a preview of UTF-8 ends with a whole character
    bool is_cut = false;   // `size` is more than there is in `bytes`
    std::size_t size = 0;
    std::string bytes;

    friend bool operator==(const BytesPreview&, const BytesPreview&) = default;
};
BytesPreview preview_of(std::optional<BytesView> bytes, std::size_t bytes_max);

struct HeaderPreview {
    BytesPreview name;
    BytesPreview value;
};

struct ScannedRecord {
    PartitionIndex partition;
    Offset offset;
    Timestamp timestamp = no_timestamp;
    BytesPreview key;
    BytesPreview value;
    std::vector<HeaderPreview> headers;  // the first header_previews_max of a preview
    std::size_t header_count = 0;
    std::size_t size = 0;  // bytes in the batch, decompressed
    bool is_aborted = false;  // its transaction was
    std::shared_ptr<const BatchFacts> batch;

    std::size_t preview_bytes() const;
};

inline constexpr std::size_t header_previews_max = 64;

// How much of a record is copied: previews, or all of it.
struct PreviewSize {
    std::size_t bytes = 512;  // of the key, of the value and of each header's name and value
    std::size_t headers = header_previews_max;

    static PreviewSize everything() { return {SIZE_MAX, SIZE_MAX}; }
};

ScannedRecord scanned_record(const RecordView& view, std::size_t size, PreviewSize preview,
                             std::shared_ptr<const BatchFacts> batch);

// The record as filters see it.
RecordView view_of(PartitionIndex partition, const protocol::RecordBatchView& batch, const protocol::Record& record);

// The records of a batch, decompressed into `storage` when they have to be. Errors: a sentence; more than
// `plain_bytes_max` would come out, or it is not what its codec writes.
std::expected<BytesView, std::string> records_of(const protocol::RecordBatchView& batch,
                                                 protocol::Compression& compression, std::size_t plain_bytes_max,
                                                 Bytes& storage);

}  // namespace mamba::broker
