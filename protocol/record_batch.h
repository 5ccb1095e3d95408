// One record batch of format 2 (magic 2), looked at where it lies.
//
// Layout, integers big-endian:
//
//     batch := base_offset            int64    0
//              batch_length           int32    8   bytes after this field
//              partition_leader_epoch int32   12   not under the checksum
//              magic                  int8    16
//              crc                    uint32  17   CRC-32C of everything after it
//              attributes             int16   21   bits 0-2 codec, 3 timestamp type (1:
//              LogAppendTime),
//                                                  4 transactional, 5 control, 6 delete horizon set
//              last_offset_delta      int32   23
//              base_timestamp         int64   27   or the delete horizon, by attribute bit 6
//              max_timestamp          int64   35
//              producer_id            int64   43
//              producer_epoch         int16   51
//              base_sequence          int32   53
//              record_count           int32   57
//              records                        61   compressed as one piece when a codec is set
//
// Source: KIP-98 and the protocol guide, "Record Batch". The older message sets (magic 0 and 1)
// share the first two fields and the place of the magic byte; they are recognised, not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "protocol/byte_order.h"
#include "protocol/compression.h"
#include "protocol/types.h"

namespace mamba::protocol {

enum class TimestampType : std::uint8_t { create_time = 0, log_append_time = 1 };

// Where each field lies from the start of a batch.
namespace batch_field {
inline constexpr std::size_t base_offset = 0;
inline constexpr std::size_t batch_length = 8;
inline constexpr std::size_t partition_leader_epoch = 12;
inline constexpr std::size_t magic = 16;
inline constexpr std::size_t crc = 17;
inline constexpr std::size_t attributes = 21;
inline constexpr std::size_t last_offset_delta = 23;
inline constexpr std::size_t base_timestamp = 27;
inline constexpr std::size_t max_timestamp = 35;
inline constexpr std::size_t producer_id = 43;
inline constexpr std::size_t producer_epoch = 51;
inline constexpr std::size_t base_sequence = 53;
inline constexpr std::size_t record_count = 57;
inline constexpr std::size_t records = 61;
}  // namespace batch_field

inline constexpr std::size_t batch_header_bytes = batch_field::records;
// base_offset and batch_length, which batch_length does not count.
inline constexpr std::size_t batch_prefix_bytes = 12;
inline constexpr std::int8_t batch_magic = 2;

namespace batch_attribute {
inline constexpr std::int16_t codec_mask = 0x07;
inline constexpr std::int16_t log_append_time = 0x08;
inline constexpr std::int16_t transactional = 0x10;
inline constexpr std::int16_t control = 0x20;
inline constexpr std::int16_t delete_horizon = 0x40;
}  // namespace batch_attribute

// Why no batch could be had.
enum class BatchError : std::uint8_t {
    end,             // no bytes left
    truncated,       // the bytes end before the batch does, as a fetch answer's last one may
    invalid_length,  // batch_length is smaller than any batch of its magic
    old_magic,       // a message set of format 0 or 1, whole
    unknown_magic,   // negative or above 2
};

// A view; the bytes belong to someone else and must outlive it. Accessors cost one load.
class RecordBatchView {
public:
    // The first batch in `bytes`, which may go on behind it. Checks the lengths and the magic
    // byte, nothing else. O(1).
    static std::expected<RecordBatchView, BatchError> parse(BytesView bytes) noexcept;

