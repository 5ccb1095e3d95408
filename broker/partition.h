// One partition that this broker leads: its log, its high watermark, and who waits for either.
//
//     append      batches into the log with one write; asks for a flush when acks=all means one
//     read        where the records from an offset on lie, bounded by the high watermark
//     await       a listener for the moment an offset is committed, or for new records
//
// Committed means below the high watermark. With `flush.on.acks.all` (the default) that is what the
// disk has confirmed; without it, what is in the page cache. Readers never see more, so a record
// once read survives whatever an acknowledged one survives.
//
// One mutex guards it all; it is held for a look-up or one write to the page cache, never while
// waiting. Listeners are called outside of it.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "broker/append_times.h"
#include "broker/connection_stats.h"
#include "broker/flusher.h"
#include "broker/request.h"
#include "log/batch_validator.h"
#include "log/partition_log.h"
#include "protocol/compression.h"

namespace mamba::broker {

// Told once when what it waits for is committed or can no longer be. Called from any thread.
class CommitListener {
public:
    virtual ~CommitListener() = default;
    // `tag` is the caller's own; `code` is none, or why the records are not safe.
    virtual void on_commit(std::uint32_t tag, ErrorCode code) = 0;
};

struct CommitWait {
    std::shared_ptr<CommitListener> listener;  // null: nobody waits
    std::uint32_t tag = 0;
};

// Told once that a partition has news since it was looked at: more committed records, or an error.
class ReadListener {
public:
    virtual ~ReadListener() = default;
    virtual void on_news() = 0;
};

struct PartitionSettings {
    log::LogConfig log;
    log::BatchRules rules;
    bool flush_on_acks_all = true;
};

class Partition final : public Flushable, public std::enable_shared_from_this<Partition> {
public:
    static constexpr std::size_t codecs = 5;  // of protocol::CompressionType

    // Counters and gauges for the console and the metrics; written under the partition's mutex, read
    // without it. What a sampler of all partitions reads is one cache line.
    struct alignas(64) Stats {
        Counter records_in;
        Counter bytes_in;
        Counter log_start;     // gauges: the log start offset,
        Counter size;          // bytes of all segments,
        Counter last_append;   // when that was (epoch ms), to the second; 0: not since the start
        Counter fetches;
        Counter flushes;
        Counter produce_errors;
    };

    struct Position {
        Offset offset;
        Timestamp timestamp = no_timestamp;
        LeaderEpoch epoch = no_leader_epoch;
    };

    struct Read {
        ErrorCode error = ErrorCode::none;
        Offset high_watermark{-1};
        Offset log_start{-1};
        log::FileSlice slice;  // length 0: nothing to read yet
        bool recent = false;   // written so lately that it lies in the page cache
        bool on_older_segment = false;  // `from` is not in the segment that the high watermark is in
        bool cold = false;  // of read_cached(): the disk has to be asked
    };

    Partition(TopicPartition name, Uuid topic_id, LeaderEpoch epoch, std::unique_ptr<log::PartitionLog> log,
              PartitionSettings settings, Flusher& flusher);

    const TopicPartition& name() const { return name_; }
    const Uuid& topic_id() const { return topic_id_; }
    LeaderEpoch leader_epoch() const { return leader_epoch_; }
    std::shared_ptr<const PartitionSettings> settings() const;
    void update_settings(PartitionSettings settings);

    // Appends what is accepted of `requests` with one write. Each has its own outcome; an error
    // here is of the disk, and a request whose outcome then has no error was stored all the same.
    // A full disk is told and may have room again later; a disk that fails takes its log dir offline.
    // `waits` is empty or goes side by side with `requests`: who is to be told when an accepted
    // request is committed. Those that were not accepted are left in place.
    std::expected<void, log::Error> append(std::span<log::AppendRequest> requests, Timestamp now,
                                           std::span<CommitWait> waits = {});

    // Records from `from` on, of at most `bytes_max` bytes; with `whole_first` at least one batch
    // whatever its size. May wait for the disk, without the mutex.
    Read read(Offset from, LeaderEpoch client_epoch, std::size_t bytes_max, bool whole_first);
    // The same for those who must not wait: `cold`, and nothing else of use, where read() has to.
    Read read_cached(Offset from, LeaderEpoch client_epoch, std::size_t bytes_max, bool whole_first);
    // For other look-ups in the log as it is now; they may wait for the disk.
    log::LogReader reader();

    // Registers `listener` unless the high watermark has passed `seen` already; false then.
    bool await_news(Offset seen, std::weak_ptr<ReadListener> listener);

    Offset high_watermark() const { return Offset(high_watermark_.load(std::memory_order_acquire)); }
    Offset log_start_offset();
    Offset log_end_offset();
    ErrorCode check_epoch(LeaderEpoch client_epoch) const;

    // The first record at or after `time`; nullopt when there is none below the high watermark. Both
    // may wait for the disk, without the mutex.
    std::expected<std::optional<Position>, log::Error> find_by_time(Timestamp time);
    std::expected<std::optional<Position>, log::Error> find_max_timestamp();
    // When the record at `offset` was appended, to the second; nothing when that is too long ago to
    // be remembered, or there is no such record.
    std::optional<Timestamp> appended_at(Offset offset);
    std::optional<Timestamp> last_appended() const;  // the newest of those
    // The largest timestamp of the batch that holds `offset`: where appended_at() remembers nothing.
    // Reads the disk.
    std::optional<Timestamp> timestamp_at(Offset offset);
    // The end offset of the newest epoch at or below `epoch` (KIP-320).
    Position end_of_epoch(LeaderEpoch epoch);
    LeaderEpoch epoch_of(Offset offset);

