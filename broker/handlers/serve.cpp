#include "broker/handlers/serve.h"

#include <utility>

#include "broker/broker.h"
#include "protocol/messages/all.h"

namespace mamba::broker {
namespace {

// What each family of handlers works on.
void with_broker(Broker& broker, const auto& call) { call(broker); }
void with_metadata(Broker& broker, const auto& call) {
    call(MetadataServices{*broker.metadata, *broker.configs, *broker.producer_ids});
}
void with_configs(Broker& broker, const auto& call) { call(ConfigServices{*broker.metadata, *broker.configs}); }
void with_groups(Broker& broker, const auto& call) { call(*broker.groups); }
void with_committed_offsets(Broker& broker, const auto& call) { call(*broker.groups, *broker.metadata->image()); }

}  // namespace

#define MAMBA_SERVE(Name, name, parts)                                                                \
    void serve(Broker& broker, const protocol::Name##Request& request, const RequestContext& context, \
               Reply<protocol::Name##Response> reply) {                                              \
        with_##parts(broker, [&](auto&&... on) {                                                      \
            on_##name(std::forward<decltype(on)>(on)..., request, context, std::move(reply));         \
        });                                                                                           \
    }
MAMBA_HANDLERS(MAMBA_SERVE)
#undef MAMBA_SERVE

}  // namespace mamba::broker
