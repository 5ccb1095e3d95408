// The log of a partition as it was at one moment, for look-ups that read the disk: made under the
// partition's mutex (PartitionLog::reader) and used without it, by one thread that may wait.
//
// Appends go on meanwhile and are not seen. A segment that retention takes out meanwhile is
// not_found when it was not open yet: the caller makes another reader. Never outlives the storage,
// nor is one used across truncate_to().
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/error.h"
#include "log/log_position.h"
#include "protocol/types.h"

namespace mamba::log {

class Segment;

struct ReadResult {
    FileSlice slice;                   // empty when nothing lies between `from` and the limit
    Offset base_offset{-1};            // of the first batch in the slice
    std::size_t first_batch_size = 0;  // 0 when there was no need to look
};

struct TimestampedOffset {
    Timestamp timestamp = no_timestamp;
    Offset offset{-1};
    LeaderEpoch leader_epoch = no_leader_epoch;

    friend bool operator==(const TimestampedOffset&, const TimestampedOffset&) = default;
};

class LogReader {
public:
    ~LogReader();
    LogReader(LogReader&&) noexcept;
    LogReader& operator=(LogReader&&) noexcept;

    Offset log_start_offset() const noexcept { return log_start_offset_; }
    Offset end_offset() const noexcept { return end_.offset; }
    const LogPosition& end_position() const noexcept { return end_; }

    struct SegmentPlace {
        Offset base_offset;
        std::int64_t size = 0;
    };
    // The segment that `offset` lies in, or would.
    SegmentPlace segment_of(Offset offset) const;

    // From the batch that holds `from` up to `limit`, from one segment, at most `max_bytes` (but
    // the whole first batch when `at_least_one_batch`). May end within a batch, as Kafka's answers
    // do. Errors: out_of_range below log_start_offset() or above end_offset().
    std::expected<ReadResult, Error> read(Offset from, const LogPosition& limit,
                                          std::size_t max_bytes, bool at_least_one_batch);

    // Of the batch that holds `offset`, or the first behind it; the end when there is none. Errors:
    // out_of_range.
    std::expected<LogPosition, Error> position_of(Offset offset);

    // The batches before the one that starts at or behind `end`, as far as they lie in one segment:
    // the last `bytes` or so of them, at least one. Empty when nothing lies there; what lies below
    // log_start_offset() may be among them.
    std::expected<ReadResult, Error> read_before(Offset end, std::size_t bytes);

    // The first record at or after `timestamp`; empty when there is none.
    std::expected<std::optional<TimestampedOffset>, Error> offset_for_timestamp(
        Timestamp timestamp);
    // The first record that bears the largest timestamp; empty for a log without records.
    std::expected<std::optional<TimestampedOffset>, Error> max_timestamp_offset();

private:
    friend class PartitionLog;
    LogReader(std::string directory, Offset log_start_offset, const LogPosition& end);

    std::unique_ptr<const std::string> directory_;  // the segments refer to it
    std::vector<std::unique_ptr<Segment>> segments_;
    Offset log_start_offset_;
    LogPosition end_;
};

}  // namespace mamba::log
