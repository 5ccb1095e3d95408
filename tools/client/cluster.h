// A cluster as its clients see it: who leads which partition, and one connection to each broker.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/messages/metadata.h"
#include "tools/client/connection.h"

namespace mamba::client {

class Cluster {
public:
    // Tries each address of `bootstrap`, a list separated by commas, until one answers.
    static std::expected<Cluster, Error> connect(std::string_view bootstrap,
                                                 ConnectionOptions options);

    // What the cluster says about `topics`; about all of them when there are none. Topics that
    // do not exist carry their error code and are not created.
    std::expected<protocol::MetadataResponse, Error> metadata(
        const std::optional<std::vector<std::string>>& topics = std::nullopt);
    // One topic that exists: an error sentence otherwise.
    std::expected<protocol::MetadataResponse::MetadataResponseTopic, Error> topic(
        const std::string& name);

    // The broker that was found first; fit for anything that needs no particular one.
    Connection& any() { return bootstrap_; }
    std::expected<Connection*, Error> broker(BrokerId id);
    std::expected<Connection*, Error> controller();
    // Asks once; see with_coordinator() for one that is still on its way.
    std::expected<Connection*, Error> group_coordinator(const std::string& group);
    // The ids of all brokers, after metadata was asked for.
    std::vector<BrokerId> brokers() const;

private:
    Cluster(Connection bootstrap, ConnectionOptions options)
        : bootstrap_(std::move(bootstrap)), options_(std::move(options)) {}

    std::expected<Connection*, Error> connection_to(const Address& address);

    Connection bootstrap_;
    ConnectionOptions options_;
    std::map<BrokerId, Address> addresses_;
    std::map<std::string, Connection> connections_;  // by address
    BrokerId controller_ = no_broker;
};

}  // namespace mamba::client
