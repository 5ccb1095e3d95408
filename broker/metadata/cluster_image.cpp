#include "broker/metadata/cluster_image.h"

#include <algorithm>

namespace mamba::broker {
namespace {

const ConfigMapPtr& no_configs() {
    static const ConfigMapPtr empty = std::make_shared<const ConfigMap>();
    return empty;
}

template <class Map, class Same>
bool same_entries(const Map& a, const Map& b, Same same) {
    bool equal = a.size() == b.size();
    if (!equal) return false;
    Map::for_each_difference(a, b, [&](const auto&, const auto* before, const auto* after) {
        if (before == nullptr || after == nullptr || !same(*before, *after)) equal = false;
    });
    return equal;
}

}  // namespace

const Endpoint* BrokerRegistration::find_endpoint(std::string_view listener) const {
    const auto at = std::ranges::find(endpoints, listener, &Endpoint::listener);
    return at == endpoints.end() ? nullptr : &*at;
}

// Carries out one change on an image that nobody else sees yet.
struct ClusterImage::Applier {
    ClusterImage& image;

    void operator()(const ClusterIdSet& change) const { image.cluster_id_ = change.cluster_id; }
    void operator()(const BrokerSet& change) const {
        image.brokers_.insert_or_assign(change.broker.id, change.broker);
    }
    void operator()(const BrokerRemoved& change) const { image.brokers_.erase(change.id); }
    void operator()(const TopicSet& change) const {
        forget(change.topic->name);
        image.topics_.put(change.topic->name, change.topic);
        image.topics_by_id_.put(change.topic->id, change.topic);
        image.partition_count_ += change.topic->partitions.size();
    }
    void operator()(const TopicRemoved& change) const { forget(change.name); }
    void operator()(const ConfigsSet& change) const {
        auto& resources = image.configs_[change.resource.type];
        if (change.values.empty()) {
            resources.erase(change.resource.name);
        } else {
            resources.put(change.resource.name, std::make_shared<const ConfigMap>(change.values));
        }
    }
    void operator()(const ProducerIdsSet& change) const { image.next_producer_id_ = change.next; }
    void operator()(const FeatureSet& change) const {
        if (change.level == 0) {
            image.features_.erase(change.name);
        } else {
            image.features_.insert_or_assign(change.name, change.level);
        }
    }

private:
    void forget(const std::string& name) const {
        const TopicPtr* found = image.topics_.find(name);
        if (found == nullptr) return;
        const TopicPtr topic = *found;
        image.partition_count_ -= topic->partitions.size();
        image.topics_by_id_.erase(topic->id);
        image.topics_.erase(topic->name);
    }
};

ClusterImagePtr ClusterImage::apply(std::span<const Change> changes) const {
    auto next = std::make_shared<ClusterImage>(*this);
    for (const Change& change : changes) std::visit(Applier{*next}, change);
    return next;
}

const TopicState* ClusterImage::find_topic(std::string_view name) const {
    const TopicPtr* topic = topics_.find(name);
    return topic == nullptr ? nullptr : topic->get();
}

const TopicState* ClusterImage::find_topic(const Uuid& id) const {
    const TopicPtr* topic = topics_by_id_.find(id);
    return topic == nullptr ? nullptr : topic->get();
}

const PartitionState* ClusterImage::find_partition(std::string_view topic,
                                                   PartitionIndex index) const {
    const TopicState* state = find_topic(topic);
    return state == nullptr ? nullptr : state->find_partition(index);
}

TopicPtr ClusterImage::share_topic(std::string_view name) const {
    const TopicPtr* topic = topics_.find(name);
    return topic == nullptr ? nullptr : *topic;
}

std::vector<const TopicState*> ClusterImage::topics_by_name() const {
    std::vector<const TopicState*> topics;
    topics.reserve(topics_.size());
    for_each_topic([&](const TopicState& topic) { topics.push_back(&topic); });
    std::ranges::sort(topics, {}, &TopicState::name);
    return topics;
}

const BrokerRegistration* ClusterImage::find_broker(BrokerId id) const {
    const auto at = brokers_.find(id);
    return at == brokers_.end() ? nullptr : &at->second;
}

ConfigMapPtr ClusterImage::share_configs(ConfigResourceType type, std::string_view name) const {
    const auto resources = configs_.find(type);
    if (resources == configs_.end()) return no_configs();
    const ConfigMapPtr* found = resources->second.find(name);
    return found == nullptr ? no_configs() : *found;
}

const ConfigMap& ClusterImage::configs(ConfigResourceType type, std::string_view name) const {
    return *share_configs(type, name);  // the image, or the program, keeps it alive
}

std::vector<std::string> ClusterImage::configured(ConfigResourceType type) const {
    std::vector<std::string> names;
    const auto resources = configs_.find(type);
    if (resources == configs_.end()) return names;
    resources->second.for_each(
        [&](const std::string& name, const ConfigMapPtr&) { names.push_back(name); });
    std::ranges::sort(names);
    return names;
}

bool operator==(const ClusterImage& a, const ClusterImage& b) {
    const auto same_content = [](const auto& x, const auto& y) { return *x == *y; };
    static const ClusterImage::ConfigsByKey none;
    for (const auto& [type, resources] : a.configs_) {
        const auto other = b.configs_.find(type);
        if (!same_entries(resources, other == b.configs_.end() ? none : other->second,
                          same_content))
            return false;
    }
    for (const auto& [type, resources] : b.configs_) {
        if (!a.configs_.contains(type) && !resources.empty()) return false;
    }
    return a.cluster_id_ == b.cluster_id_ && a.brokers_ == b.brokers_ &&
           a.partition_count_ == b.partition_count_ && a.next_producer_id_ == b.next_producer_id_ &&
           a.features_ == b.features_ && same_entries(a.topics_, b.topics_, same_content) &&
           same_entries(a.topics_by_id_, b.topics_by_id_, same_content);
}

ClusterDelta ClusterDelta::between(const ClusterImage& before, const ClusterImage& after) {
    ClusterDelta delta;
    ClusterImage::TopicsByName::for_each_difference(
        before.topics_, after.topics_,
        [&](const std::string&, const TopicPtr* was, const TopicPtr* is) {
            if (was != nullptr && is != nullptr && (*was)->id == (*is)->id) {
                if (!(**was == **is)) delta.changed.push_back({*was, *is});
                return;
            }
            if (was != nullptr) delta.deleted.push_back(*was);
            if (is != nullptr) delta.created.push_back(*is);
        });

    static const ClusterImage::ConfigsByKey none;
    const auto resources_of = [](const ClusterImage& image,
                                 ConfigResourceType type) -> const auto& {
        const auto at = image.configs_.find(type);
        return at == image.configs_.end() ? none : at->second;
    };
    // A type once in an image stays in its successors, perhaps empty, but the two need not be
    // related.
    std::map<ConfigResourceType, bool> types;
    for (const auto& [type, resources] : before.configs_) types[type] = true;
    for (const auto& [type, resources] : after.configs_) types[type] = true;
    for (const auto& [type, present] : types) {
        ClusterImage::ConfigsByKey::for_each_difference(
            resources_of(before, type), resources_of(after, type),
            [&, changed_type = type](const std::string& name, const ConfigMapPtr* was,
                                     const ConfigMapPtr* is) {
                const ConfigMapPtr& old_values = was == nullptr ? no_configs() : *was;
                const ConfigMapPtr& new_values = is == nullptr ? no_configs() : *is;
                if (*old_values == *new_values) return;
                delta.configs.push_back({{changed_type, name}, old_values, new_values});
            });
    }

    delta.brokers_changed = before.brokers_ != after.brokers_;
    delta.features_changed = before.features_ != after.features_;
    return delta;
}

bool ClusterDelta::empty() const {
    return deleted.empty() && created.empty() && changed.empty() && configs.empty() &&
           !brokers_changed && !features_changed;
}

bool is_internal_topic(std::string_view name) {
    return name == "__consumer_offsets" || name == "__transaction_state" ||
           name == "__share_group_state";
}

}  // namespace mamba::broker
