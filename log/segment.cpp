#include "log/segment.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

#include "protocol/compression.h"
#include "protocol/record.h"

namespace mamba::log {

namespace {

// Headers are looked for in reads of this size: an index interval, mostly.
constexpr std::size_t window_bytes = 4096;

// What one batch may decompress to while a timestamp is looked up; a larger one is answered with
// its first offset, which is never too late.
constexpr std::size_t decompressed_bytes_max = 64UL * 1024 * 1024;

// Empty when only records below `from` are that late.
std::optional<Segment::Found> first_record_from(const BatchHeader& header, BytesView bytes,
                                                Timestamp timestamp, Offset from) {
    const Segment::Found whole{header.max_timestamp, std::max(header.base_offset, from),
                               header.epoch};
    const auto batch = protocol::RecordBatchView::parse(bytes);
    if (!batch || !batch->has_known_codec()) return whole;
    BytesView records = batch->records();
    Bytes plain;
    if (batch->codec() != protocol::CompressionType::none) {
        protocol::Compression compression;
        auto decompressed = compression.decompress(batch->codec(), records, decompressed_bytes_max);
        if (!decompressed) return whole;
        plain = std::move(*decompressed);
        records = plain;
    }
    protocol::RecordReader reader(records, header.record_count);
    for (auto record = reader.next(); record; record = reader.next()) {
        const Timestamp at = batch->timestamp_of(record->timestamp_delta);
        const Offset offset = header.base_offset + record->offset_delta;
        if (at >= timestamp && offset >= from) return Segment::Found{at, offset, header.epoch};
    }
    return std::nullopt;
}

}  // namespace

Segment::Segment(Storage& storage, const std::string& directory, Offset base, Sizes sizes,
                 Timestamp created, std::int64_t jitter_ms) noexcept
    : storage_(storage),
      directory_(directory),
      base_(base),
      size_(sizes.log_bytes),
      offset_index_(sizes.offset_index_entries),
      time_index_(sizes.time_index_entries),
      created_(created),
      jitter_ms_(jitter_ms),
      largest_{no_timestamp, base},
      largest_known_(sizes.time_index_entries == 0) {}

std::expected<std::shared_ptr<StorageFile>, Error> Segment::file() {
    used_ = true;
    if (!file_) {
        auto opened = storage_.open(files().path(suffix::log), Storage::Open::existing);
        if (!opened) return std::unexpected(std::move(opened.error()));
        file_ = std::move(*opened);
    }
    return file_;
}

std::unique_ptr<Segment> Segment::snapshot(const std::string& directory) const {
    const Sizes sizes{size_, offset_index_.entries(), time_index_.entries()};
    auto copy = std::make_unique<Segment>(storage_, directory, base_, sizes, created_, jitter_ms_);
    copy->file_ = file_;
    copy->offset_index_.file() = offset_index_.file().snapshot();
    copy->time_index_.file() = time_index_.file().snapshot();
    copy->largest_ = largest_;
    copy->largest_known_ = largest_known_;
    return copy;
}

void Segment::adopt(const Segment& snapshot) {
    if (!file_) file_ = snapshot.file_;
    offset_index_.file().adopt(snapshot.offset_index_.file());
    time_index_.file().adopt(snapshot.time_index_.file());
    if (!largest_known_ && snapshot.largest_known_) {
        largest_ = snapshot.largest_;
        largest_known_ = true;
    }
    used_ = used_ || snapshot.used_;
}

std::expected<std::array<std::shared_ptr<StorageFile>, 3>, Error> Segment::all_files() {
    auto log_file = file();
    if (!log_file) return std::unexpected(std::move(log_file.error()));
    auto offsets = offset_index_.file().file(files());
    if (!offsets) return std::unexpected(std::move(offsets.error()));
    auto times = time_index_.file().file(files());
    if (!times) return std::unexpected(std::move(times.error()));
    return std::array{std::move(*log_file), std::move(*offsets), std::move(*times)};
}

std::expected<void, Error> Segment::append(std::span<const BytesView> pieces, std::int64_t bytes) {
    if (auto opened = file(); !opened) return std::unexpected(std::move(opened.error()));
    auto written = file_->write(size_, pieces);
    if (!written) {
        if (!file_->truncate(size_)) damaged_ = true;
        return written;
    }
    size_ += bytes;
    return {};
}

void Segment::on_batch(const LogConfig& config, Offset last_offset, Timestamp max_timestamp,
                       std::int64_t position, std::int32_t size) {
    assert(largest_known_);
    if (position == 0) first_batch_timestamp_ = max_timestamp;
    if (max_timestamp > largest_.timestamp) largest_ = {max_timestamp, last_offset};
    if (bytes_since_index_entry_ > config.index_interval_bytes) {
        const OffsetIndex::Entry entry{last_offset, static_cast<std::int32_t>(position)};
        if (!offset_index_.is_full(config.segment_index_bytes) &&
            offset_index_.append(files(), entry)) {
            bytes_since_index_entry_ = 0;
            if (!time_index_.is_full(config.segment_index_bytes)) {
                // Missing from the time index is an entry that a search can do without; seal() is
                // not so forgiving.
                (void)time_index_.append_if_later(files(), largest_);
            }
        }
    }
    bytes_since_index_entry_ += size;
}

bool Segment::should_roll(const LogConfig& config, std::int64_t bytes, Timestamp batch_timestamp,
                          Offset last_offset, Timestamp now) {
    if (size_ > config.segment_bytes - bytes) return true;
    if (last_offset - base_ > std::numeric_limits<std::int32_t>::max()) return true;
    if (size_ == 0) return false;
    if (offset_index_.is_full(config.segment_index_bytes) ||
        time_index_.is_full(config.segment_index_bytes)) {
        return true;
    }
    if (!first_batch_timestamp_) {
        std::array<std::byte, window_bytes> window;
        first_batch_timestamp_ = no_timestamp;
        if (const auto opened = file()) {
            BatchScanner scanner(**opened, 0, size_, window);
            const auto first = scanner.next();
            if (first && *first) first_batch_timestamp_ = (*first)->max_timestamp;
        }
    }
    // Times of records are a client's: the difference is taken so that it cannot overflow.
    const bool by_records = first_batch_timestamp_->value >= 0 && batch_timestamp.value >= 0;
    const std::int64_t waited =
        by_records ? batch_timestamp - *first_batch_timestamp_ : now - created_;
    return waited > config.segment_ms - std::min(jitter_ms_, config.segment_ms);
}

std::expected<void, Error> Segment::seal() {
    if (size_ == 0 || !largest_known_ || largest_.timestamp == no_timestamp) return {};
    return time_index_.append_if_later(files(), largest_);
}

std::expected<void, Error> Segment::truncate(std::int64_t position, Offset offset) {
    auto opened = file();
    if (!opened) return std::unexpected(std::move(opened.error()));
    if (auto cut = (*opened)->truncate(position); !cut) {
        damaged_ = true;
        return cut;
    }
    size_ = position;
    if (position == 0) {
        first_batch_timestamp_.reset();
        return clear_indexes();
    }
    if (auto cut = offset_index_.truncate_to(files(), offset); !cut) return cut;
    if (auto cut = time_index_.truncate_to(files(), offset); !cut) return cut;
    // What is left in the time index is true; what it does not reach to is read again.
    largest_ = {no_timestamp, base_};
    largest_known_ = false;
    if (auto end = load_end(); !end) return std::unexpected(std::move(end.error()));
    return {};
}

std::expected<void, Error> Segment::clear_indexes() {
    if (auto cleared = offset_index_.clear(files()); !cleared) return cleared;
    if (auto cleared = time_index_.clear(files()); !cleared) return cleared;
    largest_ = {no_timestamp, base_};
    largest_known_ = true;
    bytes_since_index_entry_ = 0;
    return {};
}

std::expected<std::optional<Offset>, Error> Segment::load_end() {
    if (size_ == 0) {
        largest_known_ = true;
        return base_;
    }
    const auto last_time = time_index_.last(files());
    if (!last_time) return std::unexpected(last_time.error());
    TimeIndex::Entry largest = last_time->value_or(TimeIndex::Entry{no_timestamp, base_});

    const auto last_entry = offset_index_.last(files());
    if (!last_entry) return std::unexpected(last_entry.error());
    std::int64_t start = *last_entry ? (*last_entry)->position : 0;
    if (start < 0 || start >= size_) return std::nullopt;
    if (largest.timestamp == no_timestamp) start = 0;

    auto opened = file();
    if (!opened) return std::unexpected(std::move(opened.error()));
    std::array<std::byte, window_bytes> window;
    BatchScanner scanner(**opened, start, size_, window);
    std::optional<Offset> end;
    for (;;) {
        const auto header = scanner.next();
        if (!header) return std::unexpected(header.error());
        if (!*header) break;
        const bool is_first = !end;
        if (is_first && start > 0 && (*header)->last_offset() != (*last_entry)->offset)
            return std::nullopt;
        if ((*header)->base_offset < end.value_or(base_)) return std::nullopt;
        end = (*header)->next_offset();
        if ((*header)->max_timestamp > largest.timestamp) {
            largest = {(*header)->max_timestamp, (*header)->last_offset()};
        }
    }
    if (scanner.position() != size_) return std::nullopt;
    largest_ = largest;
    largest_known_ = true;
    bytes_since_index_entry_ = size_ - start;
    return end;
}

std::expected<std::optional<BatchHeader>, Error> Segment::find_from(
    std::int64_t position, Offset target, std::optional<Offset> first_last_offset, ReadMode mode,
    bool& misplaced) {
    std::array<std::byte, window_bytes> window;
    BatchScanner scanner(*file_, position, size_, window, mode);
    for (;;) {
        auto header = scanner.next();
        if (!header) return header;
        if (first_last_offset && (!*header || (*header)->last_offset() != *first_last_offset)) {
            misplaced = true;
            return std::nullopt;
        }
        first_last_offset.reset();
        if (!*header || (*header)->last_offset() >= target) return header;
    }
}

std::expected<std::optional<BatchHeader>, Error> Segment::find(Offset target, ReadMode mode) {
    if (size_ == 0) return std::nullopt;
    if (mode == ReadMode::cached_only && !(file_ && offset_index_.file().is_warm()))
        return std::unexpected(would_block());
    if (auto opened = file(); !opened) return std::unexpected(std::move(opened.error()));
    const auto entry = offset_index_.lookup(files(), target);
    if (!entry) return std::unexpected(entry.error());
    bool misplaced = false;
    if (*entry && (*entry)->position >= 0 && (*entry)->position < size_) {
        auto found = find_from((*entry)->position, target, (*entry)->offset, mode, misplaced);
        if (!misplaced) return found;
    }
    return find_from(0, target, std::nullopt, mode, misplaced);
}

std::expected<std::int64_t, Error> Segment::batch_start_before(std::int64_t position) {
    const auto entry = offset_index_.lookup_position(files(), position);
    if (!entry) return std::unexpected(entry.error());
    if (!*entry || (*entry)->position <= 0 || (*entry)->position >= size_) return 0;
    auto opened = file();
    if (!opened) return std::unexpected(std::move(opened.error()));
    std::array<std::byte, protocol::batch_header_bytes> window;
    BatchScanner scanner(**opened, (*entry)->position, size_, window);
    const auto header = scanner.next();
    if (!header) return std::unexpected(header.error());
    // An index that is wrong is done without.
    return *header && (*header)->last_offset() == (*entry)->offset ? (*entry)->position : 0;
}

std::expected<TimeIndex::Entry, Error> Segment::largest_timestamp() {
    if (!largest_known_) {
        const auto last = time_index_.last(files());
        if (!last) return std::unexpected(last.error());
        used_ = true;
        largest_ = last->value_or(TimeIndex::Entry{no_timestamp, base_});
        largest_known_ = true;
    }
    return largest_;
}

std::expected<Timestamp, Error> Segment::retention_timestamp() {
    const auto largest = largest_timestamp();
    if (!largest) return std::unexpected(largest.error());
    return largest->timestamp.value >= 0 ? largest->timestamp : created_;
}

std::expected<std::optional<Segment::Found>, Error> Segment::find_timestamp(Timestamp timestamp,
                                                                            Offset from) {
    if (size_ == 0) return std::nullopt;
    const auto entry = time_index_.lookup(files(), timestamp);
    if (!entry) return std::unexpected(entry.error());
    std::int64_t start = 0;
    if (*entry) {
        const auto batch = find((*entry)->offset);
        if (!batch) return std::unexpected(batch.error());
        if (*batch) start = (*batch)->position;
    }
    auto opened = file();
    if (!opened) return std::unexpected(std::move(opened.error()));
    std::array<std::byte, window_bytes> window;
    BatchScanner scanner(**opened, start, size_, window);
    for (;;) {
        const auto header = scanner.next();
        if (!header) return std::unexpected(header.error());
        if (!*header) return std::nullopt;
        if ((*header)->max_timestamp < timestamp || (*header)->last_offset() < from) continue;
        const auto bytes = scanner.bytes(**header);
        if (!bytes) return std::unexpected(bytes.error());
        const auto record = first_record_from(**header, *bytes, timestamp, from);
        if (record) return record;
    }
}

void Segment::release() noexcept {
    file_.reset();
    offset_index_.file().release();
    time_index_.file().release();
}

void Segment::release_idle() noexcept {
    if (!used_) release();
    used_ = false;
}

}  // namespace mamba::log
