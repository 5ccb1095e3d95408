// A search through records of a topic that a person asked for in the console: resumable, bounded, cancellable.
//
//     auto scan = RecordScan::start(request, partitions, clock);
//     for (;;) {
//         RecordScan::Step step = scan->step();
//         send(step.warnings, step.records);  // and scan->progress(), every now and then
//         if (step.end) break;                // scan->cursor() goes on from here
//         if (step.waiting) wait until scan->await_news()'s listener is told, or a while
//     }
//
// A scan covers a range of offsets of each partition, which `from` and `to` give as of the start, and goes through
// it in either order. Partitions are merged by time, batch by batch: of the batches that come next, the one with
// the earliest (newest first: the latest) time is looked at whole. So records come in the order of their time as
// far as batches of different partitions do not overlap; within a partition always in the order of offsets.
//
// Held after every step:
//   1. each record of the ranges that matches is given once, over any number of stops and cursors, unless it is
//      deleted meanwhile or its partition could not be read, which a warning says;
//   2. nothing at or above the high watermark is given; with read_committed nothing above the last stable offset,
//      and no control record; records of aborted transactions are given, and marked;
//   3. a step ends: it looks at a batch at least, but at no more than step_bytes and step_records, or step_time;
//   4. memory: a chunk for each partition (chunks_bytes_max in all), one batch decompressed, one step's previews.
//
// It takes a partition's mutex for look-ups alone and reads files itself, so a step may wait for the disk: it is
// for a thread of the console, never for an io thread. One thread at a time, cancel() apart.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker/partition.h"
#include "broker/request.h"
#include "broker/scan/batch_walk.h"
#include "broker/scan/record_filter.h"
#include "broker/scan/scanned_record.h"

namespace mamba::broker {

// Where a scan begins. Offsets outside of a log are taken as its nearest end.
namespace scan_from {
// The newest records. Newest first: the whole log, and no more than `count` matches. Oldest first: the last
// `count` offsets of each partition.
struct Newest {
    std::int64_t count = 0;
};
struct Beginning {};
// Each partition's own; one that is not named begins at its log's start. For a group's committed offsets too.
struct Offsets {
    std::map<PartitionIndex, Offset> offsets;
};
// The first record at or after a time.
struct Time {
    Timestamp time;
};
// What is written from now on.
struct Live {};
}  // namespace scan_from
using ScanFrom =
    std::variant<scan_from::Beginning, scan_from::Newest, scan_from::Offsets, scan_from::Time, scan_from::Live>;

// Where it ends, exclusive.
namespace scan_to {
// The end of each log when the scan starts.
struct End {};
struct Offsets {
    std::map<PartitionIndex, Offset> offsets;  // one that is not named ends at its log's end
};
// The first record at or after a time.
struct Time {
    Timestamp time;
};
// It waits for more records for ever. Oldest first only.
struct Never {};
}  // namespace scan_to
using ScanTo = std::variant<scan_to::End, scan_to::Offsets, scan_to::Time, scan_to::Never>;

enum class ScanOrder : std::uint8_t { oldest_first, newest_first };
enum class ScanIsolation : std::uint8_t { read_committed, read_uncommitted };

struct ScanBudget {
    Duration time = std::chrono::seconds(10);  // from the first step on
    std::int64_t bytes = 256 * 1024 * 1024;    // of batches as they lie in the log
};

struct ScanRequest {
    ScanFrom from = scan_from::Beginning{};
    ScanTo to = scan_to::End{};
    ScanOrder order = ScanOrder::oldest_first;
    ScanIsolation isolation = ScanIsolation::read_committed;
    std::int64_t limit = 200;  // matches
    RecordFilter filter;
    PreviewSize preview;
    ScanBudget budget;
};

// What is left to do of one partition: [low, high).
struct ScanRange {
    PartitionIndex partition;
    Offset low;
    Offset high;  // no_scan_end: for ever

    friend bool operator==(const ScanRange&, const ScanRange&) = default;
};
inline constexpr Offset no_scan_end{INT64_MAX};

// From where another scan goes on; scan_cursor.h makes a text of it. Partitions that are done are left out.
struct ScanCursor {
    ScanOrder order = ScanOrder::oldest_first;
    ScanIsolation isolation = ScanIsolation::read_committed;
    std::vector<ScanRange> ranges;

    friend bool operator==(const ScanCursor&, const ScanCursor&) = default;
};

struct ScanWarning {
    PartitionIndex partition;
    ErrorCode code = ErrorCode::none;
    std::string message;
};

enum class ScanEnd : std::uint8_t {
    end,        // all ranges are done
    limit,      // as many matches as asked for
    budget,     // time or bytes are used up
    cancelled,  // by cancel()
    too_slow,   // the expression takes too long; a warning names the record
};

struct ScanProgress {
    std::int64_t scanned = 0;      // records looked at
    std::int64_t bytes = 0;        // of batches as they lie in the log
    std::int64_t matched = 0;
    std::int64_t upper_bound = 0;  // no more than so many offsets were to be looked at when it started
    std::size_t partitions = 0;
    std::size_t partitions_done = 0;
    Duration time{};
};

class RecordScan {
public:
    // The monotonic clock.
    using ClockFunction = std::function<Instant()>;

