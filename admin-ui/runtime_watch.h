// What this process costs: its memory, and what each of its threads does. Looked at when somebody
// asks, at most once a second; rates are from the look before. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "broker/activity.h"

namespace mamba::admin {

struct ThreadUse {
    std::int64_t id = 0;
    std::string name;
    char state = '?';        // as /proc has it: R, S, D
    double cpu_seconds = 0;  // user and system, since it began
    std::int64_t switches_voluntary = 0;
    std::int64_t switches_forced = 0;
    // Of one core, and a second; nothing at the first look.
    std::optional<double> cpu;
    std::optional<double> switches_voluntary_rate;
    std::optional<double> switches_forced_rate;
};

struct RuntimeUse {
    broker::Instant at;
    Timestamp wall;
    double cpu_seconds = 0;
    std::optional<double> cpu;  // of one core
    std::int64_t resident_bytes = 0;
    std::int64_t resident_bytes_peak = 0;
    std::int64_t virtual_bytes = 0;
    std::int64_t heap_live = 0;
    std::int64_t heap_free = 0;
    std::int64_t major_faults = 0;
    std::int64_t open_files = 0;
    std::int64_t open_files_max = 0;
    std::vector<ThreadUse> threads;                    // by id
    std::vector<std::uint64_t> requests;               // by io thread, since the start
    std::vector<std::optional<double>> request_rates;  // likewise, a second
};

class RuntimeWatch {
public:
    explicit RuntimeWatch(broker::Activity& activity) : activity_(activity) {}
    std::shared_ptr<const RuntimeUse> look(broker::Instant now, Timestamp wall);

private:
    broker::Activity& activity_;
    std::mutex mutex_;
    std::shared_ptr<const RuntimeUse> latest_;  // guarded by mutex_
};

}  // namespace mamba::admin
