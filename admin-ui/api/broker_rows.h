// A broker as a row of tables, for all answers that show one.
#pragma once

#include "admin-ui/console.h"
#include "admin-ui/json.h"

namespace mamba::admin {

// What is known of itself only is null for another broker than this one.
json::object describe_broker(Console& console, const broker::BrokerRegistration& broker);

}  // namespace mamba::admin
