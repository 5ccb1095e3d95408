// One overload per API: takes a decoded request to its handler with the parts that it works on.
//
// The dispatcher comes here with what arrived on a socket, the console with what a person asked for:
// both get the same checks and the same errors.
#pragma once

#include "broker/handlers/handlers.h"

namespace mamba::broker {

#define MAMBA_DECLARE(Name, name, parts)                                                     \
    void serve(Broker& broker, const protocol::Name##Request& request, const RequestContext& context, \
               Reply<protocol::Name##Response> reply);
MAMBA_HANDLERS(MAMBA_DECLARE)
#undef MAMBA_DECLARE

}  // namespace mamba::broker
