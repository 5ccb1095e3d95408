// Everything the broker knows of its cluster at one instant, as an immutable value.
//
// An image is made from the one before by a list of changes and never altered afterwards; readers
// hold it by shared pointer for as long as they like. Images of neighbouring revisions share what
// they have in common. All times and places where metadata comes in (loading the store, a decision
// of the controller) go through apply(), so that they cannot disagree.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/metadata/shared_map.h"
#include "protocol/types.h"

namespace mamba::broker {

struct Endpoint {
    std::string listener;           // such as "PLAINTEXT"
    std::string security_protocol;  // such as "PLAINTEXT", "SASL_SSL"
    std::string host;               // as advertised
    std::int32_t port = 0;          // as advertised

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct BrokerRegistration {
    BrokerId id = no_broker;
    std::vector<Endpoint> endpoints;
    std::optional<std::string> rack;

    // The endpoint of `listener`; null when the broker has none of that name.
    const Endpoint* find_endpoint(std::string_view listener) const;

    friend bool operator==(const BrokerRegistration&, const BrokerRegistration&) = default;
};

struct PartitionState {
    std::vector<BrokerId> replicas;  // the first is the preferred leader
    std::vector<BrokerId> isr;
    BrokerId leader = no_broker;
    LeaderEpoch leader_epoch{0};
    std::int32_t partition_epoch = 0;  // rises with every change of the partition

    friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

struct TopicState {
    std::string name;
    Uuid id;
    std::vector<PartitionState> partitions;  // by partition index, without holes
    Timestamp created = no_timestamp;        // unknown of topics that were taken over

    std::int32_t partition_count() const { return static_cast<std::int32_t>(partitions.size()); }
    // Null when the index is negative or too large.
    const PartitionState* find_partition(PartitionIndex index) const {
        return index.value >= 0 && index.value < partition_count()
                   ? &partitions[static_cast<std::size_t>(index.value)]
                   : nullptr;
    }

    friend bool operator==(const TopicState&, const TopicState&) = default;
};
using TopicPtr = std::shared_ptr<const TopicState>;

// The numbers are the wire's. Source: KIP-133, KIP-412, KIP-714, KIP-848.
enum class ConfigResourceType : std::int8_t {
    unknown = 0,
    topic = 2,
    broker = 4,
    broker_logger = 8,
    client_metrics = 16,
    group = 32,
};

struct ConfigResource {
    ConfigResourceType type = ConfigResourceType::unknown;
    std::string name;  // a broker's id as text; empty: the default of all brokers

    friend auto operator<=>(const ConfigResource&, const ConfigResource&) = default;
};

// What was set for one resource, by config name; defaults are not in here.
using ConfigMap = std::map<std::string, std::string, std::less<>>;
using ConfigMapPtr = std::shared_ptr<const ConfigMap>;

// The changes that an image can take. Each stands for one key of the metadata store.
struct ClusterIdSet {
    std::string cluster_id;
    friend bool operator==(const ClusterIdSet&, const ClusterIdSet&) = default;
};
struct BrokerSet {
    BrokerRegistration broker;
    friend bool operator==(const BrokerSet&, const BrokerSet&) = default;
};
struct BrokerRemoved {
    BrokerId id = no_broker;
    friend bool operator==(const BrokerRemoved&, const BrokerRemoved&) = default;
};
struct TopicSet {  // created, or changed as a whole
    TopicPtr topic;
    friend bool operator==(const TopicSet& a, const TopicSet& b) { return *a.topic == *b.topic; }
};
struct TopicRemoved {
    std::string name;
    friend bool operator==(const TopicRemoved&, const TopicRemoved&) = default;
};
struct ConfigsSet {  // an empty map removes the resource
    ConfigResource resource;
    ConfigMap values;
    friend bool operator==(const ConfigsSet&, const ConfigsSet&) = default;
};
struct ProducerIdsSet {
    ProducerId next{0};  // the first id that no block has given out
    friend bool operator==(const ProducerIdsSet&, const ProducerIdsSet&) = default;
};
struct FeatureSet {
    std::string name;
    std::int16_t level = 0;  // 0 removes the feature
    friend bool operator==(const FeatureSet&, const FeatureSet&) = default;
};
using Change = std::variant<ClusterIdSet, BrokerSet, BrokerRemoved, TopicSet, TopicRemoved, ConfigsSet,
                            ProducerIdsSet, FeatureSet>;

class ClusterImage;
using ClusterImagePtr = std::shared_ptr<const ClusterImage>;

class ClusterImage {
public:
    // This image with `changes`, in their order.
    ClusterImagePtr apply(std::span<const Change> changes) const;

