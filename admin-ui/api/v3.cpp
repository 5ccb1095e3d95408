#include "admin-ui/api/v3.h"

#include <fmt/format.h>

#include <deque>
#include <mutex>

namespace mamba::admin {
namespace {

constexpr std::string_view long_root = "/kafka/v3/";
constexpr std::string_view short_root = "/v3/";

std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view plain = "-._~";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_letter || plain.find(c) != std::string_view::npos) {
            result += c;
        } else {
            result += '%';
            result += digits[byte >> 4];
            result += digits[byte & 15];
        }
    }
    return result;
}

// Patterns of routes are views.
std::string_view kept(std::string pattern) {
    static std::mutex mutex;
    static std::deque<std::string> patterns;
    const std::lock_guard lock(mutex);
    return patterns.emplace_back(std::move(pattern));
}

// Confluent's codes tell more than the status, as 40403 does.
int code_of(const ApiError& error) {
    if (error.kafka == ErrorCode::none) return error.status;
    if (error.kafka == ErrorCode::unknown_topic_or_partition) return 40403;
    switch (error.status) {
        case 403:
            return 40301;
        case 404:
            return 404;
        case 500:
        case 503:
            return 50003;
        default:
            return 40002;
    }
}

}  // namespace

bool is_v3(const Request& request) {
    return request.path.starts_with(short_root) || request.path.starts_with(long_root);
}

Response v3_refuse(const ApiError& error) {
    std::string_view message = error.message;
    if (error.kafka == ErrorCode::unknown_topic_or_partition)
        message = "This server does not host this topic-partition.";
    Response response = ok({{"error_code", code_of(error)}, {"message", text_of(message)}});
    // What exists already or is in use is a bad request there.
    response.status = error.kafka != ErrorCode::none && error.status == 409 ? 400 : error.status;
    return response;
}

V3Links::V3Links(Console& console, const Request& request)
    : cluster_id_(console.broker().metadata->image()->cluster_id()) {
    const std::string_view root = request.path.starts_with(long_root) ? long_root : short_root;
    base_ = fmt::format("{}://{}{}{}clusters/", request.scheme, request.host(), request.base_path, root);
}

std::string V3Links::url(std::initializer_list<std::string_view> parts) const {
    std::string url = base_ + encoded(cluster_id_);
    for (const std::string_view part : parts) url += '/' + encoded(part);
    return url;
}

std::string V3Links::resource(std::initializer_list<std::pair<std::string_view, std::string_view>> parts) const {
    std::string name = "crn:///kafka=" + encoded(cluster_id_);
    for (const auto& [type, value] : parts) name += '/' + std::string(type) + '=' + encoded(value);
    return name;
}

json::object V3Links::item(std::string_view kind, std::initializer_list<std::string_view> self,
                           std::string resource_name) const {
    return {{"kind", kind},
            {"metadata", {{"self", url(self)}, {"resource_name", std::move(resource_name)}}},
            {"cluster_id", cluster_id_}};
}

Response V3Links::list(std::string_view kind, std::initializer_list<std::string_view> self, json::array data) const {
    return ok({{"kind", kind}, {"metadata", {{"self", url(self)}, {"next", nullptr}}}, {"data", std::move(data)}});
}

std::vector<Route> mount(std::span<const V3Route> routes) {
    std::vector<Route> all;
    for (const std::string_view root : {short_root, long_root}) {
        for (const V3Route& route : routes) {
            const std::string_view pattern = kept(std::string(root) + "clusters/{cluster}" + route.path);
            all.push_back({route.method, pattern, route.handle, route.changes, route.operation});
        }
    }
    return all;
}

std::vector<Route> mount_clusters(Handler handle, std::string_view operation) {
    std::vector<Route> all;
    for (const std::string_view root : {short_root, long_root}) {
        all.push_back({Method::get, kept(std::string(root) + "clusters"), handle, false, operation});
    }
    return all;
}

}  // namespace mamba::admin
