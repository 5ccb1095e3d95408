#include "protocol/messages/alter_configs.h"

#include <utility>

#include "broker/handlers/config_alterations.h"

namespace mamba::broker {
namespace {

using Request = protocol::AlterConfigsRequest;
using Response = protocol::AlterConfigsResponse;

ConfigAlterations alterations_of(const Request& request) {
    ConfigAlterations alterations;
    alterations.validate_only = request.validate_only;
    alterations.replaces_all = true;
    for (const auto& asked : request.resources) {
        auto& resource = alterations.resources.emplace_back();
        resource.type = asked.resource_type;
        resource.name = asked.resource_name;
        for (const auto& config : asked.configs) {
            auto& edit = resource.edits.emplace_back();
            edit.name = config.name;
            if (config.value) edit.value = std::string(*config.value);
        }
    }
    return alterations;
}

}  // namespace

void on_alter_configs(ConfigServices services, const Request& request, const RequestContext&,
                      Reply<Response> reply) {
    alter_configs(services, alterations_of(request), reply_with_answers(std::move(reply)));
}

}  // namespace mamba::broker
