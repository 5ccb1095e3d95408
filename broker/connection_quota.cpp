#include "broker/connection_quota.h"

#include <algorithm>

namespace mamba::broker {
namespace {

using Seconds = std::chrono::duration<double>;

}  // namespace

void ConnectionQuota::refill(std::int32_t rate, Instant now) {
    const double full = rate * Seconds(rate_window).count();
    // A new rate begins with a full allowance.
    allowance_ = rate_ == rate ? std::min(full, allowance_ + rate * Seconds(now - refilled_).count()) : full;
    rate_ = rate;
    refilled_ = now;
}

Duration ConnectionQuota::wait_to_accept(const ConnectionQuotaLimits& limits, bool is_exempt, Instant now) {
    if (is_exempt) return Duration::zero();
    if (connections_ >= static_cast<std::size_t>(limits.connections_max)) return full_retry;
    if (limits.creation_rate_max == ConnectionQuotaLimits::none) return Duration::zero();
    refill(limits.creation_rate_max, now);
    if (allowance_ >= 1) return Duration::zero();
    const Seconds missing((1 - allowance_) / limits.creation_rate_max);
    return std::chrono::ceil<std::chrono::milliseconds>(missing);
}

bool ConnectionQuota::admit(const ConnectionQuotaLimits& limits, bool is_exempt, std::string_view address,
                            Instant now) {
    if (!is_exempt && limits.creation_rate_max != ConnectionQuotaLimits::none) {
        refill(limits.creation_rate_max, now);
        allowance_ -= 1;  // those that are closed at once were made as well
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
