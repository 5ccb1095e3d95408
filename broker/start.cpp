#include "broker/start.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <utility>

#include "broker/group_log.h"
#include "broker/logging.h"
#include "broker/metadata/sqlite_store.h"

namespace mamba::broker {
namespace {

const Logger start_log = logger("mamba.controller");
const Logger group_log = logger("mamba.group");

Timestamp wall_clock() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

Uuid random_uuid() {
    std::random_device source;
    std::array<std::byte, 16> bytes;
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(source());
    return Uuid::from_random(bytes);
}

// The text form of RFC 4122, as member ids carry it.
std::string hyphenated(const Uuid& id) {
    std::string text;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        constexpr std::string_view digits = "0123456789abcdef";
        const auto byte = std::to_integer<std::size_t>(id.bytes[i]);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

PartitionSettings settings_of(const ConfigService& configs, const ClusterImage& image, const std::string& topic) {
    const TopicConfig config = configs.topic(image, topic);
    PartitionSettings settings;
    settings.log.segment_bytes = config.segment_bytes;
    settings.log.segment_ms = config.segment_ms;
    settings.log.segment_jitter_ms = config.segment_jitter_ms;
    settings.log.segment_index_bytes = config.segment_index_bytes;
    settings.log.index_interval_bytes = config.index_interval_bytes;
    settings.log.cleanup_delete = config.cleanup_delete;
    settings.log.cleanup_compact = config.cleanup_compact;
    settings.log.retention_ms = config.retention_ms;
    settings.log.retention_bytes = config.retention_bytes;
    settings.log.file_delete_delay_ms = config.file_delete_delay_ms;
    settings.log.producer_id_expiration_ms = configs.broker()->storage.producer_id_expiration_ms;
    settings.rules = config.batch_rules();
    settings.flush_on_acks_all = config.flush_on_acks_all;
    return settings;
}

GroupConfig group_config(const BrokerConfig& config) {
    using std::chrono::milliseconds;
    GroupConfig groups;
    groups.initial_rebalance_delay = milliseconds(config.groups.initial_rebalance_delay_ms);
    groups.session_timeout_min = milliseconds(config.groups.session_timeout_ms_min);
    groups.session_timeout_max = milliseconds(config.groups.session_timeout_ms_max);
    groups.group_size_max = config.groups.size_max;
    groups.offset_metadata_bytes_max = config.offsets.metadata_bytes_max;
    groups.offsets_retention = std::chrono::minutes(config.offsets.retention_minutes);
    groups.retention_check_interval = milliseconds(config.offsets.retention_check_interval_ms);
    return groups;
}

// Every log dir belongs to one node of one cluster; a new one is marked as ours.
std::expected<void, std::string> claim_log_dirs(Broker& broker, BrokerId self, const std::string& cluster_id) {
    for (const auto& dir : broker.partitions->dirs()) {
        const auto& known = dir->dir->meta_properties();
        if (known && known->node_id != no_broker && known->node_id != self) {
            return std::unexpected(dir->dir->path() + " belongs to node " + std::to_string(known->node_id.value) +
                                   ", this is node " + std::to_string(self.value) +
                                   ": set node.id or choose another log dir");
        }
        if (known && known->cluster_id == cluster_id && known->directory_id) continue;
        log::MetaProperties properties{self, cluster_id,
                                       known && known->directory_id ? *known->directory_id : random_uuid()};
        if (const auto stored = dir->dir->store_meta_properties(properties); !stored) {
            return std::unexpected(stored.error().message);
        }
    }
    return {};
}

// The group coordinator follows the partitions of __consumer_offsets.
void load_groups(Broker& broker, std::span<const TopicPtr> topics) {
    for (const TopicPtr& topic : topics) {
        if (topic->name != "__consumer_offsets") continue;
        const auto count = std::min(topic->partition_count(), broker.groups->partitions());
        for (std::int32_t i = 0; i < count; ++i) broker.groups->begin_load(PartitionIndex(i));
        broker.workers->run_all(static_cast<std::size_t>(count), [&](std::size_t i) {
            const PartitionIndex index(static_cast<std::int32_t>(i));
            const auto partition = broker.partitions->find(topic->name, index);
            if (!partition) return;
            broker.group_logs[i] = std::make_unique<GroupLog>(partition);
            const ErrorCode code = broker.groups->load(
                index, *broker.group_logs[i], {std::chrono::steady_clock::now(), wall_clock()});
            if (code != ErrorCode::none) {
                start_log.error("the groups of __consumer_offsets-{} could not be loaded: {}", i, name_of(code));
            }
        });
    }
}

void forget_deleted_topics(Broker& broker, std::span<const TopicPtr> topics) {
    std::vector<TopicPartition> partitions;
    for (const TopicPtr& topic : topics) {
        for (std::int32_t i = 0; i < topic->partition_count(); ++i) {
            partitions.push_back({topic->name, PartitionIndex(i)});
        }
    }
    if (partitions.empty()) return;
    broker.groups->on_partitions_deleted(partitions, {std::chrono::steady_clock::now(), wall_clock()});
}

std::string subject_of(const ConfigResource& resource) {
    switch (resource.type) {
        case ConfigResourceType::topic:
            return "topic " + resource.name;
        case ConfigResourceType::broker:
            return resource.name.empty() ? "all brokers" : "broker " + resource.name;
        case ConfigResourceType::group:
            return "group " + resource.name;
        default:
            return resource.name;
    }
}

void observe_metadata(Observations& observations, const ClusterDelta& delta) {
    const auto add = [&](EventKind kind, std::string subject, std::string detail = {}) {
        observations.events.add({wall_clock(), kind, std::move(subject), std::move(detail)});
    };
    for (const TopicPtr& topic : delta.created) {
        add(EventKind::topic_created, topic->name, std::to_string(topic->partition_count()) + " partitions");
    }
    for (const TopicPtr& topic : delta.deleted) add(EventKind::topic_deleted, topic->name);
    for (const ClusterDelta::TopicChange& change : delta.changed) {
        const std::int32_t more = change.after->partition_count() - change.before->partition_count();
        if (more > 0) add(EventKind::partitions_added, change.after->name, std::to_string(more) + " more");
    }
    for (const ClusterDelta::ConfigChange& change : delta.configs) {
        add(EventKind::config_changed, subject_of(change.resource));
    }
}

void observe_group(Observations& observations, const GroupEvent& event) {
    const EventKind kind = event.kind == GroupEvent::Kind::rebalance_began ? EventKind::group_rebalance_began
                           : event.kind == GroupEvent::Kind::stable        ? EventKind::group_stable
                                                                           : EventKind::group_empty;
    if (group_log.enabled(LogLevel::info)) {
        group_log.info("{} '{}': {}", name_of(kind), escape(event.group), escape(event.detail));
    }
    observations.events.add({wall_clock(), kind, event.group, event.detail});
}

}  // namespace

std::filesystem::path metadata_file(const Partitions& partitions) {
    return std::filesystem::path(partitions.dirs().front()->dir->path()) / "metadata.db";
}

std::expected<std::unique_ptr<Broker>, std::string> start_broker(const StartOptions& options) {
    const auto config = BrokerConfig::from(options.settings, options.machine);
    if (!config) return std::unexpected(config.error().front());
    const BrokerId self = config->node_id;

    auto broker = std::make_unique<Broker>();
    Broker& parts = *broker;
    parts.observations = std::make_unique<Observations>();
    parts.storage = log::posix_storage();
    parts.workers = std::make_unique<WorkerPool>(static_cast<std::size_t>(
        std::max({2, config->storage.recovery_threads_per_data_dir, options.machine.cores})));
    parts.configs = std::make_unique<ConfigService>(DynamicConfig(options.settings, options.machine, self));
    parts.fetch_sessions = std::make_unique<FetchSessions>(FetchSessionCache::Limits{
        .sessions_max = static_cast<std::size_t>(config->fetch.session_cache_slots_max)});

    using std::chrono::milliseconds;
    auto partitions = Partitions::open(
        *parts.storage, *parts.workers,
        {.log_dirs = config->storage.log_dirs,
         .broker_id = self,
         .retention_check_interval = milliseconds(config->storage.retention_check_interval_ms),
         .checkpoint_interval = milliseconds(config->storage.flush_offset_checkpoint_interval_ms),
         .settings_of = [&configs = *parts.configs](const std::string& topic, const ClusterImage& image) {
             return settings_of(configs, image, topic);
         },
         .wall_clock = wall_clock,
         .random_uuid = random_uuid,
         .on_dir_offline = [&observations = *parts.observations](const std::string& path, const log::Error& error) {
             observations.events.add({wall_clock(), EventKind::log_dir_offline, path, error.message});
         }});
    if (!partitions) return std::unexpected(partitions.error().message);
    parts.partitions = std::move(*partitions);

    const std::filesystem::path file = metadata_file(*parts.partitions);
    auto store = SqliteStore::open(file);
    if (!store) return std::unexpected(file.string() + ": " + store.error().message);
    ControllerSettings controller;
    controller.num_partitions = config->topics.partitions;
    controller.default_replication_factor = config->topics.replication_factor;
    controller.delete_topic_enable = config->topics.delete_enable;
    auto metadata =
        MetadataService::open(std::move(*store), Controller(controller, parts.configs->rules(), random_uuid));
    if (!metadata) return std::unexpected(file.string() + ": " + metadata.error().message);
    parts.metadata = std::move(*metadata);
    parts.producer_ids = std::make_unique<ProducerIds>(*parts.metadata);

    const bool is_new = parts.metadata->image()->cluster_id().empty();
    if (is_new) {
        // Folders of a Kafka log dir carry its cluster's id on.
        std::string cluster_id = random_uuid().to_string();
        for (const auto& dir : parts.partitions->dirs()) {
            if (dir->dir->meta_properties() && !dir->dir->meta_properties()->cluster_id.empty()) {
                cluster_id = dir->dir->meta_properties()->cluster_id;
                break;
            }
        }
        if (const auto set = parts.metadata->run(SetClusterId{cluster_id}); !set) {
            return std::unexpected(set.error().message);
        }
    }
    if (auto claimed = claim_log_dirs(parts, self, parts.metadata->image()->cluster_id()); !claimed) {
        return std::unexpected(claimed.error());
    }
    // The topics of a taken-over log dir are leaderless without a broker.
    if (parts.metadata->image()->find_broker(self) == nullptr) {
        RegisterBroker event;
        event.broker.id = self;
        event.broker.rack = config->rack;
        if (const auto registered = parts.metadata->run(std::move(event)); !registered) {
            return std::unexpected(registered.error().message);
        }
    }
    if (is_new) {
        auto found = parts.partitions->found_topics();
        if (!found.empty()) {
            start_log.info("taking over {} topics that lie in the log dirs", found.size());
            const auto adopted = parts.metadata->run(AdoptTopics{std::move(found)});
            if (!adopted) return std::unexpected(adopted.error().message);
        }
    } else {
        parts.partitions->set_strays_aside(*parts.metadata->image());
    }

    std::int32_t group_partitions = config->offsets.topic_partitions;
    if (const TopicState* offsets = parts.metadata->image()->find_topic("__consumer_offsets")) {
        group_partitions = offsets->partition_count();  // as it was created; groups are spread by it
    }
    parts.group_logs.resize(static_cast<std::size_t>(group_partitions));
    parts.groups = std::make_unique<GroupService>(
        group_config(*config), group_partitions,
        [] { return GroupCoordinator::UuidSource([] { return hyphenated(random_uuid()); }); },
        [&observations = *parts.observations](const GroupEvent& event) { observe_group(observations, event); });

    parts.metadata->add_listener([&parts](const ClusterImagePtr& next, const ClusterDelta& delta) {
        parts.configs->on_metadata(*next, delta);
    });
    parts.metadata->add_listener([&parts](const ClusterImagePtr& next, const ClusterDelta& delta) {
        parts.partitions->on_metadata(next, delta);
    });
    parts.metadata->add_listener([&parts](const ClusterImagePtr&, const ClusterDelta& delta) {
        load_groups(parts, delta.created);
        forget_deleted_topics(parts, delta.deleted);
    });
    parts.metadata->add_listener([&parts](const ClusterImagePtr&, const ClusterDelta& delta) {
        observe_metadata(*parts.observations, delta);
    });
    return broker;
}

std::expected<void, std::string> register_broker(Broker& broker, const std::vector<Listener>& advertised) {
    const auto config = broker.configs->broker();
    RegisterBroker event;
    event.broker.id = config->node_id;
    event.broker.rack = config->rack;
    for (const Listener& listener : advertised) {
        event.broker.endpoints.push_back(
            {listener.name, std::string(name_of(listener.protocol)), listener.host, listener.port});
    }
    const auto registered = broker.metadata->run(std::move(event));
    if (!registered) return std::unexpected(registered.error().message);
    return {};
}

void start_background(Broker& broker) {
    broker.metadata->start();
    broker.partitions->start_housekeeping();
}

void begin_stop(Broker& broker) { broker.groups->unload_all(); }

void stop_broker(Broker& broker) {
    broker.metadata->stop();
    broker.partitions->close(1);
    broker.workers->stop();
}

}  // namespace mamba::broker
