// What a broker's settings must be beside each other, when they are changed at run time; what each
// must be alone is in config_keys.h. In Kafka's words where they make sense without Java.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "broker/metadata/controller.h"

namespace mamba::broker {

// `values` are those in force and have passed their own checks; one that is not there has its
// default. `retention_ms` is how long records are kept, from whichever setting tells it.
Refusal check_broker_rules(const std::map<std::string, std::string, std::less<>>& values,
                           std::int64_t retention_ms);

}  // namespace mamba::broker
