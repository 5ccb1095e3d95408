// Lets so many through a second, and as many at once after a rest. Thread-safe.
#pragma once

#include <mutex>

#include "broker/token_bucket.h"

namespace mamba::admin {

class RateLimit {
public:
    using Instant = broker::TokenBucket::Instant;

    explicit RateLimit(double per_second) : bucket_(per_second, per_second) {}

    // Whether one more may go now.
    bool take(Instant now) {
        const std::lock_guard lock(mutex_);
        if (bucket_.left(now) < 1) return false;
        bucket_.take(1);
        return true;
    }

private:
    std::mutex mutex_;
    broker::TokenBucket bucket_;  // guarded by mutex_
};

}  // namespace mamba::admin
