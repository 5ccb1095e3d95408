// Where the broker's static settings come from, and how they are read.
//
//     --override key=value   wins over   MAMBAMQ_LOG_RETENTION_MS=1   wins over   server.properties
//
// The file is a Java properties text (log/java_properties.h). Pure: text in, values out; any bytes
// give a result.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mamba::broker {

struct SettingSources {
    std::string_view file{};       // its text; empty when there is none
    std::string_view file_name{};  // for messages
    std::vector<std::pair<std::string, std::string>>
        environment{};                     // all of it; others are skipped
    std::vector<std::string> overrides{};  // "key=value", the last one wins
};

struct StaticSettings {
    std::map<std::string, std::string, std::less<>> values;  // what was set, by Kafka's names
    std::vector<std::string> warnings;  // unknown names, with the nearest known one
    std::vector<std::string> notes;     // settings that are accepted and have no effect, with the reason
    std::vector<std::string> errors;    // wrong values: name, value, what is allowed
};
StaticSettings read_settings(const SettingSources& sources);

// "MAMBAMQ_LOG_RETENTION_MS" for "log.retention.ms".
std::string environment_name(std::string_view key);

}  // namespace mamba::broker
