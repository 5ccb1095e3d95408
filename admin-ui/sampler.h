// Looks at the broker's counters once a second and keeps what they come to: totals and rates of every
// topic, group, log dir and of the broker, as an immutable value that any number of readers share; and
// what they were before, as histories.
//
// Cheap: a partition costs one cache line, and no lock that produce or fetch takes for more than a
// look-up is held. Rates are averages that weigh the last 10 seconds most (EWMA); a topic's first
// sample has none. Groups are looked at as often as their number allows. A partition takes 60 bytes.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "admin-ui/findings.h"
#include "admin-ui/group_lag.h"
#include "admin-ui/history.h"
#include "admin-ui/latency_history.h"
#include "admin-ui/process_stats.h"
#include "broker/activity.h"
#include "broker/broker.h"

namespace mamba::admin {

// What takes place at all io threads, as LatencyHistory is asked for it.
enum class RequestPart : std::uint8_t {
    busy,     // all of it, less a wait by choice
    local,    // the broker's own work
    waited,   // for records, members, the flush
    sent,
    errors,   // their number, as a sum
};
LatencyHistory::Key latency_key(std::size_t api_key, RequestPart part);

enum class FlushPart : std::uint8_t { rounds, bytes };  // a sum is nanoseconds; bytes
LatencyHistory::Key flush_key(std::size_t dir, FlushPart part);
// Rounds that had the cause, as a sum.
LatencyHistory::Key flush_key(std::size_t dir, broker::FlushCause cause);

struct Rates {
    double bytes_in = 0;
    double bytes_out = 0;
    double records_in = 0;
};

// Bytes a second; NaN: not known, since the partition is not served or was not yet looked at twice.
struct PartitionRates {
    float bytes_in = std::numeric_limits<float>::quiet_NaN();
    float bytes_out = std::numeric_limits<float>::quiet_NaN();
    float cold_bytes_out = std::numeric_limits<float>::quiet_NaN();  // that had to be read from the disk
};

// By protocol::CompressionType.
using CodecRecords = std::array<std::uint64_t, broker::Partition::codecs>;

struct TopicSample {
    std::string name;
    Uuid id;
    bool is_internal = false;
    std::int32_t partitions = 0;
    std::size_t first_partition = 0;  // in Sample::partition_rates
    std::int32_t replication_factor = 0;
    std::int32_t offline = 0;  // partitions that are not served
    std::int64_t bytes = 0;
    std::int64_t records = 0;  // an upper bound once records have been compacted away
    bool records_exact = true;
    std::uint64_t bytes_in = 0;  // since this broker started, as the two below
    std::uint64_t bytes_out = 0;
    std::uint64_t records_in = 0;
    Rates rates;
    std::optional<double> cold_bytes_out;  // a second that the disk had to give; nothing: it cannot be known
    CodecRecords records_of_codec{};       // likewise since this broker started
    Timestamp last_append = no_timestamp;
    Timestamp created = no_timestamp;
    std::string cleanup;
    std::int64_t retention_ms = -1;
    std::int32_t min_isr = 1;
    std::int32_t max_message_bytes = 0;
    std::size_t groups = 0;               // that have committed offsets of it
    std::optional<std::int64_t> lag;      // of the group that is furthest behind
    std::optional<std::int64_t> lag_ms;   // likewise, in time
};

enum class Trend : std::uint8_t { steady, catching_up, falling_behind };
std::string_view name_of(Trend trend);  // "CATCHING_UP"

struct GroupSample {
    std::string name;
    std::string type;
    std::string state;
    std::string protocol;  // the assignor
    std::int32_t generation = 0;
    std::size_t members = 0;
    std::size_t topics = 0;
    Timestamp state_since = no_timestamp;
    Timestamp last_commit = no_timestamp;
    std::optional<std::int64_t> lag;     // nothing: it has committed no offset of a partition that is here
    std::optional<std::int64_t> lag_ms;  // of the partition that is furthest behind
    std::optional<double> consume_rate;  // of committed offsets; nothing: seen for the first time
    std::optional<double> lag_rate;      // how fast the lag grows

    std::optional<Trend> trend() const;
    // Until the lag is gone at the present pace.
    std::optional<std::int64_t> eta_ms() const;
};

struct DirSample {
    std::string path;
    bool is_online = true;
    bool tells_cold_reads = false;  // its file system says what lies in the page cache
    std::optional<DiskSpace> space;
    std::int64_t log_bytes = 0;
    std::size_t partitions = 0;
    double fill_rate = 0;  // bytes a second that its file system loses

