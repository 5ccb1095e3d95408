// How the API writes and reads JSON.
//
// Every Kafka int64 (offset, size, count, producer id) is a string, so that a browser's doubles do
// not round it; times and durations are numbers named *_ms and *_us; what is not known is null.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin-ui/http.h"
#include "protocol/error_code.h"
#include "protocol/types.h"

namespace mamba::admin {

namespace json = boost::json;

inline json::string exact(std::int64_t number) { return json::string(std::to_string(number)); }
inline json::string exact(std::uint64_t number) { return json::string(std::to_string(number)); }
inline json::string exact(Offset offset) { return exact(offset.value); }
json::value exact_or_null(std::optional<std::int64_t> number);
json::value time_or_null(Timestamp time);  // no_timestamp is null
// Text as a client sent it: what is not UTF-8 becomes U+FFFD, byte by byte.
json::string text_of(std::string_view bytes);

// Why a request was refused: an HTTP status, Kafka's error where there is one, a sentence.
struct ApiError {
    int status = 400;
    ErrorCode kafka = ErrorCode::none;
    std::string message;
    json::object detail{};
};
// The status that fits Kafka's error, for errors of what was asked about.
int http_status(ErrorCode code);
// Kafka's error with its own words, or ours when it has none.
ApiError kafka_error(ErrorCode code, std::string_view message = {});
json::object error_body(const ApiError& error, std::string_view request_id);

Response ok(const json::value& body);
Response no_content();
Response refuse(const Request& request, const ApiError& error);

// Reads a JSON object field by field. The first thing that is wrong is kept: a type, a range, a
// field that is missing, and at the end one that nobody asked for.
class Fields {
public:
    // Of a request's body; an empty body is an object without fields.
    explicit Fields(const Request& request);
    // Of a part of one, which outlives this; `where` names it in errors.
    explicit Fields(const json::object& fields, std::string where = {});
    explicit Fields(const json::value& value, std::string where = {});
    Fields(json::value&&, std::string = {}) = delete;
    Fields(json::object&&, std::string = {}) = delete;
    Fields(const Fields&) = delete;
    Fields& operator=(const Fields&) = delete;

    std::string text(std::string_view name);
    std::string text(std::string_view name, std::string_view otherwise);
    std::optional<std::string> text_or_null(std::string_view name);  // missing, or null
    bool flag(std::string_view name, bool otherwise);
    // A number, or a string of digits.
    std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max, std::int64_t otherwise);
    std::optional<std::int64_t> integer_or_null(std::string_view name, std::int64_t min, std::int64_t max);
    std::vector<std::string> texts(std::string_view name);
    // Null when missing or null.
    const json::object* object(std::string_view name);
    const json::array* array(std::string_view name);
    bool has(std::string_view name) const;

    // To be looked at before anything is done.
    std::optional<ApiError> error();
    void wrong(std::string_view name, std::string_view what);
    // What is wrong with an object inside of this one is wrong here.
    void check(Fields& inner);

private:
    const json::value* find(std::string_view name);
    const json::value* need(std::string_view name);

    json::value parsed_;
    const json::object* fields_ = nullptr;
    std::string where_;
    std::vector<std::string> asked_for_;
    std::optional<ApiError> error_;
};

}  // namespace mamba::admin
