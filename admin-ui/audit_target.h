// What a change was made to, in words, for the audit: "topic orders", "group billing", "broker 1".
#pragma once

#include <string>

#include "admin-ui/router.h"

namespace mamba::admin {

// By the address, or by the body where that has the names: several topics are "topic a, topic b". Where
// nothing is named it is what the route asks Kafka for, "cluster".
std::string audit_target_of(const Route& route, Captures captures, const Request& request);

}  // namespace mamba::admin
