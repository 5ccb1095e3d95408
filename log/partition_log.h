// The log of one partition: its segments, indexes, producer state and leader epochs, in a folder
// `topic-N/` with Kafka's own files.
//
// NOT thread-safe: the owner holds one mutex around every call. Calls marked "reads the disk" can
// stall on a cold page cache. What a call returns (slices, tickets, removed segments) may be used
// without the mutex.
//
// Held between calls:
//   1. segments are contiguous in the list, base offsets rise, the last one is active and writable;
//   2. log_start_offset <= flushed_end <= end_offset, and whole batches only lie below end_offset;
//   3. the producer state and the leader epochs are those of the batches below end_offset;
//   4. what lies below recovery_point() survives a power cut, sealed indexes included;
//   5. after a failure that leaves the file's content unknown nothing more is appended (failed()).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "log/error.h"
#include "log/leader_epochs.h"
#include "log/log_config.h"
#include "log/log_position.h"
#include "log/log_reader.h"
#include "log/producer_state.h"
#include "log/storage.h"
#include "protocol/error_code.h"
#include "protocol/record_batch.h"
#include "protocol/types.h"

namespace mamba::log {

class Segment;

struct AppendOutcome {
    // none: stored, or a duplicate of what is; otherwise what the client is told.
    ErrorCode error = ErrorCode::none;
    Offset base_offset{-1};
    Offset last_offset{-1};
    Timestamp log_append_time = no_timestamp;  // set when the batch bears LogAppendTime
    Offset log_start_offset{-1};
    bool duplicate = false;  // the offsets are those of the first append
};

// One batch that validate_batch() accepted; base offset and leader epoch are written into it.
struct AppendRequest {
    std::span<std::byte> batch;
    AppendOutcome outcome;
};

// What has to reach the disk for everything below `upto` to survive a power cut.
struct FlushTicket {
    std::shared_ptr<StorageFile> active;               // null when it has nothing new
    std::vector<std::shared_ptr<StorageFile>> sealed;  // filled after a roll only
    std::vector<std::string> directories;              // filled after files were made only
    std::string leader_epochs_path;                    // empty: unchanged
    std::string leader_epochs;
    LogPosition upto;
    std::uint64_t generation = 0;  // truncations seen; a ticket from before one proves nothing
    std::size_t sealed_files = 0;  // how many of `sealed` finish_flush() strikes off
    std::uint64_t leader_epochs_version = 0;
    std::uint64_t directory_version = 0;
    std::uint64_t bytes = 0;  // appended since the last flush, as far as the caller counts them

    // How many files run() would flush.
    std::size_t files() const { return sealed.size() + (active ? 1 : 0); }
    bool empty() const {
        return !active && sealed.empty() && directories.empty() && leader_epochs_path.empty();
    }
    // Flushes all of it; blocks. After an error the log dir is lost: never try again.
    std::expected<void, Error> run(Storage& storage) const;
    // The part of it that one flush_file_system cannot do; call before that.
    std::expected<void, Error> prepare_file_system_flush(Storage& storage) const;
};

// Files of segments that are no longer part of the log. In this order: store the log dir's log
// start offsets (so that a power cut between two removals leaves no hole), rename, and after
// file.delete.delay.ms erase. A start finishes whatever was left undone.
struct RemovedSegments {
    std::vector<std::string> files;
    std::size_t segment_count = 0;
    std::int64_t bytes = 0;

    bool empty() const { return segment_count == 0; }
    std::expected<void, Error> rename_to_deleted(
        Storage& storage);  // `files` then have their new names
    std::expected<void, Error> erase(Storage& storage) const;
};

struct RecoveryProgress {
    const TopicPartition& partition;
    Offset segment_base;
    std::size_t segments_left;
    std::int64_t bytes_done;
};

// What open() found and did; for the log output.
struct RecoveryReport {
    bool ran = false;              // batches were read and checked
    std::size_t segments = 0;      // that were read
    std::int64_t bytes = 0;        // that were read
    std::int64_t bytes_cut = 0;    // torn or corrupt tail
    std::size_t segments_cut = 0;  // removed since they lay behind a cut
    std::string cut_reason;
};

class PartitionLog {
public:
    struct OpenOptions {
        bool clean_shutdown = false;  // the log dir was closed in order
        std::optional<Offset> recovery_point =
            std::nullopt;  // from the log dir's checkpoint; empty when unknown
        Offset log_start_offset{0};
        Timestamp now = no_timestamp;
        // Written to partition.metadata when the folder has none; an error when it names another.
        std::optional<Uuid> topic_id = std::nullopt;
        std::function<void(const RecoveryProgress&)> progress =
            {};  // may be empty; before each segment
    };

