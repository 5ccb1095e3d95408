#include "broker/scan/batch_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "broker/scan/byte_search.h"
#include "log/batch_validator.h"

namespace mamba::broker {
namespace {

using log::BatchHeader;
using Peeked = std::expected<std::optional<BatchHeader>, ScanFailure>;

class ForwardWalk final : public BatchWalk {
public:
    ForwardWalk(std::shared_ptr<Partition> partition, Offset from, WalkLimits limits)
        : BatchWalk(std::move(partition), limits), next_(from) {}

    Peeked peek(Offset low, Offset high) override {
        if (auto failed = failure()) return std::unexpected(std::move(*failed));
        for (;;) {
            if (!header_) {
                if (next_ >= high) return std::nullopt;
                if (auto found = find_header(); !found) return std::unexpected(std::move(found.error()));
                if (!header_) return std::nullopt;
            }
            if (header_->base_offset >= high) return std::nullopt;
            if (header_->last_offset() >= low) return header_;
            skip();
        }
    }

    std::expected<BytesView, ScanFailure> load() override {
        const auto size = static_cast<std::size_t>(header_->size);
        if (size > available()) {
            if (auto filled = fill(size); !filled) return std::unexpected(std::move(filled.error()));
        }
        return BytesView(buffer_).subspan(begin_, size);
    }

    void skip() override {
        const auto size = static_cast<std::size_t>(header_->size);
        if (const std::size_t unread = size - std::min(size, available()); unread > 0) {
            slice_.position += static_cast<std::int64_t>(unread);
            slice_.length -= unread;
        }
        begin_ += std::min(size, available());
        passed_ = header_->next_offset();
        next_ = std::max(next_, passed_);
        header_.reset();
    }

    bool may_contain(std::string_view needle) override {
        // One search tells of all batches up to where it ends.
        if (hit_ == unknown || hit_ < begin_) hit_ = find_bytes(as_text(buffer_), needle, begin_);
        return hit_ < begin_ + static_cast<std::size_t>(header_->size);
    }

private:
    static constexpr std::size_t unknown = std::numeric_limits<std::size_t>::max() - 1;
    static_assert(unknown != std::string_view::npos);

    std::size_t available() const { return buffer_.size() - begin_; }

    // Finds the header of the batch that comes next; leaves it out at the log's end.
    std::expected<void, ScanFailure> find_header() {
        while (available() < protocol::batch_header_bytes) {
            if (slice_.length > 0) {
                if (auto filled = fill(protocol::batch_header_bytes); !filled) return filled;
            } else if (available() > 0) {
                return std::unexpected(corrupt(next_));
            } else {
                if (auto found = find_slice(); !found) return found;
                if (slice_.length == 0) return {};
            }
        }
        const auto header = BatchHeader::decode(BytesView(buffer_).subspan(begin_), 0);
        const std::size_t size_max = std::min(limits_.batch_bytes_max, available() + slice_.length);
        const bool fits = header && static_cast<std::size_t>(header->size) <= size_max;
        if (!fits || header->base_offset < passed_ || header->next_offset() > log_end_) {
            return std::unexpected(corrupt(next_));
        }
        header_ = header;
        return {};
    }

    // Where the batches from next_ on lie.
    std::expected<void, ScanFailure> find_slice() {
        log::LogReader log = partition_->reader();
        const auto read = look_up(log);
        if (!read) return std::unexpected(failure_of(read.error()));
        if (next_ < log_end_ && read->slice.length == 0) return std::unexpected(corrupt(next_));
        // It goes on where the last slice ended, or with another segment's first byte; else the log could not find a
        // batch by its offset, which then is not what it was.
        const bool goes_on = slice_.file != nullptr && next_ == passed_ && read->slice.length > 0;
        if (goes_on && read->slice.position != slice_.position && read->slice.position != 0) {
            return std::unexpected(corrupt(next_));
        }
        slice_ = read->slice;
        return {};
    }

    std::expected<log::ReadResult, log::Error> look_up(log::LogReader& log) {
        log_start_ = log.log_start_offset();
        log_end_ = log.end_offset();
        next_ = std::max(next_, log_start_);  // what lay before it has been deleted meanwhile
        if (next_ >= log_end_) return log::ReadResult{};
        auto read = log.read(next_, log.end_position(), std::numeric_limits<std::size_t>::max(), true);
        const bool is_first = slice_.file == nullptr;
        if (!read || read->slice.length == 0 || !is_first) return read;
        // The log stops at what is no batch and looks in the next segment. So that this is not taken for a gap that
        // compaction has left, the segment's tail is walked first.
        const auto segment = log.segment_of(next_);
        const bool is_there = log.segment_of(read->base_offset).base_offset == segment.base_offset;
        if (is_there || segment.size == 0) return read;
        if (next_ == segment.base_offset) return log::ReadResult{};
        return log.read_before(next_, limits_.chunk_bytes);
    }

