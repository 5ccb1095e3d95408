#include "admin-ui/runtime_watch.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "admin-ui/process_stats.h"

namespace mamba::admin {
namespace {

// A little less than a second, so that who asks every second gets news.
constexpr broker::Duration look_interval = std::chrono::milliseconds(900);

// One thread of /proc/self/task; false when it has ended meanwhile. Source: proc(5).
bool read_thread(const std::filesystem::path& folder, ThreadUse& thread) {
    std::ifstream stat(folder / "stat");
    std::string line;
    if (!std::getline(stat, line)) return false;
    const std::size_t open = line.find('(');
    const std::size_t close = line.rfind(')');  // the name may hold brackets itself
    if (open == std::string::npos || close == std::string::npos) return false;
    thread.id = std::stoll(line);
    thread.name = line.substr(open + 1, close - open - 1);
    std::istringstream fields(line.substr(close + 1));
    std::string skipped;
    std::int64_t user = 0;
    std::int64_t system = 0;
    fields >> thread.state;
    for (int field = 4; field <= 13; ++field) fields >> skipped;
    fields >> user >> system;
    thread.cpu_seconds = static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    std::ifstream status(folder / "status");
    while (std::getline(status, line)) {
        if (line.starts_with("voluntary_ctxt_switches:")) thread.switches_voluntary = std::stoll(line.substr(24));
        if (line.starts_with("nonvoluntary_ctxt_switches:")) thread.switches_forced = std::stoll(line.substr(27));
    }
    return true;
}

std::int64_t count_open_files() {
    if (const auto told = read_process_stats().open_files) return *told;
    std::error_code failed;
    std::int64_t count = 0;
    for (std::filesystem::directory_iterator at("/proc/self/fd", failed), end; !failed && at != end;
         at.increment(failed))
        ++count;
    return count;
}

void read_process(RuntimeUse& use) {
    const ProcessStats stats = read_process_stats();
    use.cpu_seconds = stats.cpu_seconds;
    use.resident_bytes = stats.resident_bytes;
    use.virtual_bytes = stats.virtual_bytes;
    use.major_faults = static_cast<std::int64_t>(stats.major_faults);
    use.open_files = stats.open_files ? *stats.open_files : count_open_files();
    use.open_files_max = stats.open_files_max;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    use.resident_bytes_peak = std::max<std::int64_t>(usage.ru_maxrss * 1024, stats.resident_bytes);
    const struct mallinfo2 heap = ::mallinfo2();
    use.heap_live = static_cast<std::int64_t>(heap.uordblks + heap.hblkhd);
    use.heap_free = static_cast<std::int64_t>(heap.fordblks);
}

void add_rates(RuntimeUse& use, const RuntimeUse& before) {
    const double time = std::chrono::duration<double>(use.at - before.at).count();
    use.cpu = (use.cpu_seconds - before.cpu_seconds) / time;
    for (ThreadUse& thread : use.threads) {
        const auto same = std::ranges::find_if(
            before.threads, [&](const ThreadUse& one) { return one.id == thread.id && one.name == thread.name; });
        if (same == before.threads.end()) continue;
        thread.cpu = (thread.cpu_seconds - same->cpu_seconds) / time;
        thread.switches_voluntary_rate =
            static_cast<double>(thread.switches_voluntary - same->switches_voluntary) / time;
        thread.switches_forced_rate = static_cast<double>(thread.switches_forced - same->switches_forced) / time;
    }
    for (std::size_t i = 0; i < use.requests.size() && i < before.requests.size(); ++i) {
        use.request_rates[i] = static_cast<double>(use.requests[i] - before.requests[i]) / time;
    }
}

}  // namespace

std::shared_ptr<const RuntimeUse> RuntimeWatch::look(broker::Instant now, Timestamp wall) {
    const std::lock_guard lock(mutex_);
    if (latest_ && now - latest_->at < look_interval) return latest_;
    auto next = std::make_shared<RuntimeUse>();
    next->at = now;
    next->wall = wall;
    read_process(*next);
    std::error_code failed;
    for (std::filesystem::directory_iterator at("/proc/self/task", failed), end; !failed && at != end;
         at.increment(failed)) {
        ThreadUse thread;
        if (read_thread(at->path(), thread)) next->threads.push_back(std::move(thread));
    }
    std::ranges::sort(next->threads, {}, &ThreadUse::id);
    for (const broker::RequestMetrics* metrics : activity_.request_metrics()) {
        std::uint64_t total = 0;
        for (std::size_t key = 0; key < broker::RequestMetrics::apis_max; ++key) total += metrics->requests(key);
        next->requests.push_back(total);
        next->request_rates.emplace_back();
    }
    if (latest_) add_rates(*next, *latest_);
    latest_ = next;
    return latest_;
}

}  // namespace mamba::admin
