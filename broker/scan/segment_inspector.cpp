#include "broker/scan/segment_inspector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "broker/scan/record_scan.h"
#include "log/offset_index.h"
#include "log/segment_files.h"
#include "log/time_index.h"
#include "protocol/byte_order.h"

namespace mamba::broker {
namespace {

using log::BatchHeader;
using log::BatchScanner;
using SegmentInfo = log::PartitionLog::SegmentInfo;

constexpr std::size_t window_bytes = 256 * 1024;

ScanFailure failure_of(const log::Error& error) { return {error.code, error.message}; }

ScanFailure no_segment(Offset base) {
    return {ErrorCode::offset_out_of_range, fmt::format("there is no segment that starts at offset {}", base.value)};
}

// A segment as it was when the partition was asked.
struct LocatedSegment {
    SegmentInfo info;
    log::Storage* storage = nullptr;  // the partition's; it outlives all
    std::string directory;

    std::expected<std::shared_ptr<log::StorageFile>, ScanFailure> open(std::string_view suffix) const {
        const std::string path = directory + "/" + log::offset_file_name(info.base_offset, suffix);
        auto file = storage->open(path, log::Storage::Open::existing);
        if (!file) return std::unexpected(failure_of(file.error()));
        return std::move(*file);
    }
};

// The segment that starts at `base`.
std::expected<LocatedSegment, ScanFailure> find_segment(Partition& partition, Offset base) {
    if (partition.failed()) {
        return std::unexpected(ScanFailure{partition.failure(), "the partition is not served any more"});
    }
    return partition.with_log([base](log::PartitionLog& log) -> std::expected<LocatedSegment, ScanFailure> {
        const SegmentInfo segment = log.segment_of(base);
        if (segment.base_offset != base) return std::unexpected(no_segment(base));
        return LocatedSegment{segment, &log.storage(), log.directory()};
    });
}

// Where the batch lies that holds `offset`, or the first behind it.
struct Place {
    Offset segment_base;
    std::int64_t position = 0;
};
std::expected<std::optional<Place>, ScanFailure> find_batch(Partition& partition, Offset offset) {
    log::LogReader log = partition.reader();
    const Offset from = std::max(offset, log.log_start_offset());
    if (from >= log.end_offset()) return std::nullopt;
    const auto position = log.position_of(from);
    if (!position) return std::unexpected(failure_of(position.error()));
    if (position->offset == log.end_offset()) return std::nullopt;
    return Place{position->segment_base, position->position};
}

template <class Entry, class Decode>
std::expected<std::vector<Entry>, ScanFailure> read_entries(const LocatedSegment& segment, std::string_view suffix,
                                                            std::int32_t count, std::size_t entry_bytes,
                                                            Decode decode) {
    std::vector<Entry> entries;
    if (count == 0) return entries;
    const auto file = segment.open(suffix);
    if (!file) return std::unexpected(file.error());
    Bytes bytes(static_cast<std::size_t>(count) * entry_bytes);
    const auto size = (*file)->read(0, bytes);
    if (!size) return std::unexpected(failure_of(size.error()));
    for (std::size_t at = 0; at + entry_bytes <= *size; at += entry_bytes) entries.push_back(decode(bytes.data() + at));
    return entries;
}

}  // namespace

std::expected<PartitionSegments, ScanFailure> list_segments(Partition& partition) {
    if (partition.failed()) {
        return std::unexpected(ScanFailure{partition.failure(), "the partition is not served any more"});
    }
    PartitionSegments result;
    log::Storage* storage = nullptr;
    std::string directory;
    const auto infos = partition.with_log([&](log::PartitionLog& log) {
        result.log_start = log.log_start_offset();
        result.log_end = log.end_offset();
        storage = &log.storage();
        directory = log.directory();
        return log.segments();
    });
    result.last_stable = last_stable_offset(partition);
    result.high_watermark = partition.high_watermark();
    for (std::size_t i = 0; i < infos.size(); ++i) {
        const SegmentInfo& info = infos[i];
        SegmentSummary& summary = result.segments.emplace_back();
        summary.base_offset = info.base_offset;
        summary.is_active = i + 1 == infos.size();
        summary.end_offset = summary.is_active ? result.log_end : infos[i + 1].base_offset;
        summary.bytes = info.size;
        summary.largest_timestamp = info.max_timestamp;
        summary.offset_index_entries = info.offset_index_entries;
        summary.time_index_entries = info.time_index_entries;
        summary.file = log::offset_file_name(info.base_offset, log::suffix::log);
        // One that is deleted meanwhile has no time to show.
        const auto file = LocatedSegment{info, storage, directory}.open(log::suffix::log);
        if (!file) continue;
        std::array<std::byte, protocol::batch_header_bytes> window;
        const auto first = BatchScanner(**file, 0, info.size, window).next();
        if (first && *first) summary.first_timestamp = (*first)->base_timestamp;
    }
    return result;
}

std::expected<BatchPage, ScanFailure> list_batches(Partition& partition, Offset segment_base, Offset from,
                                                   std::size_t limit) {
    const auto segment = find_segment(partition, segment_base);
    if (!segment) return std::unexpected(segment.error());
    const auto place = find_batch(partition, std::max(from, segment_base));
    if (!place) return std::unexpected(place.error());
    BatchPage page;
    if (!*place || (*place)->segment_base != segment_base) return page;
    const auto file = segment->open(log::suffix::log);
    if (!file) return std::unexpected(file.error());
    Bytes window(window_bytes);
    BatchScanner scanner(**file, (*place)->position, segment->info.size, window);
    std::size_t bytes_read = 0;
    for (;;) {
        const auto header = scanner.next();
        if (!header) return std::unexpected(failure_of(header.error()));
        if (!*header) break;
        const auto size = static_cast<std::size_t>((*header)->size);
        const bool is_full = page.batches.size() >= limit || bytes_read + size > batch_page_bytes_max;
        if (is_full && !page.batches.empty()) {
            page.next = (*header)->base_offset;
            return page;
        }
        const auto bytes = scanner.bytes(**header);
        if (!bytes) return std::unexpected(failure_of(bytes.error()));
        const auto batch = protocol::RecordBatchView::parse(*bytes);
        if (!batch) break;
        bytes_read += size;
        page.batches.push_back({facts_of(*batch), segment_base, (*header)->position});
    }
    const std::int64_t end = page.batches.empty() ? (*place)->position
                                                  : page.batches.back().position +
                                                        static_cast<std::int64_t>(page.batches.back().facts.bytes);
    if (end < segment->info.size) page.damage = fmt::format("what lies at position {} is no batch", end);
    return page;
}

std::expected<BatchRecords, ScanFailure> list_records(const std::shared_ptr<Partition>& partition, Offset offset,
                                                      std::size_t first, std::size_t limit, PreviewSize preview) {
    const auto loaded = LoadedBatch::find(partition, offset);
    if (!loaded) return std::unexpected(loaded.error());
    const auto place = find_batch(*partition, offset);
    if (!place) return std::unexpected(place.error());
    BatchRecords result;
    result.batch.facts = *loaded->facts;
    if (*place) {
        result.batch.segment_base = (*place)->segment_base;
        result.batch.position = (*place)->position;
    }
    protocol::RecordReader reader(loaded->records, loaded->view().record_count());
    for (std::size_t index = 0;; ++index) {
        const auto record = reader.next();
        if (!record) {
            if (record.error() != protocol::RecordError::end) result.damage = "the records behind are malformed";
            return result;
        }
        if (index < first) continue;
        if (result.records.size() >= limit) {
            result.next = index;
            return result;
        }
        const RecordView view = view_of(partition->name().partition, loaded->view(), *record);
        result.records.push_back(scanned_record(view, record->size, preview, loaded->facts));
    }
}

std::expected<SegmentVerification, ScanFailure> SegmentVerification::start(Partition& partition, Offset segment_base) {
    const auto segment = find_segment(partition, segment_base);
    if (!segment) return std::unexpected(segment.error());
    SegmentVerification verification;
    auto file = segment->open(log::suffix::log);
    if (!file) return std::unexpected(std::move(file.error()));
    verification.file_ = std::move(*file);
    verification.base_ = segment_base;
    verification.next_ = segment_base;
    verification.report_.bytes_total = segment->info.size;
    using protocol::load_be;
    auto offsets = read_entries<std::pair<Offset, std::int64_t>>(
        *segment, log::suffix::offset_index, segment->info.offset_index_entries, log::OffsetIndex::entry_bytes,
        [segment_base](const std::byte* at) {
            return std::pair(segment_base + load_be<std::int32_t>(at), std::int64_t{load_be<std::int32_t>(at + 4)});
        });
    if (!offsets) return std::unexpected(std::move(offsets.error()));
    verification.offset_entries_ = std::move(*offsets);
    auto times = read_entries<TimeEntry>(
        *segment, log::suffix::time_index, segment->info.time_index_entries, log::TimeIndex::entry_bytes,
        [segment_base](const std::byte* at) {
            return TimeEntry{Timestamp(load_be<std::int64_t>(at)), segment_base + load_be<std::int32_t>(at + 8)};
        });
    if (!times) return std::unexpected(std::move(times.error()));
    verification.time_entries_ = std::move(*times);
    return verification;
}

bool SegmentVerification::step() {
    Bytes window(window_bytes);
    BatchScanner scanner(*file_, position_, report_.bytes_total, window);
    const std::int64_t until = position_ + step_bytes;
    while (position_ < report_.bytes_total) {
        if (position_ >= until) return true;
        const auto header = scanner.next();
        const bool is_batch = header && *header;
        const auto bytes = is_batch ? scanner.bytes(**header) : std::unexpected(log::Error{});
        const bool is_whole = bytes && bytes->size() == static_cast<std::size_t>((*header)->size);
        if (!is_whole) {
            add_problem(position_, std::nullopt,
                        header ? "what lies here is no batch; nothing behind it was checked" : header.error().message);
            return false;
        }
        check_index_entries(&**header);
        check_batch(**header, *bytes);
        position_ = (*header)->end();
        report_.bytes = position_;
    }
    check_index_entries(nullptr);
    return false;
}

void SegmentVerification::check_batch(const BatchHeader& header, BytesView bytes) {
    ++report_.batches;
    report_.records += header.record_count;
    const auto batch = protocol::RecordBatchView::parse(bytes);
    if (!batch) {
        add_problem(header.position, header.base_offset, "its lengths do not fit");
    } else if (const std::uint32_t crc = batch->computed_crc(); crc != batch->crc()) {
        add_problem(header.position, header.base_offset,
                    fmt::format("its checksum is {:08x}, and {:08x} is stored", crc, batch->crc()));
    }
    if (header.base_offset < next_) {
        add_problem(header.position, header.base_offset,
                    fmt::format("its offset does not follow: {} or above was due", next_.value));
    }
    next_ = std::max(next_, header.next_offset());
    largest_ = std::max(largest_, header.max_timestamp);
}

// Those entries that the batch which comes next, or the segment's end, decides.
void SegmentVerification::check_index_entries(const BatchHeader* header) {
    for (; offset_entry_ < offset_entries_.size(); ++offset_entry_) {
        const auto& [offset, position] = offset_entries_[offset_entry_];
        if (header != nullptr && position > header->position) break;
        const bool is_right = header != nullptr && position == header->position && offset >= header->base_offset;
        if (is_right) continue;
        add_problem(position, std::nullopt,
                    fmt::format("entry {} of the offset index names offset {} here, where no batch of it starts",
                                offset_entry_, offset.value));
    }
    for (; time_entry_ < time_entries_.size(); ++time_entry_) {
        const TimeEntry& entry = time_entries_[time_entry_];
        if (header != nullptr && entry.offset >= header->base_offset) break;
        if (entry.timestamp == largest_ && entry.offset < next_) continue;
        add_problem(position_, std::nullopt,
                    fmt::format("entry {} of the time index says {} up to offset {}, where the largest time is {}",
                                time_entry_, entry.timestamp.value, entry.offset.value, largest_.value));
    }
}

void SegmentVerification::add_problem(std::int64_t position, std::optional<Offset> offset, std::string message) {
    ++report_.problem_count;
    if (report_.problems.size() < problems_max) report_.problems.push_back({position, offset, std::move(message)});
}

}  // namespace mamba::broker
