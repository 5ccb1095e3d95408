#include "admin-ui/group_verdict.h"

#include <fmt/format.h>

namespace mamba::admin {
namespace {

std::string duration_text(std::int64_t ms) {
    if (ms < 120'000) return fmt::format("{} s", ms / 1000);
    if (ms < 120 * 60'000) return fmt::format("{} min", ms / 60'000);
    return fmt::format("{} h", ms / 3'600'000);
}

std::string records_text(std::int64_t records) {
    return records == 1 ? "1 record" : fmt::format("{} records", records);
}

}  // namespace

GroupVerdict judge(const GroupFacts& group) {
    const std::int64_t lag = group.lag.value_or(0);
    if (group.state == "Empty" || group.state == "Dead") {
        return {"EMPTY", "INFO",
                lag > 0 ? fmt::format("Nobody consumes; {} wait.", records_text(lag)) : "It has no members.", ""};
    }
    if (group.rebalances >= rebalance_loop_min) {
        std::string text = fmt::format("It was assigned anew {} times within 10 minutes", group.rebalances);
        text += group.rebalance_reason.empty() ? "." : fmt::format("; the latest: {}.", group.rebalance_reason);
        return {"REBALANCE_LOOP", "WARNING", std::move(text),
                "Look for members that crash, restart, or poll less often than max.poll.interval.ms."};
    }
    if (group.state != "Stable") return {"REBALANCING", "INFO", "Its partitions are being assigned anew.", ""};
    if (lag > 0 && group.unsent_bytes >= network_bytes) {
        return {
            "NETWORK", "WARNING",
            fmt::format("{} bytes of records lie in the broker for members that do not take them.", group.unsent_bytes),
            "The network to its members, or the members themselves, are slower than what they ask for."};
    }
    if (lag > 0 && group.fetch_idle_ms.value_or(0) >= stalled_ms) {
        return {"STALLED", "WARNING",
                fmt::format("Its members are alive, but none has asked for records for {}, while {} wait.",
                            duration_text(*group.fetch_idle_ms), records_text(lag)),
                "Their handler is probably stuck: look at what the members do with the last record that they got."};
    }
    if (lag > 0 && group.commit_age_ms.value_or(0) >= commit_stuck_ms && group.lag_ms.value_or(0) >= commit_stuck_ms) {
        return {"COMMIT_STUCK", "WARNING",
                fmt::format("Nothing has been committed for {}, while {} wait.", duration_text(*group.commit_age_ms),
                            records_text(lag)),
                "Do the members commit at all? A record that fails over and over looks the same."};
    }
    const bool falls_behind =
        group.consume_rate && group.produce_rate && *group.consume_rate < *group.produce_rate * 0.9;
    if (lag > 0 && falls_behind && group.lag_ms.value_or(0) >= too_slow_lag_ms) {
        return {"TOO_SLOW", "WARNING",
                fmt::format("It consumes {:.0f} records a second of the {:.0f} that are produced.", *group.consume_rate,
                            *group.produce_rate),
                group.members < group.partitions
                    ? "More members would share the work."
                    : "Every member has a single partition at most: more partitions and members would share the work."};
    }
    if (group.members_without_partition > 0) {
        return {"STARVED", "INFO",
                fmt::format("{} of {} members have no partition.", group.members_without_partition, group.members),
                "There are more members than partitions; the rest stand by."};
    }
    if (!group.lag) return {"NOTHING_COMMITTED", "INFO", "It has not committed anything yet.", ""};
    return {"OK", "INFO", lag == 0 ? "It is up to date." : fmt::format("It is {} behind.", records_text(lag)), ""};
}

}  // namespace mamba::admin
