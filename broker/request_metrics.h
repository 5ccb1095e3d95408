// Counts and times of requests, by API; one set per io thread, added up by whoever shows them.
//
// A histogram has a bucket for each eighth of a power of two of nanoseconds, so a percentile read
// from it is within 9 % of the truth. Single writer, relaxed atomics: a request costs a few stores.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

#include "broker/connection_stats.h"
#include "broker/request.h"

namespace mamba::broker {

class LatencyHistogram {
public:
    static constexpr std::size_t steps = 8;  // a power of two
    static constexpr std::size_t buckets = 40 * steps;

    void record(Duration duration) {
        const auto ns = static_cast<std::uint64_t>(
            std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count()));
        counts_[bucket_of(ns)].add(1);
        sum_ns_.add(ns);
    }
    std::uint64_t count_in(std::size_t bucket) const { return counts_[bucket].get(); }
    std::uint64_t sum_ns() const { return sum_ns_.get(); }
    std::uint64_t count() const {
        std::uint64_t total = 0;
        for (const Counter& bucket : counts_) total += bucket.get();
        return total;
    }
    // The duration that a share `part` (0 to 1) of the recorded ones does not exceed by more than
    // its bucket's width; zero when there are none.
    std::chrono::nanoseconds percentile(double part) const {
        const auto wanted = static_cast<std::uint64_t>(part * static_cast<double>(count()));
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
            seen += count_in(bucket);
            if (seen > wanted) return std::chrono::nanoseconds(floor_of(bucket));
        }
        return {};
    }

    static constexpr std::size_t bucket_of(std::uint64_t ns) {
        if (ns < steps) return static_cast<std::size_t>(ns);
        const auto power = static_cast<std::size_t>(std::bit_width(ns)) - 1;
        const auto step = static_cast<std::size_t>(ns >> (power - 3)) & (steps - 1);
        return std::min((power - 2) * steps + step, buckets - 1);
    }
    // The smallest duration of a bucket, in nanoseconds.
    static constexpr std::uint64_t floor_of(std::size_t bucket) {
        if (bucket < steps) return bucket;
        const std::size_t power = bucket / steps + 2;
        return (std::uint64_t{steps} + bucket % steps) << (power - 3);
    }

private:
    std::array<Counter, buckets> counts_;
    Counter sum_ns_;
};

// The phases of one API's requests. A fetch's wait for records is in `until_ready`, so its tail says
// how long clients chose to wait, not how slow the broker is.
struct RequestTimes {
    LatencyHistogram until_ready;  // from the frame's last byte to the encoded answer
    LatencyHistogram until_sent;   // from there until the kernel has taken all of it
};

class RequestMetrics {
public:
    static constexpr std::size_t apis_max = 96;  // more than the largest key of Kafka 4.3

    RequestMetrics() = default;
    ~RequestMetrics() {
        for (Api& api : apis_) delete api.times.load(std::memory_order_relaxed);
    }
    RequestMetrics(const RequestMetrics&) = delete;
    RequestMetrics& operator=(const RequestMetrics&) = delete;

    void on_request(std::int16_t api_key, std::size_t bytes) {
        Api& api = apis_[static_cast<std::size_t>(api_key)];
        api.requests.add(1);
        api.bytes_in.add(bytes);
    }
    void on_sent(std::int16_t api_key, Instant received, Instant ready, Instant sent) {
        Api& api = apis_[static_cast<std::size_t>(api_key)];
        RequestTimes* times = api.times.load(std::memory_order_relaxed);
        if (times == nullptr) {  // most APIs are never asked for, and a histogram is 2.5 KB
            times = new RequestTimes;
            api.times.store(times, std::memory_order_release);
        }
        times->until_ready.record(ready - received);
        times->until_sent.record(sent - ready);
    }
    void on_bad_request() { bad_requests_.add(1); }

    // For readers, on any thread.
    std::uint64_t requests(std::size_t api_key) const { return apis_[api_key].requests.get(); }
    std::uint64_t bytes_in(std::size_t api_key) const { return apis_[api_key].bytes_in.get(); }
    // Null when no request of the API has been answered yet.
    const RequestTimes* times(std::size_t api_key) const {
        return apis_[api_key].times.load(std::memory_order_acquire);
    }
    std::uint64_t bad_requests() const { return bad_requests_.get(); }

private:
    struct Api {
        Counter requests;
        Counter bytes_in;
        std::atomic<RequestTimes*> times{nullptr};
    };
    std::array<Api, apis_max> apis_;
    Counter bad_requests_;
};

}  // namespace mamba::broker
