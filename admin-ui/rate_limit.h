// Lets so many through a second, and as many at once after a rest (token bucket). Thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>

namespace mamba::admin {

class RateLimit {
public:
    using Instant = std::chrono::steady_clock::time_point;

    explicit RateLimit(double per_second) : per_second_(per_second), left_(per_second) {}

    // Whether one more may go now.
    bool take(Instant now) {
        const std::lock_guard lock(mutex_);
        const std::chrono::duration<double> rested = now - last_;
        left_ = std::min(per_second_, left_ + std::max(0.0, rested.count()) * per_second_);
        last_ = now;
        if (left_ < 1) return false;
        left_ -= 1;
        return true;
    }

private:
    const double per_second_;
    std::mutex mutex_;
    double left_;     // guarded by mutex_
    Instant last_{};  // guarded by mutex_
};

}  // namespace mamba::admin
