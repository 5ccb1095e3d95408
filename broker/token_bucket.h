// So many a second, as a mean: what is not taken is saved up, `at_once` at most, and what is taken beyond
// that is a debt. Pure, and for one thread; `now` comes with the call.
#pragma once

#include <algorithm>
#include <chrono>

namespace mamba::broker {

class TokenBucket {
public:
    using Instant = std::chrono::steady_clock::time_point;

    // Full at first. `per_second` is more than 0.
    TokenBucket(double per_second, double at_once) : per_second_(per_second), at_once_(at_once), left_(at_once) {}

    // How many may be taken now; below 0: a debt.
    double left(Instant now) {
        const std::chrono::duration<double> rested = now - filled_;
        left_ = std::min(at_once_, left_ + std::max(0.0, rested.count()) * per_second_);
        filled_ = now;
        return left_;
    }
    void take(double count) { left_ -= count; }
    // How long until left() is `count`, as of the last left().
    std::chrono::milliseconds until(double count) const {
        const std::chrono::duration<double> missing(std::max(0.0, count - left_) / per_second_);
        return std::chrono::ceil<std::chrono::milliseconds>(missing);
    }

private:
    double per_second_;
    double at_once_;
    double left_;
    Instant filled_{};
};

}  // namespace mamba::broker
