#include "admin-ui/sampler.h"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "admin-ui/console.h"
#include "broker/page_cache.h"

namespace mamba::admin {
namespace {

using broker::LatencyHistogram;
using broker::RequestMetrics;
using protocol::ApiKey;

constexpr auto interval = std::chrono::seconds(1);
constexpr double smoothing_seconds = 10;
constexpr double lag_smoothing_seconds = 30;
constexpr double rate_min = 0.01;               // a second; below it is none
constexpr std::size_t lag_reads_max = 200;      // of the disk, for one look at all groups
constexpr std::int64_t group_cost_share = 100;  // groups are looked at for a hundredth of the time at most
constexpr std::size_t prefetched = 8;           // partitions ahead
constexpr std::size_t history_memory_min = 512 * 1024;
constexpr std::size_t latency_share = 4;        // a quarter of the memory is for latencies

// How much of an average of so many seconds is of the last `seconds`.
double weight_of(double seconds, double smoothing) { return 1 - std::exp(-seconds / smoothing); }

// The average `before` after `seconds` at the rate that the counter has moved with.
double smoothed(double before, std::uint64_t from, std::uint64_t to, double seconds) {
    if (seconds <= 0) return before;
    const double now = to >= from ? static_cast<double>(to - from) / seconds : 0;  // topic made anew: it counts from 0
    const double after = before + (now - before) * weight_of(seconds, smoothing_seconds);
    return after < rate_min ? 0 : after;
}

// The same for one of many partitions, most of which stand still. `counted` is UINT64_MAX, and `before` NaN, until
// the counter has been looked at.
float followed(float before, std::uint64_t& counted, std::uint64_t counter, double seconds, double weight) {
    const std::uint64_t from = std::exchange(counted, counter);
    if (from == counter && before == 0) return 0;
    if (from == UINT64_MAX || seconds <= 0) return before;
    const double known = std::isnan(before) ? 0 : static_cast<double>(before);
    const double now = counter >= from ? static_cast<double>(counter - from) / seconds : 0;
    const double after = known + (now - known) * weight;
    return after < rate_min ? 0 : static_cast<float>(after);
}

broker::Duration thread_cpu_time() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Records that were committed since the last look, of partitions that had a commit then.
std::uint64_t consumed_since(const broker::GroupSnapshot& before, const broker::GroupSnapshot& now) {
    std::uint64_t consumed = 0;
    auto old = before.offsets.begin();
    for (const auto& offset : now.offsets) {
        while (old != before.offsets.end() && old->partition < offset.partition) ++old;
        if (old == before.offsets.end()) break;
        if (old->partition != offset.partition) continue;
        const std::int64_t moved = offset.committed.offset - old->committed.offset;
        if (moved > 0) consumed += static_cast<std::uint64_t>(moved);
    }
    return consumed;
}

float as_point(double value) { return static_cast<float>(value); }
template <class Number>
float as_point(const std::optional<Number>& value) {
    return value ? static_cast<float>(*value) : std::numeric_limits<float>::quiet_NaN();
}

CodecRecords count_codecs(std::span<const broker::Partitions::Entry> entries) {
    CodecRecords records{};
    for (const auto& entry : entries) {
        if (!entry.partition) continue;
        for (std::size_t codec = 0; codec < records.size(); ++codec)
            records[codec] += entry.partition->records_of(static_cast<protocol::CompressionType>(codec));
    }
    return records;
}

// Null when there is none.
auto find_by_name(auto& items, std::string_view name) {
    const auto name_of_item = [](const auto& item) { return std::string_view(item.name); };
    const auto found = std::ranges::lower_bound(items, name, {}, name_of_item);
    return found != items.end() && found->name == name ? &*found : nullptr;
}

}  // namespace

LatencyHistory::Key latency_key(std::size_t api_key, RequestPart part) {
    return static_cast<LatencyHistory::Key>(api_key * 8 + static_cast<std::size_t>(part));
}

LatencyHistory::Key flush_key(std::size_t dir, FlushPart part) {
    return static_cast<LatencyHistory::Key>((RequestMetrics::apis_max + dir) * 8 + static_cast<std::size_t>(part));
}

LatencyHistory::Key flush_key(std::size_t dir, broker::FlushCause cause) {
    constexpr std::size_t flush_parts = 2;
    static_assert(flush_parts + broker::flush_causes <= 8);
    return flush_key(dir, static_cast<FlushPart>(flush_parts + static_cast<std::size_t>(cause)));
}

std::string_view name_of(Trend trend) {
    switch (trend) {
        case Trend::steady:
            return "STEADY";
        case Trend::catching_up:
            return "CATCHING_UP";
        case Trend::falling_behind:
            return "FALLING_BEHIND";
    }
    return "";
}

// A lag that moves by less than a fiftieth of itself in a minute stands still.
std::optional<Trend> GroupSample::trend() const {
    if (!lag || !lag_rate) return std::nullopt;
    const double in_a_minute = *lag_rate * 60;
    if (std::abs(in_a_minute) < std::max(10.0, static_cast<double>(*lag) / 50)) return Trend::steady;
    return in_a_minute < 0 ? Trend::catching_up : Trend::falling_behind;
}

std::optional<std::int64_t> GroupSample::eta_ms() const {
    if (trend() != Trend::catching_up) return std::nullopt;
    return static_cast<std::int64_t>(static_cast<double>(*lag) / -*lag_rate * 1000);
}

std::optional<std::int64_t> DirSample::full_in_ms() const {
    constexpr double slowest = 1024;  // bytes a second; below that it is noise
    if (!space || fill_rate < slowest) return std::nullopt;
    return static_cast<std::int64_t>(static_cast<double>(space->usable) / fill_rate * 1000);
}

const TopicSample* Sample::find(std::string_view topic) const { return find_by_name(topics, topic); }
const GroupSample* Sample::find_group(std::string_view group) const { return find_by_name(groups, group); }

PartitionRates Sample::rates_of(const TopicSample& topic, PartitionIndex partition) const {
    if (partition.value < 0 || partition.value >= topic.partitions) return {};
    const std::size_t index = topic.first_partition + static_cast<std::size_t>(partition.value);
    return index < partition_rates.size() ? partition_rates[index] : PartitionRates();
}

void Sampler::PartitionMeter::advance(const broker::Partition& partition, double seconds, double weight) {
    rates.bytes_in = followed(rates.bytes_in, bytes_in, partition.stats().bytes_in.get(), seconds, weight);
    rates.bytes_out = followed(rates.bytes_out, bytes_out, partition.bytes_out(), seconds, weight);
    rates.cold_bytes_out = followed(rates.cold_bytes_out, cold_bytes_out, partition.cold_bytes_out(), seconds, weight);
}

Sampler::Sampler(broker::Broker& broker, broker::Activity& activity, std::size_t memory_bytes_max)
    : broker_(broker),
      activity_(activity),
      history_(std::max<std::size_t>(memory_bytes_max - memory_bytes_max / latency_share, history_memory_min)),
      latencies_(memory_bytes_max / latency_share),
      lags_(broker),
      latest_(std::make_shared<const Sample>()) {
    for (const auto& dir : broker_.partitions->dirs())
        tells_cold_reads_.push_back(broker::tells_page_cache(dir->dir->path() + "/meta.properties"));
}

Sampler::~Sampler() { stop(); }

void Sampler::start() {
    sample(wall_clock());
    thread_ = std::thread([this] { run(); });
}

void Sampler::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const Sample> Sampler::latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
}

