#include "log/batch_scanner.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "protocol/byte_order.h"

namespace mamba::log {

using protocol::load_be;
namespace field = protocol::batch_field;

std::optional<BatchHeader> BatchHeader::decode(std::span<const std::byte> bytes,
                                               std::int64_t position) noexcept {
    assert(bytes.size() >= protocol::batch_header_bytes);
    const std::byte* at = bytes.data();
    const auto length = load_be<std::int32_t>(at + field::batch_length);
    constexpr auto prefix = static_cast<std::int32_t>(protocol::batch_prefix_bytes);
    constexpr auto length_min = static_cast<std::int32_t>(protocol::batch_header_bytes) - prefix;
    if (length < length_min || length > std::numeric_limits<std::int32_t>::max() - prefix)
        return std::nullopt;
    if (load_be<std::int8_t>(at + field::magic) != protocol::batch_magic) return std::nullopt;
    BatchHeader header;
    header.position = position;
    header.size = length + prefix;
    header.base_offset = Offset(load_be<std::int64_t>(at + field::base_offset));
    header.epoch = LeaderEpoch(load_be<std::int32_t>(at + field::partition_leader_epoch));
    header.attributes = load_be<std::int16_t>(at + field::attributes);
    header.last_offset_delta = load_be<std::int32_t>(at + field::last_offset_delta);
    header.base_timestamp = Timestamp(load_be<std::int64_t>(at + field::base_timestamp));
    header.max_timestamp = Timestamp(load_be<std::int64_t>(at + field::max_timestamp));
    header.producer_id = ProducerId(load_be<std::int64_t>(at + field::producer_id));
    header.producer_epoch = ProducerEpoch(load_be<std::int16_t>(at + field::producer_epoch));
    header.base_sequence = load_be<std::int32_t>(at + field::base_sequence);
    header.record_count = load_be<std::int32_t>(at + field::record_count);
    constexpr std::int64_t offset_max = std::numeric_limits<std::int64_t>::max();
    if (header.base_offset.value < 0 || header.last_offset_delta < 0 || header.record_count < 0 ||
        header.base_offset.value > offset_max - header.last_offset_delta - 1) {
        return std::nullopt;
    }
    return header;
}

std::expected<BytesView, Error> BatchScanner::load(std::int64_t position, std::size_t length) {
    const std::int64_t window_end = window_position_ + static_cast<std::int64_t>(window_filled_);
    if (position < window_position_ || position + static_cast<std::int64_t>(length) > window_end) {
        const auto wanted = static_cast<std::size_t>(
            std::min<std::int64_t>(end_ - position, static_cast<std::int64_t>(window_.size())));
        const std::span<std::byte> into = window_.first(wanted);
        const auto got = mode_ == ReadMode::cached_only ? file_.read_cached(position, into)
                                                        : file_.read(position, into);
        if (!got) return std::unexpected(got.error());
        window_position_ = position;
        window_filled_ = *got;
    }
    const auto skip = static_cast<std::size_t>(position - window_position_);
    return BytesView(window_).subspan(skip, std::min(length, window_filled_ - skip));
}

std::expected<std::optional<BatchHeader>, Error> BatchScanner::next() {
    if (end_ - position_ < static_cast<std::int64_t>(protocol::batch_header_bytes))
        return std::nullopt;
    const auto bytes = load(position_, protocol::batch_header_bytes);
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->size() < protocol::batch_header_bytes) return std::nullopt;
    const std::optional<BatchHeader> header = BatchHeader::decode(*bytes, position_);
    if (!header || header->end() > end_) return std::nullopt;
    position_ = header->end();
    return header;
}

std::expected<BytesView, Error> BatchScanner::bytes(const BatchHeader& header) {
    const auto size = static_cast<std::size_t>(header.size);
    if (size <= window_.size()) return load(header.position, size);
    // The size was checked against the file's end, so this is bounded by the file.
    large_.resize(size);
    const auto got = file_.read(header.position, large_);
    if (!got) return std::unexpected(got.error());
    return BytesView(large_).first(*got);
}

}  // namespace mamba::log
