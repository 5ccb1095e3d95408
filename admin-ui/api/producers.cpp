#include "admin-ui/api/producers.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"

namespace mamba::admin {
namespace {

// A producer id in one partition, which the log knows.
struct Identified {
    ProducerId id;
    std::shared_ptr<const broker::Partition> partition;
    log::ProducerState::Producer state;
    std::optional<broker::ProducerClients::Known> client;
};

// A connection that writes without a producer id, as acks=0 and acks=1 have it. Known as long as it lasts.
struct Anonymous {
    const WatchedConnection* connection = nullptr;
    const broker::TopicState* topic = nullptr;
};

// Of all topics when `topic` is null; by topic, then by connection.
std::vector<Anonymous> anonymous_of(const Connections& connections, const broker::ClusterImage& image,
                                    const broker::TopicState* topic) {
    std::vector<Anonymous> found;
    for (const WatchedConnection& one : connections.all) {
        for (const broker::TopicBytes& bytes : one.info.topics) {
            if (bytes.in == 0 || (topic != nullptr && topic->id != bytes.topic_id)) continue;
            const broker::TopicState* written = image.find_topic(bytes.topic_id);
            if (written != nullptr) found.push_back({&one, written});  // else: deleted since
        }
    }
    std::ranges::sort(found, {}, [](const Anonymous& one) {
        return std::tie(one.topic->name, one.connection->info.id);
    });
    return found;
}

// What the broker has noted of one producer in one partition lately.
struct Irregularities {
    std::uint64_t duplicates = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t fenced = 0;
};
using Noted = std::map<std::pair<ProducerId, TopicPartition>, Irregularities>;

Noted what_was_noted(const broker::Observations& observations) {
    Noted noted;
    for (const broker::ProducerEvent& event : observations.producers.since(0).events) {
        Irregularities& those = noted[{event.producer_id, event.partition}];
        if (event.error == ErrorCode::none) those.duplicates += event.count;
        if (event.error == ErrorCode::out_of_order_sequence_number) those.out_of_order += event.count;
        if (event.error == ErrorCode::invalid_producer_epoch || event.error == ErrorCode::producer_fenced)
            those.fenced += event.count;
    }
    return noted;
}

json::object describe(const Identified& one, const Noted& noted, std::int64_t expiration_ms) {
    const auto& [id, partition, state, client] = one;
    const auto found = noted.find({id, partition->name()});
    const Irregularities those = found == noted.end() ? Irregularities() : found->second;
    const bool is_timed = state.last_timestamp != no_timestamp;
    const Timestamp expires = is_timed ? state.last_timestamp + expiration_ms : no_timestamp;
    const auto kept = state.kept();
    json::array batches;
    for (const auto& batch : kept) {
        batches.push_back({{"first_sequence", batch.first_sequence()},
                           {"last_sequence", batch.last_sequence},
                           {"first_offset", exact(batch.first_offset())},
                           {"last_offset", exact(batch.last_offset)},
                           {"at_ms", time_or_null(batch.timestamp)}});
    }
    return {{"producer_id", exact(id.value)},
            {"epoch", state.epoch.value},
            {"client_id", client ? json::value(text_of(client->client_id)) : json::value()},
            {"address", client ? json::value(client->host) : json::value()},
            {"principal", client ? json::value(text_of(client->principal)) : json::value()},
            {"connection_id", nullptr},
            {"transactional_id", nullptr},
            {"topic", partition->name().topic},
            {"partition", partition->name().partition.value},
            {"last_sequence", state.last_sequence()},
            {"last_offset", kept.empty() ? json::value() : json::value(exact(kept.back().last_offset))},
            {"last_ms", time_or_null(state.last_timestamp)},
            {"txn_start", state.in_transaction() ? json::value(exact(state.transaction_first_offset)) : json::value()},
            {"duplicates", those.duplicates},
            {"out_of_order", those.out_of_order},
            {"fenced", those.fenced},
            {"expires_ms", time_or_null(expires)},
            {"batches", std::move(batches)}};
}

json::object describe(const Anonymous& one, const Connections& looked) {
    const broker::ConnectionInfo& info = one.connection->info;
    const auto idle = std::chrono::duration_cast<std::chrono::milliseconds>(looked.at - info.last_activity);
    return {{"producer_id", nullptr},
            {"epoch", nullptr},
            {"client_id", text_of(info.client.client_id)},
            {"address", info.client.host},
            {"principal", text_of(info.client.principal)},
            {"connection_id", std::to_string(info.id)},
            {"transactional_id", nullptr},
            {"topic", one.topic->name},
            {"partition", nullptr},
            {"last_sequence", nullptr},
            {"last_offset", nullptr},
            {"last_ms", looked.wall.value - std::max<std::int64_t>(0, idle.count())},
            {"txn_start", nullptr},
            {"duplicates", nullptr},
            {"out_of_order", nullptr},
            {"fenced", nullptr},
            {"expires_ms", nullptr},
            {"batches", json::array()}};
}

std::vector<std::shared_ptr<broker::Partition>> partitions_of(broker::Broker& broker,
                                                              const broker::TopicState* topic) {
    if (topic == nullptr) return broker.partitions->all();
    std::vector<std::shared_ptr<broker::Partition>> found;
    for (std::int32_t i = 0; i < topic->partition_count(); ++i) {
        if (auto one = broker.partitions->find(topic->id, PartitionIndex(i))) found.push_back(std::move(one));
    }
    return found;
}

std::vector<Identified> identified_of(broker::Broker& broker, const broker::TopicState* topic) {
    std::vector<Identified> rows;
    for (const auto& partition : partitions_of(broker, topic)) {
        partition->with_log([&](const log::PartitionLog& log) {
            for (const auto& [id, state] : log.producers().producers()) rows.push_back({id, partition, state, {}});
        });
    }
    // Outside of the partitions' mutexes, since it takes one of its own.
    for (Identified& row : rows) row.client = broker.observations->producer_clients.find(row.id);
    std::ranges::sort(rows, {}, [](const Identified& row) { return std::tie(row.partition->name(), row.id); });
    return rows;
}

// Rows of all partitions, or of those of one topic; then the connections that write without a producer id.
Response list_producers(Console& console, const Request& request, const broker::ClusterImage& image,
                        const broker::TopicState* topic) {
    const std::vector<Identified> identified = identified_of(console.broker(), topic);
    const auto looked = console.connections().look(std::chrono::steady_clock::now(), wall_clock());
    std::vector<Anonymous> anonymous = anonymous_of(*looked, image, topic);
    std::set<std::tuple<std::string, std::string, std::string>> known;  // client id, host, topic
    for (const Identified& one : identified) {
        if (one.client) known.emplace(one.client->client_id, one.client->host, one.partition->name().topic);
    }
    std::erase_if(anonymous, [&](const Anonymous& one) {
        const broker::Client& client = one.connection->info.client;
        return known.contains({client.client_id, client.host, one.topic->name});
    });
    const auto page = read_page(request, identified.size() + anonymous.size());
    if (!page) return refuse(request, page.error());
    const std::int64_t expiration_ms = console.broker().configs->broker()->storage.producer_id_expiration_ms;
    const Noted noted = what_was_noted(*console.broker().observations);
    json::array data;
    for (std::size_t i = page->begin; i < page->end; ++i) {
        const bool has_id = i < identified.size();
        data.push_back(has_id ? describe(identified[i], noted, expiration_ms)
                              : describe(anonymous[i - identified.size()], *looked));
    }
    return ok(list_of(std::move(data), *page));
}

Response producers(Console& console, const Request& request, Captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const std::string name = request.parameter("topic").value_or("");
    const broker::TopicState* topic = name.empty() ? nullptr : image->find_topic(name);
    if (!name.empty() && topic == nullptr) return refuse(request, kafka_error(ErrorCode::unknown_topic_or_partition));
    return list_producers(console, request, *image, topic);
}

Response topic_producers(Console& console, const Request& request, Captures captures) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const broker::TopicState* topic = image->find_topic(captures[0]);
    if (topic == nullptr) return refuse(request, kafka_error(ErrorCode::unknown_topic_or_partition));
    return list_producers(console, request, *image, topic);
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/clients/producers", producers, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/topics/{topic}/producers", topic_producers, false, "DESCRIBE topic"},
};

}  // namespace

json::array recent_producers_of(Console& console, const broker::TopicState& topic) {
    constexpr std::int64_t recent_ms = 300'000;
    const Timestamp now = wall_clock();
    std::set<std::string> clients;
    for (const Identified& one : identified_of(console.broker(), &topic)) {
        if (now - one.state.last_timestamp > recent_ms) continue;
        clients.insert(one.client ? one.client->client_id : "producer id " + std::to_string(one.id.value));
    }
    const auto looked = console.connections().look(std::chrono::steady_clock::now(), now);
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    for (const Anonymous& one : anonymous_of(*looked, *image, &topic))
        clients.insert(one.connection->info.client.client_id);
    json::array names;
    for (const std::string& client : clients) names.push_back(text_of(client));
    return names;
}

std::span<const Route> producer_routes() {
    return routes;
}

}  // namespace mamba::admin
