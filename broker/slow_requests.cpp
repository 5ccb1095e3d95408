#include "broker/slow_requests.h"

namespace mamba::broker {
namespace {

// As a heap with it has the fastest on top.
bool is_slower(const SlowRequest& a, const SlowRequest& b) { return a.total > b.total; }

}  // namespace

void SlowRequests::keep(const ServedRequest& request, Duration busy, Timestamp sent_at) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(request.sent - request.received).count();
    SlowRequest slow{.at = sent_at - age,
                     .api_key = request.api_key,
                     .version = request.version,
                     .error = request.error,
                     .total = busy,
                     .local = request.ready - request.received - request.waited,
                     .waited = request.waited,
                     .sending = request.sent - request.ready,
                     .bytes_in = request.bytes_in,
                     .bytes_out = request.bytes_out,
                     .connection_id = request.client.connection_id,
                     .client_id = request.client.client_id,
                     .principal = request.client.principal,
                     .host = request.client.host,
                     .topic = request.topic,
                     .topic_id = request.topic_id};
    const std::lock_guard lock(mutex_);
    if (request.sent >= window_end_) {
        window_end_ = request.sent + window;
        threshold_ = Duration::min();
        windows_.emplace_back();
        if (windows_.size() > windows_max) windows_.pop_front();
    }
    std::vector<SlowRequest>& heap = windows_.back();
    heap.push_back(std::move(slow));
    std::ranges::push_heap(heap, is_slower);
    if (heap.size() > each_max) {
        std::ranges::pop_heap(heap, is_slower);
        heap.pop_back();
    }
    if (heap.size() == each_max) threshold_ = heap.front().total;
}

std::vector<SlowRequest> SlowRequests::slowest() const {
    std::vector<SlowRequest> all;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& kept : windows_) all.insert(all.end(), kept.begin(), kept.end());
    }
    std::ranges::sort(all, is_slower);
    return all;
}

}  // namespace mamba::broker
