#include "admin-ui/sampler.h"

#include <algorithm>
#include <cmath>

#include "admin-ui/console.h"

namespace mamba::admin {
namespace {

constexpr auto interval = std::chrono::seconds(1);
constexpr double smoothing_seconds = 10;

// The average `before` after `seconds` at the rate that the counter has moved with.
double smoothed(double before, std::uint64_t from, std::uint64_t to, double seconds) {
    if (seconds <= 0) return before;
    const double now = to >= from ? static_cast<double>(to - from) / seconds : 0;  // topic made anew: it counts from 0
    const double weight = 1 - std::exp(-seconds / smoothing_seconds);
    const double after = before + (now - before) * weight;
    return after < 0.01 ? 0 : after;
}

TopicSample measure(broker::Broker& broker, const broker::ClusterImage& image, const broker::TopicState& topic) {
    TopicSample sample;
    sample.name = topic.name;
    sample.id = topic.id;
    sample.is_internal = broker::is_internal_topic(topic.name);
    sample.partitions = topic.partition_count();
    sample.replication_factor =
        topic.partitions.empty() ? 0 : static_cast<std::int32_t>(topic.partitions.front().replicas.size());
    const broker::TopicConfig config = broker.configs->topic(image, topic.name);
    sample.cleanup = config.cleanup_compact ? config.cleanup_delete ? "compact,delete" : "compact" : "delete";
    sample.retention_ms = config.retention_ms;
    sample.records_exact = !config.cleanup_compact;
    for (std::int32_t i = 0; i < sample.partitions; ++i) {
        const auto partition = broker.partitions->find(topic.id, PartitionIndex(i));
        if (!partition || partition->failed()) {
            ++sample.offline;
            if (!partition) continue;
        }
        const broker::Partition::Stats& stats = partition->stats();
        sample.bytes_in += stats.bytes_in.get();
        sample.bytes_out += stats.bytes_out.get();
        sample.records_in += stats.records_in.get();
        sample.bytes += partition->size_bytes();
        sample.records += std::max<std::int64_t>(0, partition->high_watermark() - partition->log_start_offset());
        sample.last_append = std::max(sample.last_append, partition->last_appended().value_or(no_timestamp));
    }
    return sample;
}

}  // namespace

const TopicSample* Sample::find(std::string_view topic) const {
    const auto found = std::ranges::lower_bound(topics, topic, {}, [](const TopicSample& t) { return std::string_view(t.name); });
    return found != topics.end() && found->name == topic ? &*found : nullptr;
}

Sampler::Sampler(broker::Broker& broker, broker::Activity& activity)
    : broker_(broker), activity_(activity), latest_(std::make_shared<const Sample>()) {}

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
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            if (wake_.wait_for(lock, interval, [this] { return stopping_; })) return;
        }
        sample(wall_clock());
    }
}

void Sampler::sample(Timestamp at) {
    const std::lock_guard sampling(sampling_);
    const std::shared_ptr<const Sample> before = latest();
    const double seconds = before->number == 0 ? 0 : static_cast<double>(at - before->at) / 1000;
    const broker::ClusterImagePtr image = broker_.metadata->image();
    auto next = std::make_shared<Sample>();
    next->number = before->number + 1;
    next->at = at;
    for (const broker::TopicState* topic : image->topics_by_name()) {
        TopicSample sample = measure(broker_, *image, *topic);
        const TopicSample* old = before->find(topic->name);
        if (old != nullptr && old->id == sample.id) {
            sample.rates.bytes_in = smoothed(old->rates.bytes_in, old->bytes_in, sample.bytes_in, seconds);
            sample.rates.bytes_out = smoothed(old->rates.bytes_out, old->bytes_out, sample.bytes_out, seconds);
            sample.rates.records_in = smoothed(old->rates.records_in, old->records_in, sample.records_in, seconds);
        }
        next->partitions += sample.partitions;
        next->offline += sample.offline;
        next->bytes += sample.bytes;
        next->rates.bytes_in += sample.rates.bytes_in;
        next->rates.bytes_out += sample.rates.bytes_out;
        next->rates.records_in += sample.rates.records_in;
        next->topics.push_back(std::move(sample));
    }
    for (const broker::RequestMetrics* metrics : activity_.request_metrics()) {
        for (std::size_t api = 0; api < broker::RequestMetrics::apis_max; ++api) next->requests += metrics->requests(api);
    }
    next->request_rate = smoothed(before->request_rate, before->requests, next->requests, seconds);
    const std::lock_guard lock(mutex_);
    latest_ = std::move(next);
}

}  // namespace mamba::admin
