#include "protocol/messages/incremental_alter_configs.h"

#include <fmt/core.h>

#include <utility>

#include "broker/handlers/config_alterations.h"

namespace mamba::broker {
namespace {

using Request = protocol::IncrementalAlterConfigsRequest;
using Response = protocol::IncrementalAlterConfigsResponse;

ConfigAlterations alterations_of(const Request& request) {
    ConfigAlterations alterations;
    alterations.validate_only = request.validate_only;
    for (const auto& asked : request.resources) {
        auto& resource = alterations.resources.emplace_back();
        resource.type = asked.resource_type;
        resource.name = asked.resource_name;
        for (const auto& config : asked.configs) {
            auto& edit = resource.edits.emplace_back();
            edit.name = config.name;
            if (config.value) edit.value = std::string(*config.value);
            if (config.config_operation < 0 || config.config_operation > 3) {
                resource.refusal = Refusal{ErrorCode::invalid_request,
                                           fmt::format("Unknown operation type id {}",
                                                       static_cast<int>(config.config_operation))};
            } else {
                edit.operation = static_cast<ChangeConfigs::Operation>(config.config_operation);
            }
        }
    }
    return alterations;
}

}  // namespace

void on_incremental_alter_configs(ConfigServices services, const Request& request,
                                  const RequestContext&, Reply<Response> reply) {
    alter_configs(services, alterations_of(request), reply_with_answers(std::move(reply)));
}

}  // namespace mamba::broker
