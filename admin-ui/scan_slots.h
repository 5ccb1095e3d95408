// How many scans may run at once, in all and for each visitor: they read files, which others want too.
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace mamba::admin {

class ScanSlots {
public:
    static constexpr std::size_t scans_max = 4;
    static constexpr std::size_t visitor_scans_max = 2;

    // Held for as long as the scan goes on.
    class Slot {
    public:
        Slot(ScanSlots& slots, std::string visitor) : slots_(slots), visitor_(std::move(visitor)) {}
        ~Slot() { slots_.release(visitor_); }
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;

    private:
        ScanSlots& slots_;
        const std::string visitor_;
    };

    // Null when there are too many.
    std::unique_ptr<Slot> take(const std::string& visitor) {
        const std::lock_guard lock(mutex_);
        std::size_t& own = by_visitor_[visitor];
        if (scans_ >= scans_max || own >= visitor_scans_max) {
            if (own == 0) by_visitor_.erase(visitor);
            return nullptr;
        }
        ++own;
        ++scans_;
        return std::make_unique<Slot>(*this, visitor);
    }

private:
    void release(const std::string& visitor) {
        const std::lock_guard lock(mutex_);
        --scans_;
        const auto own = by_visitor_.find(visitor);
        if (--own->second == 0) by_visitor_.erase(own);
    }

    std::mutex mutex_;
    std::size_t scans_ = 0;                         // guarded by mutex_
    std::map<std::string, std::size_t> by_visitor_;  // guarded by mutex_
};

}  // namespace mamba::admin
