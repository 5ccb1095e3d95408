#include "admin-ui/api/paging.h"

#include <algorithm>
#include <charconv>

#include "protocol/api.h"

namespace mamba::admin {

std::optional<std::int64_t> read_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty() || number < 0) return std::nullopt;
    return number;
}

std::expected<Page, ApiError> read_page(const Request& request, std::size_t rows) {
    const auto number = [&](std::string_view name, std::int64_t otherwise) -> std::optional<std::int64_t> {
        const auto text = request.parameter(name);
        return text ? read_number(*text) : otherwise;
    };
    const auto limit = number("limit", rows_max);
    const auto cursor = number("cursor", 0);
    if (!limit || *limit < 1 || *limit > rows_max) {
        return std::unexpected(
            ApiError{.message = "limit must be a whole number from 1 to " + std::to_string(rows_max)});
    }
    if (!cursor) return std::unexpected(ApiError{.message = "cursor must be one that an answer has given out"});
    const std::size_t begin = std::min(static_cast<std::size_t>(*cursor), rows);
    return Page{begin, begin + std::min(static_cast<std::size_t>(*limit), rows - begin), rows};
}

json::object list_of(json::array data, const Page& page) {
    return {{"data", std::move(data)},
            {"next", page.end < page.rows ? json::value(std::to_string(page.end)) : json::value()}};
}

json::value number_or_null(std::optional<double> number) {
    if (!number) return nullptr;
    return *number;
}

json::value text_or_null(std::string_view text) {
    if (text.empty()) return nullptr;
    return text_of(text);
}

std::string_view api_name(std::int16_t api_key) {
    const protocol::ApiInfo* api = protocol::find_api(api_key);
    return api == nullptr ? "?" : api->name;
}

}  // namespace mamba::admin
