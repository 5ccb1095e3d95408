// What a process has used so far, as Linux tells in /proc/PID.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace mamba::load {

struct ProcessUsage {
    double user_s = 0;    // CPU seconds in the process's own code
    double system_s = 0;  // CPU seconds in the kernel on its behalf
    std::uint64_t resident_bytes = 0;
    std::uint64_t resident_bytes_max = 0;

    // None when there is no such process.
    static std::optional<ProcessUsage> of(pid_t pid);
};

}  // namespace mamba::load
