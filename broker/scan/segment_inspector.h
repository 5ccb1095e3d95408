// What lies on disk of a partition: its segments, their batches, the records in a batch, and whether checksums and
// indexes are right. What kafka-dump-log.sh shows of a stopped broker, of a running one.
//
// Takes the partition's mutex for look-ups alone and reads files itself: for a thread of the console. Batches are
// shown up to the log's end, records below the high watermark only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/partition.h"
#include "broker/scan/batch_walk.h"
#include "broker/scan/scanned_record.h"

namespace mamba::broker {

struct SegmentSummary {
    Offset base_offset;
    Offset end_offset;  // the offset after its last one; less base_offset, how many records there are at most
    std::int64_t bytes = 0;
    Timestamp first_timestamp = no_timestamp;  // of its first batch
    Timestamp largest_timestamp = no_timestamp;
    std::int32_t offset_index_entries = 0;
    std::int32_t time_index_entries = 0;
    bool is_active = false;
    std::string file;  // the name of its .log file
};

struct PartitionSegments {
    Offset log_start;
    Offset last_stable;
    Offset high_watermark;
    Offset log_end;
    std::vector<SegmentSummary> segments;  // by base offset
};

std::expected<PartitionSegments, ScanFailure> list_segments(Partition& partition);

struct InspectedBatch {
    BatchFacts facts;
    Offset segment_base;
    std::int64_t position = 0;  // in the segment's file
};

// Batches of one segment, as many as asked for and as `batch_page_bytes_max` allows, but one at least.
struct BatchPage {
    std::vector<InspectedBatch> batches;
    std::optional<Offset> next;  // where the next page begins; none: the segment ends
    std::string damage;          // empty, or what is wrong behind the last batch
};
inline constexpr std::size_t batch_page_bytes_max = 64 * 1024 * 1024;

// From the batch that holds `from` on. Errors: offset_out_of_range when there is no such segment.
std::expected<BatchPage, ScanFailure> list_batches(Partition& partition, Offset segment_base, Offset from,
                                                   std::size_t limit);

// Records of one batch.
struct BatchRecords {
    InspectedBatch batch;
    std::vector<ScannedRecord> records;
    std::optional<std::size_t> next;  // the place in the batch where the next page begins
    std::string damage;               // empty, or why there are no more
};

// Of the batch that holds `offset`, from its `first`th record on. Errors as read_record() has them.
std::expected<BatchRecords, ScanFailure> list_records(const std::shared_ptr<Partition>& partition, Offset offset,
                                                      std::size_t first, std::size_t limit, PreviewSize preview);

// Reads a whole segment and checks every checksum, that offsets rise, and that each entry of both indexes says what
// is so. Step by step: to cancel it, stop calling.
class SegmentVerification {
public:
    static constexpr std::int64_t step_bytes = 4 * 1024 * 1024;
    static constexpr std::size_t problems_max = 100;

    struct Problem {
        std::int64_t position = 0;    // in the .log file
        std::optional<Offset> offset; // of the batch, when there is one
        std::string message;
    };
    struct Report {
        std::int64_t batches = 0;
        std::int64_t records = 0;
        std::int64_t bytes = 0;        // checked so far
        std::int64_t bytes_total = 0;  // of the segment when it began
        std::int64_t problem_count = 0;
        std::vector<Problem> problems;  // the first ones
    };

    // Errors: offset_out_of_range when there is no such segment, what opening its files gave otherwise.
    static std::expected<SegmentVerification, ScanFailure> start(Partition& partition, Offset segment_base);

    // Checks some batches; false when all are checked.
    bool step();
    const Report& report() const { return report_; }

private:
    struct TimeEntry {
        Timestamp timestamp;
        Offset offset;
    };

    SegmentVerification() = default;

    void check_batch(const log::BatchHeader& header, BytesView bytes);
    void check_index_entries(const log::BatchHeader* header);
    void add_problem(std::int64_t position, std::optional<Offset> offset, std::string message);

    std::shared_ptr<log::StorageFile> file_;
    Offset base_;
    Offset next_;  // no batch begins below it
    std::int64_t position_ = 0;
    std::vector<std::pair<Offset, std::int64_t>> offset_entries_;  // last offset of a batch, its position
    std::vector<TimeEntry> time_entries_;
    std::size_t offset_entry_ = 0;  // the first that is not checked yet
    std::size_t time_entry_ = 0;
    Timestamp largest_ = no_timestamp;  // of the batches so far
    Report report_;
};

}  // namespace mamba::broker
