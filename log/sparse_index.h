// What both indexes of a segment are: entries of one size in rising order, appended to a file and
// found by binary search in its mapping. `Format` says how an entry looks:
//
//     using Entry                            with a field `offset`
//     entry_bytes, file_suffix
//     static Entry load(Offset base, const std::byte* at)
//     static void store(Offset base, const Entry& entry, std::byte* at)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include "log/error.h"
#include "log/index_file.h"
#include "log/segment_files.h"
#include "protocol/types.h"

namespace mamba::log {

template <class Format>
class SparseIndex {
public:
    using Entry = typename Format::Entry;
    static constexpr std::size_t entry_bytes = Format::entry_bytes;

    explicit SparseIndex(std::int32_t entries) noexcept
        : file_(Format::file_suffix, entry_bytes, entries) {}

    std::int32_t entries() const noexcept { return file_.entries(); }

    // `entry` lies above all others.
    std::expected<void, Error> append(const SegmentFiles& files, const Entry& entry) {
        std::array<std::byte, entry_bytes> bytes;
        Format::store(files.base, entry, bytes.data());
        return file_.append(files, bytes);
    }

    std::expected<std::optional<Entry>, Error> last(const SegmentFiles& files) {
        if (entries() == 0) return std::nullopt;
        if (auto mapped = file_.map(files); !mapped)
            return std::unexpected(std::move(mapped.error()));
        return at(files, entries() - 1);
    }

    // Drops the entries whose offset is at or above `offset`.
    std::expected<void, Error> truncate_to(const SegmentFiles& files, Offset offset) {
        if (auto mapped = file_.map(files); !mapped) return mapped;
        std::int32_t keep = entries();
        while (keep > 0 && at(files, keep - 1).offset >= offset) --keep;
        return file_.truncate(files, keep);
    }
    std::expected<void, Error> clear(const SegmentFiles& files) { return file_.truncate(files, 0); }

    IndexFile& file() noexcept { return file_; }
    const IndexFile& file() const noexcept { return file_; }

protected:
    // Of entries of which the first ones are `below` and no later one is: the last that is. O(log n).
    template <class Below>
    std::expected<std::optional<Entry>, Error> last_where(const SegmentFiles& files, Below below) {
        if (entries() == 0) return std::nullopt;
        if (auto mapped = file_.map(files); !mapped)
            return std::unexpected(std::move(mapped.error()));
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

private:
    Entry at(const SegmentFiles& files, std::int32_t index) const noexcept {
        return Format::load(files.base, file_.entry(index));
    }

    IndexFile file_;
};

}  // namespace mamba::log
