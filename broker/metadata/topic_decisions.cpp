// The controller's decisions about creating topics and adding partitions.
#include <algorithm>
#include <map>
#include <set>

#include "broker/metadata/controller.h"
#include "broker/metadata/replica_placement.h"
#include "broker/metadata/topic_name.h"

namespace mamba::broker {
namespace {

using NewTopic = CreateTopics::Topic;

// How many partitions the topic would get; never negative.
std::int64_t partitions_asked(const NewTopic& topic, const ControllerSettings& settings) {
    if (!topic.assignments.empty()) return static_cast<std::int64_t>(topic.assignments.size());
    if (topic.partition_count == -1) return settings.num_partitions;
    return std::max(topic.partition_count, 0);
}

// Existing names by what they collide on. Built once per event; only names with '.' or '_' can
// collide, so the topics without are left out.
class Collisions {
public:
    explicit Collisions(const ClusterImage& image) : image_(image) {}

    // The existing topic that `name` collides with; null when there is none.
    const std::string* find(std::string_view name) {
        if (name.find_first_of("._") == std::string_view::npos) return nullptr;
        if (!built_) {
            image_.for_each_topic([&](const TopicState& topic) {
                if (topic.name.find_first_of("._") != std::string::npos)
                    names_.emplace(topic_collision_key(topic.name), &topic.name);
            });
            built_ = true;
        }
        const auto at = names_.find(topic_collision_key(name));
        return at == names_.end() || *at->second == name ? nullptr : at->second;
    }

private:
    const ClusterImage& image_;
    std::map<std::string, const std::string*> names_;
    bool built_ = false;
};

Refusal check_name(const ClusterImage& image, Collisions& collisions, const NewTopic& topic) {
    if (image.find_topic(topic.name) != nullptr) {
        return {ErrorCode::topic_already_exists, "Topic '" + topic.name + "' already exists."};
    }
    if (auto fault = topic_name_fault(topic.name)) {
        return {ErrorCode::invalid_topic_exception, std::move(*fault)};
    }
    // Kafka keeps its cluster metadata in a log of this name.
    if (topic.name == "__cluster_metadata") {
        return {ErrorCode::invalid_request,
                "Creation of internal topic " + topic.name + " is prohibited."};
    }
    if (const std::string* other = collisions.find(topic.name)) {
        return {ErrorCode::invalid_topic_exception,
                "Topic '" + topic.name + "' collides with existing topic: " + *other};
    }
    return {};
}

Refusal place_by_hand(const ClusterImage& image, const NewTopic& topic, TopicState& out) {
    if (topic.replication_factor != -1) {
        return {
            ErrorCode::invalid_request,
            "A manual partition assignment was specified, but replication factor was not set to "
            "-1."};
    }
    if (topic.partition_count != -1) {
        return {
            ErrorCode::invalid_request,
            "A manual partition assignment was specified, but numPartitions was not set to -1."};
    }
    std::map<PartitionIndex, const PartitionAssignment*> by_index;
    std::size_t replication_factor = 0;  // the first partition's is everyone's
    for (const auto& assignment : topic.assignments) {
        if (!by_index.emplace(assignment.partition, &assignment).second) {
            return {ErrorCode::invalid_replica_assignment,
                    "Found multiple manual partition assignments for partition " +
                        std::to_string(assignment.partition.value)};
        }
        if (Refusal refusal = check_replicas(image, assignment.replicas, replication_factor))
            return refusal;
        replication_factor = assignment.replicas.size();
    }
    for (const auto& [index, assignment] : by_index) {
        if (index.value != out.partition_count()) {
            return {ErrorCode::invalid_replica_assignment,
                    "partitions should be a consecutive 0-based integer sequence"};
        }
        out.partitions.push_back(new_partition(assignment->replicas));
    }
    return {};
}

Refusal place_by_cluster(const ClusterImage& image, const ControllerSettings& settings,
                         const NewTopic& topic, TopicState& out) {
    const std::int16_t factor = topic.replication_factor == -1 ? settings.default_replication_factor
                                                               : topic.replication_factor;
    if (factor <= 0) {
        return {ErrorCode::invalid_replication_factor,
                "Replication factor must be larger than 0, or -1 to use the default value."};
    }
    const std::int32_t count =
        topic.partition_count == -1 ? settings.num_partitions : topic.partition_count;
    if (count <= 0) {
        return {ErrorCode::invalid_partitions,
                "Number of partitions was set to an invalid non-positive value."};
    }
    const std::vector<BrokerId> brokers = ids_of(image.brokers());
    if (static_cast<std::size_t>(factor) > brokers.size()) {
        return {ErrorCode::invalid_replication_factor,
                "Unable to replicate the partition " + std::to_string(factor) +
                    " time(s): The target replication factor of " + std::to_string(factor) +
                    " cannot be reached because only " + std::to_string(brokers.size()) +
                    " broker(s) are registered or some brokers have all their log directories "
                    "cordoned."};
    }
    for (const auto& replicas : place_replicas(brokers, 0, count, factor)) {
        out.partitions.push_back(new_partition(replicas));
    }
    return {};
}

// Settings of a new topic, a name given twice taking the last value; or why they cannot be.
Refusal collect_configs(const NewTopic& topic, const ConfigRules& rules, ConfigMap& out) {
    std::string without_value;
    for (const auto& [name, value] : topic.configs) {
        if (value) {
            out.insert_or_assign(name, *value);
        } else {
            without_value += (without_value.empty() ? "" : ",") + name;
        }
    }
    if (!without_value.empty()) {
        return {ErrorCode::invalid_config,
                "Null value not supported for topic configs: " + without_value};
    }
    if (out.empty()) return {};
    return rules.check({ConfigResourceType::topic, topic.name}, {}, out);
}

Refusal check_added(const ClusterImage& image, const CreatePartitions::Topic& topic,
                    const TopicState* state) {
    if (state == nullptr) return {ErrorCode::unknown_topic_or_partition, ""};
    const std::int32_t before = state->partition_count();
    if (topic.count == before) {
        return {ErrorCode::invalid_partitions,
                "Topic already has " + std::to_string(before) + " partition(s)."};
    }
    if (topic.count < before) {
        return {ErrorCode::invalid_partitions,
                "The topic " + topic.name + " currently has " + std::to_string(before) +
                    " partition(s); " + std::to_string(topic.count) + " would not be an increase."};
    }
    if (!topic.assignments) {
        // Brokers may have gone since the topic was made; placing asserts that there are enough.
        const std::size_t factor = state->partitions.front().replicas.size();
        if (factor > image.brokers().size()) {
            return {ErrorCode::invalid_replication_factor,
                    "The topic has " + std::to_string(factor) + " replicas, but only " +
                        std::to_string(image.brokers().size()) + " broker(s) are registered."};
        }
        return {};
    }
    const std::size_t added = static_cast<std::size_t>(topic.count - before);
    if (topic.assignments->size() != added) {
        return {ErrorCode::invalid_replica_assignment,
                "Attempted to add " + std::to_string(added) +
                    " additional partition(s), but only " +
                    std::to_string(topic.assignments->size()) + " assignment(s) were specified."};
    }
    for (const auto& replicas : *topic.assignments) {
        if (Refusal refusal =
                check_replicas(image, replicas, state->partitions.front().replicas.size()))
            return refusal;
    }
    return {};
}

template <class Topic>
std::map<std::string_view, int> times_named(const std::vector<Topic>& topics) {
    std::map<std::string_view, int> times;
    for (const auto& topic : topics) ++times[topic.name];
    return times;
}

const Refusal too_many{ErrorCode::policy_violation,
                       "Excessively large number of partitions per request."};
const Refusal duplicate{ErrorCode::invalid_request, "Duplicate topic name."};

}  // namespace

Decision<CreateTopics::Answer> Controller::decide(const ClusterImage& image,
                                                  const CreateTopics& event) {
    Decision<CreateTopics::Answer> decision;
    const auto times = times_named(event.topics);
    std::int64_t partitions = 0;
    for (const NewTopic& topic : event.topics) partitions += partitions_asked(topic, settings_);

    Collisions collisions(image);
    std::set<std::string_view> answered;
    for (const NewTopic& topic : event.topics) {
        if (!answered.insert(topic.name).second) continue;
        CreateTopics::Created& created = decision.answer.emplace_back();
        created.name = topic.name;
        if (times.at(topic.name) > 1) {
            created.refusal = duplicate;
            continue;
        }
        if (partitions > partition_mutations_max) {
            created.refusal = too_many;
            continue;
        }
        auto state = std::make_shared<TopicState>();
        state->name = topic.name;
        created.refusal = check_name(image, collisions, topic);
        if (!created.refusal) {
            created.refusal = collect_configs(topic, *rules_, created.configs);
        }
        if (!created.refusal) {
            created.refusal = topic.assignments.empty()
                                  ? place_by_cluster(image, settings_, topic, *state)
                                  : place_by_hand(image, topic, *state);
        }
        if (created.refusal) {
            created.configs.clear();
            continue;
        }
        state->id = new_topic_id_();
        state->created = event.now;
        created.topic = state;
        if (event.validate_only) continue;
        decision.changes.push_back(TopicSet{std::move(state)});
        if (!created.configs.empty()) {
            decision.changes.push_back(
                ConfigsSet{{ConfigResourceType::topic, topic.name}, created.configs});
        }
    }
    return decision;
}

Decision<CreatePartitions::Answer> Controller::decide(const ClusterImage& image,
                                                      const CreatePartitions& event) {
    Decision<CreatePartitions::Answer> decision;
    const auto times = times_named(event.topics);
    std::int64_t added = 0;
    for (const auto& topic : event.topics) {
        const TopicState* state = image.find_topic(topic.name);
        if (state == nullptr || topic.count <= state->partition_count()) continue;
        added += topic.count - state->partition_count();
    }

    std::set<std::string_view> answered;
    for (const auto& topic : event.topics) {
        if (!answered.insert(topic.name).second) continue;
        const TopicState* state = image.find_topic(topic.name);
        Refusal refusal = times.at(topic.name) > 1 ? duplicate : check_added(image, topic, state);
        if (!refusal && added > partition_mutations_max) refusal = too_many;
        decision.answer.push_back({topic.name, refusal});
        if (refusal || event.validate_only) continue;

        auto next = std::make_shared<TopicState>(*state);
        const auto replicas =
            topic.assignments
                ? *topic.assignments
                : place_replicas(
                      ids_of(image.brokers()), state->partition_count(),
                      topic.count - state->partition_count(),
                      static_cast<std::int16_t>(state->partitions.front().replicas.size()));
        for (const auto& each : replicas) next->partitions.push_back(new_partition(each));
        decision.changes.push_back(TopicSet{std::move(next)});
    }
    return decision;
}

}  // namespace mamba::broker
