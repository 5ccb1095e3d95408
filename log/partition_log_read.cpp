// The reading half of PartitionLog: slices, positions, timestamps.
#include <algorithm>
#include <cassert>

#include "log/partition_log.h"
#include "log/segment.h"

namespace mamba::log {

namespace {

Error out_of_range(Offset offset, const std::string& directory) {
    return {.kind = ErrorKind::out_of_range,
            .code = ErrorCode::offset_out_of_range,
            .message = "offset " + std::to_string(offset.value) + " is not in " + directory};
}

}  // namespace

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

std::expected<ReadResult, Error> PartitionLog::read(Offset from, const LogPosition& limit,
                                                    std::size_t max_bytes,
                                                    bool at_least_one_batch) {
    if (from < log_start_offset_ || from > end_offset_)
        return std::unexpected(out_of_range(from, directory_));
    if (from >= limit.offset) return ReadResult{};

    // The end of what may be read of a segment, in bytes.
    const auto end_in = [&](const Segment& segment) {
        return segment.base_offset() == limit.segment_base ? std::int64_t{limit.position}
                                                           : segment.size();
    };
    const auto slice = [&](Segment& segment, std::int64_t position, Offset base_offset,
                           std::size_t first_batch) -> std::expected<ReadResult, Error> {
        const auto available =
            static_cast<std::size_t>(std::max<std::int64_t>(end_in(segment) - position, 0));
        if (available == 0) return ReadResult{};
        auto file = segment.file();
        if (!file) return std::unexpected(std::move(file.error()));
        if (!at_least_one_batch && max_bytes == 0) return ReadResult{};
        if (first_batch == 0 && max_bytes < available) {
            std::array<std::byte, protocol::batch_header_bytes> window;
            BatchScanner scanner(**file, position, segment.size(), window);
            const auto header = scanner.next();
            if (!header) return std::unexpected(header.error());
            if (*header) first_batch = static_cast<std::size_t>((*header)->size);
        }
        // A piece of the first batch is of no use to anybody.
        if (!at_least_one_batch && max_bytes < std::min(first_batch, available)) return ReadResult{};
        const std::size_t bound = at_least_one_batch ? std::max(max_bytes, first_batch) : max_bytes;
        ReadResult result;
        result.slice = {std::move(*file), position, std::min(available, bound)};
        result.base_offset = base_offset;
        result.first_batch_size = first_batch;
        if (bound >= available && segment.base_offset() == limit.segment_base) remember(limit);
        return result;
    };

    std::size_t index = segment_index_for(from);
    if (const auto known = recall(from)) {
        // At a segment's end the next one goes on: the look-up below finds it.
        Segment& segment = *segments_[segment_index_for(known->segment_base)];
        if (segment.base_offset() == known->segment_base && known->position < segment.size()) {
            return slice(segment, known->position, from, 0);
        }
    }
    for (; index < segments_.size() && segments_[index]->base_offset() <= limit.segment_base;
         ++index) {
        const auto batch = segments_[index]->find(from);
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) continue;  // compaction has taken what was there
        return slice(*segments_[index], (*batch)->position, (*batch)->base_offset,
                     static_cast<std::size_t>((*batch)->size));
    }
    return ReadResult{};
}

std::expected<ReadResult, Error> PartitionLog::read_before(Offset end, std::size_t bytes) {
    if (end <= log_start_offset_) return ReadResult{};
    const std::size_t newest = segment_index_for(end);
    for (std::size_t index = newest;; --index) {
        Segment& segment = *segments_[index];
        std::int64_t limit = segment.size();
        if (index == newest && end < end_offset_) {
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

std::expected<LogPosition, Error> PartitionLog::position_of(Offset offset) {
    if (offset == end_offset_) return end_position();
    if (offset < log_start_offset_ || offset > end_offset_) {
        return std::unexpected(out_of_range(offset, directory_));
    }
    if (const auto known = recall(offset)) return *known;
    for (std::size_t index = segment_index_for(offset); index < segments_.size(); ++index) {
        const auto batch = segments_[index]->find(offset);
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) continue;
        return LogPosition{(*batch)->base_offset, segments_[index]->base_offset(),
                           static_cast<std::int32_t>((*batch)->position)};
    }
    return end_position();
}

std::expected<std::optional<TimestampedOffset>, Error> PartitionLog::offset_for_timestamp(
    Timestamp timestamp) {
    for (std::size_t i = segment_index_for(log_start_offset_); i < segments_.size(); ++i) {
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

std::expected<std::optional<TimestampedOffset>, Error> PartitionLog::max_timestamp_offset() {
    Segment* newest = nullptr;
    Timestamp timestamp = no_timestamp;
    for (std::size_t i = segment_index_for(log_start_offset_); i < segments_.size(); ++i) {
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

}  // namespace mamba::log
