#include "protocol/messages/list_config_resources.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "broker/handlers/config_handlers.h"

namespace mamba::broker {
namespace {

using Request = protocol::ListConfigResourcesRequest;
using Response = protocol::ListConfigResourcesResponse;

constexpr std::array all_types = {ConfigResourceType::topic, ConfigResourceType::broker,
                                  ConfigResourceType::broker_logger,
                                  ConfigResourceType::client_metrics, ConfigResourceType::group};

std::vector<std::string> resources_of(ConfigResourceType type, const ClusterImage& image) {
    std::vector<std::string> names;
    switch (type) {
        case ConfigResourceType::topic:
            for (const TopicState* topic : image.topics_by_name()) names.push_back(topic->name);
            break;
        case ConfigResourceType::broker:
        case ConfigResourceType::broker_logger:
            for (const auto& [id, broker] : image.brokers())
                names.push_back(std::to_string(id.value));
            break;
        default:
            names = image.configured(type);
    }
    return names;
}

}  // namespace

// Version 0 asks for client metrics, later ones for the types they name, or for all (KIP-1142).
void on_list_config_resources(ConfigServices services, const Request& request,
                              const RequestContext& context, Reply<Response> reply) {
    std::vector<ConfigResourceType> types;
    for (const std::int8_t type : request.resource_types)
        types.push_back(static_cast<ConfigResourceType>(type));
    if (context.version == 0) types = {ConfigResourceType::client_metrics};
    if (types.empty()) types.assign(all_types.begin(), all_types.end());

    const ClusterImagePtr image = services.metadata.image();
    Response response;
    for (const ConfigResourceType type : all_types) {
        if (std::ranges::find(types, type) == types.end()) continue;
        for (std::string& name : resources_of(type, *image)) {
            auto& resource = response.config_resources.emplace_back();
            resource.resource_name = std::move(name);
            resource.resource_type = static_cast<std::int8_t>(type);
        }
    }
    const bool knows_all = std::ranges::all_of(types, [](ConfigResourceType type) {
        return std::ranges::find(all_types, type) != all_types.end();
    });
    if (!knows_all) {
        response.error_code = to_wire(ErrorCode::unsupported_version);
        response.config_resources.clear();
    }
    reply(std::move(response));
}

}  // namespace mamba::broker
