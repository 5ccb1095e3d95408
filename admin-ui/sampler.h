// Looks at the broker's counters once a second and keeps what they come to: totals and rates of every
// topic and of the broker, as an immutable value that any number of readers share.
//
// Rates are averages that weigh the last 10 seconds most (EWMA). A topic's first sample has none.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "broker/activity.h"
#include "broker/broker.h"

namespace mamba::admin {

struct Rates {
    double bytes_in = 0;
    double bytes_out = 0;
    double records_in = 0;
};

struct TopicSample {
    std::string name;
    Uuid id;
    bool is_internal = false;
    std::int32_t partitions = 0;
    std::int32_t replication_factor = 0;
    std::int32_t offline = 0;  // partitions that are not served
    std::int64_t bytes = 0;
    std::int64_t records = 0;  // an upper bound once records have been compacted away
    bool records_exact = true;
    std::uint64_t bytes_in = 0;  // since this broker started, as the two below
    std::uint64_t bytes_out = 0;
    std::uint64_t records_in = 0;
    Rates rates;
    Timestamp last_append = no_timestamp;
    std::string cleanup;
    std::int64_t retention_ms = -1;
};

struct Sample {
    std::uint64_t number = 0;
    Timestamp at;
    std::vector<TopicSample> topics;  // by name
    std::int64_t partitions = 0;
    std::int64_t offline = 0;
    std::int64_t bytes = 0;
    Rates rates;
    std::uint64_t requests = 0;
    double request_rate = 0;

    const TopicSample* find(std::string_view topic) const;
};

class Sampler {
public:
    Sampler(broker::Broker& broker, broker::Activity& activity);
    ~Sampler();  // stop()

    void start();
    void stop();
    // Never null.
    std::shared_ptr<const Sample> latest() const;
    // Takes a sample at once, for who cannot wait for the next and for tests.
    void sample(Timestamp at);

private:
    void run();

    broker::Broker& broker_;
    broker::Activity& activity_;
    std::mutex sampling_;  // one at a time
    mutable std::mutex mutex_;
    std::shared_ptr<const Sample> latest_;  // guarded by mutex_
    std::condition_variable wake_;
    bool stopping_ = false;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace mamba::admin
