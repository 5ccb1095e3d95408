// v3: the cluster and its brokers.
#include <charconv>

#include "admin-ui/api/routes.h"
#include "admin-ui/api/v3.h"

namespace mamba::admin {
namespace {

json::object cluster_of(Console& console, const Request& request) {
    const V3Links links(console, request);
    json::object cluster = links.item("KafkaCluster", {}, links.resource({}));
    cluster["controller"] = links.related({"brokers", std::to_string(console.broker_id().value)});
    cluster["acls"] = links.related({"acls"});
    cluster["brokers"] = links.related({"brokers"});
    cluster["broker_configs"] = links.related({"broker-configs"});
    cluster["consumer_groups"] = links.related({"consumer-groups"});
    cluster["topics"] = links.related({"topics"});
    cluster["partition_reassignments"] = links.related({"topics", "-", "partitions", "-", "reassignment"});
    return cluster;
}

Response clusters(Console& console, const Request& request, Captures) {
    json::object cluster = cluster_of(console, request);
    const std::string self(cluster.at("metadata").at("self").as_string());
    return ok({{"kind", "KafkaClusterList"},
               {"metadata", {{"self", self.substr(0, self.rfind('/'))}, {"next", nullptr}}},
               {"data", json::array{std::move(cluster)}}});
}

Response cluster(Console& console, const Request& request, Captures) { return ok(cluster_of(console, request)); }

json::object describe(const broker::BrokerRegistration& broker, const V3Links& links) {
    const std::string id = std::to_string(broker.id.value);
    json::object object = links.item("KafkaBroker", {"brokers", id}, links.resource({{"broker", id}}));
    const broker::Endpoint* endpoint = broker.endpoints.empty() ? nullptr : &broker.endpoints.front();
    object["broker_id"] = broker.id.value;
    object["host"] = endpoint == nullptr ? json::value() : json::value(endpoint->host);
    object["port"] = endpoint == nullptr ? json::value() : json::value(endpoint->port);
    object["rack"] = broker.rack ? json::value(*broker.rack) : json::value();
    object["configs"] = links.related({"brokers", id, "configs"});
    object["partition_replicas"] = links.related({"brokers", id, "partition-replicas"});
    return object;
}

Response brokers(Console& console, const Request& request, Captures) {
    const V3Links links(console, request);
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    json::array data;
    for (const auto& [id, broker] : image->brokers()) data.push_back(describe(broker, links));
    return links.list("KafkaBrokerList", {"brokers"}, std::move(data));
}

Response broker(Console& console, const Request& request, Captures captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const std::string& text = captures[0];
    std::int32_t id = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    const broker::BrokerRegistration* found = is_number ? image->find_broker(BrokerId(id)) : nullptr;
    if (found == nullptr) return v3_refuse({.status = 404, .message = "Broker " + text + " cannot be found."});
    return ok(describe(*found, V3Links(console, request)));
}

const V3Route routes[] = {
    {Method::get, "", of_cluster<cluster>, false, "DESCRIBE cluster"},
    {Method::get, "/brokers", of_cluster<brokers>, false, "DESCRIBE cluster"},
    {Method::get, "/brokers/{broker}", of_cluster<broker>, false, "DESCRIBE cluster"},
};

}  // namespace

std::vector<Route> v3_cluster_routes() {
    std::vector<Route> all = mount_clusters(clusters, "DESCRIBE cluster");
    for (const Route& route : mount(routes)) all.push_back(route);
    return all;
}

}  // namespace mamba::admin
