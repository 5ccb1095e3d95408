// What AlterConfigs and IncrementalAlterConfigs have in common: resources are sorted into those
// that are stored in the cluster's metadata and those of this process, and the answers are put
// together again in the order of the request.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/handlers/config_handlers.h"

namespace mamba::broker {

struct ConfigAlterations {
    struct Resource {
        std::int8_t type = 0;  // as on the wire, perhaps a number that we do not know
        std::string name;
        std::vector<ChangeConfigs::Edit> edits;
        std::optional<Refusal> refusal;  // set when the request itself is wrong about it
    };
    std::vector<Resource> resources;
    bool replaces_all = false;  // AlterConfigs
    bool validate_only = false;
};

// Calls `done` once, with one answer for each resource, in their order.
void alter_configs(
    ConfigServices services, ConfigAlterations alterations,
    std::move_only_function<void(std::vector<ConfigAlterations::Resource>, std::vector<Refusal>)>
        done);

// What turns those answers into the response of either API, and replies with it.
template <typename Response>
auto reply_with_answers(Reply<Response> reply) {
    return [reply = std::move(reply)](std::vector<ConfigAlterations::Resource> resources,
                                      std::vector<Refusal> answers) mutable {
        Response response;
        for (std::size_t i = 0; i < resources.size(); ++i) {
            auto& result = response.responses.emplace_back();
            result.error_code = to_wire(answers[i].code);
            result.error_message.reset();
            if (answers[i]) result.error_message = std::move(answers[i].message);
            result.resource_type = resources[i].type;
            result.resource_name = std::move(resources[i].name);
        }
        reply(std::move(response));
    };
}

}  // namespace mamba::broker
