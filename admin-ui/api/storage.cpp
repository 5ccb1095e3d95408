// The disks: how long flushes take and how much goes into one, and when a disk will be full.
#include <algorithm>
#include <array>
#include <string_view>

#include "admin-ui/api/live.h"
#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/time_range.h"
#include "admin-ui/console.h"

namespace mamba::admin {
namespace {

constexpr std::int64_t range_ms_otherwise = 15 * 60'000;
constexpr std::int64_t points_max = 200;
constexpr std::array<std::string_view, broker::flush_causes> cause_names{"ACKS", "GROUPS", "UNAWAITED", "ROLL"};

json::object dir_object(Console& console, const Sample& sample, std::size_t index, const TimeRange& range) {
    const LatencyHistory& latencies = console.sampler().latencies();
    const auto& dir = *console.broker().partitions->dirs()[index];
    const DirSample& looked = sample.dirs[index];
    const auto over = [&](FlushPart part) { return latencies.over(flush_key(index, part), range.from, range.to); };
    const Tally rounds = over(FlushPart::rounds);
    const std::uint64_t bytes = over(FlushPart::bytes).sum();
    const double seconds = static_cast<double>(range.to - range.from) / 1000;
    const std::int64_t step_ms = LatencyHistory::choose_step(sample.at, range.from, range.to, points_max);
    const auto windows = latencies.windows(flush_key(index, FlushPart::rounds), range.from, range.to, step_ms);
    const auto byte_windows = latencies.windows(flush_key(index, FlushPart::bytes), range.from, range.to, step_ms);
    json::array p50;
    json::array p99;
    json::array max;
    json::array bytes_over_time;
    json::array causes;
    for (std::size_t cause = 0; cause < broker::flush_causes; ++cause) {
        const auto key = flush_key(index, static_cast<broker::FlushCause>(cause));
        const std::uint64_t count = latencies.over(key, range.from, range.to).sum();
        if (count > 0) causes.push_back({{"cause", cause_names[cause]}, {"count", exact(count)}});
    }
    for (std::size_t i = 0; i < windows.size(); ++i) {
        p50.push_back(number_or_null(windows[i].percentile_us(0.5)));
        p99.push_back(number_or_null(windows[i].percentile_us(0.99)));
        max.push_back(number_or_null(windows[i].max_us()));
        bytes_over_time.push_back(static_cast<double>(byte_windows[i].sum()) * 1000 / static_cast<double>(step_ms));
    }
    const std::optional<std::int64_t> full_in = looked.full_in_ms();
    json::object object{
        {"path", looked.path},
        {"state", looked.is_online ? "ONLINE" : "OFFLINE"},
        {"total", looked.space ? json::value(exact(looked.space->total)) : json::value()},
        {"usable", looked.space ? json::value(exact(looked.space->usable)) : json::value()},
        {"full_in_ms", full_in ? json::value(*full_in) : json::value()},
        {"flushes", exact(rounds.count())},
        {"flush_rate", static_cast<double>(rounds.count()) / seconds},
        {"bytes_per_flush", rounds.count() == 0
                                ? json::value()
                                : json::value(static_cast<double>(bytes) / static_cast<double>(rounds.count()))},
        {"queue", dir.flusher->waiting()},
        {"causes", std::move(causes)},
        {"from_ms", range.from.value / step_ms * step_ms},
        {"step_ms", step_ms},
        {"times", {{"p50_us", std::move(p50)}, {"p99_us", std::move(p99)}, {"max_us", std::move(max)},
                   {"bytes", std::move(bytes_over_time)}}}};
    object["mean_us"] = number_or_null(rounds.mean_us());
    object["p50_us"] = number_or_null(rounds.percentile_us(0.5));
    object["p99_us"] = number_or_null(rounds.percentile_us(0.99));
    object["p999_us"] = number_or_null(rounds.percentile_us(0.999));
    object["max_us"] = number_or_null(rounds.max_us());
    return object;
}

Response fsync(Console& console, const Request& request, Captures) {
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    const auto range = read_time_range(request, sample->at, range_ms_otherwise);
    if (!range) return refuse(request, range.error());
    json::array dirs;
    for (std::size_t i = 0; i < sample->dirs.size(); ++i) dirs.push_back(dir_object(console, *sample, i, *range));
    std::uint64_t bytes_out = 0;
    for (const TopicSample& topic : sample->topics) bytes_out += topic.bytes_out;
    json::value hits;
    if (bytes_out > 0 && std::ranges::all_of(sample->dirs, &DirSample::tells_cold_reads)) {
        hits = 1 - std::min(1.0, static_cast<double>(sample->cold_bytes_out) / static_cast<double>(bytes_out));
    }
    return ok({{"at_ms", sample->at.value}, {"dirs", std::move(dirs)}, {"cache_hit_ratio", std::move(hits)}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/storage/fsync", fsync, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> storage_routes() { return routes; }

}  // namespace mamba::admin
