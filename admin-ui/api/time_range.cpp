#include "admin-ui/api/time_range.h"

#include "admin-ui/api/paging.h"

namespace mamba::admin {
namespace {

constexpr std::int64_t range_ms_max = 366 * 86'400'000LL;

std::optional<std::int64_t> unit_ms(char unit) {
    switch (unit) {
        case 's':
            return 1000;
        case 'm':
            return 60'000;
        case 'h':
            return 3'600'000;
        case 'd':
            return 86'400'000;
        default:
            return std::nullopt;
    }
}

std::optional<std::int64_t> parse_range(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto unit = unit_ms(text.back());
    const auto number = read_number(text.substr(0, text.size() - 1));
    if (!unit || !number || *number < 1 || *number > range_ms_max / *unit) return std::nullopt;
    return *number * *unit;
}

}  // namespace

std::expected<TimeRange, ApiError> read_time_range(const Request& request, Timestamp now, std::int64_t ms_otherwise) {
    if (const auto range = request.parameter("range")) {
        const auto ms = parse_range(*range);
        if (!ms)
            return std::unexpected(
                ApiError{.message = "range must be a number with s, m, h or d behind it, such as 15m"});
        return TimeRange{now - *ms, now};
    }
    const auto from = request.parameter("from");
    if (!from) return TimeRange{now - ms_otherwise, now};
    const auto from_ms = read_number(*from);
    const auto to_ms = read_number(request.parameter("to").value_or(std::to_string(now.value)));
    if (!from_ms || !to_ms || *from_ms >= *to_ms || *to_ms - *from_ms > range_ms_max) {
        return std::unexpected(ApiError{.message = "from and to must be times in ms since 1970, from before to"});
    }
    return TimeRange{Timestamp(*from_ms), Timestamp(*to_ms)};
}

}  // namespace mamba::admin
