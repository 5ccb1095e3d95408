#include "admin-ui/api/spark.h"

#include <cassert>
#include <cmath>

namespace mamba::admin {

json::value spark_of(const History& history, std::string_view metric, std::string_view subject, Timestamp now) {
    constexpr std::int64_t step_ms = 10'000;
    constexpr std::int64_t points = 30;
    const auto known = History::find_metric(metric);
    assert(known);
    const auto [kind, index] = *known;
    const auto past = history.find(kind, subject, index, now - (points - 1) * step_ms, now, step_ms);
    if (!past) return nullptr;
    json::array values;
    values.reserve(past->values.size());
    for (const float value : past->values) {
        values.push_back(std::isnan(value) ? json::value() : json::value(value));
    }
    return values;
}

}  // namespace mamba::admin