    struct Step {
        std::vector<ScannedRecord> records;
        std::vector<ScanWarning> warnings;
        std::optional<ScanEnd> end;  // the scan is over; further steps say the same
        bool waiting = false;        // to::Never: there is nothing more now
    };

    static constexpr std::size_t step_records = 256;
    static constexpr std::size_t step_preview_bytes = 1024 * 1024;
    static constexpr std::int64_t step_bytes = 4 * 1024 * 1024;
    static constexpr Duration step_time = std::chrono::milliseconds(25);
    static constexpr std::size_t chunks_bytes_max = 8 * 1024 * 1024;
    static constexpr std::size_t warnings_max = 100;
    // What an expression may take of each record, or each 64 KiB of it, on average, beyond a first allowance.
    static constexpr Duration record_time_max = std::chrono::milliseconds(1);
    static constexpr std::size_t record_time_bytes = 64 * 1024;
    static constexpr Duration record_time_allowance = std::chrono::milliseconds(100);

    // Of partitions of one topic. Looks the ranges up, which may read the disk; what cannot be looked up is a
    // warning of the first step.
    static std::unique_ptr<RecordScan> start(ScanRequest request, std::vector<std::shared_ptr<Partition>> partitions,
                                             ClockFunction clock);
    // Goes on where another scan was: `from`, `to`, `order` and `isolation` of the request are not looked at, the
    // filter is to be the same. Of `partitions`, those that the cursor names are scanned.
    static std::unique_ptr<RecordScan> resume(ScanRequest request, const ScanCursor& cursor,
                                              std::vector<std::shared_ptr<Partition>> partitions, ClockFunction clock);
    ~RecordScan();
    RecordScan(const RecordScan&) = delete;
    RecordScan& operator=(const RecordScan&) = delete;

    Step step();

    // From any thread: a step that is under way ends soon, and the scan is over.
    void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }

    // What was to be scanned when it started.
    const std::vector<ScanRange>& ranges() const { return ranges_; }
    ScanProgress progress() const;
    // What is left.
    ScanCursor cursor() const;
    // How far each partition has got: all before it is done, newest first all from it on.
    std::vector<std::pair<PartitionIndex, Offset>> positions() const;

    // When a step was waiting: false if there is something by now, else `listener` will be told when there is.
    bool await_news(const std::weak_ptr<ReadListener>& listener);

private:
    struct Lane;
    class OpenBatch;

    RecordScan(ScanRequest request, ClockFunction clock);

    void add_lane(std::shared_ptr<Partition> partition, Offset low, Offset high);
    void resolve(std::shared_ptr<Partition> partition);
    std::expected<std::pair<Offset, Offset>, log::Error> range_of(Partition& partition) const;
    void prepare(std::size_t partitions);
    Offset visible_end(Partition& partition) const;
    std::optional<ScanEnd> reason_to_end(Instant now) const;
    bool step_is_full(const Step& step) const;
    void leave_out(Step& step, Lane& lane, const ScanFailure& failure);
    bool comes_later(const Lane* a, const Lane* b) const;
    void look_ahead(Step& step);
    Lane* next_lane();
    void open(Lane& lane, Step& step);
    void work(Step& step);
    void check_crc(Step& step, const Lane& lane, const protocol::RecordBatchView& batch);
    bool is_aborted(Lane& lane, const protocol::RecordBatchView& batch, Step& step);
    void finish(Lane& lane, const protocol::RecordBatchView& batch);
    void warn(Step& step, PartitionIndex partition, ErrorCode code, std::string message);
    bool is_ascending() const { return request_.order == ScanOrder::oldest_first; }

    ScanRequest request_;
    ClockFunction clock_;
    std::atomic<bool> cancelled_{false};
    std::vector<ScanRange> ranges_;
    std::vector<ScanWarning> early_warnings_;  // of the start, for the first step
    std::size_t warnings_ = 0;

    std::vector<std::unique_ptr<Lane>> lanes_;
    std::vector<Lane*> unseen_;   // whose next batch is not known yet
    std::vector<Lane*> ready_;    // a heap by the time of the next batch
    std::vector<Lane*> waiting_;  // at their end for now
    std::unique_ptr<OpenBatch> batch_;
    protocol::Compression compression_;

    ScanProgress progress_;
    std::int64_t step_bytes_left_ = 0;
    std::size_t step_preview_bytes_ = 0;
    Instant step_until_{};
    std::optional<Instant> started_;
    bool has_worked_ = false;  // on a record or a batch
    Duration expression_time_{};
    Duration expression_time_max_ = record_time_allowance;
    std::shared_ptr<ReadListener> news_;  // what the partitions know of await_news()'s listener
    std::optional<ScanEnd> end_;
};

// Where the earliest open transaction begins, or the high watermark.
Offset last_stable_offset(Partition& partition);

// One record at its full size. Errors: as LoadedBatch::find() has them; invalid_record where there is none at that
// offset, since compaction has taken it.
std::expected<ScannedRecord, ScanFailure> read_record(const std::shared_ptr<Partition>& partition, Offset offset);

}  // namespace mamba::broker
