#include "broker/config/config.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <type_traits>

#include "broker/config/config_keys.h"

namespace mamba::broker {

namespace {

using Values = std::map<std::string, std::string, std::less<>>;

constexpr std::array<std::string_view, 4> protocol_names = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT",
                                                            "SASL_SSL"};

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return result;
}

std::optional<SecurityProtocol> protocol_of(std::string_view name) {
    const auto found = std::ranges::find(protocol_names, name);
    if (found == protocol_names.end()) return std::nullopt;
    return static_cast<SecurityProtocol>(found - protocol_names.begin());
}

// Typed access to texts that have passed their checks; a setting that is not set has its default.
class Lookup {
public:
    explicit Lookup(const Values& values) : values_(values) {}

    bool is_set(std::string_view name) const { return values_.contains(name); }

    std::string_view text(std::string_view name) const {
        const auto set = values_.find(name);
        if (set != values_.end()) return set->second;
        const ConfigKey* key = find_config_key(ConfigScope::broker, name);
        assert(key != nullptr);
        return key->default_value.value_or("");
    }

    template <class Number>
    void read(std::string_view name, Number& into) const {
        const std::string_view value = text(name);
        if constexpr (std::is_same_v<Number, bool>) {
            into = value == "true";
        } else {
            const auto [end, error] =
                std::from_chars(value.data(), value.data() + value.size(), into);
            assert(error == std::errc{} && end == value.data() + value.size());
        }
    }

    // A listener's own; `into` stays as it is when there is none.
    template <class Number>
    void read_own(std::string_view listener, std::string_view name, Number& into) const {
        const std::string own = listener_config_name(listener, name);
        if (is_set(own)) read(own, into);
    }

    std::vector<std::string> list(std::string_view name) const {
        return split_config_list(text(name));
    }

private:
    const Values& values_;
};

std::expected<std::map<std::string, SecurityProtocol>, std::string> parse_protocol_map(
    std::string_view value) {
    std::map<std::string, SecurityProtocol> protocols;
    for (const std::string& pair : split_config_list(value)) {
        const std::size_t colon = pair.find(':');
        const std::optional<SecurityProtocol> protocol =
            colon == std::string::npos ? std::nullopt : protocol_of(upper(pair.substr(colon + 1)));
        if (!protocol) {
            return std::unexpected(fmt::format(
                "listener.security.protocol.map: {} is not NAME:PROTOCOL, where the protocol is "
                "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
                pair));
        }
        protocols.insert_or_assign(upper(pair.substr(0, colon)), *protocol);
    }
    return protocols;
}

std::expected<Listener, std::string> parse_listener(
    std::string_view text, const std::map<std::string, SecurityProtocol>& protocols) {
    const auto malformed = [&] {
        return std::unexpected(fmt::format("{} is not NAME://host:port", text));
    };
    const std::size_t slashes = text.find("://");
    const std::size_t colon = text.rfind(':');
    if (slashes == 0 || slashes == std::string_view::npos || colon < slashes + 3)
        return malformed();

    Listener listener;
    listener.name = upper(text.substr(0, slashes));
    std::string_view host = text.substr(slashes + 3, colon - slashes - 3);
    if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find_first_of(":[]/ ") != std::string_view::npos) {
        return malformed();
    }
    listener.host = host;
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), listener.port);
    if (error != std::errc{} || end != port.data() + port.size()) return malformed();
    if (listener.port < 0 || listener.port > 65'535)
        return std::unexpected(fmt::format("{}: a port is at most 65535", text));

    const auto protocol = protocols.find(listener.name);
    if (protocol == protocols.end()) {
        return std::unexpected(fmt::format(
            "no security protocol for listener {}: name it in listener.security.protocol.map",
            listener.name));
    }
    listener.protocol = protocol->second;
    return listener;
}

std::string repeated_name(const std::vector<Listener>& listeners) {
    for (auto one = listeners.begin(); one != listeners.end(); ++one) {
        if (std::find_if(listeners.begin(), one,
                         [&](const Listener& other) { return other.name == one->name; }) != one) {
            return one->name;
        }
    }
    return {};
}