void Sampler::run() {
    pthread_setname_np(pthread_self(), "console-sampler");
    auto due = std::chrono::steady_clock::now();
    for (;;) {
        due = std::max(due + interval, std::chrono::steady_clock::now());
        {
            std::unique_lock lock(mutex_);
            if (wake_.wait_until(lock, due, [this] { return stopping_; })) return;
        }
        sample(wall_clock());
    }
}

void Sampler::sample(Timestamp at) {
    const std::lock_guard sampling(sampling_);
    const broker::Duration cpu_before = thread_cpu_time();
    const std::shared_ptr<const Sample> before = latest();
    const double seconds = before->number == 0 ? 0 : static_cast<double>(at - before->at) / 1000;
    follow_metadata();
    auto next = std::make_shared<Sample>();
    next->number = before->number + 1;
    next->at = at;
    measure_partitions(*next, seconds);
    measure_groups(*next, *before);
    for (TopicSample& topic : next->topics) {
        const TopicSample* old = before->find(topic.name);
        if (old != nullptr && old->id == topic.id) {
            topic.rates.bytes_in = smoothed(old->rates.bytes_in, old->bytes_in, topic.bytes_in, seconds);
            topic.rates.bytes_out = smoothed(old->rates.bytes_out, old->bytes_out, topic.bytes_out, seconds);
            topic.rates.records_in = smoothed(old->rates.records_in, old->records_in, topic.records_in, seconds);
        }
        next->partitions += topic.partitions;
        next->offline += topic.offline;
        next->bytes += topic.bytes;
        next->rates.bytes_in += topic.rates.bytes_in;
        next->rates.bytes_out += topic.rates.bytes_out;
        next->rates.records_in += topic.rates.records_in;
    }
    measure_requests(*next);
    next->request_rate = smoothed(before->request_rate, before->requests, next->requests, seconds);
    measure_flushes(*next);
    measure_process(*next, *before, seconds);
    if (seconds > 0) remember(*next, *before, seconds);
    const auto& events = broker_.observations->events;
    const std::uint64_t events_next = events.next_number();
    if (std::exchange(events_next_, events_next) != events_next) events_ = events.since(0).events;
    next->findings = find_findings(*next, latencies_, events_, config_->node_id, before->findings);
    next->cost = thread_cpu_time() - cpu_before;
    const std::lock_guard lock(mutex_);
    latest_ = std::move(next);
}

