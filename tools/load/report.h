// What one run of a load found, and how it is shown.
#pragma once

#include <optional>
#include <string>

#include "tools/load/latency_histogram.h"
#include "tools/load/process_usage.h"

namespace mamba::load {

struct Report {
    std::string mode;
    double wall_s = 0;
    std::uint64_t requests = 0;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;  // of record batches, as they lie in the log
    LatencyHistogram latencies;
    std::optional<double> broker_user_s;
    std::optional<double> broker_system_s;
    std::optional<std::uint64_t> broker_resident_bytes;
    double client_cpu_s = 0;  // of this program: what the measuring itself took
};

std::string to_text(const Report& report);
std::string to_json(const Report& report);

// Takes the readings at the start and the end of what is measured.
class Measurement {
public:
    // `broker` 0 when its process is not to be watched.
    explicit Measurement(pid_t broker);
    // Fills in everything but the counts and the latencies.
    void finish(Report& report) const;

private:
    pid_t broker_;
    std::chrono::steady_clock::time_point start_;
    std::optional<ProcessUsage> broker_start_;
    std::optional<ProcessUsage> own_start_;
};

}  // namespace mamba::load
