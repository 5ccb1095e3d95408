// Counts and times of requests, by API; one set per io thread, added up by whoever shows them.
// Single writer, relaxed atomics: a request costs a few stores.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "broker/connection_stats.h"
#include "broker/latency_histogram.h"
#include "broker/served_request.h"

namespace mamba::broker {

// The phases of one API's requests.
struct RequestTimes {
    LatencyHistogram busy;    // from the frame's last byte until the kernel had the answer, less a wait by choice
    LatencyHistogram local;   // until the answer was there, less any wait
    LatencyHistogram waited;  // of those that waited: for records, for members, for the flush
    LatencyHistogram sent;    // from the answer's being there until the kernel had it
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
    void on_sent(const ServedRequest& request) {
        Api& api = apis_[static_cast<std::size_t>(request.api_key)];
        RequestTimes* times = api.times.load(std::memory_order_relaxed);
        if (times == nullptr) {  // most APIs are never asked for, and a histogram is 2.5 KB
            times = new RequestTimes;
            api.times.store(times, std::memory_order_release);
        }
        times->busy.record(request.busy());
        times->local.record(request.ready - request.received - request.waited);
        if (request.waited > Duration{}) times->waited.record(request.waited);
        times->sent.record(request.sent - request.ready);
        api.bytes_out.add(request.bytes_out);
        if (request.error != ErrorCode::none) api.errors.add(1);
    }
    void on_bad_request() { bad_requests_.add(1); }

    // For readers, on any thread.
    std::uint64_t requests(std::size_t api_key) const { return apis_[api_key].requests.get(); }
    std::uint64_t bytes_in(std::size_t api_key) const { return apis_[api_key].bytes_in.get(); }
    std::uint64_t bytes_out(std::size_t api_key) const { return apis_[api_key].bytes_out.get(); }
    std::uint64_t errors(std::size_t api_key) const { return apis_[api_key].errors.get(); }
    // Null when no request of the API has been answered yet.
    const RequestTimes* times(std::size_t api_key) const {
        return apis_[api_key].times.load(std::memory_order_acquire);
    }
    std::uint64_t bad_requests() const { return bad_requests_.get(); }

private:
    struct Api {
        Counter requests;
        Counter bytes_in;
        Counter bytes_out;
        Counter errors;
        std::atomic<RequestTimes*> times{nullptr};
    };
    std::array<Api, apis_max> apis_;
    Counter bad_requests_;
};

}  // namespace mamba::broker