// What changes with the metadata only, so that a sample need not look at it again.
void Sampler::follow_metadata() {
    const broker::ClusterImagePtr image = broker_.metadata->image();
    const std::shared_ptr<const broker::BrokerConfig> config = broker_.configs->broker();
    if (image == image_ && config == config_) return;
    std::vector<TopicFacts> topics;
    topics.reserve(image->topic_count());
    std::vector<PartitionMeter> meters;
    meters.reserve(meters_.size());
    for (const broker::TopicState* topic : image->topics_by_name()) {
        TopicFacts facts{.configs = image->share_configs(broker::ConfigResourceType::topic, topic->name), .blank = {}};
        const auto known = topic_at_.find(topic->id);
        const TopicFacts* old = known == topic_at_.end() ? nullptr : &topics_[known->second];
        if (old != nullptr && old->configs == facts.configs && config == config_) {
            facts.blank = old->blank;
        } else {
            const broker::TopicConfig settings = broker_.configs->topic(*image, topic->name);
            facts.blank.name = topic->name;
            facts.blank.id = topic->id;
            facts.blank.created = topic->created;
            facts.blank.is_internal = broker::is_internal_topic(topic->name);
            facts.blank.cleanup =
                settings.cleanup_compact ? settings.cleanup_delete ? "compact,delete" : "compact" : "delete";
            facts.blank.retention_ms = settings.retention_ms;
            facts.blank.min_isr = settings.min_insync_replicas;
            facts.blank.max_message_bytes = settings.max_message_bytes;
            facts.blank.records_exact = !settings.cleanup_compact;
        }
        if (old != nullptr) {
            facts.records_in = old->records_in;
            facts.records_of_codec = old->records_of_codec;
        }
        facts.blank.partitions = topic->partition_count();
        facts.blank.replication_factor =
            topic->partitions.empty() ? 0 : static_cast<std::int32_t>(topic->partitions.front().replicas.size());
        facts.blank.first_partition = meters.size();
        for (std::int32_t i = 0; i < facts.blank.partitions && meters.size() < rated_partitions_max; ++i) {
            const bool was_there = old != nullptr && i < old->blank.partitions;
            const std::size_t at =
                was_there ? old->blank.first_partition + static_cast<std::size_t>(i) : meters_.size();
            meters.push_back(at < meters_.size() ? meters_[at] : PartitionMeter());
        }
        topics.push_back(std::move(facts));
    }
    topics_ = std::move(topics);
    meters_ = std::move(meters);
    topic_at_.clear();
    for (std::size_t i = 0; i < topics_.size(); ++i) topic_at_.emplace(topics_[i].blank.id, i);
    image_ = image;
    config_ = config;
}

