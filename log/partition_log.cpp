#include "log/partition_log.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "log/checkpoint_files.h"
#include "log/log_loader.h"
#include "log/producer_replay.h"
#include "log/segment.h"

namespace mamba::log {

using protocol::RecordBatchView;

PartitionLog::PartitionLog(Storage& storage, std::string directory, TopicPartition partition,
                           const LogConfig& config)
    : storage_(storage),
      directory_(std::move(directory)),
      partition_(std::move(partition)),
      config_(config) {
    recent_.fill({Offset{-1}, Offset{-1}, 0});
}

PartitionLog::~PartitionLog() = default;

std::expected<std::unique_ptr<PartitionLog>, Error> PartitionLog::open(Storage& storage,
                                                                       std::string directory,
                                                                       TopicPartition partition,
                                                                       const LogConfig& config,
                                                                       const OpenOptions& options) {
    std::unique_ptr<PartitionLog> log(
        new PartitionLog(storage, std::move(directory), std::move(partition), config));
    LogLoader loader(*log, options);
    if (auto loaded = loader.load(); !loaded) return std::unexpected(std::move(loaded.error()));
    return log;
}

Error PartitionLog::offline_error() const {
    return {.kind = ErrorKind::offline,
            .message = directory_ + " is offline after an earlier failure"};
}

// ---- appending

// True when the batch is to be stored; otherwise the outcome says what became of it.
bool PartitionLog::is_accepted(AppendRequest& request, const RecordBatchView& batch) const {
    AppendOutcome& outcome = request.outcome;
    outcome = {};
    outcome.log_start_offset = log_start_offset_;
    if (batch.size() > static_cast<std::size_t>(config_.segment_bytes)) {
        outcome.error = ErrorCode::record_list_too_large;
        return false;
    }
    if (!batch.has_producer_id() || batch.is_control()) return true;
    const auto verdict = producers_.check(producer_batch_of(batch));
    if (verdict.accepted()) return true;
    if (verdict.kind == ProducerState::Verdict::Kind::refuse) {
        outcome.error = verdict.code;
    } else {
        outcome.duplicate = true;
        outcome.base_offset = verdict.first_offset;
        outcome.last_offset = verdict.last_offset;
        // Whatever the topic's timestamp type is: so the client learns that it was a duplicate.
        outcome.log_append_time = verdict.append_time;
    }
    return false;
}

// Rolls when the batch does not belong in the active segment any more; what is staged is written
// first.
std::expected<void, Error> PartitionLog::make_room(const RecordBatchView& batch, Timestamp now) {
    const auto size = static_cast<std::int64_t>(batch.size());
    const Offset last = staged_end_ + batch.last_offset_delta();
    if (!active().should_roll(config_, staged_bytes_ + size, batch.max_timestamp(), last, now))
        return {};
    if (auto written = write_staged(); !written) return written;
    auto rolled = roll(now);
    producers_.begin_staging();
    return rolled;
}

std::expected<void, Error> PartitionLog::append(std::span<AppendRequest> requests,
                                                LeaderEpoch epoch, Timestamp now) {
    std::size_t unwritten = 0;  // the first request that an error would take with it
    const auto give_up = [&](Error error) {
        for (AppendRequest& request : requests.subspan(unwritten)) {
            request.outcome = {.error = ErrorCode::kafka_storage_error,
                               .log_start_offset = log_start_offset_};
        }
        return std::unexpected(std::move(error));
    };
    if (failed_) return give_up(offline_error());

    staged_.clear();
    pieces_.clear();
    staged_bytes_ = 0;
    staged_end_ = end_offset_;
    producers_.begin_staging();
    for (std::size_t i = 0; i < requests.size(); ++i) {
        AppendRequest& request = requests[i];
        const auto batch = RecordBatchView::parse(request.batch);
        assert(batch && batch->size() == request.batch.size());  // validate_batch() has seen to it
        if (!is_accepted(request, *batch)) continue;

        const std::size_t staged_before = staged_.size();
        if (auto room = make_room(*batch, now); !room) {
            if (staged_before > 0 && staged_.empty())
                unwritten = i;  // the write succeeded, the roll did not
            producers_.roll_back();
            return give_up(std::move(room.error()));
        }
        if (staged_before > 0 && staged_.empty()) unwritten = i;

        protocol::patch_base_offset(request.batch, staged_end_);
        protocol::patch_leader_epoch(request.batch, epoch);
        AppendOutcome& outcome = request.outcome;
        outcome.base_offset = staged_end_;
        outcome.last_offset = batch->last_offset();
        if (batch->timestamp_type() == protocol::TimestampType::log_append_time) {
            outcome.log_append_time = batch->max_timestamp();
        }
        apply_to_producers(*batch, producers_);
        staged_.push_back({staged_end_, outcome.last_offset, batch->max_timestamp(), epoch,
                           static_cast<std::int32_t>(batch->size())});
        pieces_.push_back(batch->bytes());
        staged_bytes_ += static_cast<std::int64_t>(batch->size());
        staged_end_ = outcome.last_offset + 1;
    }
    if (auto written = write_staged(); !written) {
        producers_.roll_back();
        return give_up(std::move(written.error()));
    }
    return {};
}

// Writes what is staged and makes it part of the log. On success the producers' staging is
// committed; on an error it is still open.
std::expected<void, Error> PartitionLog::write_staged() {
    if (!staged_.empty()) {
        std::int64_t position = active().size();
        if (auto written = active().append(pieces_, staged_bytes_); !written) {
            // A full disk leaves the log as it was. Anything else may be anything.
            if (written.error().kind != ErrorKind::disk_full || active().damaged()) failed_ = true;
            return written;
        }
        remember({end_offset_, active().base_offset(), static_cast<std::int32_t>(position)});
        for (const Staged& batch : staged_) {
            active().on_batch(config_, batch.last_offset, batch.max_timestamp, position,
                              batch.size);
            if (batch.epoch.value >= 0 && leader_epochs_.assign(batch.epoch, batch.base_offset)) {
                ++leader_epochs_version_;
            }
            position += batch.size;
        }
        end_offset_ = staged_end_;
        has_written_ = true;
        staged_.clear();
        pieces_.clear();
        staged_bytes_ = 0;
    }
    producers_.commit_staging();
    return {};
}

std::expected<void, Error> PartitionLog::append_replicated(BytesView batches, Timestamp now) {
    if (failed_) return std::unexpected(offline_error());
    staged_.clear();
    pieces_.clear();
    staged_bytes_ = 0;
    staged_end_ = end_offset_;
    producers_.begin_staging();
    protocol::BatchCursor cursor(batches);
    for (auto batch = cursor.next(); batch; batch = cursor.next()) {
        if (!batch->crc_matches() || batch->base_offset() < staged_end_ ||
            batch->last_offset_delta() < 0) {
            producers_.roll_back();
            return std::unexpected(
                Error{.kind = ErrorKind::invalid_batch,
                      .code = ErrorCode::corrupt_message,
                      .message = "a batch for " + directory_ + " does not follow its log"});
        }
        staged_end_ = batch->base_offset();
        if (auto room = make_room(*batch, now); !room) {
            producers_.roll_back();
            return room;
        }
        apply_to_producers(*batch, producers_);
        staged_.push_back({batch->base_offset(), batch->last_offset(), batch->max_timestamp(),
                           batch->partition_leader_epoch(),
                           static_cast<std::int32_t>(batch->size())});
        pieces_.push_back(batch->bytes());
        staged_bytes_ += static_cast<std::int64_t>(batch->size());
        staged_end_ = batch->next_offset();
    }
    auto written = write_staged();
    if (!written) producers_.roll_back();
    return written;
}

void PartitionLog::start_epoch(LeaderEpoch epoch) {
    if (leader_epochs_.assign(epoch, end_offset_)) ++leader_epochs_version_;
}

// ---- segments

std::int64_t PartitionLog::jitter_for(Offset base) const noexcept {
    if (config_.segment_jitter_ms <= 0) return 0;
    // Spread by name, so that the same log rolls at the same time in every run.
    std::uint64_t mixed =
        std::hash<TopicPartition>{}(partition_) + static_cast<std::uint64_t>(base.value);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    mixed ^= mixed >> 31;
    const std::int64_t bound = std::min(config_.segment_jitter_ms, config_.segment_ms);
    return static_cast<std::int64_t>(mixed %
                                     static_cast<std::uint64_t>(std::max<std::int64_t>(bound, 1)));
}

std::expected<void, Error> PartitionLog::add_segment(Offset base, Timestamp now) {
    auto segment = std::make_unique<Segment>(storage_, directory_, base, Segment::Sizes{}, now,
                                             jitter_for(base));
    for (const std::string_view suffix : {suffix::log, suffix::offset_index, suffix::time_index}) {
        auto made = storage_.open(segment->files().path(suffix), Storage::Open::truncate);
        if (!made) return std::unexpected(std::move(made.error()));
    }
    segments_.push_back(std::move(segment));
    ++directory_version_;
    return {};
}

std::expected<void, Error> PartitionLog::roll(Timestamp now) {
    if (failed_) return std::unexpected(offline_error());
    if (active().size() == 0) return {};
    // The name of this segment's file has to be durable before the next one's is: a power cut that
    // took the first and left the second would make the log begin in its middle. Mostly it is.
    if (directory_version_ != directory_flushed_) {
        if (auto flushed = storage_.flush_directory(directory_); !flushed) {
            failed_ = true;
            return flushed;
        }
        if (!is_new_) directory_flushed_ = directory_version_;
    }
    if (auto sealed = active().seal(); !sealed) return sealed;
    auto files = active().all_files();
    if (!files) return std::unexpected(std::move(files.error()));
    if (auto taken = take_snapshot(); !taken) return taken;
    if (auto added = add_segment(end_offset_, now); !added) return added;
    for (auto& file : *files) unflushed_.push_back(std::move(file));
    return {};
}

std::expected<void, Error> PartitionLog::take_snapshot() {
    if (newest_snapshot_ == end_offset_ || end_offset_ == log_start_offset_) return {};
    auto file = storage_.open(directory_ + "/" + offset_file_name(end_offset_, suffix::snapshot),
                              Storage::Open::truncate);
    if (!file) return std::unexpected(std::move(file.error()));
    // Not flushed here: it has a checksum, and a start that finds it torn takes an older one.
    if (auto written = (*file)->write(0, producers_.snapshot()); !written) return written;
    unflushed_.push_back(std::move(*file));
    newest_snapshot_ = end_offset_;
    ++directory_version_;
    return {};
}

// The segment that holds `offset`, or would.
std::size_t PartitionLog::segment_index_for(Offset offset) const noexcept {
    if (offset >= segments_.back()->base_offset()) return segments_.size() - 1;
    const auto above = std::upper_bound(segments_.begin(), segments_.end(), offset,
                                        [](Offset wanted, const std::unique_ptr<Segment>& segment) {
                                            return wanted < segment->base_offset();
                                        });
    return above == segments_.begin() ? 0 : static_cast<std::size_t>(above - segments_.begin()) - 1;
}

std::expected<void, Error> PartitionLog::truncate_to(Offset offset, Timestamp now) {
    if (failed_) return std::unexpected(offline_error());
    if (offset >= end_offset_) return {};
    assert(offset >= segments_.front()->base_offset());
    recent_.fill({Offset{-1}, Offset{-1}, 0});
    ++generation_;
    while (segments_.back()->base_offset() >
           offset) {  // the newest first: no hole if it ends half-way
        for (const std::string& file :
             files_of_segment(directory_, segments_.back()->base_offset())) {
            if (auto removed = storage_.remove(file); !removed) return removed;
        }
        segments_.pop_back();
        ++directory_version_;
    }
    const auto entries = storage_.list(directory_);
    if (!entries) return std::unexpected(entries.error());
    std::vector<Offset> snapshots;
    for (const DirectoryEntry& entry : *entries) {
        if (const auto at = parse_offset_file_name(entry.name, suffix::snapshot))
            snapshots.push_back(*at);
    }
    const auto batch = active().find(offset);
    if (!batch) return std::unexpected(batch.error());
    end_offset_ = *batch ? std::min(offset, (*batch)->base_offset) : offset;
    if (*batch) {
        if (auto cut = active().truncate((*batch)->position, end_offset_); !cut) {
            failed_ = true;
            return cut;
        }
    }
    if (flushed_end_.offset > end_offset_) flushed_end_ = end_position();
    if (leader_epochs_.truncate_from_end(end_offset_)) ++leader_epochs_version_;
    log_start_offset_ = std::min(log_start_offset_, end_offset_);
    // None of it may come back with a power cut, below what is written from here on.
    auto file = active().file();
    auto flushed = file ? (*file)->flush() : std::unexpected(file.error());
    if (flushed) flushed = storage_.flush_directory(directory_);
    if (!flushed) {
        failed_ = true;
        return flushed;
    }
    return rebuild_producers(std::move(snapshots), now);
}

// ---- flushing

std::expected<void, Error> FlushTicket::prepare_file_system_flush(Storage& storage) const {
    if (leader_epochs_path.empty()) return {};
    return replace_file(storage, leader_epochs_path, as_bytes(leader_epochs));
}

std::expected<void, Error> FlushTicket::run(Storage& storage) const {
    for (const auto& file : sealed) {
        if (auto flushed = file->flush(); !flushed) return flushed;
    }
    if (active) {
        if (auto flushed = active->flush(); !flushed) return flushed;
    }
    if (auto stored = prepare_file_system_flush(storage); !stored) return stored;
    for (const std::string& directory : directories) {
        if (auto flushed = storage.flush_directory(directory); !flushed) return flushed;
    }
    return {};
}

FlushTicket PartitionLog::begin_flush() {
    FlushTicket ticket;
    ticket.upto = end_position();
    ticket.generation = generation_;
    ticket.directory_version = directory_version_;
    ticket.leader_epochs_version = leader_epochs_version_;
    ticket.sealed = unflushed_;
    ticket.sealed_files = unflushed_.size();
    if (flushed_end_.offset != end_offset_ && active().size() > 0) {
        auto file = active().file();
        if (file) {
            ticket.active = std::move(*file);
        } else {
            failed_ = true;
        }
    }
    if (is_new_) {
        auto metadata = storage_.open(directory_ + "/" + std::string(partition_metadata_file),
                                      Storage::Open::create);
        if (metadata) {
            ticket.sealed.push_back(std::move(*metadata));
        } else {
            failed_ = true;
        }
        ticket.directories.push_back(parent_directory(directory_));
    }
    if (directory_version_ != directory_flushed_) ticket.directories.push_back(directory_);
    if (leader_epochs_version_ != leader_epochs_flushed_) {
        ticket.leader_epochs_path = directory_ + "/" + std::string(leader_epoch_file);
        ticket.leader_epochs = leader_epochs_.format();
    }
    return ticket;
}

bool PartitionLog::finish_flush(const FlushTicket& ticket) {
    if (failed_ || ticket.generation != generation_) return false;
    const auto flushed =
        static_cast<std::ptrdiff_t>(std::min(unflushed_.size(), ticket.sealed_files));
    unflushed_.erase(unflushed_.begin(), unflushed_.begin() + flushed);
    directory_flushed_ = std::max(directory_flushed_, ticket.directory_version);
    leader_epochs_flushed_ = std::max(leader_epochs_flushed_, ticket.leader_epochs_version);
    is_new_ = false;
    if (ticket.upto.offset <= flushed_end_.offset) return false;
    flushed_end_ = ticket.upto;
    return true;
}

std::expected<void, Error> PartitionLog::close() {
    if (failed_) return std::unexpected(offline_error());
    const auto run = [this]() -> std::expected<void, Error> {
        const FlushTicket ticket = begin_flush();
        if (failed_) return std::unexpected(offline_error());
        if (auto flushed = ticket.run(storage_); !flushed) {
            failed_ = true;
            return flushed;
        }
        finish_flush(ticket);
        return {};
    };
    // A log that never held a record needs no flush: were its files lost, they would be made anew.
    if (end_offset_ != log_start_offset_ || end_offset_.value != 0) {
        if (auto sealed = active().seal(); !sealed) return sealed;
        if (auto taken = take_snapshot(); !taken) return taken;
        if (active().size() > 0 && has_written_) {
            auto files = active().all_files();
            if (!files) return std::unexpected(std::move(files.error()));
            for (auto& file : *files) unflushed_.push_back(std::move(file));
        }
        if (is_dirty() || !unflushed_.empty() || directory_version_ != directory_flushed_ ||
            leader_epochs_version_ != leader_epochs_flushed_) {
            if (auto flushed = run(); !flushed) return flushed;
        }
    }
    for (const auto& segment : segments_) segment->release();
    failed_ = true;  // closed: nothing is appended any more
    return {};
}

// ---- retention

// `excess_bytes` is what the log, without the segments taken so far, has above retention.bytes.
bool PartitionLog::retention_applies(std::size_t index, Timestamp now, std::int64_t excess_bytes) {
    Segment& segment = *segments_[index];
    const bool is_last = index + 1 == segments_.size();
    const Offset next_base = is_last ? end_offset_ : segments_[index + 1]->base_offset();
    if (next_base <= log_start_offset_ && !is_last) return true;
    if (!config_.cleanup_delete || (is_last && segment.size() == 0)) return false;
    if (config_.retention_ms >= 0) {
        const auto newest = segment.retention_timestamp();
        if (newest && now - *newest > config_.retention_ms) return true;
    }
    return config_.retention_bytes >= 0 && excess_bytes >= segment.size();
}

std::expected<RemovedSegments, Error> PartitionLog::apply_retention(Timestamp now,
                                                                    Offset high_watermark) {
    if (failed_) return std::unexpected(offline_error());
    RemovedSegments removed;
    std::int64_t excess = size_bytes() - config_.retention_bytes;
    std::size_t count = 0;
    while (count < segments_.size()) {
        const bool is_last = count + 1 == segments_.size();
        const Offset next_base = is_last ? end_offset_ : segments_[count + 1]->base_offset();
        if (next_base > high_watermark || !retention_applies(count, now, excess)) break;
        excess -= segments_[count]->size();
        ++count;
    }
    if (count == 0) return removed;
    if (count == segments_.size()) {
        if (active().size() == 0) {
            --count;
        } else if (auto rolled = roll(now); !rolled) {
            return std::unexpected(std::move(rolled.error()));
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        const Offset base = segments_[i]->base_offset();
        for (std::string& file : files_of_segment(directory_, base))
            removed.files.push_back(std::move(file));
        removed.bytes += segments_[i]->size();
    }
    removed.segment_count = count;
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(count));
    const Offset first = segments_.front()->base_offset();
    log_start_offset_ = std::max(log_start_offset_, first);
    if (flushed_end_.segment_base < first) flushed_end_ = {first, first, 0};
    if (leader_epochs_.truncate_from_start(log_start_offset_)) ++leader_epochs_version_;
    return removed;
}

std::expected<bool, Error> PartitionLog::delete_records_before(Offset offset) {
    if (offset > end_offset_) {
        return std::unexpected(
            Error{.kind = ErrorKind::out_of_range,
                  .code = ErrorCode::offset_out_of_range,
                  .message = "offset " + std::to_string(offset.value) + " is above the log's end"});
    }
    if (offset <= log_start_offset_) return false;
    log_start_offset_ = offset;
    if (leader_epochs_.truncate_from_start(offset)) ++leader_epochs_version_;
    return true;
}

std::expected<void, Error> RemovedSegments::rename_to_deleted(Storage& storage) {
    for (std::string& file : files) {
        std::string renamed = file + std::string(suffix::deleted);
        auto done = storage.rename(file, renamed);
        if (!done && done.error().kind != ErrorKind::not_found) return done;
        file = std::move(renamed);
    }
    return {};
}

std::expected<void, Error> RemovedSegments::erase(Storage& storage) const {
    for (const std::string& file : files) {
        if (auto removed = storage.remove(file); !removed) return removed;
    }
    return {};
}

void PartitionLog::release_idle_files() {
    for (const auto& segment : segments_) segment->release_idle();
}

PartitionLog::SegmentInfo PartitionLog::info_of(Segment& segment) {
    const auto largest = segment.largest_timestamp();
    return {.base_offset = segment.base_offset(),
            .size = segment.size(),
            .max_timestamp = largest ? largest->timestamp : no_timestamp,
            .offset_index_entries = segment.offset_index_entries(),
            .time_index_entries = segment.time_index_entries()};
}

std::vector<PartitionLog::SegmentInfo> PartitionLog::segments() {
    std::vector<SegmentInfo> infos;
    for (const auto& segment : segments_) infos.push_back(info_of(*segment));
    return infos;
}

std::int64_t PartitionLog::size_bytes() const noexcept {
    std::int64_t bytes = 0;
    for (const auto& segment : segments_) bytes += segment->size();
    return bytes;
}

}  // namespace mamba::log