void read_listeners(const Lookup& lookup, NetworkConfig& network,
                    std::vector<std::string>& errors) {
    const std::string_view map = lookup.text("listener.security.protocol.map");
    const std::vector<std::string> controllers = lookup.list("controller.listener.names");
    // Kafka's controller has listeners of its own; ours has none, so they are read over.
    std::string with_controllers(map);
    for (const std::string& name : controllers) {
        if (!parse_listeners(name + "://:0", map)) with_controllers += "," + name + ":PLAINTEXT";
    }
    const auto is_controllers = [&](const Listener& listener) {
        return std::ranges::any_of(
            controllers, [&](std::string_view name) { return upper(name) == listener.name; });
    };
    const auto read = [&](std::string_view setting) -> std::vector<Listener> {
        auto listeners = parse_listeners(lookup.text(setting), with_controllers);
        if (!listeners) {
            errors.push_back(fmt::format("{}: {}", setting, listeners.error()));
            return {};
        }
        std::erase_if(*listeners, is_controllers);
        if (const std::string name = repeated_name(*listeners); !name.empty())
            errors.push_back(fmt::format("{}: {} comes twice", setting, name));
        return std::move(*listeners);
    };
    const std::size_t errors_before = errors.size();
    network.listeners = read("listeners");
    if (network.listeners.empty() && errors.size() == errors_before)
        errors.emplace_back("listeners: there must be at least one");
    network.advertised_listeners =
        lookup.is_set("advertised.listeners") ? read("advertised.listeners") : network.listeners;
    if (network.advertised_listeners.empty()) network.advertised_listeners = network.listeners;
    for (const Listener& advertised : network.advertised_listeners) {
        if (advertised.host == "0.0.0.0" || advertised.host == "::") {
            errors.push_back(
                fmt::format("advertised.listeners: no client can connect to {}; set an address "
                            "that clients reach",
                            advertised.host));
        }
        if (std::ranges::none_of(network.listeners,
                                 [&](const Listener& l) { return l.name == advertised.name; }) &&
            errors.size() == errors_before) {
            errors.push_back(
                fmt::format("advertised.listeners: {} is not in listeners", advertised.name));
        }
    }
    network.inter_broker_listener_name = upper(lookup.text("inter.broker.listener.name"));
    if (network.inter_broker_listener_name.empty() && !network.listeners.empty())
        network.inter_broker_listener_name = network.listeners.front().name;
}

void read_connection_limits(const Lookup& lookup, NetworkConfig& network,
                            std::vector<std::string>& errors) {
    lookup.read("max.connections", network.connections_max);
    lookup.read("max.connections.per.ip", network.connections_per_ip_max);
    lookup.read("max.connection.creation.rate", network.connection_creation_rate_max);
    lookup.read("connections.max.idle.ms", network.connections_idle_ms_max);
    for (const Listener& listener : network.listeners) {
        ListenerLimits limits;
        lookup.read_own(listener.name, "max.connections", limits.connections_max);
        lookup.read_own(listener.name, "max.connection.creation.rate", limits.connection_creation_rate_max);
        if (limits != ListenerLimits()) network.listener_limits.emplace(listener.name, limits);
    }
    for (const std::string& pair : lookup.list("max.connections.per.ip.overrides")) {
        const std::size_t colon = pair.rfind(':');
        std::int32_t limit = -1;
        if (colon != std::string::npos)
            std::from_chars(pair.data() + colon + 1, pair.data() + pair.size(), limit);
        if (colon == 0 || limit < 0) {
            errors.push_back(
                fmt::format("max.connections.per.ip.overrides: {} is not host:number", pair));
            continue;
        }
        network.connections_per_ip_overrides.insert_or_assign(pair.substr(0, colon), limit);
    }
}

NetworkConfig read_network(const Lookup& lookup, const Machine& machine,
                           std::vector<std::string>& errors) {
    NetworkConfig network;
    read_listeners(lookup, network, errors);
    read_connection_limits(lookup, network, errors);
    network.network_threads = std::max(1, machine.cores);
    if (lookup.is_set("num.network.threads"))
        lookup.read("num.network.threads", network.network_threads);
    lookup.read("num.io.threads", network.io_threads);
    lookup.read("socket.request.max.bytes", network.request_bytes_max);
    lookup.read("queued.max.request.bytes", network.queued_request_bytes_max);
    if (network.queued_request_bytes_max <= 0) {
        constexpr std::int64_t without_knowledge = std::int64_t{1} << 30;
        network.queued_request_bytes_max =
            machine.memory_bytes > 0 ? machine.memory_bytes / 4 : without_knowledge;
    }
    lookup.read("queued.max.requests", network.queued_requests_max);
    lookup.read("socket.send.buffer.bytes", network.send_buffer_bytes);
    lookup.read("socket.receive.buffer.bytes", network.receive_buffer_bytes);
    lookup.read("socket.listen.backlog.size", network.listen_backlog);
    return network;
}

