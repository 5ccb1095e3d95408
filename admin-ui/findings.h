// What is not well in this broker, each as a sentence that names the culprit: from a sample, by rules
// that lie here and nowhere else. Pages and alerts show them and add nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/types.h"

namespace mamba::broker {
struct ClusterEvent;
}

namespace mamba::admin {

struct Sample;
class LatencyHistory;

enum class Severity : std::uint8_t { critical, warning, info };
std::string_view name_of(Severity severity);  // "CRITICAL"

struct Finding {
    std::string id;    // stable while it lasts: "OFFLINE_PARTITIONS:orders"
    std::string kind;  // "OFFLINE_PARTITIONS"
    Severity severity = Severity::info;
    std::string text;
    std::string link;  // a route of the pages
    Timestamp since;   // when it was first found

    friend bool operator==(const Finding&, const Finding&) = default;
};

// Worst first. `before` tells since when; `events` are the newest of the broker's.
std::vector<Finding> find_findings(const Sample& sample, const LatencyHistory& latencies,
                                   const std::vector<broker::ClusterEvent>& events, BrokerId broker,
                                   const std::vector<Finding>& before);

// One sentence: all is well, or how many findings of which kind.
std::string verdict_of(const Sample& sample);

}  // namespace mamba::admin
