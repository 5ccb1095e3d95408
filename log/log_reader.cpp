#include "log/log_reader.h"

#include <algorithm>
#include <array>
#include <span>

#include "log/partition_log.h"
#include "log/segment.h"

namespace mamba::log {

namespace {

using Segments = std::span<const std::unique_ptr<Segment>>;

Error out_of_range(Offset offset, const std::string& directory) {
    return {.kind = ErrorKind::out_of_range,
            .code = ErrorCode::offset_out_of_range,
            .message = "offset " + std::to_string(offset.value) + " is not in " + directory};
}

// What a read may give.
struct Bounds {
    LogPosition limit;
    std::size_t bytes_max = 0;
    bool at_least_one_batch = false;
};

// The segment that holds `offset`, or the first one.
std::size_t index_for(Segments segments, Offset offset) {
    const auto above = std::ranges::upper_bound(
        segments, offset, {}, [](const auto& segment) { return segment->base_offset(); });
    return above == segments.begin() ? 0 : static_cast<std::size_t>(above - segments.begin()) - 1;
}

std::int64_t end_in(const Segment& segment, const LogPosition& limit) {
    return segment.base_offset() == limit.segment_base ? std::int64_t{limit.position}
                                                       : segment.size();
}

// From `position` on, where a batch of `first_batch` bytes lies (0: not known).
std::expected<ReadResult, Error> slice(Segment& segment, std::int64_t position, Offset base_offset,
                                       std::size_t first_batch, const Bounds& bounds,
                                       ReadMode mode) {
    const auto available = static_cast<std::size_t>(
        std::max<std::int64_t>(end_in(segment, bounds.limit) - position, 0));
    if (available == 0 || (!bounds.at_least_one_batch && bounds.bytes_max == 0))
        return ReadResult{};
    if (mode == ReadMode::cached_only && !segment.is_open())
        return std::unexpected(would_block());
    auto file = segment.file();
    if (!file) return std::unexpected(std::move(file.error()));
    if (first_batch == 0 && bounds.bytes_max < available) {
        std::array<std::byte, protocol::batch_header_bytes> window;
        BatchScanner scanner(**file, position, segment.size(), window, mode);
        const auto header = scanner.next();
        if (!header) return std::unexpected(header.error());
        if (*header) first_batch = static_cast<std::size_t>((*header)->size);
    }
    // A piece of the first batch is of no use to anybody.
    if (!bounds.at_least_one_batch && bounds.bytes_max < std::min(first_batch, available))
        return ReadResult{};
    const std::size_t bound =
        bounds.at_least_one_batch ? std::max(bounds.bytes_max, first_batch) : bounds.bytes_max;
    return ReadResult{.slice = {std::move(*file), position, std::min(available, bound)},
                      .base_offset = base_offset,
                      .first_batch_size = first_batch};
}

std::expected<ReadResult, Error> find_slice(Segments segments, Offset from, const Bounds& bounds,
                                            ReadMode mode) {
    for (std::size_t i = index_for(segments, from);
         i < segments.size() && segments[i]->base_offset() <= bounds.limit.segment_base; ++i) {
        const auto batch = segments[i]->find(from, mode);
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) continue;  // compaction has taken what was there
        return slice(*segments[i], (*batch)->position, (*batch)->base_offset,
                     static_cast<std::size_t>((*batch)->size), bounds, mode);
    }
    return ReadResult{};
}

}  // namespace

LogReader::LogReader(std::string directory, Offset log_start_offset, const LogPosition& end)
    : directory_(std::make_unique<const std::string>(std::move(directory))),
      log_start_offset_(log_start_offset),
      end_(end) {}
LogReader::~LogReader() = default;
LogReader::LogReader(LogReader&&) noexcept = default;
LogReader& LogReader::operator=(LogReader&&) noexcept = default;

std::expected<ReadResult, Error> LogReader::read(Offset from, const LogPosition& limit,
                                                 std::size_t max_bytes, bool at_least_one_batch) {
    if (from < log_start_offset_ || from > end_.offset)
        return std::unexpected(out_of_range(from, *directory_));
    if (from >= limit.offset) return ReadResult{};
    return find_slice(segments_, from, {limit, max_bytes, at_least_one_batch}, ReadMode::may_wait);
}

LogReader::SegmentPlace LogReader::segment_of(Offset offset) const {
    const Segment& segment = *segments_[index_for(segments_, offset)];
    return {segment.base_offset(), segment.size()};
}

std::expected<LogPosition, Error> LogReader::position_of(Offset offset) {
    if (offset < log_start_offset_ || offset > end_.offset)
        return std::unexpected(out_of_range(offset, *directory_));
    for (std::size_t i = index_for(segments_, offset); i < segments_.size(); ++i) {
        const auto batch = segments_[i]->find(offset);
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) continue;
        return LogPosition{(*batch)->base_offset, segments_[i]->base_offset(),
                           static_cast<std::int32_t>((*batch)->position)};
    }
    return end_;
}