    std::optional<std::int64_t> full_in_ms() const;  // nothing: it does not fill
};

// Microseconds over the last second; nothing when nothing was asked.
struct LatencySample {
    std::optional<double> produce_p50;
    std::optional<double> produce_p99;
    std::optional<double> produce_p999;
    std::optional<double> fetch_p99;  // without the wait that the client chose
    std::optional<double> fsync_p99;
};

struct Sample {
    std::uint64_t number = 0;
    Timestamp at;
    std::vector<TopicSample> topics;  // by name
    std::vector<PartitionRates> partition_rates;  // topic after topic
    std::int64_t partitions = 0;
    std::int64_t offline = 0;
    std::int64_t bytes = 0;
    Rates rates;
    std::uint64_t requests = 0;
    double request_rate = 0;
    std::vector<GroupSample> groups;  // by name
    Timestamp groups_at;              // when they were looked at
    std::int64_t group_lag = 0;       // of all groups
    std::vector<DirSample> dirs;      // as Partitions::dirs()
    std::int64_t leaders = 0;         // partitions that are served here
    std::size_t connections = 0;
    ProcessStats process;
    double cpu = 0;  // of one core
    LatencySample latency;
    std::uint64_t cold_bytes_out = 0;
    std::vector<Finding> findings;  // worst first
    broker::Duration cost{};  // CPU time that this sample took

    const TopicSample* find(std::string_view topic) const;
    const GroupSample* find_group(std::string_view group) const;
    // Unknown ones for a partition that is not there.
    PartitionRates rates_of(const TopicSample& topic, PartitionIndex partition) const;
};

class Sampler {
public:
    // Partitions beyond these, in the order of the topics' names, have no rates of their own.
    static constexpr std::size_t rated_partitions_max = 200'000;

    Sampler(broker::Broker& broker, broker::Activity& activity, std::size_t memory_bytes_max);
    ~Sampler();  // stop()

    void start();
    void stop();
    // Never null.
    std::shared_ptr<const Sample> latest() const;
    // Takes a sample at once, for who cannot wait for the next and for tests.
    void sample(Timestamp at);

    const History& history() const { return history_; }
    const LatencyHistory& latencies() const { return latencies_; }

private:
    struct TopicFacts {
        broker::ConfigMapPtr configs;
        TopicSample blank;  // without figures
        std::uint64_t records_in = 0;     // when the next was looked at: it costs a cache line for each partition
        CodecRecords records_of_codec{};
    };
    // A partition's counters when they were looked at last.
    struct PartitionMeter {
        static constexpr std::uint64_t unseen = UINT64_MAX;

        std::uint64_t bytes_in = unseen;
        std::uint64_t bytes_out = unseen;
        std::uint64_t cold_bytes_out = unseen;
        PartitionRates rates;

        void advance(const broker::Partition& partition, double seconds, double weight);
    };

    void run();
    void follow_metadata();
    void measure_partitions(Sample& next, double seconds);
    void measure_groups(Sample& next, const Sample& before);
    void measure_requests(Sample& next);
    void measure_flushes(Sample& next);
    void measure_process(Sample& next, const Sample& before, double seconds);
    void remember(const Sample& next, const Sample& before, double seconds);

    broker::Broker& broker_;
    broker::Activity& activity_;
    History history_;
    LatencyHistory latencies_;

    std::mutex sampling_;  // one at a time; guards what follows
    std::vector<bool> tells_cold_reads_;  // by log dir
    broker::ClusterImagePtr image_;
    std::shared_ptr<const broker::BrokerConfig> config_;
    std::vector<TopicFacts> topics_;                   // by name
    std::unordered_map<Uuid, std::size_t> topic_at_;   // in topics_
    std::vector<PartitionMeter> meters_;               // as Sample::partition_rates
    std::vector<broker::GroupSnapshot> groups_;        // of the last look, by id
    Timestamp next_groups_at_;
    LagLookup lags_;
    std::unordered_map<LatencyHistory::Key, TallySince> tallies_;
    std::vector<broker::ClusterEvent> events_;  // the broker's newest,
    std::uint64_t events_next_ = 0;             // read anew when there are others

    mutable std::mutex mutex_;
    std::shared_ptr<const Sample> latest_;  // guarded by mutex_
    std::condition_variable wake_;
    bool stopping_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace mamba::admin