void Sampler::measure_partitions(Sample& next, double seconds) {
    const double weight = weight_of(seconds, smoothing_seconds);
    next.partition_rates.resize(meters_.size());
    next.topics.reserve(topics_.size());
    for (const TopicFacts& facts : topics_) next.topics.push_back(facts.blank);
    const auto dirs = broker_.partitions->dirs();
    for (std::size_t dir = 0; dir < dirs.size(); ++dir) {
        next.dirs.push_back({.path = dirs[dir]->dir->path(),
                             .is_online = !dirs[dir]->dir->offline(),
                             .tells_cold_reads = tells_cold_reads_[dir],
                             .space = {}});
    }
    broker_.partitions->for_each_topic([&](const Uuid& id, std::span<const broker::Partitions::Entry> entries) {
        const auto found = topic_at_.find(id);
        if (found == topic_at_.end()) return;  // made since
        TopicSample& topic = next.topics[found->second];
        std::int32_t served = 0;
        std::uint64_t last_append = 0;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (i + prefetched < entries.size() && entries[i + prefetched].partition) {
                __builtin_prefetch(&entries[i + prefetched].partition->stats());
            }
            const broker::Partition* partition = entries[i].partition.get();
            if (partition == nullptr) continue;
            const broker::Partition::Stats& stats = partition->stats();
            std::size_t dir = 0;
            while (dir < dirs.size() && dirs[dir].get() != entries[i].dir) ++dir;
            const bool is_in_dir = dir < dirs.size();
            if (!partition->failed()) {
                ++served;
                const std::size_t at = topic.first_partition + i;
                if (i < static_cast<std::size_t>(topic.partitions) && at < meters_.size()) {
                    PartitionRates& rates = meters_[at].rates;
                    meters_[at].advance(*partition, seconds, weight);
                    if (!is_in_dir || !tells_cold_reads_[dir]) rates.cold_bytes_out = PartitionRates().cold_bytes_out;
                    if (!std::isnan(rates.cold_bytes_out))
                        topic.cold_bytes_out = topic.cold_bytes_out.value_or(0) + rates.cold_bytes_out;
                    next.partition_rates[at] = rates;
                }
            }
            topic.bytes_in += stats.bytes_in.get();
            topic.bytes_out += partition->bytes_out();
            topic.records_in += stats.records_in.get();
            topic.bytes += partition->known_size();
            topic.records += std::max<std::int64_t>(0, partition->high_watermark() - partition->known_log_start());
            last_append = std::max(last_append, stats.last_append.get());
            next.cold_bytes_out += partition->cold_bytes_out();
            if (is_in_dir) {
                next.dirs[dir].log_bytes += partition->known_size();
                ++next.dirs[dir].partitions;
            }
        }
        topic.offline = topic.partitions - served;
        next.leaders += served;
        if (last_append > 0) topic.last_append = Timestamp(static_cast<std::int64_t>(last_append));
        TopicFacts& facts = topics_[found->second];
        if (std::exchange(facts.records_in, topic.records_in) != topic.records_in)
            facts.records_of_codec = count_codecs(entries);
        topic.records_of_codec = facts.records_of_codec;
    });
}

