#include "protocol/messages/create_partitions.h"

#include <utility>

#include "broker/handlers/metadata_handlers.h"

namespace mamba::broker {
namespace {

using Request = protocol::CreatePartitionsRequest;
using Response = protocol::CreatePartitionsResponse;

CreatePartitions event_of(const Request& request) {
    CreatePartitions event;
    event.validate_only = request.validate_only;
    for (const auto& asked : request.topics) {
        auto& topic = event.topics.emplace_back();
        topic.name = asked.name;
        topic.count = asked.count;
        if (!asked.assignments) continue;
        topic.assignments.emplace();
        for (const auto& assignment : *asked.assignments) {
            auto& replicas = topic.assignments->emplace_back();
            for (const std::int32_t id : assignment.broker_ids) replicas.emplace_back(id);
        }
    }
    return event;
}

}  // namespace

void on_create_partitions(MetadataServices services, const Request& request, const RequestContext&,
                          Reply<Response> reply) {
    CreatePartitions event = event_of(request);
    std::vector<std::string> names;
    for (const auto& topic : event.topics) names.push_back(topic.name);
    auto answer = [names = std::move(names), reply = std::move(reply)](
                      MetadataService::Outcome<CreatePartitions> outcome) mutable {
        CreatePartitions::Answer extended;
        if (outcome) {
            extended = std::move(*outcome);
        } else {
            for (std::string& name : names) extended.push_back({std::move(name), outcome.error()});
        }
        Response response;
        for (auto& topic : extended) {
            auto& result = response.results.emplace_back();
            result.name = std::move(topic.name);
            result.error_code = to_wire(topic.refusal.code);
            if (!topic.refusal.message.empty())
                result.error_message = std::move(topic.refusal.message);
        }
        reply(std::move(response));
    };
    if (is_overdue(request.timeout_ms)) return answer(std::unexpected(overdue));
    services.metadata.submit(std::move(event),
                             MetadataService::OnOutcome<CreatePartitions>(std::move(answer)));
}

}  // namespace mamba::broker
