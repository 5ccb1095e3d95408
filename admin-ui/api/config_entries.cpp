#include "admin-ui/api/config_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "admin-ui/asking.h"
#include "broker/config/config_keys.h"
#include "protocol/messages/incremental_alter_configs.h"

namespace mamba::admin {
namespace {

using broker::ConfigKey;
using broker::ConfigResourceType;
using broker::ConfigSource;

constexpr std::size_t edits_max = 200;

const ConfigKey* key_of(ConfigResourceType type, std::string_view name) {
    switch (type) {
        case ConfigResourceType::topic:
            return find_config_key(broker::ConfigScope::topic, name);
        case ConfigResourceType::broker:
            return find_config_key(broker::ConfigScope::broker, name);
        case ConfigResourceType::group:
            return find_config_key(broker::ConfigScope::group, name);
        default:
            return nullptr;
    }
}

// The unit that a setting's name tells, as Kafka's names do.
json::value unit_of(std::string_view name, broker::ConfigType type) {
    const bool is_number = type == broker::ConfigType::integer || type == broker::ConfigType::long_integer;
    if (!is_number) return nullptr;
    for (const std::string_view unit : {"ms", "bytes"}) {
        if (name.ends_with(unit)) return json::string(unit);
    }
    return nullptr;
}

// The words that a setting can have; null when it is not a choice of words.
json::value choices_of(const ConfigKey& key) {
    std::string_view allowed = key.allowed;
    if (allowed.starts_with('~')) allowed.remove_prefix(1);
    if (!allowed.starts_with('[') || allowed.find("...") != std::string_view::npos) return nullptr;
    json::array words;
    for (const std::string& word : broker::split_config_list(allowed.substr(1, allowed.size() - 2)))
        words.emplace_back(word);
    return words;
}

struct Family {
    std::string_view sign;  // part of the name
    std::string_view group;
};
// The first that fits.
constexpr std::array<Family, 22> families{{
    {"retention", "Retention"},      {"cleanup", "Compaction"},     {"compact", "Compaction"},
    {"cleaner", "Compaction"},       {"cleanable", "Compaction"},   {"timestamp", "Timestamps"},
    {"compression", "Compression"},  {"throttled", "Throttles"},    {"quota", "Throttles"},
    {"replica", "Replication"},      {"insync", "Replication"},     {"leader", "Replication"},
    {"flush", "Durability"},         {"max.message", "Limits"},     {"segment", "Segments"},
    {"index", "Segments"},           {"preallocate", "Segments"},   {"ssl", "Security"},
    {"sasl", "Security"},            {"group", "Groups"},           {"listener", "Network"},
    {"socket", "Network"},
}};
std::string_view group_of(std::string_view name, ConfigResourceType type) {
    if (type == ConfigResourceType::group) {
        return name.starts_with("consumer.") ? "Consumer groups"
               : name.starts_with("share.")  ? "Share groups"
                                             : "Streams groups";
    }
    const auto fits = [&](const Family& family) { return name.find(family.sign) != std::string_view::npos; };
    const auto found = std::ranges::find_if(families, fits);
    return found == families.end() ? "Other" : found->group;
}

json::value text_or_null(const std::optional<std::string>& text) {
    if (!text) return nullptr;
    return text_of(*text);
}

// In the order of ConfigEdit::Operation.
constexpr std::array<std::string_view, 4> operations{"SET", "DELETE", "APPEND", "SUBTRACT"};

}  // namespace

json::object config_entry(const broker::ConfigDescription& description, ConfigResourceType type) {
    const ConfigKey* key = key_of(type, description.value.name);
    json::array synonyms;
    for (const broker::ConfigValue& synonym : description.synonyms) {
        synonyms.push_back(
            {{"name", synonym.name}, {"value", text_or_null(synonym.value)}, {"source", name_of(synonym.source)}});
    }
    const broker::ConfigValue& value = description.value;
    return {{"name", value.name},
            {"value", text_or_null(value.value)},
            {"source", name_of(value.source)},
            {"read_only", description.read_only},
            {"sensitive", description.is_sensitive},
            {"type", name_of(description.type)},
            {"unit", unit_of(value.name, description.type)},
            {"group", group_of(value.name, type)},
            {"valid", key == nullptr || key->allowed.empty() ? json::value() : json::value(key->allowed)},
            {"enum", key == nullptr ? json::value() : choices_of(*key)},
            {"documentation", description.documentation},
            {"needs_restart", description.read_only},
            {"has_effect", key == nullptr || key->support == broker::ConfigSupport::honoured},
            {"synonyms", std::move(synonyms)}};
}

std::string_view name_of(ConfigSource source) {
    switch (source) {
        case ConfigSource::dynamic_topic:
            return "DYNAMIC_TOPIC_CONFIG";
        case ConfigSource::dynamic_broker:
            return "DYNAMIC_BROKER_CONFIG";
        case ConfigSource::dynamic_default_broker:
            return "DYNAMIC_DEFAULT_BROKER_CONFIG";
        case ConfigSource::static_broker:
            return "STATIC_BROKER_CONFIG";
        case ConfigSource::defaults:
            return "DEFAULT_CONFIG";
        case ConfigSource::dynamic_broker_logger:
            return "DYNAMIC_BROKER_LOGGER_CONFIG";
        case ConfigSource::client_metrics:
            return "DYNAMIC_CLIENT_METRICS_CONFIG";
        case ConfigSource::group:
            return "DYNAMIC_GROUP_CONFIG";
        case ConfigSource::unknown:
            break;
    }
    return "UNKNOWN";
}

std::expected<json::array, ApiError> describe_configs(Console& console, const broker::ConfigResource& resource) {
    const broker::ClusterImagePtr image = console.broker().metadata->image();
    const auto described = console.broker().configs->rules().describe(*image, resource, std::nullopt);
    if (!described) return std::unexpected(kafka_error(described.error().code, described.error().message));
    json::array entries;
    for (const broker::ConfigDescription& description : *described) {
        entries.push_back(config_entry(description, resource.type));
    }
    return entries;
}

std::expected<ConfigEdits, ApiError> read_config_edits(const Request& request, std::string* scope) {
    Fields fields(request);
    ConfigEdits result;
    result.validate_only = fields.flag("validate_only", false);
    if (scope != nullptr) {
        *scope = fields.text("scope", "broker");
        if (*scope != "broker" && *scope != "default") fields.wrong("scope", "must be broker or default");
    }
    const json::array* data = fields.array("data");
    if (data == nullptr || data->empty()) fields.wrong("data", "is missing");
    if (data != nullptr && data->size() > edits_max) fields.wrong("data", "has too many entries");
    if (const auto error = fields.error()) return std::unexpected(*error);
    for (std::size_t i = 0; i < data->size(); ++i) {
        Fields entry((*data)[i], fmt::format("data[{}]", i));
        ConfigEdit edit;
        edit.name = entry.text("name");
        const std::string operation = entry.text("operation", "SET");
        const auto known = std::ranges::find(operations, operation);
        if (known == operations.end()) entry.wrong("operation", "must be SET, DELETE, APPEND or SUBTRACT");
        edit.operation = static_cast<ConfigEdit::Operation>(known - operations.begin());
        const bool needs_value = operation != "DELETE";
        edit.value = needs_value ? entry.text("value") : entry.text("value", "");
        if (const auto error = entry.error()) return std::unexpected(*error);
        result.edits.push_back(std::move(edit));
    }
    return result;
}

json::array config_changes(const std::vector<broker::ConfigDescription>& described, broker::ConfigScope scope,
                           ConfigSource own, const ConfigEdits& edits) {
    json::array changes;
    for (const ConfigEdit& edit : edits.edits) {
        const auto known = std::ranges::find_if(
            described, [&](const broker::ConfigDescription& one) { return one.value.name == edit.name; });
        json::value before = nullptr;
        json::value after = nullptr;  // of a list that is appended to or taken from: the broker's to say
        if (known != described.end()) {
            before = text_or_null(known->value.value);
            const auto behind = std::ranges::find_if(
                known->synonyms, [&](const broker::ConfigValue& synonym) { return synonym.source != own; });
            if (edit.operation == ConfigEdit::Operation::remove && behind != known->synonyms.end())
                after = text_or_null(behind->value);
        }
        const bool is_hidden = known != described.end() && known->is_sensitive;
        if (edit.operation == ConfigEdit::Operation::set && !is_hidden) after = text_of(edit.value);
        const ConfigKey* key = find_config_key(scope, edit.name);
        const bool has_effect = key == nullptr || key->support == broker::ConfigSupport::honoured;
        changes.push_back({{"name", text_of(edit.name)},
                           {"before", std::move(before)},
                           {"after", std::move(after)},
                           {"effect", nullptr},
                           {"warning", has_effect ? json::value() : json::value(no_effect)}});
    }
    return changes;
}

Response changed(json::array changes) {
    json::array before;
    for (const json::value& change : changes)
        before.push_back({{"name", change.at("name")}, {"before", change.at("before")}});
    Response response = ok({{"changes", std::move(changes)}});
    response.before = json::serialize(before);
    return response;
}

std::expected<void, ApiError> alter_configs(Console& console, const Request& request,
                                            const broker::ConfigResource& resource, const ConfigEdits& edits) {
    protocol::IncrementalAlterConfigsRequest question;
    question.validate_only = edits.validate_only;
    auto& wanted = question.resources.emplace_back();
    wanted.resource_type = static_cast<std::int8_t>(resource.type);
    wanted.resource_name = resource.name;
    for (const ConfigEdit& edit : edits.edits) {
        auto& config = wanted.configs.emplace_back();
        config.name = edit.name;
        config.config_operation = static_cast<std::int8_t>(edit.operation);
        config.value = edit.value;
    }
    const auto answer = ask<protocol::IncrementalAlterConfigsResponse>(console, request, question);
    if (!answer) return std::unexpected(answer.error());
    const auto& result = answer->responses.front();
    if (const ErrorCode code{result.error_code}; code != ErrorCode::none) {
        return std::unexpected(kafka_error(code, result.error_message.value_or("")));
    }
    return {};
}

}  // namespace mamba::admin
