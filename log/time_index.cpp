#include "log/time_index.h"

#include <array>

#include "protocol/byte_order.h"

namespace mamba::log {

using protocol::load_be;
using protocol::store_be;

TimeIndex::Entry TimeIndex::at(const SegmentFiles& files, std::int32_t index) const noexcept {
    const std::byte* bytes = file_.entry(index);
    return {Timestamp(load_be<std::int64_t>(bytes)), files.base + load_be<std::int32_t>(bytes + 8)};
}

std::expected<void, Error> TimeIndex::append_if_later(const SegmentFiles& files, Entry entry) {
    const auto before = last(files);
    if (!before) return std::unexpected(before.error());
    if (*before && (*before)->timestamp >= entry.timestamp) return {};
    std::array<std::byte, entry_bytes> bytes;
    store_be(bytes.data(), entry.timestamp.value);
    store_be(bytes.data() + 8, static_cast<std::int32_t>(entry.offset - files.base));
    return file_.append(files, bytes);
}

std::expected<std::optional<TimeIndex::Entry>, Error> TimeIndex::lookup(const SegmentFiles& files,
                                                                        Timestamp target) {
    if (entries() == 0) return std::nullopt;
    if (auto mapped = file_.map(files); !mapped) return std::unexpected(std::move(mapped.error()));
    std::int32_t low = 0;  // entries before it are at or below `target`, from `high` on above it
    std::int32_t high = entries();
    while (low < high) {
        const std::int32_t middle = low + (high - low) / 2;
        if (at(files, middle).timestamp <= target)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return std::nullopt;
    return at(files, low - 1);
}

std::expected<std::optional<TimeIndex::Entry>, Error> TimeIndex::last(const SegmentFiles& files) {
    if (entries() == 0) return std::nullopt;
    if (auto mapped = file_.map(files); !mapped) return std::unexpected(std::move(mapped.error()));
    return at(files, entries() - 1);
}

std::expected<void, Error> TimeIndex::truncate_to(const SegmentFiles& files, Offset offset) {
    if (auto mapped = file_.map(files); !mapped) return mapped;
    std::int32_t keep = entries();
    while (keep > 0 && at(files, keep - 1).offset >= offset) --keep;
    return file_.truncate(files, keep);
}

}  // namespace mamba::log