    Offset base_offset() const noexcept {
        return Offset(get<std::int64_t>(batch_field::base_offset));
    }
    std::int32_t batch_length() const noexcept {
        return get<std::int32_t>(batch_field::batch_length);
    }
    LeaderEpoch partition_leader_epoch() const noexcept {
        return LeaderEpoch(get<std::int32_t>(batch_field::partition_leader_epoch));
    }
    std::uint32_t crc() const noexcept { return get<std::uint32_t>(batch_field::crc); }
    std::int16_t attributes() const noexcept { return get<std::int16_t>(batch_field::attributes); }
    std::int32_t last_offset_delta() const noexcept {
        return get<std::int32_t>(batch_field::last_offset_delta);
    }
    Timestamp base_timestamp() const noexcept {
        return Timestamp(get<std::int64_t>(batch_field::base_timestamp));
    }
    Timestamp max_timestamp() const noexcept {
        return Timestamp(get<std::int64_t>(batch_field::max_timestamp));
    }
    ProducerId producer_id() const noexcept {
        return ProducerId(get<std::int64_t>(batch_field::producer_id));
    }
    ProducerEpoch producer_epoch() const noexcept {
        return ProducerEpoch(get<std::int16_t>(batch_field::producer_epoch));
    }
    std::int32_t base_sequence() const noexcept {
        return get<std::int32_t>(batch_field::base_sequence);
    }
    std::int32_t record_count() const noexcept {
        return get<std::int32_t>(batch_field::record_count);
    }

    Offset last_offset() const noexcept { return base_offset() + last_offset_delta(); }
    Offset next_offset() const noexcept { return last_offset() + 1; }
    // Sequences wrap from INT32_MAX to 0; -1 when the batch is not idempotent.
    std::int32_t last_sequence() const noexcept;
    // As Kafka has it: any negative id is none.
    bool has_producer_id() const noexcept { return producer_id() > no_producer_id; }

    // The number in the attributes; codec() is valid only for 0 to 4, see has_known_codec().
    bool has_known_codec() const noexcept {
        return (attributes() & batch_attribute::codec_mask) <= 4;
    }
    CompressionType codec() const noexcept {
        return static_cast<CompressionType>(attributes() & batch_attribute::codec_mask);
    }
    TimestampType timestamp_type() const noexcept {
        return has(batch_attribute::log_append_time) ? TimestampType::log_append_time
                                                     : TimestampType::create_time;
    }
    bool is_transactional() const noexcept { return has(batch_attribute::transactional); }
    bool is_control() const noexcept { return has(batch_attribute::control); }
    bool has_delete_horizon() const noexcept { return has(batch_attribute::delete_horizon); }

    // The whole batch; the records as they lie, compressed or not.
    BytesView bytes() const noexcept { return bytes_; }
    std::size_t size() const noexcept { return bytes_.size(); }
    BytesView records() const noexcept { return bytes_.subspan(batch_field::records); }

    // What the checksum ought to be. O(size).
    std::uint32_t computed_crc() const noexcept;
    bool crc_matches() const noexcept { return crc() == computed_crc(); }

    // A record's own time: what its delta says, or the batch's when the log set it.
    Timestamp timestamp_of(std::int64_t timestamp_delta) const noexcept;

private:
    explicit RecordBatchView(BytesView bytes) : bytes_(bytes) {}

    template <class Int>
    Int get(std::size_t field) const noexcept {
        return load_be<Int>(bytes_.data() + field);
    }
    bool has(std::int16_t attribute) const noexcept { return (attributes() & attribute) != 0; }

    BytesView bytes_;
};

// Walks over batches that lie one behind the other.
//
//     BatchCursor cursor(bytes);
//     auto batch = cursor.next();
//     for (; batch; batch = cursor.next()) use(*batch);
//     if (batch.error() != BatchError::end) ...   // cursor.position() bytes were whole batches
class BatchCursor {
public:
    explicit BatchCursor(BytesView bytes) : bytes_(bytes) {}

    // After an error it stays where it is and gives the same error again.
    std::expected<RecordBatchView, BatchError> next() noexcept;

    // How many bytes the batches given so far took.
    std::size_t position() const noexcept { return position_; }

private:
    BytesView bytes_;
    std::size_t position_ = 0;
};

// Changes to a batch in place. `batch` holds at least one whole batch, as parse() accepts it.
// The first two leave the checksum alone, which does not cover them.
void patch_base_offset(std::span<std::byte> batch, Offset base_offset) noexcept;
void patch_leader_epoch(std::span<std::byte> batch, LeaderEpoch epoch) noexcept;
// Sets the timestamp type and max_timestamp, and computes the checksum anew. O(size).
void patch_timestamps(std::span<std::byte> batch, TimestampType type,
                      Timestamp max_timestamp) noexcept;

}  // namespace mamba::protocol
