// The subset of Confluent's REST API v3 that tools made for it need: its envelope, links and errors.
//
//     {"kind": "KafkaTopicList", "metadata": {"self": "http://.../topics", "next": null}, "data": [
//       {"kind": "KafkaTopic", "metadata": {"self": "...", "resource_name": "crn:///kafka=C/topic=orders"}, ...}]}
//     {"error_code": 40403, "message": "This server does not host this topic-partition."}
//
// All of it is mounted at /v3 and at /kafka/v3. Source: Confluent REST Proxy API v3, its OpenAPI document.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {

bool is_v3(const Request& request);
Response v3_refuse(const ApiError& error);

// Links and names of what belongs to this cluster, as the visitor reached it.
class V3Links {
public:
    V3Links(Console& console, const Request& request);

    const std::string& cluster_id() const { return cluster_id_; }
    // {"topics", "a"} is ".../v3/clusters/C/topics/a".
    std::string url(std::initializer_list<std::string_view> parts) const;
    json::object related(std::initializer_list<std::string_view> parts) const { return {{"related", url(parts)}}; }
    // {{"topic", "a"}} is "crn:///kafka=C/topic=a".
    std::string resource(std::initializer_list<std::pair<std::string_view, std::string_view>> parts) const;

    // The beginning of a thing: kind, metadata and cluster_id.
    json::object item(std::string_view kind, std::initializer_list<std::string_view> self,
                      std::string resource_name) const;
    Response list(std::string_view kind, std::initializer_list<std::string_view> self, json::array data) const;

private:
    std::string base_;  // ".../v3/clusters/"
    std::string cluster_id_;
};

// Hands a request to `handle` without the cluster's id, once that is this cluster's.
template <Handler handle>
Response of_cluster(Console& console, const Request& request, Captures captures) {
    const std::string& cluster = captures[0];
    if (cluster != console.broker().metadata->image()->cluster_id()) {
        return v3_refuse({.status = 404, .message = "Cluster " + cluster + " cannot be found."});
    }
    return handle(console, request, captures.subspan(1));
}

// A route below ".../clusters/{cluster}", such as "/topics/{topic}"; its handler comes from of_cluster.
struct V3Route {
    Method method = Method::get;
    std::string path;
    Handler handle = nullptr;
    bool changes = false;
    std::string_view operation;
};
// At /v3 and at /kafka/v3. Called once for each table: what it gives names patterns that are kept for good.
std::vector<Route> mount(std::span<const V3Route> routes);
// The same for the path that names no cluster, "/clusters".
std::vector<Route> mount_clusters(Handler handle, std::string_view operation);

}  // namespace mamba::admin
