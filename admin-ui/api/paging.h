// What lists of the API have in common: pages of `limit` rows from a `cursor` on.
#pragma once

#include <expected>
#include <optional>
#include <string_view>

#include "admin-ui/json.h"

namespace mamba::admin {

inline constexpr std::int64_t rows_max = 10'000;  // of one answer

// Rows [begin, end) of so many.
struct Page {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t rows = 0;
};
// From the query's `limit` and `cursor`; without them the first `rows_max` rows.
std::expected<Page, ApiError> read_page(const Request& request, std::size_t rows);
// {"data", "next"}: the rows of the page, and the cursor of the next one or null.
json::object list_of(json::array data, const Page& page);

// A whole decimal number, nothing around it; not negative.
std::optional<std::int64_t> read_number(std::string_view text);

json::value number_or_null(std::optional<double> number);
json::value text_or_null(std::string_view text);  // empty is null
std::string_view api_name(std::int16_t api_key);

}  // namespace mamba::admin
