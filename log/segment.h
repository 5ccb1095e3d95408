// One segment of a partition's log: its .log file of batches, and the two indexes over it.
//
// The file grows by write() alone. Allocating ahead (fallocate with FALLOC_FL_KEEP_SIZE, 16 MiB at
// a time) took 15-20 % off a lone write + fdatasync of 4 KiB on ext4 over virtio (170 us against
// 207 us, medians of four alternating runs) and nothing off a write without a flush. Group commit
// pays that once a round, so it was not worth the space that 10,000 quiet partitions would hold,
// nor a second way in which a disk can be full.
//
// Files are opened at first use and can be given back at any time: a segment at rest costs no
// descriptor and no mapping.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "log/batch_scanner.h"
#include "log/error.h"
#include "log/log_config.h"
#include "log/offset_index.h"
#include "log/segment_files.h"
#include "log/storage.h"
#include "log/time_index.h"
#include "protocol/types.h"

namespace mamba::log {

class Segment {
public:
    // What the files' sizes say; zeros for a new segment.
    struct Sizes {
        std::int64_t log_bytes = 0;
        std::int32_t offset_index_entries = 0;
        std::int32_t time_index_entries = 0;
    };

    // Borrows `storage` and `directory`. `created` stands in for the time of a segment whose
    // records have none; `jitter_ms` is taken off segment.ms.
    Segment(Storage& storage, const std::string& directory, Offset base, Sizes sizes,
            Timestamp created, std::int64_t jitter_ms) noexcept;
    Segment(const Segment&) = delete;
    Segment& operator=(const Segment&) = delete;

    Offset base_offset() const noexcept { return base_; }
    std::int64_t size() const noexcept { return size_; }
    SegmentFiles files() const noexcept { return {storage_, directory_, base_}; }

    bool is_open() const noexcept { return file_ != nullptr; }
    // The .log file, opened when it is not.
    std::expected<std::shared_ptr<StorageFile>, Error> file();
    // The .log file, both indexes: what sealing has to make durable.
    std::expected<std::array<std::shared_ptr<StorageFile>, 3>, Error> all_files();

    // A copy to look things up in while this one goes on: as long as it is now, in `directory`, which
    // the caller keeps. It shares what is open; of a segment that was deleted it is not_found.
    std::unique_ptr<Segment> snapshot(const std::string& directory) const;
    // Takes over what a snapshot of this segment has opened and found out.
    void adopt(const Segment& snapshot);

    // ---- writing; only the active segment is written to

    // Writes at the end. After an error the file is cut back to what it was; when that failed too,
    // damaged() is true and the file's end is unknown.
    std::expected<void, Error> append(std::span<const BytesView> pieces, std::int64_t bytes);
    bool damaged() const noexcept { return damaged_; }

    // Takes note of a batch that lies at `position`, and adds index entries when they are due. An
    // index that could not be written to is left as it is: it is sparse, the next batch tries
    // again.
    void on_batch(const LogConfig& config, Offset last_offset, Timestamp max_timestamp,
                  std::int64_t position, std::int32_t size);

    // Kafka's rule, for a batch of `bytes` about to be appended.
    bool should_roll(const LogConfig& config, std::int64_t bytes, Timestamp batch_timestamp,
                     Offset last_offset, Timestamp now);

    // Adds the largest timestamp to the time index: no more batches come, or the log is closed.
    std::expected<void, Error> seal();

    // Makes the segment end at `position`, a batch's end; `offset` is the first that is gone.
    std::expected<void, Error> truncate(std::int64_t position, Offset offset);

    // Empties both indexes and forgets times, before on_batch() is called for every batch anew.
    std::expected<void, Error> clear_indexes();

    // ---- reading

    // Reads the headers behind the last index entry. The offset after the last batch; empty when
    // batches do not reach to the end of the file, which then needs recovery.
    std::expected<std::optional<Offset>, Error> load_end();

    // The first batch whose last offset is at or above `target`; empty when there is none.
    // Errors: would_block, where it would have to wait and may not.
    std::expected<std::optional<BatchHeader>, Error> find(Offset target,
                                                          ReadMode mode = ReadMode::may_wait);

    // Where a batch starts, at or before `position`: as near as the index tells, else the segment's
    // start.
    std::expected<std::int64_t, Error> batch_start_before(std::int64_t position);

    // The largest timestamp of all records and the last offset of the first batch that bears it.
    std::expected<TimeIndex::Entry, Error> largest_timestamp();
    // The same for retention: without timestamps, when the segment was made or opened.
    std::expected<Timestamp, Error> retention_timestamp();

    // The first record at or after both `timestamp` and the offset `from`, when it is in this
    // segment.
    struct Found {
        Timestamp timestamp;
        Offset offset;
        LeaderEpoch epoch;
    };
    std::expected<std::optional<Found>, Error> find_timestamp(Timestamp timestamp, Offset from);

    std::int32_t offset_index_entries() const noexcept { return offset_index_.entries(); }
    std::int32_t time_index_entries() const noexcept { return time_index_.entries(); }
    bool has_index_entries() const noexcept {
        return offset_index_.entries() > 0 || time_index_.entries() > 0;
    }

    // Closes all files; the next use opens them again.
    void release() noexcept;
    // The same, unless something was used since the last call.
    void release_idle() noexcept;

private:
    std::expected<std::optional<BatchHeader>, Error> find_from(
        std::int64_t position, Offset target, std::optional<Offset> first_last_offset,
        ReadMode mode, bool& misplaced);

    Storage& storage_;
    const std::string& directory_;
    Offset base_;
    std::int64_t size_;
    std::shared_ptr<StorageFile> file_;
    OffsetIndex offset_index_;
    TimeIndex time_index_;

    Timestamp created_;
    std::int64_t jitter_ms_;
    TimeIndex::Entry largest_;  // valid when largest_known_
    std::optional<Timestamp> first_batch_timestamp_;
    std::int64_t bytes_since_index_entry_ = 0;
    bool largest_known_;
    bool damaged_ = false;
    bool used_ = false;  // since release_idle()
};

}  // namespace mamba::log
