#include "admin-ui/process_stats.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace mamba::admin {
namespace {

// Seconds since the epoch at which the machine started.
double machine_started() {
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("btime ")) return std::stod(line.substr(6));
    }
    return 0;
}

}  // namespace

ProcessStats read_process_stats() {
    ProcessStats stats;
    std::ifstream file("/proc/self/stat");
    std::string line;
    std::getline(file, line);
    // The name, in brackets, may hold anything; the numbers follow it. Source: proc(5).
    const std::size_t behind_name = line.rfind(')');
    if (behind_name != std::string::npos) {
        std::istringstream fields(line.substr(behind_name + 1));
        std::string state;
        std::int64_t skipped = 0;
        std::uint64_t user = 0;
        std::uint64_t system = 0;
        std::uint64_t started = 0;
        std::int64_t resident_pages = 0;
        fields >> state;
        for (int i = 4; i <= 11; ++i) fields >> skipped;
        fields >> stats.major_faults >> skipped >> user >> system;
        for (int i = 16; i <= 19; ++i) fields >> skipped;
        fields >> stats.threads >> skipped >> started >> stats.virtual_bytes >> resident_pages;
        const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
        static const double boot = machine_started();
        stats.cpu_seconds = static_cast<double>(user + system) / ticks;
        stats.started_seconds = boot + static_cast<double>(started) / ticks;
        stats.resident_bytes = resident_pages * ::sysconf(_SC_PAGE_SIZE);
    }
    // Counting the entries of that folder takes milliseconds with many files. Since Linux 6.2 its size
    // is their number; before that it is 0.
    struct ::stat descriptors{};
    if (::stat("/proc/self/fd", &descriptors) == 0 && descriptors.st_size > 0) stats.open_files = descriptors.st_size;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.open_files_max = static_cast<std::int64_t>(limit.rlim_cur);
    return stats;
}

std::optional<DiskSpace> read_disk_space(const std::string& path) {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) return std::nullopt;
    return DiskSpace{.total = static_cast<std::int64_t>(info.f_blocks * info.f_frsize),
                     .usable = static_cast<std::int64_t>(info.f_bavail * info.f_frsize)};
}

std::int64_t machine_memory_bytes() { return ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGE_SIZE); }

int machine_cores() { return static_cast<int>(std::thread::hardware_concurrency()); }

}  // namespace mamba::admin
