#include "broker/handlers/config_alterations.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "broker/logging.h"

namespace mamba::broker {
namespace {

using Edit = ChangeConfigs::Edit;
using Operation = ChangeConfigs::Operation;
using Resource = ConfigAlterations::Resource;

Refusal invalid_request(std::string message) {
    return {ErrorCode::invalid_request, std::move(message)};
}

Refusal check_logger_edit(const Edit& edit) {
    if (edit.operation == Operation::append || edit.operation == Operation::subtract) {
        return invalid_request(
            fmt::format("{} operation is not allowed for the BROKER_LOGGER resource",
                        edit.operation == Operation::append ? "APPEND" : "SUBTRACT"));
    }
    if (!is_logger(edit.name))
        return {ErrorCode::invalid_config, fmt::format("Logger {} does not exist!", edit.name)};
    if (edit.operation == Operation::remove) {
        return edit.name == "root"
                   ? invalid_request("Removing the log level of the root logger is not allowed")
                   : Refusal{};
    }
    const auto level = log_level_of(edit.value.value_or(""));
    if (!level || *level == LogLevel::off || name_of(*level) != *edit.value) {
        return {
            ErrorCode::invalid_config,
            fmt::format("Cannot set the log level of {} to {} as it is not a supported log level. "
                        "Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN",
                        edit.name, edit.value.value_or("null"))};
    }
    return {};
}

Refusal alter_loggers(const DynamicConfig& rules, const Resource& resource, bool validate_only) {
    if (resource.name.empty()) return invalid_request("Broker id must not be empty");
    if (auto refusal = rules.check_own(resource.name)) return refusal;
    for (const Edit& edit : resource.edits) {
        if (auto refusal = check_logger_edit(edit)) return refusal;
    }
    if (validate_only) return {};
    for (const Edit& edit : resource.edits) {
        if (edit.operation == Operation::set) {
            set_log_level(edit.name, *log_level_of(*edit.value));
        } else {
            reset_log_level(edit.name);
        }
    }
    return {};
}

Refusal check_edits(const Resource& resource) {
    std::map<std::string_view, int> times;
    for (const Edit& edit : resource.edits) {
        if (++times[edit.name] > 1) return invalid_request("Error due to duplicate config keys");
    }
    std::string without_value;
    for (const Edit& edit : resource.edits) {
        if (edit.operation == Operation::remove || edit.value) continue;
        if (!without_value.empty()) without_value += ", ";
        without_value += edit.name;
    }
    if (!without_value.empty())
        return invalid_request(fmt::format("Null value not supported for : {}", without_value));
    return {};
}

// Kafka looks at lists earlier, and in other words, for brokers than for other resources.
Refusal check_lists(const DynamicConfig& rules, const Resource& resource) {
    for (const Edit& edit : resource.edits) {
        const bool appends = edit.operation == Operation::append;
        if (!appends && edit.operation != Operation::subtract) continue;
        if (rules.is_list(ConfigResourceType::broker, edit.name)) continue;
        return {ErrorCode::invalid_config,
                fmt::format("Config value {} is not allowed for config key: {}",
                            appends ? "append" : "subtract", edit.name)};
    }
    return {};
}

// Whether this broker can have the resource altered; what its name must be the rules know.
Refusal check_target(const DynamicConfig& rules, const Resource& resource) {
    switch (static_cast<ConfigResourceType>(resource.type)) {
        case ConfigResourceType::broker:
            if (auto refusal = check_lists(rules, resource)) return refusal;
            return resource.name.empty() ? Refusal{} : rules.check_own(resource.name);
        case ConfigResourceType::topic:
        case ConfigResourceType::group:
        case ConfigResourceType::client_metrics:
        case ConfigResourceType::broker_logger:
            return {};
        default:
            return invalid_request(
                fmt::format("Unknown resource type {}", static_cast<int>(resource.type)));
    }
}

}  // namespace

void alter_configs(
    ConfigServices services, ConfigAlterations alterations,
    std::move_only_function<void(std::vector<Resource>, std::vector<Refusal>)> done) {
    const DynamicConfig& rules = services.configs.rules();
    std::vector<Refusal> answers(alterations.resources.size());
    std::map<std::pair<std::int8_t, std::string_view>, int> times;
    for (const Resource& resource : alterations.resources) ++times[{resource.type, resource.name}];

    ChangeConfigs event;
    event.validate_only = alterations.validate_only;
    std::vector<std::size_t> places;  // of the event's resources in `answers`
    for (std::size_t i = 0; i < alterations.resources.size(); ++i) {
        Resource& resource = alterations.resources[i];
        if (resource.refusal) {
            answers[i] = *resource.refusal;
        } else if (times.at({resource.type, resource.name}) > 1) {
            answers[i] = invalid_request("Each resource must appear at most once.");
        } else if (auto in_edits = check_edits(resource)) {
            answers[i] = std::move(in_edits);
        } else if (auto in_target = check_target(rules, resource)) {
            answers[i] = std::move(in_target);
        } else if (static_cast<ConfigResourceType>(resource.type) ==
                   ConfigResourceType::broker_logger) {
            answers[i] = alterations.replaces_all
                             ? invalid_request(
                                   "AlterConfigs is deprecated and does not support the "
                                   "resource type BROKER_LOGGER")
                             : alter_loggers(rules, resource, alterations.validate_only);
        } else {
            places.push_back(i);
            event.resources.push_back(
                {ConfigResource{static_cast<ConfigResourceType>(resource.type), resource.name},
                 alterations.replaces_all, resource.edits});
        }
    }
    if (event.resources.empty()) return done(std::move(alterations.resources), std::move(answers));

    auto finish = [resources = std::move(alterations.resources), answers = std::move(answers),
                   places = std::move(places), done = std::move(done)](
                      MetadataService::Outcome<ChangeConfigs> outcome) mutable {
        for (std::size_t i = 0; i < places.size(); ++i)
            answers[places[i]] = outcome ? std::move((*outcome)[i]) : outcome.error();
        done(std::move(resources), std::move(answers));
    };
    services.metadata.submit(std::move(event),
                             MetadataService::OnOutcome<ChangeConfigs>(std::move(finish)));
}

}  // namespace mamba::broker
