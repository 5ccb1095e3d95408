#include "protocol/messages/describe_configs.h"

#include <algorithm>
#include <utility>

#include "broker/handlers/config_handlers.h"
#include "broker/logging.h"

namespace mamba::broker {
namespace {

using Request = protocol::DescribeConfigsRequest;
using Resource = Request::DescribeConfigsResource;
using Response = protocol::DescribeConfigsResponse;

std::expected<std::vector<ConfigDescription>, Refusal> describe_loggers(
    const DynamicConfig& rules, std::string_view broker_name,
    const std::optional<std::vector<std::string>>& names) {
    if (broker_name.empty())
        return std::unexpected(Refusal{ErrorCode::invalid_request, "Broker id must not be empty"});
    if (auto refusal = rules.check_own(broker_name)) return std::unexpected(std::move(refusal));
    std::vector<ConfigDescription> loggers;
    for (const auto& [name, level] : log_levels()) {
        if (names && !names->empty() && std::ranges::find(*names, name) == names->end()) continue;
        ConfigDescription one;
        one.value = {name, std::string(name_of(level)), ConfigSource::dynamic_broker_logger};
        loggers.push_back(std::move(one));
    }
    return loggers;
}

bool is_described(std::int8_t type) {
    switch (static_cast<ConfigResourceType>(type)) {
        case ConfigResourceType::topic:
        case ConfigResourceType::broker:
        case ConfigResourceType::broker_logger:
        case ConfigResourceType::client_metrics:
        case ConfigResourceType::group:
            return true;
        default:
            return false;
    }
}

// A kind of resource that Kafka does not know spoils the whole request.
Response refuse_all(const Request& request) {
    Response response;
    for (const auto& asked : request.resources) {
        auto& result = response.results.emplace_back();
        result.resource_type = asked.resource_type;
        result.resource_name = asked.resource_name;
        result.error_code = to_wire(ErrorCode::invalid_request);
        result.error_message =
            "This most likely occurs because of a request being malformed by the client library or "
            "the message was sent to an incompatible broker. See the broker logs for more details.";
    }
    return response;
}

void fill(Response::DescribeConfigsResult& result, std::vector<ConfigDescription> descriptions,
          const Request& request) {
    result.configs.reserve(descriptions.size());
    for (ConfigDescription& one : descriptions) {
        auto& config = result.configs.emplace_back();
        config.name = std::move(one.value.name);
        config.value = std::move(one.value.value);
        config.read_only = one.read_only;
        config.config_source = static_cast<std::int8_t>(one.value.source);
        config.is_sensitive = one.is_sensitive;
        config.config_type = static_cast<std::int8_t>(one.type);
        // A logger has no documentation, which Kafka tells by an empty text instead of null.
        if (one.value.source != ConfigSource::dynamic_broker_logger) config.documentation.reset();
        if (request.include_documentation && !one.documentation.empty())
            config.documentation = std::string(one.documentation);
        if (!request.include_synonyms) continue;
        for (ConfigValue& synonym : one.synonyms) {
            auto& listed = config.synonyms.emplace_back();
            listed.name = std::move(synonym.name);
            listed.value = std::move(synonym.value);
            listed.source = static_cast<std::int8_t>(synonym.source);
        }
    }
}

}  // namespace

void on_describe_configs(ConfigServices services, const Request& request, const RequestContext&,
                         Reply<Response> reply) {
    if (!std::ranges::all_of(request.resources, is_described, &Resource::resource_type))
        return reply(refuse_all(request));
    const ClusterImagePtr image = services.metadata.image();
    const DynamicConfig& rules = services.configs.rules();
    Response response;
    for (const auto& asked : request.resources) {
        auto& result = response.results.emplace_back();
        result.resource_type = asked.resource_type;
        result.resource_name = asked.resource_name;
        std::optional<std::vector<std::string>> names;
        if (asked.configuration_keys)
            names.emplace(asked.configuration_keys->begin(), asked.configuration_keys->end());
        const ConfigResource resource{static_cast<ConfigResourceType>(asked.resource_type),
                                      std::string(asked.resource_name)};
        auto described = resource.type == ConfigResourceType::broker_logger
                             ? describe_loggers(rules, resource.name, names)
                             : rules.describe(*image, resource, names);
        if (described) {
            result.error_message = "";
            fill(result, std::move(*described), request);
        } else {
            result.error_code = to_wire(described.error().code);
            result.error_message = std::move(described.error().message);
        }
    }
    reply(std::move(response));
}

}  // namespace mamba::broker
