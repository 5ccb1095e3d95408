#include "tools/load/process_usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace mamba::load {

std::optional<ProcessUsage> ProcessUsage::of(pid_t pid) {
    std::ifstream stat(fmt::format("/proc/{}/stat", pid));
    std::string line;
    if (!std::getline(stat, line)) return std::nullopt;
    // The name in parentheses may hold anything; the state is the first field behind it.
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    std::string skipped;
    constexpr int fields_before_utime = 11;
    for (int i = 0; i < fields_before_utime; ++i) fields >> skipped;
    double user_ticks = 0;
    double system_ticks = 0;
    fields >> user_ticks >> system_ticks;

    ProcessUsage usage;
    const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    usage.user_s = user_ticks / ticks_per_second;
    usage.system_s = system_ticks / ticks_per_second;
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    while (std::getline(status, line)) {
        std::istringstream entry(line);
        std::string name;
        std::uint64_t kib = 0;
        entry >> name >> kib;
        if (name == "VmRSS:") usage.resident_bytes = kib * 1024;
        if (name == "VmHWM:") usage.resident_bytes_max = kib * 1024;
    }
    return usage;
}

}  // namespace mamba::load