void Sampler::measure_groups(Sample& next, const Sample& before) {
    const auto started = std::chrono::steady_clock::now();
    if (next.at < next_groups_at_ && next_groups_at_ - next.at < 60'000) {
        next.groups = before.groups;
        next.groups_at = before.groups_at;
        next.group_lag = before.group_lag;
        for (TopicSample& topic : next.topics) {
            const TopicSample* old = before.find(topic.name);
            if (old == nullptr || old->id != topic.id) continue;
            topic.groups = old->groups;
            topic.lag = old->lag;
            topic.lag_ms = old->lag_ms;
        }
        return;
    }
    std::vector<broker::GroupSnapshot> groups = broker_.groups->snapshot({started, next.at});
    const double seconds = groups_.empty() ? 0 : static_cast<double>(next.at - before.groups_at) / 1000;
    lags_.begin(lag_reads_max);
    auto old = groups_.begin();
    next.groups.reserve(groups.size());
    for (const broker::GroupSnapshot& group : groups) {
        GroupSample sample{.name = group.id,
                           .type = group.type,
                           .state = group.state,
                           .protocol = group.protocol,
                           .generation = group.generation,
                           .members = group.members.size(),
                           .state_since = group.state_since};
        TopicSample* topic = nullptr;
        std::int64_t topic_lag = 0;
        const auto end_topic = [&] {
            if (topic != nullptr) topic->lag = std::max(topic->lag.value_or(0), topic_lag);
            topic_lag = 0;
        };
        for (const auto& offset : group.offsets) {
            sample.last_commit = std::max(sample.last_commit, offset.committed.committed_at);
            const std::string& name = offset.partition.topic;
            if (topic == nullptr || topic->name != name) {
                end_topic();
                topic = find_by_name(next.topics, name);
                if (topic == nullptr) continue;
                ++sample.topics;
                ++topic->groups;
            }
            const auto lag = lags_.find(offset.partition, offset.committed.offset, next.at);
            if (!lag) continue;
            sample.lag = sample.lag.value_or(0) + lag->records;
            topic_lag += lag->records;
            if (!lag->ms) continue;
            sample.lag_ms = std::max(sample.lag_ms.value_or(0), *lag->ms);
            topic->lag_ms = std::max(topic->lag_ms.value_or(0), *lag->ms);
        }
        end_topic();
        next.group_lag += sample.lag.value_or(0);

        while (old != groups_.end() && old->id < group.id) ++old;
        const bool is_known = old != groups_.end() && old->id == group.id;
        if (const GroupSample* was = is_known ? before.find_group(group.id) : nullptr; was != nullptr && seconds > 0) {
            const std::uint64_t consumed = consumed_since(*old, group);
            sample.consume_rate = smoothed(was->consume_rate.value_or(0), 0, consumed, seconds);
            if (was->lag && sample.lag) {
                const double rate = static_cast<double>(*sample.lag - *was->lag) / seconds;
                const double weight = was->lag_rate ? weight_of(seconds, lag_smoothing_seconds) : 1;
                sample.lag_rate = was->lag_rate.value_or(0) + (rate - was->lag_rate.value_or(0)) * weight;
            }
        }
        const float points[] = {as_point(sample.lag), as_point(sample.lag_ms), as_point(sample.consume_rate)};
        history_.add(History::Kind::group, sample.name, next.at, points,
                     sample.lag.value_or(0) > 0 || sample.consume_rate.value_or(0) > 0);
        next.groups.push_back(std::move(sample));
    }
    lags_.end();
    groups_ = std::move(groups);
    next.groups_at = next.at;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
    next_groups_at_ = next.at + took.count() * group_cost_share;
}

void Sampler::measure_requests(Sample& next) {
    const std::vector<const RequestMetrics*> threads = activity_.request_metrics();
    std::array<std::uint64_t, LatencyHistogram::buckets> counts;
    for (std::size_t api = 0; api < RequestMetrics::apis_max; ++api) {
        std::uint64_t errors = 0;
        std::vector<const broker::RequestTimes*> all;
        for (const RequestMetrics* metrics : threads) {
            next.requests += metrics->requests(api);
            errors += metrics->errors(api);
            if (const broker::RequestTimes* times = metrics->times(api)) all.push_back(times);
        }
        if (all.empty()) continue;
        const auto advance = [&](RequestPart part, LatencyHistogram broker::RequestTimes::* which) {
            counts.fill(0);
            std::uint64_t sum = 0;
            for (const broker::RequestTimes* times : all) {
                const LatencyHistogram& histogram = times->*which;
                for (std::size_t bucket = 0; bucket < counts.size(); ++bucket)
                    counts[bucket] += histogram.count_in(bucket);
                sum += histogram.sum_ns();
            }
            const LatencyHistory::Key key = latency_key(api, part);
            const Tally tally = tallies_[key].advance(counts, sum);
            latencies_.add(key, next.at, tally);
            return tally;
        };
        const Tally busy = advance(RequestPart::busy, &broker::RequestTimes::busy);
        advance(RequestPart::local, &broker::RequestTimes::local);
        advance(RequestPart::waited, &broker::RequestTimes::waited);
        advance(RequestPart::sent, &broker::RequestTimes::sent);
        counts.fill(0);
        const LatencyHistory::Key errors_key = latency_key(api, RequestPart::errors);
        latencies_.add(errors_key, next.at, tallies_[errors_key].advance(counts, errors));
        if (api == static_cast<std::size_t>(ApiKey::produce)) {
            next.latency.produce_p50 = busy.percentile_us(0.5);
            next.latency.produce_p99 = busy.percentile_us(0.99);
            next.latency.produce_p999 = busy.percentile_us(0.999);
        } else if (api == static_cast<std::size_t>(ApiKey::fetch)) {
            next.latency.fetch_p99 = busy.percentile_us(0.99);
        }
    }
    next.connections = activity_.connection_count();
}

