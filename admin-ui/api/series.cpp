// The past as series, for charts.
#include <algorithm>
#include <map>

#include "admin-ui/api/live.h"
#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/api/time_range.h"
#include "admin-ui/console.h"

namespace mamba::admin {
namespace {

using Kind = History::Kind;

constexpr std::int64_t range_ms_otherwise = 15 * 60'000;
constexpr std::int64_t points_max = 1500;
constexpr std::size_t series_max = 200;

struct Wanted {
    std::string name;
    Kind kind;
    std::size_t metric;
    std::string label;    // "topic"; empty for the broker's
    std::string subject;
};

std::string_view label_of(Kind kind) { return kind == Kind::topic ? "topic" : kind == Kind::group ? "group" : ""; }

// `labels=topic:a&labels=topic:b`, each "name:value".
std::expected<std::vector<Wanted>, ApiError> read_wanted(const Request& request) {
    std::multimap<std::string, std::string, std::less<>> labels;
    for (auto [label, end] = request.query.equal_range("labels"); label != end; ++label) {
        const std::size_t colon = label->second.find(':');
        if (colon == std::string::npos)
            return std::unexpected(ApiError{.message = "labels must be such as topic:orders"});
        labels.emplace(label->second.substr(0, colon), label->second.substr(colon + 1));
    }
    std::vector<Wanted> wanted;
    const std::string names = request.parameter("names").value_or("");
    for (std::string_view rest = names; !rest.empty();) {
        const std::string_view name = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
        const auto metric = History::find_metric(name);
        if (!metric) return std::unexpected(ApiError{.message = "there is no series '" + std::string(name) + "'"});
        const std::string_view label = label_of(metric->first);
        if (label.empty()) {
            wanted.push_back({std::string(name), metric->first, metric->second, "", ""});
            continue;
        }
        const auto [begin, end] = labels.equal_range(label);
        if (begin == end) {
            return std::unexpected(
                ApiError{.message = std::string(name) + " needs labels=" + std::string(label) + ":..."});
        }
        for (auto subject = begin; subject != end; ++subject) {
            wanted.push_back({std::string(name), metric->first, metric->second, std::string(label), subject->second});
        }
    }
    if (wanted.empty())
        return std::unexpected(ApiError{.message = "names must say which series, such as broker.bytes_in"});
    if (wanted.size() > series_max) {
        return std::unexpected(ApiError{.message = "these are more than " + std::to_string(series_max) + " series"});
    }
    return wanted;
}

Response series(Console& console, const Request& request, Captures) {
    const Timestamp now = console.sampler().latest()->at;
    const auto range = read_time_range(request, now, range_ms_otherwise);
    if (!range) return refuse(request, range.error());
    const auto step_min = read_number(request.parameter("step").value_or("0"));
    if (!step_min || *step_min > 86'400'000) {
        return refuse(request, {.message = "step must be a number of milliseconds, a day at most"});
    }
    const auto wanted = read_wanted(request);
    if (!wanted) return refuse(request, wanted.error());
    // All share one step, so that they share their times.
    std::int64_t step_ms = 0;
    for (const Wanted& one : *wanted) {
        step_ms = std::max(step_ms, History::choose_step(one.kind, now, range->from, range->to, *step_min, points_max));
    }
    json::array all;
    Timestamp from = range->from;
    for (const Wanted& one : *wanted) {
        const History::Points points =
            console.sampler().history().read(one.kind, one.subject, one.metric, range->from, range->to, step_ms);
        from = points.from;
        json::array values;
        values.reserve(points.values.size());
        for (const float value : points.values) values.push_back(number_or_null_if_nan(value));
        json::object labels;
        if (!one.label.empty()) labels[one.label] = text_of(one.subject);
        all.push_back({{"name", one.name}, {"labels", std::move(labels)}, {"v", std::move(values)}});
    }
    return ok({{"from_ms", from.value}, {"step_ms", step_ms}, {"series", std::move(all)}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/metrics/series", series, false, "DESCRIBE cluster"},
};

}  // namespace

std::span<const Route> series_routes() { return routes; }

}  // namespace mamba::admin
