// What the system says about this process and about the file systems that the log dirs are on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace mamba::admin {

struct ProcessStats {
    double cpu_seconds = 0;  // user and system, since the start
    double started_seconds = 0;  // since the epoch
    std::int64_t resident_bytes = 0;
    std::int64_t virtual_bytes = 0;
    std::int64_t threads = 0;
    std::uint64_t major_faults = 0;
    std::optional<std::int64_t> open_files;  // nothing where the system does not tell without counting them
    std::int64_t open_files_max = 0;
};
ProcessStats read_process_stats();

struct DiskSpace {
    std::int64_t total = 0;
    std::int64_t usable = 0;  // to us, who are not root
};
std::optional<DiskSpace> read_disk_space(const std::string& path);

std::int64_t machine_memory_bytes();
int machine_cores();

}  // namespace mamba::admin
