#include "admin-ui/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>

namespace mamba::admin {
namespace {

constexpr std::size_t depth_max = 32;

// The length of the UTF-8 sequence that `text` begins with; 0 when it begins with none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    const unsigned char second = byte(1);
    const bool is_overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool is_surrogate = first == 0xED && second > 0x9F;
    const bool is_too_large = first == 0xF4 && second > 0x8F;
    return is_overlong || is_surrogate || is_too_large ? 0 : length;
}

bool to_integer(const json::value& value, std::int64_t& into) {
    if (value.is_int64()) {
        into = value.get_int64();
        return true;
    }
    if (!value.is_string()) return false;
    const json::string& text = value.get_string();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// For errors that come without a text.
std::string_view sentence_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::unknown_topic_or_partition:
            return "this broker has no such topic or partition";
        case ErrorCode::unknown_topic_id:
            return "this broker has no topic of that id";
        case ErrorCode::group_id_not_found:
            return "there is no such group";
        case ErrorCode::non_empty_group:
            return "the group has members; stop them first";
        case ErrorCode::group_subscribed_to_topic:
            return "the group is subscribed to the topic";
        case ErrorCode::unknown_member_id:
            return "the group has no such member";
        case ErrorCode::offset_out_of_range:
            return "the offset is outside of what the partition holds";
        case ErrorCode::topic_deletion_disabled:
            return "topics cannot be deleted while delete.topic.enable is false";
        case ErrorCode::coordinator_load_in_progress:
            return "the groups are still being loaded; try again shortly";
        case ErrorCode::kafka_storage_error:
            return "the disk of this partition has failed";
        case ErrorCode::request_timed_out:
            return "it was not done in time; it may still come about";
        case ErrorCode::message_too_large:
            return "the record is larger than the topic allows (max.message.bytes)";
        default:
            return name_of(code);
    }
}

}  // namespace

json::value exact_or_null(std::optional<std::int64_t> number) {
    if (!number) return nullptr;
    return exact(*number);
}

json::value time_or_null(Timestamp time) {
    if (time == no_timestamp) return nullptr;
    return time.value;
}

json::string text_of(std::string_view bytes) {
    json::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const std::size_t length = utf8_length(bytes);
        if (length == 0) {
            text += "\xEF\xBF\xBD";
            bytes.remove_prefix(1);
        } else {
            text.append(bytes.substr(0, length));
            bytes.remove_prefix(length);
        }
    }
    return text;
}

int http_status(ErrorCode code) {
    switch (code) {
        case ErrorCode::none:
            return 200;
        case ErrorCode::unknown_topic_or_partition:
        case ErrorCode::unknown_topic_id:
        case ErrorCode::group_id_not_found:
        case ErrorCode::unknown_member_id:
        case ErrorCode::offset_out_of_range:
            return 404;
        case ErrorCode::topic_authorization_failed:
        case ErrorCode::group_authorization_failed:
        case ErrorCode::cluster_authorization_failed:
        case ErrorCode::topic_deletion_disabled:
            return 403;
        case ErrorCode::topic_already_exists:
        case ErrorCode::non_empty_group:
        case ErrorCode::group_subscribed_to_topic:
            return 409;
        case ErrorCode::message_too_large:
        case ErrorCode::record_list_too_large:
            return 413;
        case ErrorCode::coordinator_load_in_progress:
        case ErrorCode::coordinator_not_available:
        case ErrorCode::not_coordinator:
        case ErrorCode::not_leader_or_follower:
        case ErrorCode::leader_not_available:
        case ErrorCode::kafka_storage_error:
        case ErrorCode::request_timed_out:
        case ErrorCode::broker_not_available:
            return 503;
        case ErrorCode::unknown_server_error:
            return 500;
        default:
            return 400;
    }
}

ApiError kafka_error(ErrorCode code, std::string_view message) {
    return {http_status(code), code, std::string(message.empty() ? sentence_of(code) : message)};
}

json::object error_body(const ApiError& error, std::string_view request_id) {
    json::object inner{{"status", error.status},
                       {"kafka_code", nullptr},
                       {"kafka_name", nullptr},
                       {"message", text_of(error.message)},
                       {"detail", error.detail},
                       {"request_id", request_id}};
    if (error.kafka != ErrorCode::none) {
        inner["kafka_code"] = to_wire(error.kafka);
        inner["kafka_name"] = name_of(error.kafka);
    }
    return {{"error", std::move(inner)}};
}

Response ok(const json::value& body) {
    Response response;
    response.body = json::serialize(body);
    return response;
}

