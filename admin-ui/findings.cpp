#include "admin-ui/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "admin-ui/api/links.h"
#include "admin-ui/sampler.h"
#include "broker/logging.h"
#include "broker/observations.h"

namespace mamba::admin {
namespace {

using broker::escape;
using enum Severity;

constexpr std::size_t each_max = 10;  // of one kind; the rest as one sentence
constexpr double disk_left_warning = 0.15;
constexpr double disk_left_critical = 0.05;
constexpr std::int64_t full_in_ms_warning = 24 * 3'600'000;
constexpr std::int64_t stalled_ms_min = 5 * 60'000;
constexpr std::int64_t lag_ms_warning = 5 * 60'000;
constexpr std::int64_t rebalances_ms = 10 * 60'000;
constexpr int rebalances_warning = 5;
constexpr std::int64_t latency_ms = 60'000;       // looked at
constexpr std::uint64_t latency_count_min = 20;   // requests, or a percentile says little
constexpr double produce_us_warning = 500'000;
constexpr double fsync_us_warning = 250'000;
constexpr double open_files_warning = 0.9;

std::string duration(std::int64_t ms) {
    const std::int64_t seconds = ms / 1000;
    if (seconds < 120) return fmt::format("{} s", seconds);
    if (seconds < 2 * 3600) return fmt::format("{} min", seconds / 60);
    if (seconds < 2 * 86'400) return fmt::format("{} h", seconds / 3600);
    return fmt::format("{} d", seconds / 86'400);
}

std::string bytes_text(std::int64_t bytes) {
    constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
    return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, units[unit]);
}

class Collector {
public:
    explicit Collector(const Sample& sample) : sample_(sample) {}

    void add(std::string_view kind, std::string_view what, Severity severity, std::string text, std::string link) {
        found_.push_back({.id = what.empty() ? std::string(kind) : fmt::format("{}:{}", kind, what),
                          .kind = std::string(kind),
                          .severity = severity,
                          .text = std::move(text),
                          .link = std::move(link),
                          .since = sample_.at});
    }
    std::vector<Finding> take() { return std::move(found_); }

private:
    const Sample& sample_;
    std::vector<Finding> found_;
};

void look_at_topics(const Sample& sample, Collector& found) {
    std::size_t topics = 0;
    std::int64_t left_out = 0;
    for (const TopicSample& topic : sample.topics) {
        if (topic.offline == 0) continue;
        if (++topics > each_max) {
            left_out += topic.offline;
            continue;
        }
        found.add("OFFLINE_PARTITIONS", topic.name, critical,
                  fmt::format("{} of {} partitions of {} are offline: nothing can be produced to or fetched from them.",
                              topic.offline, topic.partitions, topic.name),
                  topic_link(topic.name) + "/partitions");
    }
    if (left_out > 0) {
        found.add("OFFLINE_PARTITIONS", "", critical,
                  fmt::format("{} more partitions of {} other topics are offline.", left_out, topics - each_max),
                  "/topics");
    }
}

void look_at_disks(const Sample& sample, BrokerId broker, Collector& found) {
    const std::string link = fmt::format("/brokers/{}/logdirs", broker.value);
    for (const DirSample& dir : sample.dirs) {
        if (!dir.is_online) {
            found.add("LOG_DIR_OFFLINE", dir.path, critical,
                      fmt::format("The log dir {} is offline after an error of its disk; the broker's log tells which.",
                                  dir.path),
                      link);
            continue;
        }
        if (!dir.space || dir.space->total == 0) continue;
        const double left = static_cast<double>(dir.space->usable) / static_cast<double>(dir.space->total);
        if (left < disk_left_warning) {
            found.add("DISK_FULL", dir.path, left < disk_left_critical ? critical : warning,
                      fmt::format("{} of {} are left on the disk of {}.", bytes_text(dir.space->usable),
                                  bytes_text(dir.space->total), dir.path),
                      link);
        }
        if (const auto full_in = dir.full_in_ms(); full_in && *full_in < full_in_ms_warning) {
            found.add("DISK_FILLING", dir.path, warning,
                      fmt::format("The disk of {} is full in {} at the present rate.", dir.path, duration(*full_in)),
                      link);
        }
    }
}

void look_at_groups(const Sample& sample, const std::vector<broker::ClusterEvent>& events, Collector& found) {
    std::vector<const GroupSample*> behind;
    for (const GroupSample& group : sample.groups) {
        if (group.lag.value_or(0) > 0 && group.members > 0) behind.push_back(&group);
    }
    std::ranges::sort(behind, [](const GroupSample* a, const GroupSample* b) {
        return a->lag_ms.value_or(0) != b->lag_ms.value_or(0) ? a->lag_ms.value_or(0) > b->lag_ms.value_or(0)
                                                              : *a->lag > *b->lag;
    });
    std::size_t told = 0;
    std::size_t left_out = 0;
    for (const GroupSample* group : behind) {
        const bool has_committed = group->last_commit != no_timestamp;
        const std::int64_t quiet_ms = has_committed ? sample.at - group->last_commit : 0;
        const std::string behind_by = group->lag_ms
                                          ? fmt::format("{} records ({})", *group->lag, duration(*group->lag_ms))
                                          : fmt::format("{} records", *group->lag);
        std::string kind;
        std::string text;
        if (has_committed && quiet_ms > stalled_ms_min && group->lag_ms.value_or(quiet_ms) > stalled_ms_min) {
            kind = "GROUP_STALLED";
            text = fmt::format("Group '{}' has {} members and is {} behind, but has committed nothing for {}.",
                               escape(group->name), group->members, behind_by, duration(quiet_ms));
        } else if (group->lag_ms.value_or(0) > lag_ms_warning && group->trend() == Trend::falling_behind) {
            kind = "GROUP_FALLING_BEHIND";
            text = fmt::format("Group '{}' is {} behind, and falls back further.", escape(group->name), behind_by);
        } else {
            continue;
        }
        if (++told > each_max) {
            ++left_out;
            continue;
        }
        found.add(kind, group->name, warning, std::move(text), group_link(group->name));
    }
    if (left_out > 0) {
        found.add("GROUP_STALLED", "", warning, fmt::format("{} more groups lag behind.", left_out), "/groups");
    }

    std::map<std::string_view, int> rebalances;
    for (const broker::ClusterEvent& event : events) {
        const bool counts =
            event.kind == broker::EventKind::group_rebalance_began && sample.at - event.at < rebalances_ms;
        if (counts) ++rebalances[event.subject];
    }
    for (const auto& [group, times] : rebalances) {
        if (times < rebalances_warning) continue;
        found.add("REBALANCE_LOOP", group, warning,
                  fmt::format("Group '{}' has begun {} rebalances within 10 min.", escape(group), times),
                  group_link(group) + "/history");
    }
}

void look_at_latency(const Sample& sample, const LatencyHistory& latencies, Collector& found) {
    const auto recent = [&](LatencyHistory::Key key) { return latencies.over(key, sample.at - latency_ms, sample.at); };
    const auto produce_key = static_cast<std::size_t>(protocol::ApiKey::produce);
    const Tally produce = recent(latency_key(produce_key, RequestPart::busy));
    if (produce.count() >= latency_count_min && *produce.percentile_us(0.99) > produce_us_warning) {
        found.add("PRODUCE_SLOW", "", warning,
                  fmt::format("1 of 100 produce requests takes {:.0f} ms or more (last minute).",
                              *produce.percentile_us(0.99) / 1000),
                  "/performance/requests?api=Produce");
    }
    for (std::size_t i = 0; i < sample.dirs.size(); ++i) {
        const Tally rounds = recent(flush_key(i, FlushPart::rounds));
        if (rounds.count() < latency_count_min || *rounds.percentile_us(0.99) <= fsync_us_warning) continue;
        found.add("FSYNC_SLOW", sample.dirs[i].path, warning,
                  fmt::format("1 of 100 flushes of {} takes {:.0f} ms or more (last minute).", sample.dirs[i].path,
                              *rounds.percentile_us(0.99) / 1000),
                  "/performance/storage");
    }
}

void look_at_process(const Sample& sample, BrokerId broker, Collector& found) {
    const auto open = static_cast<double>(sample.process.open_files.value_or(0));
    if (sample.process.open_files_max <= 0 ||
        open < open_files_warning * static_cast<double>(sample.process.open_files_max))
        return;
    found.add(
        "OPEN_FILES", "", critical,
        fmt::format("{:.0f} of {} files that the system allows are open: connections are refused and logs go offline "
                    "when there are no more. Raise the limit (ulimit -n).",
                    open, sample.process.open_files_max),
        fmt::format("/brokers/{}/runtime", broker.value));
}

}  // namespace

std::string_view name_of(Severity severity) {
    switch (severity) {
        case critical:
            return "CRITICAL";
        case warning:
            return "WARNING";
        case info:
            return "INFO";
    }
    return "";
}

std::vector<Finding> find_findings(const Sample& sample, const LatencyHistory& latencies,
                                   const std::vector<broker::ClusterEvent>& events, BrokerId broker,
                                   const std::vector<Finding>& before) {
    Collector collector(sample);
    look_at_topics(sample, collector);
    look_at_disks(sample, broker, collector);
    look_at_groups(sample, events, collector);
    look_at_latency(sample, latencies, collector);
    look_at_process(sample, broker, collector);
    std::vector<Finding> found = collector.take();
    std::ranges::sort(found, [](const Finding& a, const Finding& b) {
        return a.severity != b.severity ? a.severity < b.severity : a.id < b.id;
    });
    for (Finding& finding : found) {
        const auto old = std::ranges::find(before, finding.id, &Finding::id);
        if (old != before.end()) finding.since = old->since;
    }
    return found;
}

std::string verdict_of(const Sample& sample) {
    if (sample.findings.empty()) {
        return fmt::format("Healthy: 1 of 1 brokers, {} partitions all served.", sample.partitions);
    }
    const auto count = [&](Severity severity) {
        return std::ranges::count(sample.findings, severity, &Finding::severity);
    };
    const auto worst = count(critical);
    const auto warnings = count(warning);
    if (worst == 0) return fmt::format("{} {} to look at.", warnings, warnings == 1 ? "warning" : "warnings");
    const std::string others =
        warnings == 0 ? "" : fmt::format(", and {} {}", warnings, warnings == 1 ? "warning" : "warnings");
    return fmt::format("{} critical {}{}.", worst, worst == 1 ? "problem" : "problems", others);
}

}  // namespace mamba::admin