    const std::string& cluster_id() const { return cluster_id_; }

    // Null when there is none. The pointers live as long as the image.
    const TopicState* find_topic(std::string_view name) const;
    const TopicState* find_topic(const Uuid& id) const;
    const PartitionState* find_partition(std::string_view topic, PartitionIndex index) const;
    // For those who keep the topic longer than the image.
    TopicPtr share_topic(std::string_view name) const;

    std::size_t topic_count() const { return topics_.size(); }
    std::size_t partition_count() const { return partition_count_; }  // of all topics
    // Calls `visit(const TopicState&)` for every topic, in no particular order.
    template <class Visit>
    void for_each_topic(Visit visit) const {
        topics_.for_each([&](const std::string&, const TopicPtr& topic) { visit(*topic); });
    }
    // In order of their names.
    std::vector<const TopicState*> topics_by_name() const;

    // In order of their ids.
    const std::map<BrokerId, BrokerRegistration>& brokers() const { return brokers_; }
    const BrokerRegistration* find_broker(BrokerId id) const;

    // What was set for a resource; an empty map when nothing was. The pointer form is for caches:
    // the same pointer means that nothing has changed.
    const ConfigMap& configs(ConfigResourceType type, std::string_view name) const;
    ConfigMapPtr share_configs(ConfigResourceType type, std::string_view name) const;
    // All resources of a type for which something is set, in order of their names.
    std::vector<std::string> configured(ConfigResourceType type) const;

    ProducerId next_producer_id() const { return next_producer_id_; }
    const std::map<std::string, std::int16_t, std::less<>>& features() const { return features_; }

    friend bool operator==(const ClusterImage& a, const ClusterImage& b);

private:
    friend struct ClusterDelta;

    struct Applier;
    using TopicsByName = SharedMap<std::string, TopicPtr>;
    using ConfigsByKey = SharedMap<std::string, ConfigMapPtr>;

    std::string cluster_id_;
    std::map<BrokerId, BrokerRegistration> brokers_;
    TopicsByName topics_;
    SharedMap<Uuid, TopicPtr> topics_by_id_;
    std::map<ConfigResourceType, ConfigsByKey> configs_;
    std::size_t partition_count_ = 0;
    ProducerId next_producer_id_{0};
    std::map<std::string, std::int16_t, std::less<>> features_;
};

// What one image has that another has not. A topic that was deleted and created again between the
// two is in both lists, with its two ids.
struct ClusterDelta {
    struct TopicChange {
        TopicPtr before;
        TopicPtr after;  // the same id; more partitions, or other leaders
    };
    struct ConfigChange {
        ConfigResource resource;
        ConfigMapPtr before;  // never null: an empty map when nothing was set
        ConfigMapPtr after;   // likewise
    };

    std::vector<TopicPtr> deleted;  // deletions come first: a name may be taken again
    std::vector<TopicPtr> created;
    std::vector<TopicChange> changed;
    std::vector<ConfigChange> configs;
    bool brokers_changed = false;
    bool features_changed = false;

    static ClusterDelta between(const ClusterImage& before, const ClusterImage& after);
    bool empty() const;
};

// True for the topics that the broker itself keeps its state in. Source: Kafka's internal topics.
bool is_internal_topic(std::string_view name);

}  // namespace mamba::broker
