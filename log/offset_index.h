// Sparse map from record offset to byte position within one segment; its .index file.
//
// Layout, integers big-endian, entries in rising offset order:
//
//     entry := relative_offset  int32   last offset of a batch minus the segment's base offset
//              position         int32   of that batch, bytes from the start of the .log file
//
// There is no checksum: the index holds no fact that the segment lacks. A reader checks the batch
// that an entry points to, and does without the index when it is not the one that the entry names.
// The layout is Kafka's, so kafka-dump-log.sh reads our files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "log/sparse_index.h"

namespace mamba::log {

struct OffsetIndexFormat {
    static constexpr std::size_t entry_bytes = 8;
    static constexpr std::string_view file_suffix = suffix::offset_index;

    struct Entry {
        Offset offset;
        std::int32_t position = 0;

        friend bool operator==(const Entry&, const Entry&) = default;
    };
    static Entry load(Offset base, const std::byte* at) noexcept;
    static void store(Offset base, const Entry& entry, std::byte* at) noexcept;
};

class OffsetIndex : public SparseIndex<OffsetIndexFormat> {
public:
    using SparseIndex::SparseIndex;

    bool is_full(std::int32_t index_bytes_max) const noexcept {
        return entries() >= index_bytes_max / static_cast<std::int32_t>(entry_bytes);
    }

    // The last entry at or below `target`; empty when there is none.
    std::expected<std::optional<Entry>, Error> lookup(const SegmentFiles& files, Offset target) {
        return last_where(files, [target](const Entry& entry) { return entry.offset <= target; });
    }

    // The last entry of a batch that lies at or before `position`; empty when there is none.
    std::expected<std::optional<Entry>, Error> lookup_position(const SegmentFiles& files,
                                                               std::int64_t position) {
        return last_where(files,
                          [position](const Entry& entry) { return entry.position <= position; });
    }
};

}  // namespace mamba::log
