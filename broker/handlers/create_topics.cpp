#include "protocol/messages/create_topics.h"

#include <utility>

#include "broker/handlers/metadata_handlers.h"

namespace mamba::broker {
namespace {

using Request = protocol::CreateTopicsRequest;
using Response = protocol::CreateTopicsResponse;

CreateTopics event_of(const Request& request, Timestamp now) {
    CreateTopics event;
    event.now = now;
    event.validate_only = request.validate_only;
    for (const auto& asked : request.topics) {
        CreateTopics::Topic& topic = event.topics.emplace_back();
        topic.name = asked.name;
        topic.partition_count = asked.num_partitions;
        topic.replication_factor = asked.replication_factor;
        for (const auto& assignment : asked.assignments) {
            auto& out = topic.assignments.emplace_back();
            out.partition = PartitionIndex(assignment.partition_index);
            for (const std::int32_t id : assignment.broker_ids) out.replicas.emplace_back(id);
        }
        for (const auto& config : asked.configs) {
            topic.configs.emplace_back(std::string(config.name), config.value);
        }
    }
    return event;
}

// All settings of the new topic, as DescribeConfigs would list them (KIP-525). The topic may be one
// that was only validated, so it is looked at in an image of its own.
void add_configs(const ClusterImage& image, const ConfigService& configs,
                 const CreateTopics::Created& created, Response::CreatableTopicResult& result) {
    const ConfigResource resource{ConfigResourceType::topic, created.name};
    const Change changes[] = {TopicSet{created.topic}, ConfigsSet{resource, created.configs}};
    const ClusterImagePtr with_topic = image.apply(changes);
    const auto described = configs.rules().describe(*with_topic, resource, std::nullopt);
    if (!described) {
        result.topic_config_error_code = to_wire(described.error().code);
        return;
    }
    for (const ConfigDescription& description : *described) {
        auto& out = result.configs->emplace_back();
        out.name = description.value.name;
        // What the request has set is told as it was written ("TRUE"), unlike in DescribeConfigs.
        const auto set = created.configs.find(out.name);
        out.value = set == created.configs.end() ? description.value.value : set->second;
        out.read_only = description.read_only;
        out.config_source = static_cast<std::int8_t>(description.value.source);
        out.is_sensitive = description.is_sensitive;
    }
}

void refuse(Response::CreatableTopicResult& result, const Refusal& refusal) {
    result.error_code = to_wire(refusal.code);
    result.error_message.reset();
    if (!refusal.message.empty()) result.error_message = refusal.message;
}

}  // namespace

void on_create_topics(MetadataServices services, const Request& request,
                      const RequestContext& context, Reply<Response> reply) {
    CreateTopics event = event_of(request, context.now);
    std::vector<std::string> names;
    for (const auto& topic : event.topics) names.push_back(topic.name);
    auto answer = [services, version = context.version, names = std::move(names),
                   reply =
                       std::move(reply)](MetadataService::Outcome<CreateTopics> outcome) mutable {
        Response response;
        if (!outcome) {
            for (std::string& name : names) {
                auto& result = response.topics.emplace_back();
                result.name = std::move(name);
                refuse(result, outcome.error());
            }
            return reply(std::move(response));
        }
        const ClusterImagePtr image = services.metadata.image();
        for (const CreateTopics::Created& created : *outcome) {
            auto& result = response.topics.emplace_back();
            result.name = created.name;
            if (created.refusal) {
                refuse(result, created.refusal);
                continue;
            }
            result.error_message.reset();
            if (version >= 7) result.topic_id = created.topic->id;
            if (version < 5) continue;
            result.num_partitions = created.topic->partition_count();
            result.replication_factor =
                static_cast<std::int16_t>(created.topic->partitions.front().replicas.size());
            add_configs(*image, services.configs, created, result);
        }
        reply(std::move(response));
    };
    if (is_overdue(request.timeout_ms)) return answer(std::unexpected(overdue));
    services.metadata.submit(std::move(event),
                             MetadataService::OnOutcome<CreateTopics>(std::move(answer)));
}

}  // namespace mamba::broker
