// Sparse map from timestamp to offset within one segment; its .timeindex file.
//
// Layout, integers big-endian, entries in rising order of both fields:
//
//     entry := timestamp        int64   the largest in the segment up to and including that batch
//              relative_offset  int32   last offset of the batch that bears it, minus the base
//              offset
//
// When a segment is sealed or closed its last entry has the largest timestamp of all its records:
// retention by time needs no more than that. The layout is Kafka's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "log/sparse_index.h"

namespace mamba::log {

struct TimeIndexFormat {
    static constexpr std::size_t entry_bytes = 12;
    static constexpr std::string_view file_suffix = suffix::time_index;

    struct Entry {
        Timestamp timestamp = no_timestamp;
        Offset offset;

        friend bool operator==(const Entry&, const Entry&) = default;
    };
    static Entry load(Offset base, const std::byte* at) noexcept;
    static void store(Offset base, const Entry& entry, std::byte* at) noexcept;
};

class TimeIndex : public SparseIndex<TimeIndexFormat> {
public:
    using SparseIndex::SparseIndex;

    // One place is kept for the entry that sealing adds.
    bool is_full(std::int32_t index_bytes_max) const noexcept {
        return entries() >= index_bytes_max / static_cast<std::int32_t>(entry_bytes) - 1;
    }

    // Adds the entry when its timestamp is above the last one's.
    std::expected<void, Error> append_if_later(const SegmentFiles& files, Entry entry);

    // The last entry whose timestamp is at or below `target`; empty when there is none.
    std::expected<std::optional<Entry>, Error> lookup(const SegmentFiles& files, Timestamp target) {
        return last_where(files,
                          [target](const Entry& entry) { return entry.timestamp <= target; });
    }
};

}  // namespace mamba::log
