// Who writes to a topic: producers with an id, which the log knows, and connections that write without one.
#pragma once

#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {

// By client id: of those with a producer id who has written in the last five minutes, of the others who is
// connected and has written.
json::array recent_producers_of(Console& console, const broker::TopicState& topic);

}  // namespace mamba::admin
