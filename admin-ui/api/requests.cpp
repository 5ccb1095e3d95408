// Requests: how long they take and where the time goes, which were the slowest, and what waits now.
#include <algorithm>

#include "admin-ui/api/live.h"
#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/time_range.h"
#include "admin-ui/console.h"
#include "protocol/api.h"

namespace mamba::admin {
namespace {

using broker::LatencyHistogram;

constexpr std::int64_t range_ms_otherwise = 15 * 60'000;
constexpr std::int64_t points_max = 200;
constexpr std::size_t heat_rows_max = 48;
constexpr std::size_t slow_max = 200;

bool waits_for_flush(const protocol::ApiInfo& api) { return api.key == protocol::ApiKey::produce; }

struct PhaseOf {
    std::string_view name;
    RequestPart part;
};
// In the order in which they follow each other. Only some requests have the one in the middle.
std::vector<PhaseOf> phases_of(const protocol::ApiInfo& api) {
    return {{"LOCAL", RequestPart::local},
            {waits_for_flush(api) ? "FSYNC" : "PURGATORY", RequestPart::waited},
            {"SEND", RequestPart::sent}};
}

void put_percentiles(json::object& into, const Tally& tally) {
    into["mean_us"] = number_or_null(tally.mean_us());
    into["p50_us"] = number_or_null(tally.percentile_us(0.5));
    into["p99_us"] = number_or_null(tally.percentile_us(0.99));
    into["p999_us"] = number_or_null(tally.percentile_us(0.999));
    into["max_us"] = number_or_null(tally.max_us());
}

Response all_apis(Console& console, const TimeRange& range, Timestamp now) {
    const LatencyHistory& latencies = console.sampler().latencies();
    const double seconds = static_cast<double>(range.to - range.from) / 1000;
    json::array data;
    for (const protocol::ApiInfo& api : protocol::all_apis()) {
        const auto key = static_cast<std::size_t>(api.key);
        const auto over = [&](RequestPart part) {
            return latencies.over(latency_key(key, part), range.from, range.to);
        };
        const Tally busy = over(RequestPart::busy);
        if (busy.count() == 0) continue;
        const std::uint64_t errors = over(RequestPart::errors).sum();
        json::array phases;
        for (const PhaseOf& phase : phases_of(api)) {
            const Tally tally = over(phase.part);
            if (tally.count() == 0) continue;
            json::object row{{"phase", phase.name}};
            put_percentiles(row, tally);
            phases.push_back(std::move(row));
        }
        json::object row{{"api_key", key},
                         {"api", api.name},
                         {"count", exact(busy.count())},
                         {"rate", static_cast<double>(busy.count()) / seconds},
                         {"errors", exact(errors)},
                         {"error_rate", static_cast<double>(errors) / seconds},
                         {"phases", std::move(phases)}};
        put_percentiles(row, busy);
        data.push_back(std::move(row));
    }
    return ok({{"at_ms", now.value}, {"range_ms", range.to - range.from}, {"data", std::move(data)}});
}

// Counts by [time][bucket]. Buckets are put together until there are few enough to be drawn.
json::value heat_of(const std::vector<Tally>& windows) {
    std::size_t first = LatencyHistogram::buckets;
    std::size_t last = 0;
    for (const Tally& window : windows) {
        if (window.buckets().empty()) continue;
        first = std::min<std::size_t>(first, window.buckets().front().first);
        last = std::max<std::size_t>(last, window.buckets().back().first);
    }
    if (first > last) return nullptr;
    std::size_t width = 1;
    while ((last - first) / width >= heat_rows_max) width *= 2;
    const std::size_t rows = (last - first) / width + 1;
    json::array bounds;
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t end = std::min(first + (row + 1) * width, LatencyHistogram::buckets - 1);
        bounds.push_back(static_cast<double>(LatencyHistogram::floor_of(end)) / 1000);
    }
    json::array counts;
    for (const Tally& window : windows) {
        std::vector<std::uint64_t> row(rows);
        for (const auto& [bucket, times] : window.buckets()) row[(bucket - first) / width] += times;
        counts.push_back(json::array(row.begin(), row.end()));
    }
    return json::object{{"bounds_us", std::move(bounds)}, {"counts", std::move(counts)}};
}

Response one_api(Console& console, const protocol::ApiInfo& api, const TimeRange& range, Timestamp now) {
    const LatencyHistory& latencies = console.sampler().latencies();
    const std::int64_t step_ms = LatencyHistory::choose_step(now, range.from, range.to, points_max);
    const auto windows = [&](RequestPart part) {
        return latencies.windows(latency_key(static_cast<std::size_t>(api.key), part), range.from, range.to, step_ms);
    };
    const std::vector<Tally> busy = windows(RequestPart::busy);
    const auto column = [&](auto value) {
        json::array values;
        for (const Tally& window : busy) values.push_back(value(window));
        return values;
    };
    const auto percentile = [&](double part) {
        return column([&](const Tally& window) { return number_or_null(window.percentile_us(part)); });
    };
    json::array phases;
    for (const PhaseOf& phase : phases_of(api)) {
        // A wait by choice is no part of the whole.
        if (phase.part == RequestPart::waited && !waits_for_flush(api)) continue;
        const std::vector<Tally> of_phase = windows(phase.part);
        json::array means;
        for (std::size_t i = 0; i < of_phase.size(); ++i) {
            // Of all requests, those without the phase too: stacked, the means are the mean of the whole.
            const std::uint64_t requests = busy[i].count();
            if (requests == 0) {
                means.push_back(nullptr);
            } else {
                means.push_back(static_cast<double>(of_phase[i].sum()) / static_cast<double>(requests) / 1000);
            }
        }
        phases.push_back({{"phase", phase.name}, {"mean_us", std::move(means)}});
    }
    return ok({{"api", api.name},
               {"from_ms", range.from.value / step_ms * step_ms},
               {"step_ms", step_ms},
               {"p50_us", percentile(0.5)},
               {"p99_us", percentile(0.99)},
               {"p999_us", percentile(0.999)},
               {"rate", column([&](const Tally& window) {
                    return json::value(static_cast<double>(window.count()) * 1000 / static_cast<double>(step_ms));
                })},
               {"phases", std::move(phases)},
               {"heat", heat_of(busy)}});
}

Response latency(Console& console, const Request& request, Captures) {
    const Timestamp now = console.sampler().latest()->at;
    const auto range = read_time_range(request, now, range_ms_otherwise);
    if (!range) return refuse(request, range.error());
    const auto name = request.parameter("api");
    if (!name) return all_apis(console, *range, now);
    for (const protocol::ApiInfo& api : protocol::all_apis()) {
        if (api.name == *name) return one_api(console, api, *range, now);
    }
    return refuse(request, {.status = 404, .message = "there is no API of this name; they are such as Produce"});
}

Response waiting(Console& console, const Request& request, Captures) {
    json::array all = waiting_array(console);
    const auto page = read_page(request, all.size());
    if (!page) return refuse(request, page.error());
    json::array data;
    for (std::size_t i = page->begin; i < page->end; ++i) data.push_back(std::move(all[i]));
    return ok(list_of(std::move(data), *page));
}

std::string topic_of(const broker::ClusterImage& image, const broker::SlowRequest& slow) {
    if (!slow.topic.empty() || slow.topic_id.is_zero()) return slow.topic;
    const broker::TopicState* topic = image.find_topic(slow.topic_id);
    return topic != nullptr ? topic->name : slow.topic_id.to_string();
}

json::object slow_object(const broker::ClusterImage& image, const broker::SlowRequest& slow) {
    const auto us = [](broker::Duration duration) {
        return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count()) / 1000;
    };
    const protocol::ApiInfo* api = protocol::find_api(slow.api_key);
    json::array phases;
    phases.push_back({{"phase", "LOCAL"}, {"us", us(slow.local)}});
    if (slow.waited > broker::Duration{}) {
        const bool is_flush = api != nullptr && waits_for_flush(*api);
        phases.push_back({{"phase", is_flush ? "FSYNC" : "PURGATORY"}, {"us", us(slow.waited)}});
    }
    phases.push_back({{"phase", "SEND"}, {"us", us(slow.sending)}});
    return {{"at_ms", slow.at.value},
            {"api", api_name(slow.api_key)},
            {"version", slow.version},
            {"client_id", text_of(slow.client_id)},
            {"principal", text_or_null(slow.principal)},
            {"address", slow.host},
            {"connection_id", slow.connection_id == 0 ? json::value() : json::value(exact(slow.connection_id))},
            {"topic", text_or_null(topic_of(image, slow))},
            {"total_us", us(slow.total)},
            {"phases", std::move(phases)},
            {"bytes_in", slow.bytes_in},
            {"bytes_out", slow.bytes_out},
            {"error", slow.error == ErrorCode::none ? json::value() : json::value(name_of(slow.error))}};
}

Response slow(Console& console, const Request& request, Captures) {
    const std::vector<broker::SlowRequest> slowest = console.activity().slow_requests();
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const auto page = read_page(request, std::min(slowest.size(), slow_max));
    if (!page) return refuse(request, page.error());
    json::array data;
    for (std::size_t i = page->begin; i < page->end; ++i) data.push_back(slow_object(*image, slowest[i]));
    return ok(list_of(std::move(data), *page));
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/requests/latency", latency, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/requests/waiting", waiting, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/requests/slow", slow, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> request_routes() { return routes; }

}  // namespace mamba::admin
