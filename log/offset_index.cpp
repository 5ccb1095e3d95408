#include "log/offset_index.h"

#include <array>

#include "protocol/byte_order.h"

namespace mamba::log {

using protocol::load_be;
using protocol::store_be;

OffsetIndex::Entry OffsetIndex::at(const SegmentFiles& files, std::int32_t index) const noexcept {
    const std::byte* bytes = file_.entry(index);
    return {files.base + load_be<std::int32_t>(bytes), load_be<std::int32_t>(bytes + 4)};
}

std::expected<void, Error> OffsetIndex::append(const SegmentFiles& files, Entry entry) {
    std::array<std::byte, entry_bytes> bytes;
    store_be(bytes.data(), static_cast<std::int32_t>(entry.offset - files.base));
    store_be(bytes.data() + 4, entry.position);
    return file_.append(files, bytes);
}

// Of entries of which the first ones are `below` and no later one is: the last that is.
template <class Below>
std::expected<std::optional<OffsetIndex::Entry>, Error> OffsetIndex::last_where(
    const SegmentFiles& files, Below below) {
    if (entries() == 0) return std::nullopt;
    if (auto mapped = file_.map(files); !mapped) return std::unexpected(std::move(mapped.error()));
    std::int32_t low = 0;  // entries before it are below, from `high` on they are not
    std::int32_t high = entries();
    while (low < high) {
        const std::int32_t middle = low + (high - low) / 2;
        if (below(at(files, middle)))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return std::nullopt;
    return at(files, low - 1);
}

std::expected<std::optional<OffsetIndex::Entry>, Error> OffsetIndex::lookup(
    const SegmentFiles& files, Offset target) {
    return last_where(files, [target](const Entry& entry) { return entry.offset <= target; });
}

std::expected<std::optional<OffsetIndex::Entry>, Error> OffsetIndex::lookup_position(
    const SegmentFiles& files, std::int64_t position) {
    return last_where(files, [position](const Entry& entry) { return entry.position <= position; });
}

std::expected<std::optional<OffsetIndex::Entry>, Error> OffsetIndex::last(
    const SegmentFiles& files) {
    if (entries() == 0) return std::nullopt;
    if (auto mapped = file_.map(files); !mapped) return std::unexpected(std::move(mapped.error()));
    return at(files, entries() - 1);
}

std::expected<void, Error> OffsetIndex::truncate_to(const SegmentFiles& files, Offset offset) {
    if (auto mapped = file_.map(files); !mapped) return mapped;
    std::int32_t keep = entries();
    while (keep > 0 && at(files, keep - 1).offset >= offset) --keep;
    return file_.truncate(files, keep);
}

}  // namespace mamba::log
