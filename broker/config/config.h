// The broker's settings as the code uses them: typed, with defaults filled in and synonyms
// resolved. A value: made from the texts that were set, never changed; a change at run time makes
// another one. Fields are named after Kafka's settings. What MambaMQ does not use has no field.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/address_range.h"
#include "protocol/types.h"

namespace mamba::broker {

enum class SecurityProtocol : std::uint8_t { plaintext, ssl, sasl_plaintext, sasl_ssl };
std::string_view name_of(SecurityProtocol protocol);  // "PLAINTEXT", ...

struct Listener {
    std::string name;  // such as "PLAINTEXT", "INTERNAL"
    std::string host;  // empty: all addresses. IPv6 without brackets
    std::int32_t port = 0;
    SecurityProtocol protocol = SecurityProtocol::plaintext;

    friend bool operator==(const Listener&, const Listener&) = default;
};

struct ListenerLimits {  // listener.name.<listener>.*; what is not set is no limit
    std::int32_t connections_max = std::numeric_limits<std::int32_t>::max();
    std::int32_t connection_creation_rate_max = std::numeric_limits<std::int32_t>::max();

    friend bool operator==(const ListenerLimits&, const ListenerLimits&) = default;
};

struct NetworkConfig {
    std::vector<Listener> listeners;             // those of the broker, without the controller's
    std::vector<Listener> advertised_listeners;  // what clients are told
    std::string inter_broker_listener_name;
    std::int32_t network_threads = 1;              // num.network.threads; not set: one per core
    std::int32_t io_threads = 8;                   // num.io.threads
    std::int32_t request_bytes_max = 104'857'600;  // socket.request.max.bytes
    std::int64_t queued_request_bytes_max =
        0;                                   // queued.max.request.bytes; ours: a quarter of memory
    std::int32_t queued_requests_max = 500;  // queued.max.requests
    std::int32_t send_buffer_bytes = 102'400;     // socket.send.buffer.bytes; -1: the system's
    std::int32_t receive_buffer_bytes = 102'400;  // socket.receive.buffer.bytes; -1: the system's
    std::int32_t listen_backlog = 50;             // socket.listen.backlog.size
    std::int32_t connections_max = std::numeric_limits<std::int32_t>::max();
    std::int32_t connections_per_ip_max = std::numeric_limits<std::int32_t>::max();
    std::map<std::string, std::int32_t, std::less<>> connections_per_ip_overrides;
    std::int32_t connection_creation_rate_max = std::numeric_limits<std::int32_t>::max();
    std::map<std::string, ListenerLimits, std::less<>> listener_limits;  // by the listener's name
    std::int64_t connections_idle_ms_max = 600'000;  // connections.max.idle.ms; negative: no limit

    friend bool operator==(const NetworkConfig&, const NetworkConfig&) = default;
};

struct StorageConfig {
    std::vector<std::string> log_dirs;
    std::int64_t retention_check_interval_ms = 300'000;
    std::int64_t flush_scheduler_interval_ms = std::numeric_limits<std::int64_t>::max();
    std::int32_t flush_offset_checkpoint_interval_ms = 60'000;
    std::int32_t flush_start_offset_checkpoint_interval_ms = 60'000;
    std::int64_t high_watermark_checkpoint_interval_ms = 5'000;
    std::int32_t recovery_threads_per_data_dir = 2;
    std::int32_t background_threads = 10;
    std::int32_t producer_id_expiration_ms = 86'400'000;

    friend bool operator==(const StorageConfig&, const StorageConfig&) = default;
};

struct FetchConfig {
    std::int32_t bytes_max = 57'671'680;           // fetch.max.bytes
    std::int32_t session_cache_slots_max = 1'000;  // max.incremental.fetch.session.cache.slots

    friend bool operator==(const FetchConfig&, const FetchConfig&) = default;
};

struct TopicsConfig {
    bool auto_create = true;                      // auto.create.topics.enable
    bool delete_enable = true;                    // delete.topic.enable
    std::int32_t partitions = 1;                  // num.partitions
    std::int16_t replication_factor = 1;          // default.replication.factor
    std::int32_t request_partitions_max = 2'000;  // max.request.partition.size.limit

