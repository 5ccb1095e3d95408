#include "protocol/record_batch.h"

#include <cassert>
#include <limits>

#include "protocol/crc32c.h"

namespace mamba::protocol {
namespace {

// Magic 0 and 1: crc, magic, attributes, (timestamp,) key length, value length.
constexpr std::int32_t old_batch_length_min = 14;
constexpr std::int32_t batch_length_min =
    static_cast<std::int32_t>(batch_header_bytes - batch_prefix_bytes);

}  // namespace

std::expected<RecordBatchView, BatchError> RecordBatchView::parse(BytesView bytes) noexcept {
    if (bytes.empty()) return std::unexpected(BatchError::end);
    if (bytes.size() < batch_prefix_bytes) return std::unexpected(BatchError::truncated);
    const auto length = load_be<std::int32_t>(bytes.data() + batch_field::batch_length);
    if (length < old_batch_length_min) return std::unexpected(BatchError::invalid_length);
    const std::size_t size = batch_prefix_bytes + static_cast<std::size_t>(length);
    if (bytes.size() <= batch_field::magic) return std::unexpected(BatchError::truncated);
    const auto magic = load_be<std::int8_t>(bytes.data() + batch_field::magic);
    if (magic < 0 || magic > batch_magic) return std::unexpected(BatchError::unknown_magic);
    if (magic == batch_magic && length < batch_length_min) {
        return std::unexpected(BatchError::invalid_length);
    }
    if (bytes.size() < size) return std::unexpected(BatchError::truncated);
    if (magic < batch_magic) return std::unexpected(BatchError::old_magic);
    return RecordBatchView(bytes.first(size));
}

std::int32_t RecordBatchView::last_sequence() const noexcept {
    if (base_sequence() < 0) return -1;
    // In 64 bits, so that the wrap from INT32_MAX to 0 (the Java client's) is a remainder.
    const std::int64_t sequence = std::int64_t{base_sequence()} + last_offset_delta();
    return static_cast<std::int32_t>(sequence &
                                     std::int64_t{std::numeric_limits<std::int32_t>::max()});
}

std::uint32_t RecordBatchView::computed_crc() const noexcept {
    return crc32c(bytes_.subspan(batch_field::attributes));
}

Timestamp RecordBatchView::timestamp_of(std::int64_t timestamp_delta) const noexcept {
    if (timestamp_type() == TimestampType::log_append_time) return max_timestamp();
    // Both numbers are a client's, so the sum wraps as Java's does instead of overflowing.
    return Timestamp(static_cast<std::int64_t>(static_cast<std::uint64_t>(base_timestamp().value) +
                                               static_cast<std::uint64_t>(timestamp_delta)));
}

std::expected<RecordBatchView, BatchError> BatchCursor::next() noexcept {
    auto batch = RecordBatchView::parse(bytes_.subspan(position_));
    if (batch) position_ += batch->size();
    return batch;
}

void patch_base_offset(std::span<std::byte> batch, Offset base_offset) noexcept {
    assert(batch.size() >= batch_header_bytes);
    store_be(batch.data() + batch_field::base_offset, base_offset.value);
}

void patch_leader_epoch(std::span<std::byte> batch, LeaderEpoch epoch) noexcept {
    assert(batch.size() >= batch_header_bytes);
    store_be(batch.data() + batch_field::partition_leader_epoch, epoch.value);
}

void patch_timestamps(std::span<std::byte> batch, TimestampType type,
                      Timestamp max_timestamp) noexcept {
    const auto view = RecordBatchView::parse(batch);
    assert(view);
    const int without_type = view->attributes() & ~batch_attribute::log_append_time;
    const int type_bit =
        type == TimestampType::log_append_time ? batch_attribute::log_append_time : 0;
    store_be(batch.data() + batch_field::attributes,
             static_cast<std::int16_t>(without_type | type_bit));
    store_be(batch.data() + batch_field::max_timestamp, max_timestamp.value);
    store_be(batch.data() + batch_field::crc, view->computed_crc());
}

}  // namespace mamba::protocol
