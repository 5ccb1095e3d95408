// What pages see change: the parts of a sample as the API and the stream both write them.
#pragma once

#include <array>
#include <string_view>

#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/observations.h"

namespace mamba::admin {

struct TileValue {
    std::string_view id;      // "bytes_in"
    std::string_view series;  // whose past is its spark line, "broker.bytes_in"
    std::optional<double> value;
};
std::array<TileValue, 8> tile_values(Console& console, const Sample& sample);
json::object latency_now(Console& console, const Sample& sample);

json::object finding_object(const Finding& finding);
json::array findings_array(const Sample& sample);
json::array brokers_array(Console& console);
json::object event_object(const broker::ClusterEvent& event);

json::object topic_live(const TopicSample& topic);
json::object group_live(const GroupSample& group);
// By partition.
json::object partitions_live(Console& console, const Sample& sample, const TopicSample& topic);
json::object broker_live(Console& console, const broker::BrokerRegistration& broker);

// What is parked now, longest first: requests of all io threads, and of groups.
json::array waiting_array(Console& console);

// Fills in bytes_in and bytes_out.
void add_rates(json::object& partition, const PartitionRates& rates);
json::value number_or_null_if_nan(float number);
// To as many digits as pages show, which keeps frames small: a rate changes each second in its tenth digit.
json::value shown(std::optional<double> number);
Timestamp wall_time_of(broker::Instant instant);

}  // namespace mamba::admin
