#include "broker/connection_quota.h"

#include <chrono>

namespace mamba::broker {
// A new rate begins with a full bucket.
TokenBucket& ConnectionQuota::bucket_of(std::int32_t rate) {
    if (!bucket_ || rate_ != rate) bucket_.emplace(rate, rate * std::chrono::duration<double>(rate_window).count());
    rate_ = rate;
    return *bucket_;
}

Duration ConnectionQuota::wait_to_accept(const ConnectionQuotaLimits& limits, bool is_exempt, Instant now) {
    if (is_exempt) return Duration::zero();
    if (connections_ >= static_cast<std::size_t>(limits.connections_max)) return retry;
    if (limits.creation_rate_max == ConnectionQuotaLimits::none) return Duration::zero();
    if (limits.creation_rate_max == 0) return retry;  // until the setting changes
    TokenBucket& bucket = bucket_of(limits.creation_rate_max);
    return bucket.left(now) >= 1 ? Duration::zero() : bucket.until(1);
}

bool ConnectionQuota::admit(const ConnectionQuotaLimits& limits, bool is_exempt, std::string_view address,
                            Instant now) {
    if (!is_exempt && limits.creation_rate_max != ConnectionQuotaLimits::none && limits.creation_rate_max > 0) {
        TokenBucket& bucket = bucket_of(limits.creation_rate_max);
        (void)bucket.left(now);
        bucket.take(1);  // those that are closed at once were made as well
    }
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
    ++connections_;
    return true;
}

void ConnectionQuota::release(std::string_view address) {
    const auto found = by_address_.find(address);
    if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
    --connections_;
}

}  // namespace mamba::broker
