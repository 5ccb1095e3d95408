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

#include "log/error.h"
#include "log/index_file.h"
#include "log/segment_files.h"
#include "protocol/types.h"

namespace mamba::log {

class TimeIndex {
public:
    static constexpr std::size_t entry_bytes = 12;

    struct Entry {
        Timestamp timestamp = no_timestamp;
        Offset offset;

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    explicit TimeIndex(std::int32_t entries) noexcept
        : file_(suffix::time_index, entry_bytes, entries) {}

    std::int32_t entries() const noexcept { return file_.entries(); }
    // One place is kept for the entry that sealing adds.
    bool is_full(std::int32_t index_bytes_max) const noexcept {
        return entries() >= index_bytes_max / static_cast<std::int32_t>(entry_bytes) - 1;
    }

    // Adds the entry when its timestamp is above the last one's.
    std::expected<void, Error> append_if_later(const SegmentFiles& files, Entry entry);

    // The last entry whose timestamp is at or below `target`; empty when there is none. O(log n).
    std::expected<std::optional<Entry>, Error> lookup(const SegmentFiles& files, Timestamp target);

    std::expected<std::optional<Entry>, Error> last(const SegmentFiles& files);

    // Drops the entries whose offset is at or above `offset`.
    std::expected<void, Error> truncate_to(const SegmentFiles& files, Offset offset);
    std::expected<void, Error> clear(const SegmentFiles& files) { return file_.truncate(files, 0); }

    IndexFile& file() noexcept { return file_; }

private:
    Entry at(const SegmentFiles& files, std::int32_t index) const noexcept;

    IndexFile file_;
};

}  // namespace mamba::log
