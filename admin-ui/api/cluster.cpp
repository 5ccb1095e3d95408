// The cluster at a glance: is it well, how busy is it, who is in it, what has happened lately.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "admin-ui/api/live.h"
#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {
namespace {

constexpr std::int64_t spark_step_ms = 30'000;
constexpr std::int64_t spark_points = 30;
constexpr std::size_t most_max = 8;  // topics and groups in the short lists

json::array spark_of(Console& console, std::string_view series, Timestamp now) {
    const auto metric = History::find_metric(series);
    const auto points = console.sampler().history().read(metric->first, "", metric->second,
                                                         now - (spark_points - 1) * spark_step_ms, now, spark_step_ms);
    json::array values;
    for (const float value : points.values) values.push_back(number_or_null_if_nan(value));
    return values;
}

json::array hottest_topics(const Sample& sample) {
    std::vector<const TopicSample*> hot;
    for (const TopicSample& topic : sample.topics) {
        if (topic.rates.bytes_in > 0) hot.push_back(&topic);
    }
    const auto shown = hot.begin() + static_cast<std::ptrdiff_t>(std::min(most_max, hot.size()));
    std::ranges::partial_sort(hot, shown, std::ranges::greater{},
                              [](const TopicSample* t) { return t->rates.bytes_in; });
    json::array rows;
    for (auto topic = hot.begin(); topic != shown; ++topic) {
        rows.push_back({{"topic", (*topic)->name},
                        {"bytes_in", (*topic)->rates.bytes_in},
                        {"records_in", (*topic)->rates.records_in}});
    }
    return rows;
}

json::array lagging_groups(const Sample& sample) {
    std::vector<const GroupSample*> behind;
    for (const GroupSample& group : sample.groups) {
        if (group.lag.value_or(0) > 0) behind.push_back(&group);
    }
    const auto shown = behind.begin() + static_cast<std::ptrdiff_t>(std::min(most_max, behind.size()));
    std::ranges::partial_sort(behind, shown, std::ranges::greater{}, [](const GroupSample* group) {
        return std::pair(group->lag_ms.value_or(0), group->lag.value_or(0));
    });
    json::array rows;
    for (auto group = behind.begin(); group != shown; ++group) {
        rows.push_back({{"group", text_of((*group)->name)},
                        {"lag", exact_or_null((*group)->lag)},
                        {"lag_ms", (*group)->lag_ms ? json::value(*(*group)->lag_ms) : json::value()},
                        {"state", (*group)->state}});
    }
    return rows;
}

Response cluster(Console& console, const Request&, Captures) {
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    json::array tiles;
    for (const TileValue& tile : tile_values(console, *sample)) {
        tiles.push_back({{"id", tile.id},
                         {"value", number_or_null(tile.value)},
                         {"spark", spark_of(console, tile.series, sample->at)}});
    }
    std::string bootstrap;
    const broker::BrokerRegistration* self = image->find_broker(console.broker_id());
    if (self != nullptr && !self->endpoints.empty()) {
        bootstrap = fmt::format("{}:{}", self->endpoints.front().host, self->endpoints.front().port);
    }
    return ok({{"cluster_id", image->cluster_id()},
               {"at_ms", sample->at.value},
               {"controller_id", console.broker_id().value},
               {"verdict", verdict_of(*sample)},
               {"findings", findings_array(*sample)},
               {"tiles", std::move(tiles)},
               {"brokers", brokers_array(console)},
               {"topics", sample->topics.size()},
               {"partitions", sample->partitions},
               {"groups", sample->groups.size()},
               {"size", exact(sample->bytes)},
               {"auto_create_topics", console.broker().configs->broker()->topics.auto_create},
               {"bootstrap", bootstrap},
               {"hottest_topics", hottest_topics(*sample)},
               {"lagging_groups", lagging_groups(*sample)}});
}

// The newest first.
Response events(Console& console, const Request& request, Captures) {
    const auto since = read_number(request.parameter("since_ms").value_or("0"));
    if (!since) return refuse(request, {.message = "since_ms must be a time in milliseconds since 1970"});
    std::set<std::string, std::less<>> types;
    const std::string given = request.parameter("types").value_or("");
    for (std::string_view wanted = given; !wanted.empty();) {
        const std::string_view type = wanted.substr(0, wanted.find(','));
        types.emplace(type);
        wanted.remove_prefix(std::min(wanted.size(), type.size() + 1));
    }
    std::vector<json::object> rows;
    for (const broker::ClusterEvent& event : console.broker().observations->events.since(0).events) {
        if (event.at.value < *since) continue;
        json::object row = event_object(event);
        if (types.empty() || types.contains(std::string_view(row["type"].get_string()))) rows.push_back(std::move(row));
    }
    const auto page = read_page(request, rows.size());
    if (!page) return refuse(request, page.error());
    json::array data;
    for (std::size_t i = page->begin; i < page->end; ++i) data.push_back(std::move(rows[rows.size() - 1 - i]));
    return ok(list_of(std::move(data), *page));
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/cluster", cluster, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/events", events, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> cluster_routes() { return routes; }

}  // namespace mamba::admin
