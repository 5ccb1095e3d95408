#include "tools/load/report.h"

#include <fmt/format.h>
#include <unistd.h>

namespace mamba::load {
namespace {

constexpr double bytes_per_mb = 1e6;

double in_microseconds(LatencyHistogram::Duration latency) {
    return static_cast<double>(latency.count()) / 1e3;
}

double per_second(std::uint64_t count, double seconds) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

}  // namespace

Measurement::Measurement(pid_t broker)
    : broker_(broker),
      start_(std::chrono::steady_clock::now()),
      own_start_(ProcessUsage::of(getpid())) {
    if (broker > 0) broker_start_ = ProcessUsage::of(broker);
}

void Measurement::finish(Report& report) const {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start_;
    report.wall_s = wall.count();
    if (const auto own = ProcessUsage::of(getpid()); own && own_start_) {
        report.client_cpu_s =
            own->user_s + own->system_s - own_start_->user_s - own_start_->system_s;
    }
    if (!broker_start_) return;
    const auto broker = ProcessUsage::of(broker_);
    if (!broker) return;
    report.broker_user_s = broker->user_s - broker_start_->user_s;
    report.broker_system_s = broker->system_s - broker_start_->system_s;
    report.broker_resident_bytes = broker->resident_bytes;
}

std::string to_text(const Report& report) {
    std::string text = fmt::format(
        "{}: {} requests, {} records, {:.1f} MB in {:.3f} s\n"
        "  {:.0f} requests/s, {:.0f} records/s, {:.1f} MB/s\n",
        report.mode, report.requests, report.records,
        static_cast<double>(report.bytes) / bytes_per_mb, report.wall_s,
        per_second(report.requests, report.wall_s), per_second(report.records, report.wall_s),
        per_second(report.bytes, report.wall_s) / bytes_per_mb);
    if (report.latencies.count() > 0) {
        text +=
            fmt::format("  latency p50 {:.0f} us, p99 {:.0f} us, p99.9 {:.0f} us, max {:.0f} us\n",
                        in_microseconds(report.latencies.percentile(0.5)),
                        in_microseconds(report.latencies.percentile(0.99)),
                        in_microseconds(report.latencies.percentile(0.999)),
                        in_microseconds(report.latencies.max()));
    }
    if (report.broker_user_s && report.broker_system_s && report.broker_resident_bytes) {
        const double cpu_s = *report.broker_user_s + *report.broker_system_s;
        const double gb = static_cast<double>(report.bytes) / 1e9;
        text += fmt::format("  broker CPU {:.2f} s user, {:.2f} s system", *report.broker_user_s,
                            *report.broker_system_s);
        if (report.requests > 0) {
            text += fmt::format("; {:.2f} us a request",
                                cpu_s * 1e6 / static_cast<double>(report.requests));
        }
        if (report.bytes > 0) text += fmt::format(", {:.3f} s per GB", cpu_s / gb);
        text += fmt::format("\n  broker resident {:.1f} MB\n",
                            static_cast<double>(*report.broker_resident_bytes) / bytes_per_mb);
    }
    return text + fmt::format("  own CPU {:.2f} s\n", report.client_cpu_s);
}

std::string to_json(const Report& report) {
    std::string json = fmt::format(
        R"({{"mode":"{}","wall_s":{:.6f},"requests":{},"records":{},"bytes":{},"requests_per_s":{:.1f},)"
        R"("mb_per_s":{:.3f},"p50_us":{:.1f},"p99_us":{:.1f},"p999_us":{:.1f},"max_us":{:.1f},"client_cpu_s":{:.3f})",
        report.mode, report.wall_s, report.requests, report.records, report.bytes,
        per_second(report.requests, report.wall_s),
        per_second(report.bytes, report.wall_s) / bytes_per_mb,
        in_microseconds(report.latencies.percentile(0.5)),
        in_microseconds(report.latencies.percentile(0.99)),
        in_microseconds(report.latencies.percentile(0.999)),
        in_microseconds(report.latencies.max()), report.client_cpu_s);
    if (report.broker_user_s && report.broker_system_s && report.broker_resident_bytes) {
        json += fmt::format(
            R"(,"broker_user_s":{:.3f},"broker_system_s":{:.3f},"broker_resident_bytes":{})",
            *report.broker_user_s, *report.broker_system_s, *report.broker_resident_bytes);
    }
    return json + "}";
}

}  // namespace mamba::load
