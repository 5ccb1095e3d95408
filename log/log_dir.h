// One log directory: whose it is, which partitions lie in it, its checkpoints, and whether it still
// works.
//
//     .lock                              held (flock) while a broker runs on it
//     meta.properties                    node id, cluster id, directory id
//     .kafka_cleanshutdown               only between an orderly stop and the next start
//     recovery-point-offset-checkpoint   what is flushed, for each partition
//     log-start-offset-checkpoint        what DeleteRecords and retention have removed
//     replication-offset-checkpoint      the high watermarks
//     topic-N/                           one folder a partition; topic names may hold '-' and '.'
//     topic-N.<32 hex digits>-delete/    a deletion to be finished
//     topic-N.<32 hex digits>-future/    Kafka's copy on its way from another dir: left alone
//
// Thread-safe: many workers may open logs of one dir at a time. After the first failure of the disk
// the dir is offline for good and nothing is tried any more.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "log/checkpoint_files.h"
#include "log/error.h"
#include "log/log_config.h"
#include "log/partition_log.h"
#include "log/storage.h"
#include "protocol/types.h"

namespace mamba::log {

// "name-with-dashes-7" -> {"name-with-dashes", 7}; empty when it is no such folder.
std::optional<TopicPartition> parse_partition_directory(std::string_view name);

class LogDir {
public:
    // A partition's folder, found at start.
    struct Found {
        TopicPartition partition;
        std::string directory;
        std::optional<Uuid> topic_id;  // from partition.metadata; empty when absent or unreadable
    };

    // Locks the folder (made when absent), reads its files, lists its partitions, finishes
    // deletions, and takes away the clean-shutdown marker, so that an old one can never hide a
    // later crash. Errors: io (among them: locked by another process), corrupt for meta.properties.
    static std::expected<std::unique_ptr<LogDir>, Error> open(Storage& storage, std::string path);

    const std::string& path() const noexcept { return path_; }
    Storage& storage() noexcept { return storage_; }

    // Empty for a new dir, until stored.
    const std::optional<MetaProperties>& meta_properties() const noexcept { return meta_; }
    std::expected<void, Error> store_meta_properties(const MetaProperties& properties);

    bool was_clean_shutdown() const noexcept { return clean_epoch_.has_value(); }
    // The broker epoch in the marker of the last orderly stop.
    std::optional<std::int64_t> last_broker_epoch() const noexcept { return clean_epoch_; }
    // The last act of an orderly stop: all logs are closed and the checkpoints stored.
    std::expected<void, Error> store_clean_shutdown(std::int64_t broker_epoch);

    // Sorted by partition. Kafka's own metadata log (__cluster_metadata-0) is not among them.
    const std::vector<Found>& found() const noexcept { return found_; }

    // Opens, or makes, the partition's log with what the checkpoints say of it. For a worker pool:
    // call from any thread. A disk failure takes the dir offline; a corrupt log leaves the others
    // alone.
    std::expected<std::unique_ptr<PartitionLog>, Error> open_log(
        const TopicPartition& partition, const LogConfig& config, std::optional<Uuid> topic_id,
        Timestamp now, const std::function<void(const RecoveryProgress&)>& progress = {});

    // Renames the folder of a closed log, so that it is gone at once; returns the new path, for
    // erase_directory() at leisure. After flush_deletions(), once for many, it is gone for good.
    std::expected<std::string, Error> mark_deleted(const PartitionLog& log, const Uuid& unique);
    std::expected<void, Error> flush_deletions();
    std::expected<void, Error> erase_directory(const std::string& path);

    // What the checkpoints said at start; nothing any more once mark_deleted() took the partition.
    std::optional<Offset> recovery_point(const TopicPartition& partition) const;
    std::optional<Offset> log_start_offset(const TopicPartition& partition) const;
    std::optional<Offset> high_watermark(const TopicPartition& partition) const;

    // Replace a checkpoint file as a whole, in a way that survives a power cut at any moment.
    std::expected<void, Error> store_recovery_points(std::span<const CheckpointEntry> entries);
    std::expected<void, Error> store_log_start_offsets(std::span<const CheckpointEntry> entries);
    std::expected<void, Error> store_high_watermarks(std::span<const CheckpointEntry> entries);

    // True once the disk has failed; first_error() then says how.
    bool offline() const noexcept { return offline_.load(std::memory_order_acquire); }
    void take_offline(const Error& error);
    std::optional<Error> first_error() const;
    // The error to hand on when offline().
    Error offline_error() const;

    // Sentences about files that were damaged and have been passed over at start.
    const std::vector<std::string>& warnings() const noexcept { return warnings_; }

private:
    using Offsets = std::unordered_map<TopicPartition, Offset>;

    LogDir(Storage& storage, std::string path) : storage_(storage), path_(std::move(path)) {}

    std::string file(std::string_view name) const;
    std::expected<void, Error> make_durable_directory(const std::string& path);
    std::expected<void, Error> load();
    std::expected<void, Error> load_partitions();
    std::optional<Offset> find_in(const Offsets& offsets, const TopicPartition& partition) const;
    std::expected<Offsets, Error> load_checkpoint(std::string_view name);
    std::expected<void, Error> store(std::string_view name, std::string_view text);

    Storage& storage_;
    std::string path_;
    std::unique_ptr<StorageLock> lock_;
    std::optional<MetaProperties> meta_;
    std::optional<std::int64_t> clean_epoch_;
    std::vector<Found> found_;
    std::vector<std::string> warnings_;

    std::atomic<bool> offline_ = false;
    mutable std::mutex mutex_;  // guards the file writes and the next members
    Offsets recovery_points_;
    Offsets log_start_offsets_;
    Offsets high_watermarks_;
    std::optional<Error> first_error_;
};

}  // namespace mamba::log