StorageConfig read_storage(const Lookup& lookup, std::vector<std::string>& errors) {
    StorageConfig storage;
    storage.log_dirs = lookup.list("log.dirs");
    if (storage.log_dirs.empty()) storage.log_dirs = lookup.list("log.dir");
    if (storage.log_dirs.empty()) errors.emplace_back("log.dirs: there must be at least one");
    lookup.read("log.retention.check.interval.ms", storage.retention_check_interval_ms);
    lookup.read("log.flush.scheduler.interval.ms", storage.flush_scheduler_interval_ms);
    lookup.read("log.flush.offset.checkpoint.interval.ms",
                storage.flush_offset_checkpoint_interval_ms);
    lookup.read("log.flush.start.offset.checkpoint.interval.ms",
                storage.flush_start_offset_checkpoint_interval_ms);
    lookup.read("replica.high.watermark.checkpoint.interval.ms",
                storage.high_watermark_checkpoint_interval_ms);
    lookup.read("num.recovery.threads.per.data.dir", storage.recovery_threads_per_data_dir);
    lookup.read("background.threads", storage.background_threads);
    lookup.read("producer.id.expiration.ms", storage.producer_id_expiration_ms);
    return storage;
}

GroupsConfig read_groups(const Lookup& lookup, std::vector<std::string>& errors) {
    GroupsConfig groups;
    const std::vector<std::string> protocols = lookup.list("group.coordinator.rebalance.protocols");
    groups.classic_enable = std::ranges::find(protocols, "classic") != protocols.end();
    groups.consumer_enable = std::ranges::find(protocols, "consumer") != protocols.end();
    if (!groups.classic_enable)
        errors.emplace_back("group.coordinator.rebalance.protocols: classic is always part of it");
    lookup.read("group.min.session.timeout.ms", groups.session_timeout_ms_min);
    lookup.read("group.max.session.timeout.ms", groups.session_timeout_ms_max);
    if (groups.session_timeout_ms_min > groups.session_timeout_ms_max) {
        errors.push_back(
            fmt::format("group.min.session.timeout.ms={} is above group.max.session.timeout.ms={}",
                        groups.session_timeout_ms_min, groups.session_timeout_ms_max));
    }
    lookup.read("group.max.size", groups.size_max);
    lookup.read("group.initial.rebalance.delay.ms", groups.initial_rebalance_delay_ms);
    lookup.read("group.consumer.session.timeout.ms", groups.consumer_session_timeout_ms);
    lookup.read("group.consumer.heartbeat.interval.ms", groups.consumer_heartbeat_interval_ms);
    lookup.read("group.consumer.max.size", groups.consumer_size_max);
    groups.consumer_assignors = lookup.list("group.consumer.assignors");
    groups.consumer_migration_policy = lookup.text("group.consumer.migration.policy");
    return groups;
}

OffsetsConfig read_offsets(const Lookup& lookup) {
    OffsetsConfig offsets;
    lookup.read("offset.metadata.max.bytes", offsets.metadata_bytes_max);
    lookup.read("offsets.commit.timeout.ms", offsets.commit_timeout_ms);
    lookup.read("offsets.retention.minutes", offsets.retention_minutes);
    lookup.read("offsets.retention.check.interval.ms", offsets.retention_check_interval_ms);
    lookup.read("offsets.load.buffer.size", offsets.load_buffer_size);
    lookup.read("offsets.topic.num.partitions", offsets.topic_partitions);
    lookup.read("offsets.topic.segment.bytes", offsets.topic_segment_bytes);
    lookup.read("offsets.topic.replication.factor", offsets.topic_replication_factor);
    lookup.read("offsets.topic.compression.codec", offsets.topic_compression_codec);
    return offsets;
}

TransactionsConfig read_transactions(const Lookup& lookup) {
    TransactionsConfig transactions;
    lookup.read("transaction.max.timeout.ms", transactions.timeout_ms_max);
    lookup.read("transactional.id.expiration.ms", transactions.id_expiration_ms);
    lookup.read("transaction.state.log.num.partitions", transactions.topic_partitions);
    lookup.read("transaction.state.log.segment.bytes", transactions.topic_segment_bytes);
    lookup.read("transaction.state.log.replication.factor", transactions.topic_replication_factor);
    lookup.read("transaction.state.log.min.isr", transactions.topic_min_isr);
    return transactions;
}

// "http://127.0.0.1:9080" or "http://[::1]:9080"; nothing when it is not of that form.
std::optional<ConsoleListener> parse_console_listener(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) return std::nullopt;
    url.remove_prefix(scheme.size());
    if (url.ends_with('/')) url.remove_suffix(1);
    const std::size_t colon = url.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = url.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    ConsoleListener listener{std::string(host), -1};
    const std::string_view digits = url.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), listener.port);
    const bool good = error == std::errc() && end == digits.data() + digits.size() && listener.port >= 0 &&
                      listener.port <= 65'535 && !host.empty();
    if (!good) return std::nullopt;
    return listener;
}

