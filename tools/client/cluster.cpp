#include "tools/client/cluster.h"

#include <fmt/format.h>

#include "protocol/messages/find_coordinator.h"

namespace mamba::client {

std::expected<Cluster, Error> Cluster::connect(std::string_view bootstrap,
                                               ConnectionOptions options) {
    Error last{Failure::usage, "the list of bootstrap addresses is empty"};
    while (!bootstrap.empty()) {
        const std::size_t comma = std::min(bootstrap.find(','), bootstrap.size());
        const auto address = Address::parse(bootstrap.substr(0, comma));
        bootstrap.remove_prefix(std::min(comma + 1, bootstrap.size()));
        if (!address) return std::unexpected(address.error());
        auto connection = Connection::connect(*address, options);
        if (connection) return Cluster(std::move(*connection), std::move(options));
        last = connection.error();
    }
    return std::unexpected(last);
}

std::expected<protocol::MetadataResponse, Error> Cluster::metadata(
    const std::optional<std::vector<std::string>>& topics) {
    protocol::MetadataRequest request;
    request.allow_auto_topic_creation = false;
    if (topics) {
        for (const std::string& name : *topics) request.topics->emplace_back().name = name;
    } else {
        request.topics.reset();
    }
    auto answer = bootstrap_.call<protocol::MetadataResponse>(request);
    if (!answer) return answer;
    for (const auto& broker : answer->brokers) {
        addresses_[BrokerId(broker.node_id)] = {broker.host,
                                                static_cast<std::uint16_t>(broker.port)};
    }
    controller_ = BrokerId(answer->controller_id);
    return answer;
}

std::expected<protocol::MetadataResponse::MetadataResponseTopic, Error> Cluster::topic(
    const std::string& name) {
    auto answer = metadata(std::vector{name});
    if (!answer) return std::unexpected(answer.error());
    for (auto& topic : answer->topics) {
        if (topic.name != name) continue;
        if (topic.error_code != 0) {
            return std::unexpected(
                refusal("topic " + name, static_cast<ErrorCode>(topic.error_code)));
        }
        return std::move(topic);
    }
    return std::unexpected(Error{Failure::malformed, "the broker says nothing of topic " + name});
}

std::expected<Connection*, Error> Cluster::broker(BrokerId id) {
    if (!addresses_.contains(id)) {
        if (const auto answer = metadata(std::vector<std::string>{}); !answer) {
            return std::unexpected(answer.error());
        }
    }
    const auto found = addresses_.find(id);
    if (found == addresses_.end()) {
        return std::unexpected(
            Error{Failure::unreachable, fmt::format("broker {} is not in the cluster", id.value)});
    }
    return connection_to(found->second);
}

std::expected<Connection*, Error> Cluster::controller() {
    if (const auto answer = metadata(std::vector<std::string>{}); !answer) {
        return std::unexpected(answer.error());
    }
    if (controller_ == no_broker) return &bootstrap_;
    return broker(controller_);
}

std::expected<Connection*, Error> Cluster::group_coordinator(const std::string& group) {
    protocol::FindCoordinatorRequest request;
    request.key = group;
    request.coordinator_keys = {group};
    const auto answer = bootstrap_.call<protocol::FindCoordinatorResponse>(request);
    if (!answer) return std::unexpected(answer.error());
    protocol::FindCoordinatorResponse::Coordinator found;
    found.error_code = answer->error_code;
    found.host = answer->host;
    found.port = answer->port;
    if (!answer->coordinators.empty()) found = answer->coordinators.front();
    if (found.error_code != 0) {
        return std::unexpected(
            refusal("coordinator of group " + group, static_cast<ErrorCode>(found.error_code)));
    }
    return connection_to({found.host, static_cast<std::uint16_t>(found.port)});
}

std::vector<BrokerId> Cluster::brokers() const {
    std::vector<BrokerId> ids;
    for (const auto& [id, address] : addresses_) ids.push_back(id);
    return ids;
}

std::expected<Connection*, Error> Cluster::connection_to(const Address& address) {
    if (address == bootstrap_.address()) return &bootstrap_;
    const std::string name = address.to_string();
    auto found = connections_.find(name);
    if (found == connections_.end()) {
        auto connection = Connection::connect(address, options_);
        if (!connection) return std::unexpected(connection.error());
        found = connections_.emplace(name, std::move(*connection)).first;
    }
    return &found->second;
}

}  // namespace mamba::client
