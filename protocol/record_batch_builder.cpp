#include "protocol/record_batch_builder.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "protocol/crc32c.h"

namespace mamba::protocol {

void RecordBatchBuilder::append(Timestamp timestamp, std::optional<BytesView> key,
                                std::optional<BytesView> value,
                                std::span<const RecordHeader> headers) {
    append_at(options_.base_offset + (std::int64_t{last_offset_delta_} + 1), timestamp, key, value,
              headers);
}

void RecordBatchBuilder::append_at(Offset offset, Timestamp timestamp, std::optional<BytesView> key,
                                   std::optional<BytesView> value,
                                   std::span<const RecordHeader> headers) {
    const std::int64_t offset_delta = offset - options_.base_offset;
    assert(offset_delta > last_offset_delta_);
    assert(offset_delta <= std::numeric_limits<std::int32_t>::max());
    if (count_ == 0) base_timestamp_ = timestamp;
    max_timestamp_ = std::max(max_timestamp_, timestamp);
    // Wraps as the reader's sum does, so that any two timestamps survive.
    const auto timestamp_delta =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(timestamp.value) -
                                  static_cast<std::uint64_t>(base_timestamp_.value));
    append_record(records_, timestamp_delta, static_cast<std::int32_t>(offset_delta), key, value,
                  headers);
    last_offset_delta_ = static_cast<std::int32_t>(offset_delta);
    ++count_;
}

Bytes RecordBatchBuilder::build(Compression& compression) const {
    Bytes batch(batch_header_bytes);
    if (options_.codec == CompressionType::none) {
        batch.insert(batch.end(), records_.begin(), records_.end());
    } else {
        const Bytes packed = compression.compress(options_.codec, options_.levels, records_);
        batch.insert(batch.end(), packed.begin(), packed.end());
    }
    assert(batch.size() <= std::size_t{std::numeric_limits<std::int32_t>::max()});

    int attributes = static_cast<int>(options_.codec);
    const bool log_append_time = options_.timestamp_type == TimestampType::log_append_time;
    if (log_append_time) attributes |= batch_attribute::log_append_time;
    if (options_.is_transactional) attributes |= batch_attribute::transactional;
    if (options_.is_control) attributes |= batch_attribute::control;
    if (options_.delete_horizon) attributes |= batch_attribute::delete_horizon;

    std::byte* const at = batch.data();
    store_be(at + batch_field::base_offset, options_.base_offset.value);
    store_be(at + batch_field::batch_length,
             static_cast<std::int32_t>(batch.size() - batch_prefix_bytes));
    store_be(at + batch_field::partition_leader_epoch, options_.partition_leader_epoch.value);
    store_be(at + batch_field::magic, batch_magic);
    store_be(at + batch_field::attributes, static_cast<std::int16_t>(attributes));
    store_be(at + batch_field::last_offset_delta,
             options_.last_offset_delta.value_or(last_offset_delta_));
    store_be(at + batch_field::base_timestamp, base_timestamp_.value);
    store_be(at + batch_field::max_timestamp,
             log_append_time ? options_.log_append_time.value : max_timestamp_.value);
    store_be(at + batch_field::producer_id, options_.producer_id.value);
    store_be(at + batch_field::producer_epoch, options_.producer_epoch.value);
    store_be(at + batch_field::base_sequence, options_.base_sequence);
    store_be(at + batch_field::record_count, count_);
    store_be(at + batch_field::crc, crc32c(BytesView(batch).subspan(batch_field::attributes)));
    return batch;
}

Bytes RecordBatchBuilder::build() const {
    Compression compression;
    return build(compression);
}

}  // namespace mamba::protocol