    // Drops what lies before `offset` (-1: the high watermark). The new log start, or why not.
    std::expected<Offset, ErrorCode> delete_records_before(Offset offset);
    // Runs retention; the files of what was taken out are the caller's to remove.
    std::expected<log::RemovedSegments, log::Error> apply_retention(Timestamp now);
    std::int64_t size_bytes();

    // Calls `visit` with the log, under the mutex: for what is rare and needs no method of its own.
    template <class Visit>
    auto with_log(Visit visit) {
        const std::lock_guard lock(mutex_);
        return visit(*log_);
    }

    // The same when no flush of the log is under way: files may be moved then. Blocks for as long as a
    // flush takes; after fail() there is no further one.
    template <class Visit>
    auto with_log_at_rest(Visit visit) {
        std::unique_lock lock(mutex_);
        flush_ended_.wait(lock, [this] { return !flushing_; });
        return visit(*log_);
    }

    // Nothing is appended or read any more; whoever waits is told `code`.
    void fail(ErrorCode code);
    bool failed() const { return failed_code_.load(std::memory_order_acquire) != 0; }
    ErrorCode failure() const { return ErrorCode{failed_code_.load(std::memory_order_acquire)}; }
    // Flushes and closes the log: a clean stop.
    std::expected<void, log::Error> close();

    log::FlushTicket begin_flush() override;
    void flushed(const log::FlushTicket& ticket) override;
    void flush_failed(const log::Error& error) override;

    const Stats& stats() const { return stats_; }
    // Records whose batches came with the codec, since the start; not in the cache line of stats().
    std::uint64_t records_of(protocol::CompressionType codec) const {
        return records_of_codec_[static_cast<std::size_t>(codec)].get();
    }
    // As of the last change; neither waits for the mutex.
    Offset known_log_start() const { return Offset(static_cast<std::int64_t>(stats_.log_start.get())); }
    std::int64_t known_size() const { return static_cast<std::int64_t>(stats_.size.get()); }
    // Bytes of records in an answer that leaves, and those of them that the disk had to give.
    void count_fetched(std::uint64_t bytes) { bytes_out_.fetch_add(bytes, std::memory_order_relaxed); }
    std::uint64_t bytes_out() const { return bytes_out_.load(std::memory_order_relaxed); }
    void count_cold_read(std::uint64_t bytes) { cold_bytes_out_.fetch_add(bytes, std::memory_order_relaxed); }
    std::uint64_t cold_bytes_out() const { return cold_bytes_out_.load(std::memory_order_relaxed); }

private:
    struct CommitWaiter {
        Offset upto;
        CommitWait wait;
    };
    // Whom to tell once the mutex is free.
    struct ToTell {
        std::vector<CommitWaiter> committed;
        std::vector<std::weak_ptr<ReadListener>> readers;
        ErrorCode code = ErrorCode::none;

        void tell();
    };

    using Found = std::expected<std::optional<log::TimestampedOffset>, log::Error>;
    // Runs `find`, a LogReader's look-up by time, without the mutex.
    template <class Find>
    std::expected<std::optional<Position>, log::Error> find_committed(Find find);
    Read begin_read(Offset from, LeaderEpoch client_epoch) const;
    void finish_read(Read& result, Offset from, std::expected<log::ReadResult, log::Error> found,
                     const log::LogPosition& limit);
    void count_appended(const log::AppendRequest& request);
    void raise_high_watermark(log::LogPosition to, ToTell& tell);
    void note_log_start() { stats_.log_start.set(static_cast<std::uint64_t>(log_->log_start_offset().value)); }
    bool fail_locked(ErrorCode code, ToTell& tell);

    const TopicPartition name_;
    const Uuid topic_id_;
    const LeaderEpoch leader_epoch_;
    const bool is_internal_;
    Flusher& flusher_;

    mutable std::mutex mutex_;
    std::unique_ptr<log::PartitionLog> log_;             // guarded by mutex_
    std::shared_ptr<const PartitionSettings> settings_;  // guarded by mutex_
    log::LogPosition committed_;                         // guarded by mutex_
    AppendTimes append_times_;                           // guarded by mutex_
    std::uint64_t bytes_in_at_flush_ = 0;                // Stats::bytes_in at the last one; guarded by mutex_
    bool flushing_ = false;  // between begin_flush() and its outcome; guarded by mutex_
    std::condition_variable flush_ended_;
    std::deque<CommitWaiter> commit_waiters_;            // by rising offset; guarded by mutex_
    std::vector<std::weak_ptr<ReadListener>> read_waiters_;  // guarded by mutex_
    std::size_t read_waiters_swept_ = 64;  // size at which gone ones are swept out; guarded by mutex_
    std::atomic<std::int64_t> high_watermark_{0};
    std::atomic<std::int16_t> failed_code_{0};
    std::atomic<std::uint64_t> bytes_out_{0};
    std::atomic<std::uint64_t> cold_bytes_out_{0};
    Stats stats_;
    std::array<Counter, codecs> records_of_codec_;  // written as stats_ is
};

}  // namespace mamba::broker
