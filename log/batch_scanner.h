// Walks over the batches of a segment's file from a given place on: the headers alone, in reads of
// a window's size, or with all their bytes. What cannot be a batch ends the walk; it is not an
// error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "log/error.h"
#include "log/storage.h"
#include "protocol/record_batch.h"
#include "protocol/types.h"

namespace mamba::log {

// The fields of a batch's header that the log acts on, and where the batch lies.
struct BatchHeader {
    std::int64_t position = 0;
    std::int32_t size = 0;
    Offset base_offset;
    LeaderEpoch epoch;
    std::int16_t attributes = 0;
    std::int32_t last_offset_delta = 0;
    Timestamp base_timestamp;
    Timestamp max_timestamp;
    ProducerId producer_id;
    ProducerEpoch producer_epoch;
    std::int32_t base_sequence = -1;
    std::int32_t record_count = 0;

    Offset last_offset() const noexcept { return base_offset + last_offset_delta; }
    Offset next_offset() const noexcept { return last_offset() + 1; }
    std::int64_t end() const noexcept { return position + size; }
    bool has_producer_id() const noexcept { return producer_id.value >= 0; }
    bool is_control() const noexcept {
        return (attributes & protocol::batch_attribute::control) != 0;
    }
    bool is_transactional() const noexcept {
        return (attributes & protocol::batch_attribute::transactional) != 0;
    }
    bool has_log_append_time() const noexcept {
        return (attributes & protocol::batch_attribute::log_append_time) != 0;
    }

    // From at least batch_header_bytes bytes. Empty when they cannot be a batch of format 2.
    static std::optional<BatchHeader> decode(std::span<const std::byte> bytes,
                                             std::int64_t position) noexcept;
};

class BatchScanner {
public:
    // `window` is working memory of at least batch_header_bytes; it and the file outlive the
    // scanner. Batches that do not end at or before `end` are not seen.
    BatchScanner(const StorageFile& file, std::int64_t position, std::int64_t end,
                 std::span<std::byte> window, ReadMode mode = ReadMode::may_wait) noexcept
        : file_(file), position_(position), end_(end), window_(window), mode_(mode) {}

    // The next header; empty at the end, or where no whole batch lies. Errors: io, would_block.
    std::expected<std::optional<BatchHeader>, Error> next();

    // All bytes of the batch that next() has just given; valid until the next call. Errors: io.
    std::expected<BytesView, Error> bytes(const BatchHeader& header);

    // Where the next batch would start; after an empty answer, how far whole batches reach.
    std::int64_t position() const noexcept { return position_; }

private:
    // Makes `length` bytes at `position` available in the window, if the file has them.
    std::expected<BytesView, Error> load(std::int64_t position, std::size_t length);

    const StorageFile& file_;
    std::int64_t position_;
    std::int64_t end_;
    std::span<std::byte> window_;
    ReadMode mode_;
    std::int64_t window_position_ = 0;
    std::size_t window_filled_ = 0;
    Bytes large_;  // a batch that outgrows the window
};

}  // namespace mamba::log
