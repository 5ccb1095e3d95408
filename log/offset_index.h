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

#include "log/error.h"
#include "log/index_file.h"
#include "log/segment_files.h"
#include "protocol/types.h"

namespace mamba::log {

class OffsetIndex {
public:
    static constexpr std::size_t entry_bytes = 8;

    struct Entry {
        Offset offset;
        std::int32_t position = 0;

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    explicit OffsetIndex(std::int32_t entries) noexcept
        : file_(suffix::offset_index, entry_bytes, entries) {}

    std::int32_t entries() const noexcept { return file_.entries(); }
    bool is_full(std::int32_t index_bytes_max) const noexcept {
        return entries() >= index_bytes_max / static_cast<std::int32_t>(entry_bytes);
    }

    // `entry` lies above all others in offset and position.
    std::expected<void, Error> append(const SegmentFiles& files, Entry entry);

    // The last entry at or below `target`; empty when there is none. O(log n).
    std::expected<std::optional<Entry>, Error> lookup(const SegmentFiles& files, Offset target);

    // The last entry of a batch that lies at or before `position`; empty when there is none. O(log n).
    std::expected<std::optional<Entry>, Error> lookup_position(const SegmentFiles& files,
                                                               std::int64_t position);

    std::expected<std::optional<Entry>, Error> last(const SegmentFiles& files);

    // Drops the entries at or above `offset`.
    std::expected<void, Error> truncate_to(const SegmentFiles& files, Offset offset);
    std::expected<void, Error> clear(const SegmentFiles& files) { return file_.truncate(files, 0); }

    IndexFile& file() noexcept { return file_; }

private:
    Entry at(const SegmentFiles& files, std::int32_t index) const noexcept;
    template <class Below>
    std::expected<std::optional<Entry>, Error> last_where(const SegmentFiles& files, Below below);

    IndexFile file_;
};

}  // namespace mamba::log