std::expected<ReadResult, Error> LogReader::read_before(Offset end, std::size_t bytes) {
    if (end <= log_start_offset_) return ReadResult{};
    const std::size_t newest = index_for(segments_, end);
    for (std::size_t index = newest;; --index) {
        Segment& segment = *segments_[index];
        std::int64_t limit = segment.size();
        if (index == newest && end < end_.offset) {
            const auto batch = segment.find(end);
            if (!batch) return std::unexpected(batch.error());
            if (*batch) limit = (*batch)->base_offset < end ? (*batch)->end() : (*batch)->position;
        }
        if (limit > 0) {
            auto file = segment.file();
            if (!file) return std::unexpected(std::move(file.error()));
            const auto start = segment.batch_start_before(
                std::max<std::int64_t>(limit - 1 - static_cast<std::int64_t>(bytes), 0));
            if (!start) return std::unexpected(start.error());
            return ReadResult{
                .slice = {std::move(*file), *start, static_cast<std::size_t>(limit - *start)}};
        }
        if (index == 0 || segment.base_offset() <= log_start_offset_) return ReadResult{};
    }
}

std::expected<std::optional<TimestampedOffset>, Error> LogReader::offset_for_timestamp(
    Timestamp timestamp) {
    for (std::size_t i = index_for(segments_, log_start_offset_); i < segments_.size(); ++i) {
        const auto largest = segments_[i]->largest_timestamp();
        if (!largest) return std::unexpected(largest.error());
        if (largest->timestamp < timestamp) continue;
        const auto found = segments_[i]->find_timestamp(timestamp, log_start_offset_);
        if (!found) return std::unexpected(found.error());
        if (*found)
            return TimestampedOffset{(*found)->timestamp, (*found)->offset, (*found)->epoch};
    }
    return std::nullopt;
}

std::expected<std::optional<TimestampedOffset>, Error> LogReader::max_timestamp_offset() {
    Segment* newest = nullptr;
    Timestamp timestamp = no_timestamp;
    for (std::size_t i = index_for(segments_, log_start_offset_); i < segments_.size(); ++i) {
        const auto largest = segments_[i]->largest_timestamp();
        if (!largest) return std::unexpected(largest.error());
        if (largest->timestamp <= timestamp) continue;
        timestamp = largest->timestamp;
        newest = segments_[i].get();
    }
    if (newest == nullptr) return std::nullopt;
    const auto found = newest->find_timestamp(timestamp, log_start_offset_);
    if (!found) return std::unexpected(found.error());
    if (!*found) return std::nullopt;
    return TimestampedOffset{(*found)->timestamp, (*found)->offset, (*found)->epoch};
}

// ---- the same of the log itself, under the mutex

LogReader PartitionLog::reader() const {
    LogReader reader(directory_, log_start_offset_, end_position());
    reader.segments_.reserve(segments_.size());
    for (const auto& segment : segments_)
        reader.segments_.push_back(segment->snapshot(*reader.directory_));
    return reader;
}

void PartitionLog::adopt(const LogReader& reader) {
    // Both lists are in order of base offsets; retention may have shortened ours, a roll added to it.
    auto ours = segments_.begin();
    for (const auto& theirs : reader.segments_) {
        while (ours != segments_.end() && (*ours)->base_offset() < theirs->base_offset()) ++ours;
        if (ours == segments_.end()) return;
        if ((*ours)->base_offset() == theirs->base_offset()) (*ours)->adopt(*theirs);
    }
}

LogPosition PartitionLog::end_position() const noexcept {
    return {end_offset_, active().base_offset(), static_cast<std::int32_t>(active().size())};
}

void PartitionLog::remember(const LogPosition& position) noexcept {
    if (recall(position.offset)) return;
    recent_[recent_next_] = position;
    recent_next_ = static_cast<std::uint8_t>((recent_next_ + 1U) % recent_.size());
}

std::optional<LogPosition> PartitionLog::recall(Offset offset) const noexcept {
    for (const LogPosition& position : recent_) {
        if (position.offset == offset) return position;
    }
    return std::nullopt;
}

std::expected<ReadResult, Error> PartitionLog::read_cached(Offset from, const LogPosition& limit,
                                                           std::size_t max_bytes,
                                                           bool at_least_one_batch) {
    if (from < log_start_offset_ || from > end_offset_)
        return std::unexpected(out_of_range(from, directory_));
    if (from >= limit.offset) return ReadResult{};
    const Bounds bounds{limit, max_bytes, at_least_one_batch};
    std::expected<ReadResult, Error> read;
    const auto known = recall(from);
    Segment* segment = known ? segments_[segment_index_for(known->segment_base)].get() : nullptr;
    // At a segment's end the next one goes on: the look-up finds it.
    if (known && segment->base_offset() == known->segment_base &&
        known->position < segment->size()) {
        read = slice(*segment, known->position, from, 0, bounds, ReadMode::cached_only);
    } else {
        read = find_slice(segments_, from, bounds, ReadMode::cached_only);
    }
    if (!read || read->slice.length == 0) return read;
    // Whoever has read up to the limit goes on from there.
    const bool in_last = segments_[segment_index_for(from)]->base_offset() == limit.segment_base;
    const std::int64_t end = read->slice.position + static_cast<std::int64_t>(read->slice.length);
    if (in_last && end == limit.position) remember(limit);
    return read;
}

}  // namespace mamba::log
