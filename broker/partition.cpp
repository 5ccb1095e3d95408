#include "broker/partition.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "broker/logging.h"
#include "broker/metadata/cluster_image.h"
#include "protocol/record_batch.h"
#include "protocol/wire.h"

namespace mamba::broker {
namespace {

const Logger log_log = logger("mamba.log");

// So much of a partition's end is taken to be in the page cache without asking.
constexpr std::int64_t recent_bytes = 16 * 1024 * 1024;

// A look-up finds its segment deleted, and begins anew, so often at most.
constexpr int look_ups_max = 5;

}  // namespace

Partition::Partition(TopicPartition name, Uuid topic_id, LeaderEpoch epoch, std::unique_ptr<log::PartitionLog> log,
                     PartitionSettings settings, Flusher& flusher)
    : name_(std::move(name)),
      topic_id_(topic_id),
      leader_epoch_(epoch),
      is_internal_(is_internal_topic(name_.topic)),
      flusher_(flusher),
      log_(std::move(log)),
      settings_(std::make_shared<const PartitionSettings>(std::move(settings))),
      committed_(log_->end_position()) {
    // What recovery has kept was either flushed or survived in the page cache: it counts.
    high_watermark_.store(committed_.offset.value, std::memory_order_release);
    note_log_start();
    stats_.size.set(static_cast<std::uint64_t>(log_->size_bytes()));
}

std::shared_ptr<const PartitionSettings> Partition::settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

void Partition::update_settings(PartitionSettings settings) {
    ToTell tell;
    {
        const std::lock_guard lock(mutex_);
        log_->update_config(settings.log);
        settings_ = std::make_shared<const PartitionSettings>(std::move(settings));
        if (!settings_->flush_on_acks_all) raise_high_watermark(log_->end_position(), tell);
    }
    tell.tell();
}

std::expected<void, log::Error> Partition::append(std::span<log::AppendRequest> requests, Timestamp now,
                                                  std::span<CommitWait> waits) {
    assert(waits.empty() || waits.size() == requests.size());
    ToTell tell;
    bool flush = false;
    FlushCause cause = FlushCause::unawaited;
    bool disk_failed = false;
    std::expected<void, log::Error> done;
    {
        const std::lock_guard lock(mutex_);
        if (failed()) {
            for (log::AppendRequest& request : requests) request.outcome.error = failure();
            return std::unexpected(log::Error{log::ErrorKind::offline, failure(), 0, "the partition is offline"});
        }
        const Offset before = log_->end_offset();
        done = log_->append(requests, leader_epoch_, now);
        disk_failed = !done && log_->failed();
        const Offset after = log_->end_offset();
        stats_.records_in.add(static_cast<std::uint64_t>(after - before));
        if (after > before) {
            append_times_.on_append(before, now);
            stats_.last_append.set(static_cast<std::uint64_t>(append_times_.newest()->value));
        }
        for (std::size_t i = 0; i < requests.size(); ++i) {
            const log::AppendRequest& request = requests[i];
            if (request.outcome.error != ErrorCode::none) {
                stats_.produce_errors.add(1);
            } else {
                if (!request.outcome.duplicate) count_appended(request);
                if (waits.empty() || !waits[i].listener) continue;
                cause = is_internal_ ? FlushCause::groups : FlushCause::acks;
                CommitWaiter waiter{request.outcome.last_offset + 1, std::move(waits[i])};
                // A duplicate may be committed long since, or still wait for its first copy's flush.
                if (waiter.upto <= committed_.offset) {
                    tell.committed.push_back(std::move(waiter));
                } else {
                    commit_waiters_.push_back(std::move(waiter));
                }
            }
        }
        if (settings_->flush_on_acks_all) {
            flush = after > before;
        } else {
            raise_high_watermark(log_->end_position(), tell);
        }
    }
    if (flush) flusher_.request(shared_from_this(), cause);
    if (disk_failed) flusher_.report_failure(done.error());
    tell.tell();
    return done;
}

void Partition::count_appended(const log::AppendRequest& request) {
    stats_.bytes_in.add(request.batch.size());
    stats_.size.add(request.batch.size());
    const auto batch = protocol::RecordBatchView::parse(request.batch);
    records_of_codec_[static_cast<std::size_t>(batch->codec())].add(
        static_cast<std::uint64_t>(request.outcome.last_offset - request.outcome.base_offset) + 1);
}

void Partition::raise_high_watermark(log::LogPosition to, ToTell& tell) {
    if (to.offset > committed_.offset) {
        committed_ = to;
        high_watermark_.store(to.offset.value, std::memory_order_release);
        std::swap(tell.readers, read_waiters_);
    }
    while (!commit_waiters_.empty() && commit_waiters_.front().upto <= committed_.offset) {
        tell.committed.push_back(std::move(commit_waiters_.front()));
        commit_waiters_.pop_front();
    }
}

void Partition::ToTell::tell() {
    for (const CommitWaiter& waiter : committed) waiter.wait.listener->on_commit(waiter.wait.tag, code);
    for (const auto& reader : readers) {
        if (const auto listener = reader.lock()) listener->on_news();
    }
}

ErrorCode Partition::check_epoch(LeaderEpoch client_epoch) const {
    if (client_epoch == no_leader_epoch || client_epoch == leader_epoch_) return ErrorCode::none;
    return client_epoch < leader_epoch_ ? ErrorCode::fenced_leader_epoch : ErrorCode::unknown_leader_epoch;
}

// What a read tells without a look into the log, under the mutex; an error, or nothing to read, ends it.
Partition::Read Partition::begin_read(Offset from, LeaderEpoch client_epoch) const {
    if (failed()) return {.error = failure()};
    if (const ErrorCode wrong = check_epoch(client_epoch); wrong != ErrorCode::none) return {.error = wrong};
    // Between the high watermark and the log's end there is nothing to read yet, and no error.
    if (from < log_->log_start_offset() || from > log_->end_offset()) return {.error = ErrorCode::offset_out_of_range};
    return {.high_watermark = committed_.offset, .log_start = log_->log_start_offset()};
}

void Partition::finish_read(Read& result, Offset from, std::expected<log::ReadResult, log::Error> found,
                            const log::LogPosition& limit) {
    if (!found && found.error().kind == log::ErrorKind::would_block) {
        result.cold = true;
        return;
    }
    stats_.fetches.add(1);
    if (!found) {
        log_log.error("{}-{}: reading at offset {} failed: {}", name_.topic, name_.partition.value, from.value,
                      found.error().message);
        result.error = found.error().code;
        return;
    }
    result.slice = std::move(found->slice);
    result.on_older_segment = found->base_offset < limit.segment_base;
    result.recent = found->base_offset >= limit.segment_base &&
                    limit.position - result.slice.position <= recent_bytes;
}

Partition::Read Partition::read_cached(Offset from, LeaderEpoch client_epoch, std::size_t bytes_max, bool whole_first) {
    const std::lock_guard lock(mutex_);
    Read result = begin_read(from, client_epoch);
    if (result.error != ErrorCode::none || from >= committed_.offset || (bytes_max == 0 && !whole_first)) {
        stats_.fetches.add(1);
        return result;
    }
    finish_read(result, from, log_->read_cached(from, committed_, bytes_max, whole_first), committed_);
    return result;
}

Partition::Read Partition::read(Offset from, LeaderEpoch client_epoch, std::size_t bytes_max, bool whole_first) {
    Read result = read_cached(from, client_epoch, bytes_max, whole_first);
    for (int tries = 1; result.cold; ++tries) {
        std::optional<log::LogReader> reader;
        log::LogPosition limit;
        {
            const std::lock_guard lock(mutex_);
            result = begin_read(from, client_epoch);
            if (result.error != ErrorCode::none) return result;
            reader.emplace(log_->reader());
            limit = committed_;
        }
        auto found = reader->read(from, limit, bytes_max, whole_first);
        // Retention has taken the segment out meanwhile: the next look says so.
        if (!found && found.error().kind == log::ErrorKind::not_found && tries < look_ups_max) {
            result.cold = true;
            continue;
        }
        const std::lock_guard lock(mutex_);
        log_->adopt(*reader);
        finish_read(result, from, std::move(found), limit);
    }
    return result;
}

log::LogReader Partition::reader() {
    const std::lock_guard lock(mutex_);
    return log_->reader();
}

bool Partition::await_news(Offset seen, std::weak_ptr<ReadListener> listener) {
    const std::lock_guard lock(mutex_);
    if (failed() || committed_.offset > seen) return false;
    if (read_waiters_.size() >= read_waiters_swept_) {
        std::erase_if(read_waiters_, [](const auto& waiter) { return waiter.expired(); });
        read_waiters_swept_ = std::max<std::size_t>(64, 2 * read_waiters_.size());
    }
    read_waiters_.push_back(std::move(listener));
    return true;
}

Offset Partition::log_start_offset() {
    const std::lock_guard lock(mutex_);
    return log_->log_start_offset();
}

Offset Partition::log_end_offset() {
    const std::lock_guard lock(mutex_);
    return log_->end_offset();
}

template <class Find>
std::expected<std::optional<Partition::Position>, log::Error> Partition::find_committed(Find find) {
    for (int tries = 1;; ++tries) {
        std::optional<log::LogReader> reader;
        Offset committed;
        {
            const std::lock_guard lock(mutex_);
            reader.emplace(log_->reader());
            committed = committed_.offset;
        }
        const Found found = find(*reader);
        // As in read().
        if (!found && found.error().kind == log::ErrorKind::not_found && tries < look_ups_max) continue;
        const std::lock_guard lock(mutex_);
        log_->adopt(*reader);
        if (!found) return std::unexpected(found.error());
        if (!*found || (*found)->offset >= committed) return std::nullopt;
        return Position{(*found)->offset, (*found)->timestamp, (*found)->leader_epoch};
    }
}

std::expected<std::optional<Partition::Position>, log::Error> Partition::find_by_time(Timestamp time) {
    return find_committed([time](log::LogReader& reader) { return reader.offset_for_timestamp(time); });
}

std::expected<std::optional<Partition::Position>, log::Error> Partition::find_max_timestamp() {
    return find_committed([](log::LogReader& reader) { return reader.max_timestamp_offset(); });
}

std::optional<Timestamp> Partition::last_appended() const {
    const std::uint64_t at = stats_.last_append.get();
    if (at == 0) return std::nullopt;
    return Timestamp(static_cast<std::int64_t>(at));
}

std::optional<Timestamp> Partition::timestamp_at(Offset offset) {
    if (failed() || offset >= high_watermark()) return std::nullopt;
    log::LogReader log = reader();
    const auto read = log.read(offset, log.end_position(), protocol::batch_header_bytes, true);
    if (!read) return std::nullopt;  // such as below the log's start
    const log::FileSlice& header = read->slice;
    std::array<std::byte, sizeof(std::int64_t)> bytes;
    if (header.length < protocol::batch_header_bytes) return std::nullopt;
    const auto size = header.file->read(header.position + std::int64_t{protocol::batch_field::max_timestamp}, bytes);
    if (!size || *size != bytes.size()) return std::nullopt;
    protocol::Reader in(bytes);
    return Timestamp(in.int64());
}

std::optional<Timestamp> Partition::appended_at(Offset offset) {
    const std::lock_guard lock(mutex_);
    if (offset >= log_->end_offset()) return std::nullopt;
    return append_times_.appended_at(offset);
}

Partition::Position Partition::end_of_epoch(LeaderEpoch epoch) {
    const std::lock_guard lock(mutex_);
    const auto end = log_->end_offset_for_epoch(epoch);
    return {end.end_offset, no_timestamp, end.epoch};
}

LeaderEpoch Partition::epoch_of(Offset offset) {
    const std::lock_guard lock(mutex_);
    return log_->epoch_at(offset).value_or(no_leader_epoch);
}

std::expected<Offset, ErrorCode> Partition::delete_records_before(Offset offset) {
    const std::lock_guard lock(mutex_);
    if (failed()) return std::unexpected(failure());
    const Offset target = offset == Offset(-1) ? committed_.offset : offset;
    if (target > committed_.offset || target < Offset(0)) return std::unexpected(ErrorCode::offset_out_of_range);
    if (target <= log_->log_start_offset()) return log_->log_start_offset();
    if (auto done = log_->delete_records_before(target); !done) return std::unexpected(done.error().code);
    note_log_start();
    return log_->log_start_offset();
}

std::expected<log::RemovedSegments, log::Error> Partition::apply_retention(Timestamp now) {
    const std::lock_guard lock(mutex_);
    if (failed()) return log::RemovedSegments{};
    auto removed = log_->apply_retention(now, committed_.offset);
    note_log_start();
    if (removed && !removed->empty()) stats_.size.set(static_cast<std::uint64_t>(log_->size_bytes()));
    return removed;
}

std::int64_t Partition::size_bytes() {
    const std::lock_guard lock(mutex_);
    return log_->size_bytes();
}

bool Partition::fail_locked(ErrorCode code, ToTell& tell) {
    if (failed()) return false;
    failed_code_.store(to_wire(code), std::memory_order_release);
    tell.code = code;
    tell.committed.assign(std::make_move_iterator(commit_waiters_.begin()),
                          std::make_move_iterator(commit_waiters_.end()));
    commit_waiters_.clear();
    tell.readers.swap(read_waiters_);
    return true;
}

void Partition::fail(ErrorCode code) {
    ToTell tell;
    {
        const std::lock_guard lock(mutex_);
        fail_locked(code, tell);
    }
    tell.tell();
}

std::expected<void, log::Error> Partition::close() {
    ToTell tell;
    std::expected<void, log::Error> closed;
    {
        const std::lock_guard lock(mutex_);
        if (failed()) return {};
        closed = log_->close();
        fail_locked(ErrorCode::not_leader_or_follower, tell);
    }
    tell.tell();
    return closed;
}

log::FlushTicket Partition::begin_flush() {
    const std::lock_guard lock(mutex_);
    if (failed()) return {};  // its folder may be gone: that is no failure of the disk
    flushing_ = true;
    log::FlushTicket ticket = log_->begin_flush();
    ticket.bytes = stats_.bytes_in.get() - std::exchange(bytes_in_at_flush_, stats_.bytes_in.get());
    return ticket;
}

void Partition::flushed(const log::FlushTicket& ticket) {
    ToTell tell;
    {
        const std::lock_guard lock(mutex_);
        // Without it the ticket is an empty one: nothing was flushed.
        if (std::exchange(flushing_, false)) {
            stats_.flushes.add(1);
            if (log_->finish_flush(ticket) && !failed()) raise_high_watermark(log_->flushed_end(), tell);
        }
    }
    flush_ended_.notify_all();
    tell.tell();
}

void Partition::flush_failed(const log::Error& error) {
    log_log.error("{}-{}: flush failed, the partition goes offline: {}", name_.topic, name_.partition.value,
                    error.message);
    {
        const std::lock_guard lock(mutex_);
        flushing_ = false;
        log_->fail();
    }
    flush_ended_.notify_all();
    fail(ErrorCode::kafka_storage_error);
}

}  // namespace mamba::broker