void Sampler::measure_flushes(Sample& next) {
    const auto dirs = broker_.partitions->dirs();
    std::array<std::uint64_t, LatencyHistogram::buckets> counts;
    Tally all;
    for (std::size_t dir = 0; dir < dirs.size(); ++dir) {
        const broker::FlushStats& stats = dirs[dir]->flushes;
        for (std::size_t bucket = 0; bucket < counts.size(); ++bucket) counts[bucket] = stats.duration.count_in(bucket);
        const LatencyHistory::Key rounds = flush_key(dir, FlushPart::rounds);
        const Tally tally = tallies_[rounds].advance(counts, stats.duration.sum_ns());
        latencies_.add(rounds, next.at, tally);
        all.merge(tally);
        counts.fill(0);
        const LatencyHistory::Key bytes = flush_key(dir, FlushPart::bytes);
        latencies_.add(bytes, next.at, tallies_[bytes].advance(counts, stats.bytes.get()));
        for (std::size_t cause = 0; cause < broker::flush_causes; ++cause) {
            const LatencyHistory::Key key = flush_key(dir, static_cast<broker::FlushCause>(cause));
            latencies_.add(key, next.at, tallies_[key].advance(counts, stats.causes[cause].get()));
        }
    }
    next.latency.fsync_p99 = all.percentile_us(0.99);
}

void Sampler::measure_process(Sample& next, const Sample& before, double seconds) {
    next.process = read_process_stats();
    if (seconds > 0) {
        const double now = std::max(0.0, next.process.cpu_seconds - before.process.cpu_seconds) / seconds;
        next.cpu = before.cpu + (now - before.cpu) * weight_of(seconds, smoothing_seconds);
    }
    for (std::size_t i = 0; i < next.dirs.size(); ++i) {
        DirSample& dir = next.dirs[i];
        dir.space = read_disk_space(dir.path);
        if (i >= before.dirs.size() || !dir.space || !before.dirs[i].space || seconds <= 0) continue;
        constexpr double filling_smoothing_seconds = 300;  // retention gives back in steps
        const double now = static_cast<double>(before.dirs[i].space->usable - dir.space->usable) / seconds;
        dir.fill_rate = before.dirs[i].fill_rate +
                        (now - before.dirs[i].fill_rate) * weight_of(seconds, filling_smoothing_seconds);
    }
}

// Rates of the last second as they were, for the charts; averages are for the eye.
void Sampler::remember(const Sample& next, const Sample& before, double seconds) {
    const auto rate = [&](std::uint64_t from, std::uint64_t to) {
        return to >= from ? static_cast<double>(to - from) / seconds : 0;
    };
    Rates all;
    for (const TopicSample& topic : next.topics) {
        const TopicSample* old = before.find(topic.name);
        if (old == nullptr || old->id != topic.id) continue;
        const Rates rates{.bytes_in = rate(old->bytes_in, topic.bytes_in),
                          .bytes_out = rate(old->bytes_out, topic.bytes_out),
                          .records_in = rate(old->records_in, topic.records_in)};
        all.bytes_in += rates.bytes_in;
        all.bytes_out += rates.bytes_out;
        all.records_in += rates.records_in;
        const float points[] = {as_point(rates.bytes_in), as_point(rates.bytes_out), as_point(rates.records_in)};
        history_.add(History::Kind::topic, topic.name, next.at, points, rates.bytes_in > 0 || rates.bytes_out > 0);
    }
    for (const TopicSample& topic : before.topics) {
        const TopicSample* now = next.find(topic.name);
        if (now == nullptr || now->id != topic.id) history_.forget(History::Kind::topic, topic.name);
    }
    double disk_used = 0;
    for (const DirSample& dir : next.dirs) {
        if (dir.space) disk_used += static_cast<double>(dir.space->total - dir.space->usable);
    }
    const float points[] = {as_point(all.bytes_in),
                            as_point(all.bytes_out),
                            as_point(all.records_in),
                            as_point(rate(before.requests, next.requests)),
                            as_point(next.latency.produce_p50),
                            as_point(next.latency.produce_p99),
                            as_point(next.latency.produce_p999),
                            as_point(next.latency.fetch_p99),
                            as_point(static_cast<double>(next.connections)),
                            as_point(static_cast<double>(next.group_lag)),
                            as_point(next.cpu),
                            as_point(static_cast<double>(next.process.resident_bytes)),
                            as_point(disk_used),
                            as_point(next.latency.fsync_p99)};
    history_.add(History::Kind::broker, "", next.at, points);
}

}  // namespace mamba::admin
