// Opens a partition's folder: finishes what a crash left half done, loads or recovers the segments,
// and rebuilds what is kept in memory. Used once, by PartitionLog::open().
//
//     after an orderly stop   sizes are believed; the tail behind the last index entry is read
//     otherwise               every batch from the segment of the recovery point on is read and its
//                             checksum verified; the log ends before the first that is torn,
//                             corrupt or out of place, segments behind it are removed; the indexes
//                             are made anew; what is left is flushed
//
// Damage below the recovery point is no torn tail: those bytes were on the disk. Nothing is cut
// then, open() gives `corrupt` and the files stay as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "log/error.h"
#include "log/partition_log.h"
#include "protocol/types.h"

namespace mamba::log {

class LogLoader {
public:
    LogLoader(PartitionLog& log, const PartitionLog::OpenOptions& options)
        : log_(log), options_(options) {}

    std::expected<void, Error> load();

private:
    // Which of a segment's files the folder has.
    struct SegmentNames {
        bool log = false;
        bool offset_index = false;
        bool time_index = false;
    };
    // How far a segment's batches are good.
    struct Scan {
        Offset end;
        std::int64_t bytes = 0;
        std::string reason;  // empty: to the end of the file
    };

    std::expected<void, Error> list_files();
    std::expected<void, Error> finish_swaps(std::vector<std::string>& names);
    std::expected<void, Error> load_metadata();
    std::expected<void, Error> store_metadata();
    std::expected<void, Error> load_segments();
    std::expected<void, Error> remove_first();
    std::expected<void, Error> drop_below_log_start();
    std::expected<void, Error> set_log_start();
    std::expected<void, Error> recover_all();
    std::expected<Offset, Error> end_of_sealed(std::size_t index);
    std::expected<bool, Error> was_compacted(std::size_t end);
    std::expected<bool, Error> recover(std::size_t index, bool with_epochs);
    void size_window_for(std::int64_t segment_bytes);
    std::expected<Scan, Error> scan(Segment& segment, bool with_epochs);
    std::expected<void, Error> remove_from(std::size_t index, std::string reason);
    std::expected<void, Error> flush_recovered(std::size_t first);
    std::expected<void, Error> load_epochs();

    PartitionLog& log_;
    const PartitionLog::OpenOptions& options_;
    std::map<Offset, SegmentNames> found_;
    std::vector<Offset> snapshots_;
    std::vector<bool> rebuild_;  // by segment: an index is missing or cannot be right
    Bytes window_;
};

}  // namespace mamba::log
