#include "broker/connection_quota.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mamba::broker {
// A new rate begins with a full bucket.
TokenBucket& ConnectionQuota::Rate::bucket_of(std::int32_t rate) {
    if (!bucket_ || rate_ != rate) bucket_.emplace(rate, rate * std::chrono::duration<double>(rate_window).count());
    rate_ = rate;
    return *bucket_;
}

Duration ConnectionQuota::Rate::wait(std::int32_t rate, Instant now) {
    if (rate == ConnectionQuotaLimits::none) return Duration::zero();
    if (rate == 0) return retry;  // until the setting changes
    TokenBucket& bucket = bucket_of(rate);
    return bucket.left(now) >= 1 ? Duration::zero() : bucket.until(1);
}

void ConnectionQuota::Rate::take(std::int32_t rate, Instant now) {
    if (rate == ConnectionQuotaLimits::none || rate == 0) return;
    TokenBucket& bucket = bucket_of(rate);
    (void)bucket.left(now);
    bucket.take(1);
}

ConnectionQuota::OfListener& ConnectionQuota::of_listener(std::string_view name) {
    const auto found = by_listener_.find(name);
    return found != by_listener_.end() ? found->second : by_listener_[std::string(name)];
}

Duration ConnectionQuota::wait_to_accept(const ConnectionQuotaLimits& limits, std::string_view listener,
                                         bool is_exempt, Instant now) {
    const auto is_full = [](std::size_t count, std::int32_t limit) { return std::cmp_greater_equal(count, limit); };
    OfListener& own = of_listener(listener);
    if (is_full(own.connections, limits.listener_connections_max)) return retry;
    const Duration wait = own.rate.wait(limits.listener_creation_rate_max, now);
    if (is_exempt) return wait;
    if (is_full(connections_, limits.connections_max)) return retry;
    return std::max(wait, rate_.wait(limits.creation_rate_max, now));
}

bool ConnectionQuota::admit(const ConnectionQuotaLimits& limits, std::string_view listener, bool is_exempt,
                            std::string_view address, Instant now) {
    // Those that are closed at once were made as well.
    OfListener& on_listener = of_listener(listener);
    on_listener.rate.take(limits.listener_creation_rate_max, now);
    if (!is_exempt) rate_.take(limits.creation_rate_max, now);

    const auto own = limits.per_address_overrides.find(address);
    const std::int32_t limit = own != limits.per_address_overrides.end() ? own->second : limits.per_address_max;
    const auto found = by_address_.find(address);
    const std::int32_t count = found != by_address_.end() ? found->second : 0;
    if (count >= limit) return false;
    if (found != by_address_.end()) {
        ++found->second;
    } else {
        by_address_.emplace(address, 1);
    }
    ++on_listener.connections;
    ++connections_;
    return true;
}

void ConnectionQuota::release(std::string_view listener, std::string_view address) {
    const auto found = by_address_.find(address);
    if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
    --of_listener(listener).connections;
    --connections_;
}

}  // namespace mamba::broker
