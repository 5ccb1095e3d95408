// All partitions of this broker: made, opened and deleted as the metadata says, looked up by every
// produce and fetch, and kept in order (retention, checkpoints, deletions) in the background.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "broker/latency_histogram.h"
#include "broker/metadata/cluster_image.h"
#include "broker/metadata/controller.h"
#include "broker/partition.h"
#include "broker/worker_pool.h"
#include "log/log_dir.h"

namespace mamba::broker {

struct PartitionsOptions {
    std::vector<std::string> log_dirs;
    BrokerId broker_id;
    Duration retention_check_interval = std::chrono::minutes(5);  // log.retention.check.interval.ms
    Duration checkpoint_interval = std::chrono::minutes(1);       // log.flush.offset.checkpoint.interval.ms
    // What holds for a topic, its own settings and the broker's resolved.
    std::function<PartitionSettings(const std::string& topic, const ClusterImage& image)> settings_of;
    std::function<Timestamp()> wall_clock;
    std::function<Uuid()> random_uuid;
    // A log dir has gone offline; on any thread. May be empty.
    std::function<void(const std::string& path, const log::Error& error)> on_dir_offline = {};
};

// What flushing one log dir has cost; written by its flusher alone.
struct FlushStats {
    LatencyHistogram duration;  // of a round
    Counter logs;               // served by rounds, in all
    Counter files;
    Counter bytes;              // that the logs had appended since their last flush
    Counter whole_file_system_rounds;
    std::array<Counter, flush_causes> causes;  // rounds, by FlushCause; one may have several
};
std::string describe(const FlushStats& stats);  // a line for people

class Partitions {
public:
    // One log dir and what works on it.
    struct Dir {
        std::unique_ptr<log::LogDir> dir;
        FlushStats flushes;
        std::unique_ptr<Flusher> flusher;
        std::size_t partitions = 0;  // guarded by Partitions::mutex_
        std::mutex checkpoint_mutex;  // held from reading offsets to storing them, so that none goes back
    };

    // Opens the log dirs, not the logs. A dir that cannot be used is left out with a log line; an
    // error only when none can be used.
    static std::expected<std::unique_ptr<Partitions>, log::Error> open(log::Storage& storage, WorkerPool& workers,
                                                                       PartitionsOptions options);
    ~Partitions();

    std::span<const std::unique_ptr<Dir>> dirs() const { return dirs_; }
    // Topics that lie in the log dirs with a known id, for adoption into fresh metadata.
    std::vector<AdoptTopics::Topic> found_topics() const;
    // Sets aside folders of partitions that the metadata does not know.
    void set_strays_aside(const ClusterImage& image);

    // The metadata service's listener. Blocking; opens many logs side by side.
    void on_metadata(const ClusterImagePtr& next, const ClusterDelta& delta);

    // Null when there is none here.
    std::shared_ptr<Partition> find(std::string_view topic, PartitionIndex index) const;
    std::shared_ptr<Partition> find(const Uuid& topic_id, PartitionIndex index) const;
    // What a client is told where find() gives null: that its log could not be opened, or that there
    // is none.
    ErrorCode why_missing(std::string_view topic, PartitionIndex index) const;
    ErrorCode why_missing(const Uuid& topic_id, PartitionIndex index) const;
    std::vector<std::shared_ptr<Partition>> all() const;

    // A partition and where it lies; without a partition when its log could not be opened.
    struct Entry {
        std::shared_ptr<Partition> partition;
        Dir* dir = nullptr;
    };
    // Calls `visit(topic_id, entries)` for every topic, with its partitions by index. The look-ups
    // are shut out of nothing but the making and deleting of topics, for one topic at a time.
    template <class Visit>
    void for_each_topic(Visit visit) const {
        for (const std::shared_ptr<const Topic>& topic : topics()) {
            const std::shared_lock lock(mutex_);
            visit(topic->id, std::span<const Entry>(topic->partitions));
        }
    }
    // The partitions of `dir` whose logs could not be opened.
    std::vector<TopicPartition> unopened_in(const Dir& dir) const;
    Dir* dir_of(const Partition& partition) const;

    // Stores the log start offsets of the dir that holds `partition`: DeleteRecords is answered only
    // then. Blocking.
    std::expected<void, log::Error> store_log_starts(const Partition& partition);

    void start_housekeeping();
    // A clean stop: closes all logs, stores checkpoints and the marker. `broker_epoch` goes into it.
    void close(std::int64_t broker_epoch);

private:
    struct Topic {
        Uuid id;
        std::vector<Entry> partitions;  // by index; null where there is none here; guarded by mutex_
    };
    std::vector<std::shared_ptr<const Topic>> topics() const;
    struct StringHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    struct PendingErase {
        Instant when;
        log::LogDir* dir = nullptr;
        std::string folder;              // a whole partition, or else
        log::RemovedSegments segments;   // some of its segments
    };

    Partitions(log::Storage& storage, WorkerPool& workers, PartitionsOptions options);

    void open_partitions(const ClusterImage& image, const std::vector<std::pair<TopicPtr, PartitionIndex>>& wanted);
    void delete_topics(std::span<const TopicPtr> topics);
    // Adds the dirs whose checkpoints have to be stored anew.
    void delete_topic(const TopicState& topic, std::set<Dir*>& dirs);
    Dir* choose_dir(const TopicPartition& partition);
    void on_disk_failure(Dir& dir, const log::Error& error);
    void run_housekeeping();
    void apply_retention();
    void store_checkpoints(Dir& dir);
    void erase_due(Instant now);

    log::Storage& storage_;
    WorkerPool& workers_;
    PartitionsOptions options_;
    std::vector<std::unique_ptr<Dir>> dirs_;

    mutable std::shared_mutex mutex_;
    std::unordered_map<TopicPartition, Dir*> found_in_;  // folders that were there at start; guarded
    std::unordered_map<std::string, std::shared_ptr<Topic>, StringHash, std::equal_to<>> by_name_;  // guarded
    std::unordered_map<Uuid, std::shared_ptr<Topic>> by_id_;                                        // guarded

    std::mutex housekeeping_mutex_;
    std::condition_variable housekeeping_wake_;
    bool stopping_ = false;                // guarded by housekeeping_mutex_
    std::vector<PendingErase> to_erase_;   // guarded by housekeeping_mutex_
    std::thread housekeeping_;
};

}  // namespace mamba::broker
