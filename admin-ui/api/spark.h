// A series as a few points, for a line as small as a word.
#pragma once

#include <string_view>

#include "admin-ui/history.h"
#include "admin-ui/json.h"

namespace mamba::admin {

// 30 values of a metric such as "topic.bytes_in" over the last 5 minutes, oldest first, null where
// nothing is known; null when the subject has no past.
json::value spark_of(const History& history, std::string_view metric, std::string_view subject, Timestamp now);

}  // namespace mamba::admin
