// The brokers of the cluster: who they are, what lies on their disks, how they are set up.
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "admin-ui/api/broker_rows.h"
#include "admin-ui/api/config_entries.h"
#include "admin-ui/api/live.h"
#include "admin-ui/api/paging.h"
#include "admin-ui/api/routes.h"
#include "admin-ui/asking.h"
#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "protocol/messages/describe_log_dirs.h"

namespace mamba::admin {
namespace {

using broker::BrokerRegistration;
using broker::ClusterImagePtr;
using broker::ConfigResource;
using broker::ConfigResourceType;

struct Room {
    std::int64_t total = 0;
    std::int64_t usable = 0;
};
// Of the file systems that the log dirs are on, each counted once.
Room room_of(broker::Broker& broker) {
    Room room;
    std::set<unsigned long> seen;
    for (const auto& dir : broker.partitions->dirs()) {
        struct statvfs volume{};
        if (::statvfs(dir->dir->path().c_str(), &volume) != 0 || !seen.insert(volume.f_fsid).second) continue;
        room.total += static_cast<std::int64_t>(volume.f_blocks * volume.f_frsize);
        room.usable += static_cast<std::int64_t>(volume.f_bavail * volume.f_frsize);
    }
    return room;
}

struct Placement {
    std::int64_t partitions = 0;
    std::int64_t leaders = 0;
};
Placement placement_of(const broker::ClusterImage& image, BrokerId id) {
    Placement placement;
    image.for_each_topic([&](const broker::TopicState& topic) {
        for (const broker::PartitionState& partition : topic.partitions) {
            placement.partitions += std::ranges::find(partition.replicas, id) != partition.replicas.end();
            placement.leaders += partition.leader == id;
        }
    });
    return placement;
}

std::string address_of(std::string_view host, std::int32_t port) {
    return host.find(':') == std::string_view::npos ? fmt::format("{}:{}", host, port)
                                                    : fmt::format("[{}]:{}", host, port);
}

json::array listeners_of(Console& console, const BrokerRegistration& broker) {
    json::array all;
    const auto config = console.broker().configs->broker();
    const bool is_self = broker.id == console.broker_id();
    std::map<std::string, std::int64_t> connections;
    if (is_self) {
        const auto looked = console.connections().look(std::chrono::steady_clock::now(), wall_clock());
        for (const WatchedConnection& one : looked->all) ++connections[one.info.client.listener];
    }
    for (const broker::Endpoint& endpoint : broker.endpoints) {
        const auto bound = std::ranges::find(config->network.listeners, endpoint.listener, &broker::Listener::name);
        const bool is_known = is_self && bound != config->network.listeners.end();
        const std::string bind =
            is_known ? address_of(bound->host.empty() ? "0.0.0.0" : bound->host, bound->port) : std::string();
        all.push_back({{"name", endpoint.listener},
                       {"protocol", endpoint.security_protocol},
                       {"bind", text_or_null(bind)},
                       {"advertised", address_of(endpoint.host, endpoint.port)},
                       {"tls", endpoint.security_protocol.ends_with("SSL")},
                       {"connections", is_self ? json::value(connections[endpoint.listener]) : json::value()}});
    }
    return all;
}

ApiError no_such_broker() {
    return {.status = 404, .message = "there is no such broker in the cluster"};
}

const BrokerRegistration* find_broker(const broker::ClusterImage& image, std::string_view text) {
    const auto number = read_number(text);
    if (!number || *number > INT32_MAX) return nullptr;
    return image.find_broker(BrokerId(static_cast<std::int32_t>(*number)));
}

Response list(Console& console, const Request&, Captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    json::array data;
    for (const auto& [id, broker] : image->brokers()) data.push_back(describe_broker(console, broker));
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

Response detail(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const BrokerRegistration* broker = find_broker(*image, captures[0]);
    if (broker == nullptr) return refuse(request, no_such_broker());
    json::object body = describe_broker(console, *broker);
    body["listeners"] = listeners_of(console, *broker);
    return ok(body);
}

Response listeners(Console& console, const Request& request, Captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const BrokerRegistration* broker = image->find_broker(console.broker_id());
    if (broker == nullptr) return refuse(request, no_such_broker());
    return ok({{"data", listeners_of(console, *broker)}, {"next", nullptr}});
}

Response partitions(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const BrokerRegistration* broker = find_broker(*image, captures[0]);
    if (broker == nullptr) return refuse(request, no_such_broker());
    struct Row {
        const broker::TopicState* topic;
        std::int32_t index;
    };
    std::vector<Row> rows;
    for (const broker::TopicState* topic : image->topics_by_name()) {
        for (std::int32_t i = 0; i < topic->partition_count(); ++i) {
            const auto& replicas = topic->partitions[static_cast<std::size_t>(i)].replicas;
            if (std::ranges::find(replicas, broker->id) != replicas.end()) rows.push_back({topic, i});
        }
    }
    const auto page = read_page(request, rows.size());
    if (!page) return refuse(request, page.error());
    const std::shared_ptr<const Sample> sample = console.sampler().latest();
    json::array data;
    for (std::size_t i = page->begin; i < page->end; ++i) {
        const auto& [topic, index] = rows[i];
        const auto partition = console.broker().partitions->find(topic->id, PartitionIndex(index));
        json::object row{{"topic", topic->name},
                         {"partition", index},
                         {"leader", topic->partitions[static_cast<std::size_t>(index)].leader == broker->id},
                         {"size", partition ? json::value(exact(partition->size_bytes())) : json::value()}};
        const TopicSample* sampled = sample->find(topic->name);
        const bool is_sampled = sampled != nullptr && sampled->id == topic->id;
        add_rates(row, is_sampled ? sample->rates_of(*sampled, PartitionIndex(index)) : PartitionRates());
        data.push_back(std::move(row));
    }
    return ok(list_of(std::move(data), *page));
}

Response configs(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const BrokerRegistration* broker = find_broker(*image, captures[0]);
    if (broker == nullptr) return refuse(request, no_such_broker());
    auto entries = describe_configs(console, {ConfigResourceType::broker, std::to_string(broker->id.value)});
    if (!entries) return refuse(request, entries.error());
    for (json::value& entry : *entries) {
        const bool is_fixed = entry.at("read_only").as_bool();
        entry.as_object()["read_only_reason"] =
            is_fixed ? json::value("It is read at start only: set it in the properties file and restart.")
                     : json::value();
    }
    return ok({{"data", std::move(*entries)}, {"next", nullptr}});
}

// The value in force on this broker, by name; null where there is none, or it is sensitive.
json::value value_of(Console& console, const std::string& name) {
    const ConfigResource self{ConfigResourceType::broker, std::to_string(console.broker_id().value)};
    const ClusterImagePtr image = console.broker().metadata->image();
    const auto described = console.broker().configs->rules().describe(*image, self, std::vector{name});
    if (!described || described->empty() || described->front().is_sensitive || !described->front().value.value)
        return nullptr;
    return text_of(*described->front().value.value);
}

// {"data", "validate_only", "scope"}: the last is this module's own.
Response alter(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const BrokerRegistration* broker = find_broker(*image, captures[0]);
    if (broker == nullptr) return refuse(request, no_such_broker());
    std::string scope;
    const auto edits = read_config_edits(request, &scope);
    if (!edits) return refuse(request, edits.error());
    json::array changes;
    for (const ConfigEdit& edit : edits->edits)
        changes.push_back({{"name", edit.name}, {"before", value_of(console, edit.name)}});
    const std::string before = json::serialize(changes);
    const ConfigResource resource{ConfigResourceType::broker,
                                  scope == "default" ? std::string() : std::to_string(broker->id.value)};
    if (const auto done = alter_configs(console, request, resource, *edits); !done)
        return refuse(request, done.error());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        json::object& change = changes[i].as_object();
        const ConfigEdit& edit = edits->edits[i];
        const bool is_set = edit.operation == broker::ChangeConfigs::Operation::set;
        // What is only checked is not in force; what was sent is then all that can be told.
        change["after"] = !edits->validate_only ? value_of(console, edit.name)
                          : is_set              ? json::value(text_of(edit.value))
                                                : json::value();
        change["effect"] = nullptr;
        const auto* key = broker::find_config_key(broker::ConfigScope::broker, edit.name);
        const bool has_effect = key == nullptr || key->support == broker::ConfigSupport::honoured;
        change["warning"] = has_effect ? json::value() : json::value(no_effect);
    }
    Response response = ok({{"changes", std::move(changes)}});
    response.before = before;
    return response;
}

Response logdirs(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const BrokerRegistration* broker = find_broker(*image, captures[0]);
    if (broker == nullptr) return refuse(request, no_such_broker());
    protocol::DescribeLogDirsRequest question;
    question.topics.reset();  // all
    const auto answer = ask<protocol::DescribeLogDirsResponse>(console, request, question);
    if (!answer) return refuse(request, answer.error());
    json::array data;
    for (const auto& dir : answer->results) {
        const ErrorCode code{dir.error_code};
        json::array replicas;
        std::int64_t size = 0;
        for (const auto& topic : dir.topics) {
            for (const auto& partition : topic.partitions) {
                size += partition.partition_size;
                replicas.push_back({{"topic", text_of(topic.name)},
                                    {"partition", partition.partition_index},
                                    {"size", exact(partition.partition_size)},
                                    {"offset_lag", exact(partition.offset_lag)},
                                    {"future", partition.is_future_key}});
            }
        }
        const bool is_known = code == ErrorCode::none && dir.total_bytes >= 0;
        data.push_back({{"path", text_of(dir.log_dir)},
                        {"state", code == ErrorCode::none ? "ONLINE" : "OFFLINE"},
                        {"error", code == ErrorCode::none ? json::value() : json::value(kafka_error(code).message)},
                        {"total", is_known ? json::value(exact(dir.total_bytes)) : json::value()},
                        {"usable", is_known ? json::value(exact(dir.usable_bytes)) : json::value()},
                        {"size", exact(size)},
                        {"partitions", replicas.size()},
                        {"replicas", std::move(replicas)}});
    }
    return ok({{"data", std::move(data)}, {"next", nullptr}});
}

// "io-3" is 3; nothing for a thread that serves no connections.
std::optional<std::size_t> io_thread_of(const std::string& name) {
    if (!name.starts_with("io-")) return std::nullopt;
    const auto number = read_number(std::string_view(name).substr(3));
    return number ? std::optional(static_cast<std::size_t>(*number)) : std::nullopt;
}

Response runtime(Console& console, const Request& request, Captures captures) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const BrokerRegistration* broker = find_broker(*image, captures[0]);
    if (broker == nullptr) return refuse(request, no_such_broker());
    if (broker->id != console.broker_id()) {
        return refuse(request, {.status = 404, .message = "only the broker itself knows that; ask its own console"});
    }
    const auto use = console.runtime().look(std::chrono::steady_clock::now(), wall_clock());
    std::map<std::size_t, std::int64_t> connections;
    const auto looked = console.connections().look(use->at, use->wall);
    for (const WatchedConnection& one : looked->all) ++connections[one.info.io_thread];
    json::array threads;
    for (const ThreadUse& thread : use->threads) {
        const auto index = io_thread_of(thread.name);
        const bool serves = index && *index < use->request_rates.size();
        threads.push_back({{"id", thread.id},
                           {"name", text_of(thread.name)},
                           {"cpu", number_or_null(thread.cpu)},
                           {"cpu_ms", static_cast<std::int64_t>(thread.cpu_seconds * 1000)},
                           {"state", std::string(1, thread.state)},
                           {"switches_voluntary", number_or_null(thread.switches_voluntary_rate)},
                           {"switches_forced", number_or_null(thread.switches_forced_rate)},
                           {"connections", serves ? json::value(connections[*index]) : json::value()},
                           {"requests", serves ? number_or_null(use->request_rates[*index]) : json::value()}});
    }
    return ok({{"at_ms", use->wall.value},
               {"pid", ::getpid()},
               {"started_ms", console.started().value},
               {"cpu", number_or_null(use->cpu)},
               {"cores", std::thread::hardware_concurrency()},
               {"rss", exact(use->resident_bytes)},
               {"rss_peak", exact(use->resident_bytes_peak)},
               {"virtual", exact(use->virtual_bytes)},
               {"heap_live", exact(use->heap_live)},
               {"heap_free", exact(use->heap_free)},
               {"open_files", use->open_files},
               {"open_files_max", use->open_files_max},
               {"page_faults_major", exact(use->major_faults)},
               {"threads", std::move(threads)}});
}

constexpr Route routes[] = {
    {Method::get, "/api/v1/brokers", list, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/brokers/{broker}", detail, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/brokers/{broker}/partitions", partitions, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/brokers/{broker}/configs", configs, false, "DESCRIBE_CONFIGS cluster"},
    {Method::post, "/api/v1/brokers/{broker}/configs:alter", alter, true, "ALTER_CONFIGS cluster"},
    {Method::get, "/api/v1/brokers/{broker}/logdirs", logdirs, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/brokers/{broker}/runtime", runtime, false, "DESCRIBE cluster"},
    {Method::get, "/api/v1/listeners", listeners, false, "DESCRIBE cluster"},
};

}  // namespace

json::object describe_broker(Console& console, const BrokerRegistration& broker) {
    const ClusterImagePtr image = console.broker().metadata->image();
    const Placement placement = placement_of(*image, broker.id);
    json::object row{{"broker_id", broker.id.value},
                     {"host", broker.endpoints.empty() ? std::string() : broker.endpoints.front().host},
                     {"port", broker.endpoints.empty() ? 0 : broker.endpoints.front().port},
                     {"rack", text_or_null(broker.rack.value_or(""))},
                     {"roles", json::array{"broker"}},
                     {"is_controller", false},
                     {"leaders", placement.leaders},
                     {"partitions", placement.partitions}};
    for (const std::string_view unknown :
         {"version", "started_ms", "disk_used", "disk_total", "log_bytes", "memory", "memory_total", "cpu", "cores",
          "open_files", "open_files_max", "connections", "bytes_in", "bytes_out"}) {
        row[unknown] = nullptr;
    }
    if (broker.id != console.broker_id()) return row;
    const auto use = console.runtime().look(std::chrono::steady_clock::now(), wall_clock());
    const auto connected = console.connections().look(std::chrono::steady_clock::now(), wall_clock());
    const auto sample = console.sampler().latest();
    const Room room = room_of(console.broker());
    row["roles"] = json::array{"controller", "broker"};
    row["is_controller"] = true;
    row["version"] = console.identity().version;
    row["started_ms"] = console.started().value;
    row["disk_used"] = exact(room.total - room.usable);
    row["disk_total"] = exact(room.total);
    row["log_bytes"] = exact(sample->bytes);
    row["memory"] = exact(use->resident_bytes);
    row["memory_total"] = exact(std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGE_SIZE));
    row["cpu"] = number_or_null(use->cpu);
    row["cores"] = std::thread::hardware_concurrency();
    row["open_files"] = use->open_files;
    row["open_files_max"] = use->open_files_max;
    row["connections"] = connected->all.size();
    row["bytes_in"] = sample->rates.bytes_in;
    row["bytes_out"] = sample->rates.bytes_out;
    return row;
}

std::span<const Route> broker_routes() {
    return routes;
}

}  // namespace mamba::admin