Response no_content() {
    Response response;
    response.status = 204;
    response.content_type.clear();
    return response;
}

Response refuse(const Request& request, const ApiError& error) {
    Response response = ok(error_body(error, request.id));
    response.status = error.status;
    return response;
}

Fields::Fields(const Request& request) {
    if (request.body.empty()) {
        parsed_ = json::object();
    } else {
        json::parse_options options;
        options.max_depth = depth_max;
        boost::system::error_code failed;
        parsed_ = json::parse(request.body, failed, {}, options);
        if (failed) {
            error_ = ApiError{.message = "the body is not JSON: " + failed.message()};
            return;
        }
    }
    fields_ = parsed_.if_object();
    if (fields_ == nullptr) error_ = ApiError{.message = "the body is not a JSON object"};
}

Fields::Fields(const json::object& fields, std::string where) : fields_(&fields), where_(std::move(where)) {
    if (!where_.empty()) where_ += '.';
}

Fields::Fields(const json::value& value, std::string where) : fields_(value.if_object()), where_(std::move(where)) {
    if (fields_ == nullptr) error_ = ApiError{.message = (where_.empty() ? "the body" : where_) + " is not an object"};
    if (!where_.empty()) where_ += '.';
}

const json::value* Fields::find(std::string_view name) {
    asked_for_.emplace_back(name);
    if (fields_ == nullptr) return nullptr;
    const json::value* value = fields_->if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

const json::value* Fields::need(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) wrong(name, "is missing");
    return value;
}

void Fields::wrong(std::string_view name, std::string_view what) {
    if (!error_) error_ = ApiError{.message = fmt::format("{}{} {}", where_, name, what)};
}

void Fields::check(Fields& inner) {
    const auto error = inner.error();
    if (!error_) error_ = error;
}

std::string Fields::text(std::string_view name) {
    const json::value* value = need(name);
    if (value == nullptr) return {};
    if (!value->is_string()) {
        wrong(name, "must be a string");
        return {};
    }
    return std::string(value->get_string());
}

std::string Fields::text(std::string_view name, std::string_view otherwise) {
    return text_or_null(name).value_or(std::string(otherwise));
}

std::optional<std::string> Fields::text_or_null(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
        wrong(name, "must be a string");
        return std::nullopt;
    }
    return std::string(value->get_string());
}

bool Fields::flag(std::string_view name, bool otherwise) {
    const json::value* value = find(name);
    if (value == nullptr) return otherwise;
    if (!value->is_bool()) {
        wrong(name, "must be true or false");
        return otherwise;
    }
    return value->get_bool();
}

std::optional<std::int64_t> Fields::integer_or_null(std::string_view name, std::int64_t min, std::int64_t max) {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    std::int64_t number = 0;
    if (!to_integer(*value, number)) {
        wrong(name, "must be a whole number");
        return std::nullopt;
    }
    if (number < min || number > max) {
        wrong(name, fmt::format("must be from {} to {}", min, max));
        return std::nullopt;
    }
    return number;
}

std::int64_t Fields::integer(std::string_view name, std::int64_t min, std::int64_t max, std::int64_t otherwise) {
    return integer_or_null(name, min, max).value_or(otherwise);
}

std::int64_t Fields::integer(std::string_view name, std::int64_t min, std::int64_t max) {
    if (!has(name)) wrong(name, "is missing");
    return integer_or_null(name, min, max).value_or(min);
}

std::vector<std::string> Fields::texts(std::string_view name) {
    std::vector<std::string> all;
    const json::array* list = array(name);
    if (list == nullptr) return all;
    for (const json::value& value : *list) {
        if (!value.is_string()) {
            wrong(name, "must be a list of strings");
            return {};
        }
        all.emplace_back(value.get_string());
    }
    return all;
}

const json::object* Fields::object(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) wrong(name, "must be an object");
    return value->if_object();
}

const json::array* Fields::array(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_array()) wrong(name, "must be a list");
    return value->if_array();
}

bool Fields::has(std::string_view name) const {
    if (fields_ == nullptr) return false;
    const json::value* value = fields_->if_contains(name);
    return value != nullptr && !value->is_null();
}

std::optional<ApiError> Fields::error() {
    if (error_ || fields_ == nullptr) return error_;
    for (const auto& field : *fields_) {
        if (std::ranges::find(asked_for_, std::string_view(field.key())) == asked_for_.end()) {
            wrong(std::string(field.key()), "is not a field that is known here");
        }
    }
    return error_;
}

}  // namespace mamba::admin
