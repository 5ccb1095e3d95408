#include "broker/config/server_properties.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "broker/config/config_keys.h"
#include "broker/logging.h"
#include "log/java_properties.h"

namespace mamba::broker {

namespace {

constexpr std::string_view environment_prefix = "MAMBAMQ_";

// Settings with names of the user's making: of one listener, or handed to a plug-in.
bool has_free_name(std::string_view name) {
    constexpr std::array<std::string_view, 3> prefixes = {"listener.name.", "rlmm.config.",
                                                          "rsm.config."};
    return std::ranges::any_of(prefixes, [&](std::string_view p) { return name.starts_with(p); });
}

class Reader {
public:
    explicit Reader(StaticSettings& result) : result_(result) {}

    void set(std::string_view name, std::string_view value, std::string_view source) {
        const ConfigKey* key = find_config_key(ConfigScope::broker, name);
        const bool is_listeners = key == nullptr;
        if (is_listeners) key = find_listener_config_key(name);
        if (key == nullptr) {
            if (has_free_name(name)) {
                result_.values.insert_or_assign(std::string(name), std::string(value));
            } else {
                warn_unknown(name, source);
            }
            return;
        }
        if (const auto complaint = check_config_value(*key, value)) {
            const std::string of_listener = is_listeners ? fmt::format("{}: ", escape(name)) : "";
            result_.errors.push_back(
                fmt::format("{}: {}{}{}", source, of_listener, escape(*complaint, 1024), allowed_text(*key)));
            return;
        }
        result_.values.insert_or_assign(std::string(name), normalized_config_value(*key, value));
    }

    void warn_unknown(std::string_view name, std::string_view source) {
        const std::string_view nearest = nearest_config_key(ConfigScope::broker, name);
        result_.warnings.push_back(
            nearest.empty() ? fmt::format("{}: unknown setting {} is ignored", source, escape(name))
                            : fmt::format("{}: unknown setting {} is ignored; did you mean {}?",
                                          source, escape(name), nearest));
    }

private:
    static std::string allowed_text(const ConfigKey& key) {
        if (key.allowed.empty()) return fmt::format(" (a {})", name_of(key.type));
        return fmt::format(" (a {}, allowed: {})", name_of(key.type), key.allowed);
    }

    StaticSettings& result_;
};

void read_environment(const SettingSources& sources, Reader& reader) {
    for (const auto& [variable, value] : sources.environment) {
        if (!variable.starts_with(environment_prefix)) continue;
        std::string name = variable.substr(environment_prefix.size());
        for (char& c : name) {
            if (c == '_') c = '.';
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        reader.set(name, value, fmt::format("environment variable {}", escape(variable)));
    }
}

void read_overrides(const SettingSources& sources, StaticSettings& result, Reader& reader) {
    for (const std::string& item : sources.overrides) {
        const std::size_t equals = item.find('=');
        if (equals == std::string::npos || equals == 0) {
            result.errors.push_back(fmt::format("--override {}: expected key=value", escape(item)));
            continue;
        }
        reader.set(std::string_view(item).substr(0, equals),
                   std::string_view(item).substr(equals + 1), "--override");
    }
}

// broker.id is the older name of node.id: whichever is set, both are.
void join_ids(StaticSettings& result) {
    const auto node = result.values.find("node.id");
    const auto broker = result.values.find("broker.id");
    if (node == result.values.end() && broker != result.values.end() && broker->second != "-1") {
        result.values.emplace("node.id", broker->second);
    } else if (node != result.values.end()) {
        if (broker != result.values.end() && broker->second != "-1" &&
            broker->second != node->second) {
            result.errors.push_back(
                fmt::format("node.id={} and broker.id={} differ: set node.id alone", node->second,
                            broker->second));
        }
        result.values.insert_or_assign("broker.id", node->second);
    }
}

}  // namespace

StaticSettings read_settings(const SettingSources& sources) {
    StaticSettings result;
    Reader reader(result);
    const std::string file_name(sources.file_name.empty() ? "server.properties"
                                                          : sources.file_name);
    if (const auto properties = log::parse_java_properties(sources.file)) {
        for (const auto& [name, value] : *properties) reader.set(name, value, file_name);
    } else {
        result.errors.push_back(
            fmt::format("{}: {}", file_name, escape(properties.error().message)));
    }
    read_environment(sources, reader);
    read_overrides(sources, result, reader);
    join_ids(result);
    for (const auto& [name, value] : result.values) {
        const ConfigKey* key = find_config_key(ConfigScope::broker, name);
        if (key != nullptr && key->support == ConfigSupport::no_effect)
            result.notes.push_back(fmt::format("{} has no effect: {}", name, key->documentation));
    }
    return result;
}

std::string environment_name(std::string_view key) {
    std::string name(environment_prefix);
    for (const char c : key) {
        if (c == '.') {
            name += '_';
        } else {
            name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return name;
}

}  // namespace mamba::broker
