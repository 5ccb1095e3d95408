#include "log/time_index.h"

#include "protocol/byte_order.h"

namespace mamba::log {

using protocol::load_be;
using protocol::store_be;

TimeIndexFormat::Entry TimeIndexFormat::load(Offset base, const std::byte* at) noexcept {
    return {Timestamp(load_be<std::int64_t>(at)), base + load_be<std::int32_t>(at + 8)};
}

void TimeIndexFormat::store(Offset base, const Entry& entry, std::byte* at) noexcept {
    store_be(at, entry.timestamp.value);
    store_be(at + 8, static_cast<std::int32_t>(entry.offset - base));
}

std::expected<void, Error> TimeIndex::append_if_later(const SegmentFiles& files, Entry entry) {
    const auto before = last(files);
    if (!before) return std::unexpected(before.error());
    if (*before && (*before)->timestamp >= entry.timestamp) return {};
    return append(files, entry);
}

}  // namespace mamba::log