    // Opens the folder, or makes it. `storage` outlives the log. Reads the disk.
    // Errors: corrupt when bytes below the recovery point are damaged (nothing is deleted then),
    // io, disk_full.
    static std::expected<std::unique_ptr<PartitionLog>, Error> open(Storage& storage,
                                                                    std::string directory,
                                                                    TopicPartition partition,
                                                                    const LogConfig& config,
                                                                    const OpenOptions& options);
    ~PartitionLog();
    PartitionLog(const PartitionLog&) = delete;
    PartitionLog& operator=(const PartitionLog&) = delete;

    // ---- writing

    // Judges each batch against the producer state, assigns offsets, and writes all accepted ones
    // with one vectored write (one more for each roll in between). Outcomes are set in either case:
    // on an Error, a request whose outcome.error is `none` was stored before a roll. Errors:
    // disk_full (the log goes on when space is back), io (failed() from then on), offline.
    std::expected<void, Error> append(std::span<AppendRequest> requests, LeaderEpoch epoch,
                                      Timestamp now);

    // Appends batches as a leader sent them, offsets and epochs kept; they follow end_offset().
    std::expected<void, Error> append_replicated(BytesView batches, Timestamp now);

    // Seals the active segment and starts a new one; does nothing when it is empty.
    std::expected<void, Error> roll(Timestamp now);

    // Makes `offset` and all after it disappear. Store the recovery point checkpoint afterwards.
    std::expected<void, Error> truncate_to(Offset offset, Timestamp now);

    // Nothing more is appended or flushed; reads may still succeed. For a flush that failed.
    void fail() noexcept { failed_ = true; }
    bool failed() const noexcept { return failed_; }

    // ---- flushing (the caller flushes without the mutex)

    FlushTicket begin_flush();
    // `ticket` has run. True when flushed_end() moved.
    bool finish_flush(const FlushTicket& ticket);
    LogPosition flushed_end() const noexcept { return flushed_end_; }
    Offset recovery_point() const noexcept { return flushed_end_.offset; }
    // Something was written that no finished flush covers.
    bool is_dirty() const noexcept { return flushed_end_.offset != end_offset_; }
    // A segment was sealed and is not flushed yet: its descriptors are held until it is.
    bool has_unflushed_segments() const noexcept { return !unflushed_.empty(); }

    // ---- reading

    // A reader of the log as it is now, for what may wait for the disk.
    LogReader reader() const;
    // Takes over what `reader` has opened and found out, so that the next look-up need not wait.
    void adopt(const LogReader& reader);

    // As LogReader::read, without waiting: would_block when the disk has to be asked. Places that
    // were just written or read up to are known without a look-up.
    std::expected<ReadResult, Error> read_cached(Offset from, const LogPosition& limit,
                                                 std::size_t max_bytes, bool at_least_one_batch);

    LogPosition end_position() const noexcept;
    Offset log_start_offset() const noexcept { return log_start_offset_; }
    Offset end_offset() const noexcept { return end_offset_; }

    LeaderEpochs::EndOffset end_offset_for_epoch(LeaderEpoch epoch) const {
        return leader_epochs_.end_offset_for(epoch, end_offset_);
    }
    std::optional<LeaderEpoch> epoch_at(Offset offset) const {
        return leader_epochs_.epoch_at(offset);
    }
    LeaderEpoch latest_epoch() const { return leader_epochs_.latest(); }
    // A leader starts its epoch at the end of the log.
    void start_epoch(LeaderEpoch epoch);

    // ---- housekeeping

    // DeleteRecords: raises the log start offset; false when it is there already. The caller keeps
    // to the high watermark, and stores the log start offset checkpoint before it answers. Errors:
    // out_of_range above end_offset().
    std::expected<bool, Error> delete_records_before(Offset offset);

    // Takes out segments by retention.ms and retention.bytes (cleanup.policy delete) and those
    // below the log start offset; none that holds a record at or above `high_watermark`.
    std::expected<RemovedSegments, Error> apply_retention(Timestamp now, Offset high_watermark);

    void update_config(const LogConfig& config) { config_ = config; }
    const LogConfig& config() const noexcept { return config_; }