ConsoleConfig read_console(const Lookup& lookup, std::vector<std::string>& errors) {
    ConsoleConfig console;
    for (const std::string& url : lookup.list("console.listeners")) {
        if (auto listener = parse_console_listener(url)) {
            console.listeners.push_back(std::move(*listener));
        } else {
            errors.push_back(fmt::format("console.listeners: {} is not of the form http://host:port", url));
        }
    }
    for (std::string& host : lookup.list("console.allowed.hosts")) {
        std::ranges::transform(host, host.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        console.allowed_hosts.push_back(std::move(host));
    }
    console.base_path = lookup.text("console.base.path");
    if (!is_base_path(console.base_path)) {
        errors.push_back(fmt::format("console.base.path: {} is not of the form /name/name", console.base_path));
    }
    for (const std::string& proxy : lookup.list("console.trusted.proxies")) {
        if (const auto range = AddressRange::parse(proxy)) {
            console.trusted_proxies.push_back(*range);
        } else {
            errors.push_back(
                fmt::format("console.trusted.proxies: {} is no address or range of them, such as 10.0.0.0/8", proxy));
        }
    }
    lookup.read("console.allow.insecure", console.allow_insecure);
    lookup.read("console.read.only", console.read_only);
    lookup.read("console.records.view", console.records_view);
    console.cluster_label = lookup.text("console.cluster.label");
    console.cluster_colour = lookup.text("console.cluster.colour");
    const std::string& colour = console.cluster_colour;
    if (!colour.empty() && (colour.size() != 7 || colour[0] != '#' ||
                            colour.find_first_not_of("0123456789abcdefABCDEF", 1) != std::string::npos)) {
        errors.push_back(fmt::format("console.cluster.colour: {} is not of the form #rrggbb", colour));
    }
    lookup.read("console.metrics.memory.bytes", console.metrics_memory_bytes);
    lookup.read("console.scan.bytes.per.second", console.scan_bytes_per_second);
    return console;
}

}  // namespace

bool is_base_path(std::string_view path) {
    while (!path.empty()) {
        if (path.front() != '/') return false;
        path.remove_prefix(1);
        const std::string_view name = path.substr(0, path.find('/'));
        constexpr std::string_view letters =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
        const bool is_word = name.find_first_not_of(letters) == std::string_view::npos;
        if (name.empty() || name == "." || name == ".." || !is_word) return false;
        path.remove_prefix(name.size());
    }
    return true;
}

std::string_view name_of(SecurityProtocol protocol) {
    return protocol_names[static_cast<std::size_t>(protocol)];
}

std::expected<std::vector<Listener>, std::string> parse_listeners(std::string_view value,
                                                                  std::string_view protocols) {
    const auto map = parse_protocol_map(protocols);
    if (!map) return std::unexpected(map.error());
    std::vector<Listener> listeners;
    for (const std::string& text : split_config_list(value)) {
        auto listener = parse_listener(text, *map);
        if (!listener) return std::unexpected(std::move(listener.error()));
        listeners.push_back(std::move(*listener));
    }
    return listeners;
}

std::expected<BrokerConfig, std::vector<std::string>> BrokerConfig::from(const Values& values,
                                                                         const Machine& machine) {
    const Lookup lookup(values);
    std::vector<std::string> errors;
    BrokerConfig config;
    lookup.read("node.id", config.node_id.value);
    if (lookup.is_set("broker.rack")) config.rack = lookup.text("broker.rack");
    config.network = read_network(lookup, machine, errors);
    config.storage = read_storage(lookup, errors);
    lookup.read("fetch.max.bytes", config.fetch.bytes_max);
    lookup.read("max.incremental.fetch.session.cache.slots", config.fetch.session_cache_slots_max);
    lookup.read("auto.create.topics.enable", config.topics.auto_create);
    lookup.read("delete.topic.enable", config.topics.delete_enable);
    lookup.read("num.partitions", config.topics.partitions);
    lookup.read("default.replication.factor", config.topics.replication_factor);
    lookup.read("max.request.partition.size.limit", config.topics.request_partitions_max);
    config.groups = read_groups(lookup, errors);
    config.offsets = read_offsets(lookup);
    config.transactions = read_transactions(lookup);
    config.console = read_console(lookup, errors);
    lookup.read("request.timeout.ms", config.request_timeout_ms);
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return config;
}

}  // namespace mamba::broker
