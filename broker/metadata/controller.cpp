#include "broker/metadata/controller.h"

#include <algorithm>
#include <limits>
#include <set>

#include "broker/metadata/replica_placement.h"

namespace mamba::broker {

Controller::Controller(ControllerSettings settings, const ConfigRules& rules,
                       std::function<Uuid()> new_topic_id)
    : settings_(settings), rules_(&rules), new_topic_id_(std::move(new_topic_id)) {}

Decision<DeleteTopics::Answer> Controller::decide(const ClusterImage& image,
                                                  const DeleteTopics& event) {
    // How often each name and id is asked for: what is asked for twice is not deleted at all.
    std::map<std::string_view, int> names;
    std::map<Uuid, int> ids;
    const auto names_both = [](const DeleteTopics::Topic& topic) {
        return topic.name && !topic.id.is_zero();
    };
    for (const auto& topic : event.topics) {
        if (names_both(topic)) continue;
        if (topic.name) {
            ++names[*topic.name];
        } else if (!topic.id.is_zero()) {
            ++ids[topic.id];
        }
    }

    Decision<DeleteTopics::Answer> decision;
    std::set<std::string_view> names_answered;
    std::set<Uuid> ids_answered;
    const auto refuse = [&](const DeleteTopics::Topic& topic, ErrorCode code, std::string message) {
        decision.answer.push_back({topic.name, topic.id, {code, std::move(message)}});
    };
    for (const auto& topic : event.topics) {
        if (names_both(topic)) {
            refuse(topic, ErrorCode::invalid_request,
                   "You may not specify both topic name and topic id.");
            continue;
        }
        const TopicState* state = nullptr;
        if (topic.name) {
            if (!names_answered.insert(*topic.name).second) continue;
            if (names[*topic.name] > 1) {
                refuse(topic, ErrorCode::invalid_request, "Duplicate topic name.");
                continue;
            }
            state = image.find_topic(*topic.name);
            if (state == nullptr) {
                refuse(topic, ErrorCode::unknown_topic_or_partition,
                       "This server does not host this topic-partition.");
                continue;
            }
            if (ids.contains(state->id)) {
                decision.answer.push_back(
                    {topic.name,
                     state->id,
                     {ErrorCode::invalid_request,
                      "The provided topic name maps to an ID that was already supplied."}});
                continue;
            }
        } else if (topic.id.is_zero()) {
            refuse(topic, ErrorCode::invalid_request, "Neither topic name nor id were specified.");
            continue;
        } else {
            if (!ids_answered.insert(topic.id).second) continue;
            if (ids[topic.id] > 1) {
                refuse(topic, ErrorCode::invalid_request, "Duplicate topic id.");
                continue;
            }
            state = image.find_topic(topic.id);
            if (state == nullptr) {
                refuse(topic, ErrorCode::unknown_topic_id,
                       "This server does not host this topic ID.");
                continue;
            }
            // The name was asked for as well; that entry is the one that is answered.
            if (names.contains(state->name)) continue;
        }
        if (!settings_.delete_topic_enable) {
            refuse(topic, ErrorCode::topic_deletion_disabled, "Topic deletion is disabled.");
            continue;
        }
        decision.changes.push_back(TopicRemoved{state->name});
        if (!image.configs(ConfigResourceType::topic, state->name).empty()) {
            decision.changes.push_back(ConfigsSet{{ConfigResourceType::topic, state->name}, {}});
        }
        decision.answer.push_back({state->name, state->id, {}});
    }
    return decision;
}

Decision<AllocateProducerIds::Answer> Controller::decide(const ClusterImage& image,
                                                         const AllocateProducerIds&) {
    const ProducerId first = image.next_producer_id();
    // 2^63 ids in blocks of a thousand outlast the hardware; wrapping would give ids out twice.
    if (first.value > std::numeric_limits<std::int64_t>::max() - producer_id_block_size) {
        return {{}, {first, 0}};
    }
    return {{ProducerIdsSet{first + std::int64_t{producer_id_block_size}}},
            {first, producer_id_block_size}};
}

Decision<AdoptTopics::Answer> Controller::decide(const ClusterImage& image,
                                                 const AdoptTopics& event) {
    Decision<AdoptTopics::Answer> decision;
    std::set<std::string_view> adopted;
    const std::vector<BrokerId> all = ids_of(image.brokers());
    for (const auto& topic : event.topics) {
        const TopicState* known = image.find_topic(topic.name);
        const TopicState* same_id = image.find_topic(topic.id);
        if ((known != nullptr && known->id != topic.id) ||
            (same_id != nullptr && same_id->name != topic.name) || topic.id.is_zero() ||
            !adopted.insert(topic.name).second) {
            decision.answer.push_back(
                {ErrorCode::inconsistent_topic_id, "The folder of topic '" + topic.name +
                                                       "' has another topic id than the cluster."});
            continue;
        }
        if (all.empty()) {
            decision.answer.push_back(
                {ErrorCode::broker_not_available, "No broker is registered."});
            continue;
        }
        std::int32_t count = 0;
        for (const PartitionIndex index : topic.partitions)
            count = std::max(count, index.value + 1);
        const std::int32_t before = known == nullptr ? 0 : known->partition_count();
        decision.answer.emplace_back();
        if (count <= before) continue;
        auto next = known == nullptr ? std::make_shared<TopicState>()
                                     : std::make_shared<TopicState>(*known);
        next->name = topic.name;
        next->id = topic.id;
        const auto replicas = place_replicas(all, before, count - before, 1);
        for (const auto& each : replicas) next->partitions.push_back(new_partition(each));
        decision.changes.push_back(TopicSet{std::move(next)});
    }
    return decision;
}

Decision<RegisterBroker::Answer> Controller::decide(const ClusterImage& image,
                                                    const RegisterBroker& event) {
    Decision<RegisterBroker::Answer> decision;
    const BrokerRegistration* known = image.find_broker(event.broker.id);
    if (known == nullptr || *known != event.broker)
        decision.changes.push_back(BrokerSet{event.broker});
    if (image.brokers().empty()) {
        decision.changes.insert(decision.changes.end(), event.features.begin(),
                                event.features.end());
    }
    return decision;
}

Decision<SetClusterId::Answer> Controller::decide(const ClusterImage& image,
                                                  const SetClusterId& event) {
    if (!image.cluster_id().empty()) return {{}, {image.cluster_id()}};
    return {{ClusterIdSet{event.cluster_id}}, {event.cluster_id}};
}

}  // namespace mamba::broker
