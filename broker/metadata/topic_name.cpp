#include "broker/metadata/topic_name.h"

#include <algorithm>

namespace mamba::broker {
namespace {

bool is_allowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

}  // namespace

std::optional<std::string> topic_name_fault(std::string_view name) {
    const std::string start = "Topic name is invalid: ";
    const std::string quoted = "'" + std::string(name) + "'";
    if (name.empty()) return start + "the empty string is not allowed";
    if (name == "." || name == "..") return start + quoted + " is not allowed";
    if (name.size() > topic_name_length_max) {
        return start + "the length of " + quoted + " is longer than the max allowed length " +
               std::to_string(topic_name_length_max);
    }
    if (!std::ranges::all_of(name, is_allowed)) {
        return start + quoted +
               " contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
    }
    return std::nullopt;
}

std::string topic_collision_key(std::string_view name) {
    std::string key(name);
    std::ranges::replace(key, '.', '_');
    return key;
}

}  // namespace mamba::broker
