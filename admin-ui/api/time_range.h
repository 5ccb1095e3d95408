// Which time a request asks about: `range=15m` (s, m, h or d) up to now, or `from=` and `to=` in ms.
#pragma once

#include <expected>

#include "admin-ui/json.h"

namespace mamba::admin {

struct TimeRange {
    Timestamp from;
    Timestamp to;
};
std::expected<TimeRange, ApiError> read_time_range(const Request& request, Timestamp now, std::int64_t ms_otherwise);

}  // namespace mamba::admin
