#include "protocol/messages/delete_topics.h"

#include <utility>

#include "broker/handlers/metadata_handlers.h"

namespace mamba::broker {
namespace {

using Request = protocol::DeleteTopicsRequest;
using Response = protocol::DeleteTopicsResponse;

// Topics have ids from version 6 on; before, the names are a list of their own.
DeleteTopics event_of(const Request& request) {
    DeleteTopics event;
    for (const auto& asked : request.topics) {
        auto& topic = event.topics.emplace_back();
        if (asked.name) topic.name = std::string(*asked.name);
        topic.id = asked.topic_id;
    }
    for (const std::string_view name : request.topic_names) {
        event.topics.push_back({std::string(name), Uuid()});
    }
    return event;
}

}  // namespace

void on_delete_topics(MetadataServices services, const Request& request,
                      const RequestContext& context, Reply<Response> reply) {
    DeleteTopics event = event_of(request);
    auto answer = [version = context.version, asked = event.topics, reply = std::move(reply)](
                      MetadataService::Outcome<DeleteTopics> outcome) mutable {
        DeleteTopics::Answer deleted;
        if (outcome) {
            deleted = std::move(*outcome);
        } else {
            for (auto& topic : asked) {
                deleted.push_back({std::move(topic.name), topic.id, outcome.error()});
            }
        }
        Response response;
        for (auto& topic : deleted) {
            auto& result = response.responses.emplace_back();
            result.name = std::move(topic.name);
            if (version >= 6) result.topic_id = topic.id;
            result.error_code = to_wire(topic.refusal.code);
            if (!topic.refusal.message.empty() && version >= 5)
                result.error_message = std::move(topic.refusal.message);
        }
        reply(std::move(response));
    };
    if (is_overdue(request.timeout_ms)) return answer(std::unexpected(overdue));
    services.metadata.submit(std::move(event),
                             MetadataService::OnOutcome<DeleteTopics>(std::move(answer)));
}

}  // namespace mamba::broker
