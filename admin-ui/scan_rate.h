// How fast all scans together may read the logs: what they read goes by the page cache and the disk that
// the broker's clients need. Setting: console.scan.bytes.per.second.
//
// A second's worth may be read at once after a rest, so that a short look is not held up. What was read
// beyond is a debt that everybody rests for. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "broker/token_bucket.h"

namespace mamba::admin {

class ScanRate {
public:
    using Instant = broker::TokenBucket::Instant;

    // 0: as fast as it goes.
    explicit ScanRate(std::int64_t bytes_per_second) {
        const auto rate = static_cast<double>(bytes_per_second);
        if (rate > 0) bucket_.emplace(rate, rate);
    }

    // So much has been read: how long its reader has to rest before it reads on.
    std::chrono::milliseconds spend(std::int64_t bytes, Instant now) {
        if (!bucket_) return {};
        const std::lock_guard lock(mutex_);
        (void)bucket_->left(now);
        bucket_->take(static_cast<double>(bytes));
        return bucket_->until(0);
    }

private:
    std::mutex mutex_;
    std::optional<broker::TokenBucket> bucket_;  // guarded by mutex_
};

}  // namespace mamba::admin
