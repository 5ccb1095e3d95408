// Who consumes a topic, and how far behind each of them is.
#include <algorithm>

#include "admin-ui/api/group_json.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

// With what the group has committed of this topic alone.
broker::GroupSnapshot only_of(const broker::GroupSnapshot& group, std::string_view topic) {
    broker::GroupSnapshot part = group;
    std::erase_if(part.offsets, [&](const auto& offset) { return offset.partition.topic != topic; });
    return part;
}

Response list(Console& console, const Request& request, Captures captures) {
    const std::string& topic = captures[0];
    if (console.broker().metadata->image()->find_topic(topic) == nullptr) {
        return refuse(request, kafka_error(ErrorCode::unknown_topic_or_partition));
    }
    const Timestamp now = wall_clock();
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    LagLookup lookup(console.broker());
    json::array data;
    for (const broker::GroupSnapshot& group :
         console.broker().groups->snapshot({std::chrono::steady_clock::now(), now})) {
        const broker::GroupSnapshot part = only_of(group, topic);
        const auto has_it = [&](const auto& member) { return assignment_of(member).contains(topic); };
        const auto members = std::ranges::count_if(group.members, has_it);
        if (part.offsets.empty() && members == 0) continue;
        const GroupLag lag = lag_of(part, lookup, now);
        const GroupSample* numbers = sample->find_group(group.id);
        data.push_back(
            {{"group", text_of(group.id)},
             {"type", group.type},
             {"state", group.state},
             {"members", members},
             {"lag", exact_or_null(lag.records)},
             {"lag_ms", ms_or_null(lag.ms)},
             {"consume_rate",
              numbers == nullptr || !numbers->consume_rate ? json::value() : json::value(*numbers->consume_rate)},
             {"assignor", group.protocol.empty() ? json::value() : json::value(text_of(group.protocol))}});
    }
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/topics/{topic}/groups", list, false, "DESCRIBE group"},
};

}  // namespace

std::span<const Route> topic_group_routes() { return routes; }

}  // namespace mamba::admin