    // Reads the next chunk, so that `wanted` bytes are there if the slice has them.
    std::expected<void, ScanFailure> fill(std::size_t wanted) {
        log_start_ = partition_->log_start_offset();
        const std::size_t size = std::max(limits_.chunk_bytes, wanted);
        keep_from(begin_, size);
        begin_ = 0;
        hit_ = unknown;
        const std::size_t length = std::min(slice_.length, size - buffer_.size());
        if (auto done = read(*slice_.file, slice_.position, length); !done) return done;
        slice_.position += static_cast<std::int64_t>(length);
        slice_.length -= length;
        return {};
    }

    Offset next_;           // all below has been passed or is not wanted
    Offset passed_{0};      // the end of the last batch: none begins below it
    Offset log_end_{0};     // no batch of the slice ends above it
    log::FileSlice slice_;  // what is to be read of the segment's file
    std::size_t begin_ = 0;
    std::size_t hit_ = unknown;  // where the needle occurs first at or behind an earlier begin_
    std::optional<BatchHeader> header_;
};

class BackwardWalk final : public BatchWalk {
public:
    BackwardWalk(std::shared_ptr<Partition> partition, Offset end, WalkLimits limits)
        : BatchWalk(std::move(partition), limits), end_(end) {}

    Peeked peek(Offset low, Offset high) override {
        if (auto failed = failure()) return std::unexpected(std::move(*failed));
        for (;;) {
            if (batches_.empty()) {
                if (end_ <= low) return std::nullopt;
                if (auto read = read_piece(); !read) return std::unexpected(std::move(read.error()));
                if (batches_.empty()) return std::nullopt;
            }
            const BatchHeader& header = batches_.back();
            if (header.last_offset() < std::max(low, log_start_)) return std::nullopt;
            if (header.base_offset < high) return header;
            skip();
        }
    }

    std::expected<BytesView, ScanFailure> load() override {
        const BatchHeader& header = batches_.back();
        const auto position = static_cast<std::size_t>(header.position);
        const auto size = static_cast<std::size_t>(header.size);
        if (buffer_.size() < size) {  // a large one, of which there is the header alone
            const auto rest = size - buffer_.size();
            if (auto done = read(*file_, piece_end_ + static_cast<std::int64_t>(buffer_.size()), rest); !done) {
                return std::unexpected(std::move(done.error()));
            }
        }
        return BytesView(buffer_).subspan(position, size);
    }

    void skip() override {
        end_ = batches_.back().base_offset;
        batches_.pop_back();
    }

    bool may_contain(std::string_view needle) override {
        const BatchHeader& header = batches_.back();
        return contains_bytes(as_text(buffer_).substr(static_cast<std::size_t>(header.position),
                                                      static_cast<std::size_t>(header.size)),
                              needle);
    }

private:
    // Reads the piece that ends at end_ and finds the batches in it.
    std::expected<void, ScanFailure> read_piece() {
        if (pieces_.empty()) {
            if (auto found = find_pieces(); !found) return found;
            if (pieces_.empty()) return {};
        } else {
            log_start_ = partition_->log_start_offset();
        }
        const std::int64_t start = pieces_.back();
        const auto length = static_cast<std::size_t>(piece_end_ - start);
        pieces_.pop_back();
        piece_end_ = start;
        // A piece longer than that is one batch, see find_pieces().
        const bool is_large = length > 2 * limits_.chunk_bytes;
        const std::size_t wanted = is_large ? protocol::batch_header_bytes : length;
        keep_from(buffer_.size(), wanted);
        if (auto done = read(*file_, start, wanted); !done) return done;
        for (std::size_t at = 0; at < wanted;) {
            const BytesView rest = BytesView(buffer_).subspan(at);
            const auto header = rest.size() < protocol::batch_header_bytes
                                    ? std::nullopt
                                    : BatchHeader::decode(rest, static_cast<std::int64_t>(at));
            const Offset due = batches_.empty() ? Offset(0) : batches_.back().next_offset();
            const bool fits = header && static_cast<std::size_t>(header->end()) <= length;
            if (!fits || header->base_offset < due || header->base_offset >= end_) {
                batches_.clear();
                return std::unexpected(corrupt(due));
            }
            batches_.push_back(*header);
            at = static_cast<std::size_t>(header->end());
        }
        return {};
    }