    // Forgets producers by producer.id.expiration.ms.
    std::size_t expire_producers(Timestamp now) {
        return producers_.expire(now, config_.producer_id_expiration_ms);
    }
    const ProducerState& producers() const noexcept { return producers_; }

    // Closes files and mappings that were not used since the last call: an idle log then holds
    // none.
    void release_idle_files();

    // Writes the producer state as of end_offset(), unless the newest snapshot is of there.
    std::expected<void, Error> take_snapshot();

    // Flushes everything and takes a snapshot, so that the next open reads nothing. Nothing may be
    // called afterwards but reads of plain members.
    std::expected<void, Error> close();

    struct SegmentInfo {
        Offset base_offset;
        std::int64_t size = 0;
        Timestamp max_timestamp = no_timestamp;
        std::int32_t offset_index_entries = 0;
        std::int32_t time_index_entries = 0;
    };
    std::vector<SegmentInfo> segments();
    // Of the segment that `offset` lies in, or would.
    SegmentInfo segment_of(Offset offset) { return info_of(*segments_[segment_index_for(offset)]); }
    std::int64_t size_bytes() const noexcept;

    const TopicPartition& partition() const noexcept { return partition_; }
    const std::string& directory() const noexcept { return directory_; }
    // Where its files lie: for looking at them without the mutex.
    Storage& storage() const noexcept { return storage_; }
    const std::optional<Uuid>& topic_id() const noexcept { return topic_id_; }
    const RecoveryReport& recovery_report() const noexcept { return report_; }

private:
    friend class LogLoader;
    // An accepted batch that waits for the write.
    struct Staged {
        Offset base_offset;
        Offset last_offset;
        Timestamp max_timestamp;
        LeaderEpoch epoch;
        std::int32_t size = 0;
    };

    PartitionLog(Storage& storage, std::string directory, TopicPartition partition,
                 const LogConfig& config);

    Segment& active() noexcept { return *segments_.back(); }
    const Segment& active() const noexcept { return *segments_.back(); }
    std::size_t segment_index_for(Offset offset) const noexcept;
    static SegmentInfo info_of(Segment& segment);
    bool is_accepted(AppendRequest& request, const protocol::RecordBatchView& batch) const;
    std::expected<void, Error> make_room(const protocol::RecordBatchView& batch, Timestamp now);
    std::expected<void, Error> write_staged();
    std::expected<void, Error> rebuild_producers(std::vector<Offset> snapshots, Timestamp now);
    std::expected<void, Error> recall_batches_before(Offset snapshot);
    std::expected<void, Error> add_segment(Offset base, Timestamp now);
    std::int64_t jitter_for(Offset base) const noexcept;
    Error offline_error() const;
    void remember(const LogPosition& position) noexcept;
    std::optional<LogPosition> recall(Offset offset) const noexcept;
    bool retention_applies(std::size_t index, Timestamp now, std::int64_t excess_bytes);

    Storage& storage_;
    std::string directory_;
    TopicPartition partition_;
    LogConfig config_;
    std::optional<Uuid> topic_id_;

    std::vector<std::unique_ptr<Segment>> segments_;  // by base offset; never empty once open
    Offset log_start_offset_{0};
    Offset end_offset_{0};
    LogPosition flushed_end_;
    std::uint64_t generation_ = 0;

    ProducerState producers_;
    std::optional<Offset> newest_snapshot_;
    LeaderEpochs leader_epochs_;

    // Sealed files and snapshots. What lies in the folder, and the leader epochs, have a version
    // that rises with each change; it is flushed up to the second number.
    std::vector<std::shared_ptr<StorageFile>> unflushed_;
    std::uint64_t leader_epochs_version_ = 0;
    std::uint64_t leader_epochs_flushed_ = 0;
    std::uint64_t directory_version_ = 0;
    std::uint64_t directory_flushed_ = 0;
    bool is_new_ = false;       // the folder and partition.metadata are not flushed
    bool has_written_ = false;  // since open(): the indexes of the active segment are not flushed
    bool failed_ = false;
    RecoveryReport report_;

    // Places where reads are likely to begin: ends of recent appends and reads.
    std::array<LogPosition, 4> recent_{};
    std::uint8_t recent_next_ = 0;

    // Batches that wait for the write of the append() in progress; kept for their capacity.
    std::vector<Staged> staged_;
    std::vector<BytesView> pieces_;
    std::int64_t staged_bytes_ = 0;
    Offset staged_end_{0};
};

}  // namespace mamba::log