    friend bool operator==(const TopicsConfig&, const TopicsConfig&) = default;
};

struct GroupsConfig {             // group.*
    bool classic_enable = true;   // group.coordinator.rebalance.protocols
    bool consumer_enable = true;  // likewise
    std::int32_t session_timeout_ms_min = 6'000;
    std::int32_t session_timeout_ms_max = 1'800'000;
    std::int32_t size_max = std::numeric_limits<std::int32_t>::max();
    std::int32_t initial_rebalance_delay_ms = 3'000;
    std::int32_t consumer_session_timeout_ms = 45'000;
    std::int32_t consumer_heartbeat_interval_ms = 5'000;
    std::int32_t consumer_size_max = std::numeric_limits<std::int32_t>::max();
    std::vector<std::string> consumer_assignors = {"uniform", "range"};
    std::string consumer_migration_policy = "bidirectional";

    friend bool operator==(const GroupsConfig&, const GroupsConfig&) = default;
};

struct OffsetsConfig {                        // offsets.*
    std::int32_t metadata_bytes_max = 4'096;  // offset.metadata.max.bytes
    std::int32_t commit_timeout_ms = 5'000;
    std::int32_t retention_minutes = 10'080;
    std::int64_t retention_check_interval_ms = 600'000;
    std::int32_t load_buffer_size = 5'242'880;
    std::int32_t topic_partitions = 50;
    std::int32_t topic_segment_bytes = 104'857'600;
    std::int16_t topic_replication_factor = 3;  // at most the number of brokers is used
    std::int32_t topic_compression_codec = 0;

    friend bool operator==(const OffsetsConfig&, const OffsetsConfig&) = default;
};

struct TransactionsConfig {  // transaction.*
    std::int32_t timeout_ms_max = 900'000;
    std::int32_t id_expiration_ms = 604'800'000;  // transactional.id.expiration.ms
    std::int32_t topic_partitions = 50;           // transaction.state.log.num.partitions
    std::int32_t topic_segment_bytes = 104'857'600;
    std::int16_t topic_replication_factor = 3;
    std::int32_t topic_min_isr = 2;

    friend bool operator==(const TransactionsConfig&, const TransactionsConfig&) = default;
};

struct ConsoleListener {
    std::string host;  // IPv6 without brackets
    std::int32_t port = 0;

    friend bool operator==(const ConsoleListener&, const ConsoleListener&) = default;
};

struct ConsoleConfig {                        // console.*
    std::vector<ConsoleListener> listeners;   // none: no console
    std::vector<std::string> allowed_hosts;   // in lower case, besides those of this machine
    std::string base_path;                    // "/a/b" behind a proxy; empty: none
    std::vector<AddressRange> trusted_proxies;  // whose X-Forwarded-* headers are believed
    bool allow_insecure = false;
    bool read_only = false;
    bool records_view = true;
    std::string cluster_label;
    std::string cluster_colour;
    std::int64_t metrics_memory_bytes = 67'108'864;
    std::int64_t scan_bytes_per_second = 67'108'864;  // 0: as fast as it goes

    friend bool operator==(const ConsoleConfig&, const ConsoleConfig&) = default;
};

// Whether it is a path such as "/a/b": names of letters, digits, dot, underscore and dash; or nothing.
bool is_base_path(std::string_view path);

// What the defaults of some settings depend on.
struct Machine {
    std::int32_t cores = 1;
    std::int64_t memory_bytes = 0;  // 0: unknown
};

struct BrokerConfig {
    BrokerId node_id{1};
    std::optional<std::string> rack;
    NetworkConfig network;
    StorageConfig storage;
    FetchConfig fetch;
    TopicsConfig topics;
    GroupsConfig groups;
    OffsetsConfig offsets;
    TransactionsConfig transactions;
    ConsoleConfig console;
    std::int32_t request_timeout_ms = 30'000;

    friend bool operator==(const BrokerConfig&, const BrokerConfig&) = default;

    // From what was set, by name (StaticSettings::values, dynamic values laid over it). Each value
    // has passed check_config_value; the errors are about values that do not go together, or a
    // listener that cannot be read: sentences for people.
    static std::expected<BrokerConfig, std::vector<std::string>> from(
        const std::map<std::string, std::string, std::less<>>& values, const Machine& machine);
};

// The listeners of a `listeners` value: "PLAINTEXT://127.0.0.1:9092,SSL://[::1]:9093". `protocols`
// is the value of listener.security.protocol.map. The error is a sentence without the setting's
// name.
std::expected<std::vector<Listener>, std::string> parse_listeners(std::string_view value,
                                                                  std::string_view protocols);

}  // namespace mamba::broker