    // Where the batches before end_ lie, cut into pieces of about a chunk.
    std::expected<void, ScanFailure> find_pieces() {
        log::LogReader log = partition_->reader();
        log_start_ = log.log_start_offset();
        const auto found = log.read_before(std::min(end_, log.end_offset()), limits_.chunk_bytes);
        if (!found) return std::unexpected(failure_of(found.error()));
        if (found->slice.length == 0) return {};
        file_ = found->slice.file;
        piece_end_ = found->slice.position + static_cast<std::int64_t>(found->slice.length);
        pieces_.push_back(found->slice.position);
        if (found->slice.length <= 2 * limits_.chunk_bytes) return {};
        // The index is sparse here, or a batch is large.
        Bytes window(limits_.chunk_bytes);
        log::BatchScanner scanner(*file_, pieces_.back(), piece_end_, window);
        for (;;) {
            const auto header = scanner.next();
            if (!header) return std::unexpected(failure_of(header.error()));
            if (!*header) break;
            if (static_cast<std::size_t>((*header)->size) > limits_.batch_bytes_max) {
                return std::unexpected(corrupt((*header)->base_offset));
            }
            const auto size = static_cast<std::size_t>((*header)->end() - pieces_.back());
            if (size > limits_.chunk_bytes && (*header)->position > pieces_.back()) {
                pieces_.push_back((*header)->position);
            }
        }
        if (scanner.position() != piece_end_) return std::unexpected(corrupt(end_));
        return {};
    }

    Offset end_;                        // all below is still to be given
    std::vector<BatchHeader> batches_;  // in buffer_, where `position` counts from; the last one is next
    std::shared_ptr<const log::StorageFile> file_;
    std::vector<std::int64_t> pieces_;  // where those start that are still to be read, in rising order
    std::int64_t piece_end_ = 0;        // of the last of them
};

}  // namespace

BatchWalk::BatchWalk(std::shared_ptr<Partition> partition, WalkLimits limits)
    : partition_(std::move(partition)), limits_(limits) {}

void BatchWalk::keep_from(std::size_t begin, std::size_t wanted) {
    if (buffer_.capacity() > 2 * std::max(wanted, limits_.chunk_bytes)) {
        Bytes kept;
        kept.reserve(std::max(wanted, limits_.chunk_bytes));
        kept.assign(buffer_.begin() + static_cast<std::ptrdiff_t>(begin), buffer_.end());
        buffer_ = std::move(kept);
    } else {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin));
    }
}

std::expected<void, ScanFailure> BatchWalk::read(const log::StorageFile& file, std::int64_t position,
                                                 std::size_t length) {
    const std::size_t before = buffer_.size();
    buffer_.resize(before + length);
    const auto done = file.read(position, std::span(buffer_).subspan(before));
    if (!done) return std::unexpected(failure_of(done.error()));
    if (*done == length) return {};
    return std::unexpected(ScanFailure{ErrorCode::kafka_storage_error, "the segment's file ends too early"});
}

std::optional<ScanFailure> BatchWalk::failure() const {
    if (!partition_->failed()) return std::nullopt;
    return ScanFailure{partition_->failure(), "the partition is not served any more"};
}

ScanFailure BatchWalk::corrupt(Offset offset) const {
    return {ErrorCode::corrupt_message, fmt::format("what lies at offset {} is no batch", offset.value)};
}

std::unique_ptr<BatchWalk> walk_forwards(std::shared_ptr<Partition> partition, Offset from, WalkLimits limits) {
    return std::make_unique<ForwardWalk>(std::move(partition), from, limits);
}

std::unique_ptr<BatchWalk> walk_backwards(std::shared_ptr<Partition> partition, Offset end, WalkLimits limits) {
    return std::make_unique<BackwardWalk>(std::move(partition), end, limits);
}

std::size_t plain_bytes_max(const Partition& partition) {
    return log::decompressed_bytes_max(partition.settings()->rules);
}

std::expected<LoadedBatch, ScanFailure> LoadedBatch::find(const std::shared_ptr<Partition>& partition, Offset offset) {
    const Offset start = partition->log_start_offset();
    const Offset end = partition->high_watermark();
    if (offset < start || offset >= end) {
        return std::unexpected(ScanFailure{ErrorCode::offset_out_of_range,
                                           fmt::format("offset {} is not in [{}, {})", offset.value, start.value,
                                                       end.value)});
    }
    const std::size_t bytes_max = plain_bytes_max(*partition);
    // No more than this one batch is wanted.
    constexpr std::size_t chunk_bytes = 4096;
    const auto walk = walk_forwards(partition, offset, {.chunk_bytes = chunk_bytes, .batch_bytes_max = bytes_max});
    const auto header = walk->peek(offset, offset + 1);
    if (!header) return std::unexpected(header.error());
    if (!*header) {
        return std::unexpected(
            ScanFailure{ErrorCode::invalid_record, fmt::format("no batch holds offset {}", offset.value)});
    }
    const auto bytes = walk->load();
    if (!bytes) return std::unexpected(bytes.error());
    LoadedBatch batch;
    batch.bytes.assign(bytes->begin(), bytes->end());
    protocol::Compression compression;
    const auto records = records_of(batch.view(), compression, bytes_max, batch.plain);
    if (!records) {
        return std::unexpected(
            ScanFailure{ErrorCode::corrupt_message, "the batch cannot be read: " + records.error()});
    }
    batch.records = *records;
    BatchFacts facts = facts_of(batch.view());
    facts.plain_bytes = records->size();
    batch.facts = std::make_shared<const BatchFacts>(facts);
    return batch;
}

}  // namespace mamba::broker
