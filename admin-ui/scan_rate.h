// How fast all scans together may read the logs: what they read goes by the page cache and the disk that
// the broker's clients need. Setting: console.scan.bytes.per.second.
//
// A second's worth may be read at once after a rest, so that a short look is not held up. What was read
// beyond is a debt that everybody rests for (token bucket). Thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace mamba::admin {

class ScanRate {
public:
    using Instant = std::chrono::steady_clock::time_point;

    // 0: as fast as it goes.
    explicit ScanRate(std::int64_t bytes_per_second)
        : per_second_(static_cast<double>(bytes_per_second)), left_(per_second_) {}

    // So much has been read: how long its reader has to rest before it reads on.
    std::chrono::milliseconds spend(std::int64_t bytes, Instant now) {
        if (per_second_ == 0) return {};
        const std::lock_guard lock(mutex_);
        const std::chrono::duration<double> rested = now - last_;
        left_ = std::min(per_second_, left_ + std::max(0.0, rested.count()) * per_second_);
        last_ = now;
        left_ -= static_cast<double>(bytes);
        if (left_ >= 0) return {};
        const std::chrono::duration<double> debt(-left_ / per_second_);
        return std::chrono::ceil<std::chrono::milliseconds>(debt);
    }

private:
    const double per_second_;
    std::mutex mutex_;
    double left_;     // guarded by mutex_
    Instant last_{};  // guarded by mutex_
};

}  // namespace mamba::admin
