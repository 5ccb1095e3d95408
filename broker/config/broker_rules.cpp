#include "broker/config/broker_rules.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "broker/config/config_keys.h"

namespace mamba::broker {

namespace {

constexpr std::int64_t unlimited = -1;
constexpr std::int64_t as_total = -2;  // local retention is the topic's
constexpr std::int64_t dedupe_bytes_min = 1 << 20;

Refusal refuse(std::string message) {
    return {ErrorCode::invalid_request, std::move(message)};
}

class Settings {
public:
    explicit Settings(const std::map<std::string, std::string, std::less<>>& values)
        : values_(values) {}

    std::string_view text(std::string_view name) const {
        const auto set = values_.find(name);
        if (set != values_.end()) return set->second;
        return find_config_key(ConfigScope::broker, name)->default_value.value_or("");
    }
    std::int64_t number(std::string_view name) const {
        const std::string_view digits = text(name);
        std::int64_t number = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        return number;
    }

    bool is_set(std::string_view name) const { return values_.contains(name); }

private:
    const std::map<std::string, std::string, std::less<>>& values_;
};

// Zero would shut out the client that is to take it back.
Refusal check_connections(const Settings& settings) {
    for (const std::string_view name : {"max.connections", "max.connection.creation.rate"}) {
        if (settings.number(name) == 0) return refuse(fmt::format("Invalid {} 0", name));
        for (const std::string& listener : split_config_list(settings.text("listeners"))) {
            const std::string own = listener_config_name(listener.substr(0, listener.find("://")), name);
            if (settings.is_set(own) && settings.number(own) == 0) return refuse(fmt::format("Invalid {} 0", own));
        }
    }
    if (settings.number("max.connections.per.ip") == 0 &&
        settings.text("max.connections.per.ip.overrides").empty()) {
        return refuse(
            "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides "
            "property is set.");
    }
    return {};
}

Refusal check_cleaner(const Settings& settings) {
    const std::int64_t threads = settings.number("log.cleaner.threads");
    if (threads == 0) return refuse("Log cleaner threads should be at least 1");
    if (settings.number("log.cleaner.dedupe.buffer.size") / threads > dedupe_bytes_min) return {};
    return refuse("log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.");
}

Refusal check_local_retention(const Settings& settings, std::string_view name,
                              std::string_view total_name, std::int64_t total) {
    const std::int64_t local = settings.number(name);
    if (total == unlimited || local == as_total) return {};
    if (local == unlimited) {
        return refuse(fmt::format(
            "Invalid value -1 for configuration {}: Value must not be -1 as {} value is set as {}.",
            name, total_name, total));
    }
    if (local <= total) return {};
    return refuse(fmt::format(
        "Invalid value {} for configuration {}: Value must not be more than {} property value: {}",
        local, name, total_name, total));
}

Refusal check_retention(const Settings& settings, std::int64_t retention_ms) {
    if (retention_ms == 0)
        return refuse("log.retention.ms must be unlimited (-1) or, equal or greater than 1");
    if (auto refusal = check_local_retention(settings, "log.local.retention.ms", "log.retention.ms",
                                             retention_ms))
        return refusal;
    return check_local_retention(settings, "log.local.retention.bytes", "log.retention.bytes",
                                 settings.number("log.retention.bytes"));
}

Refusal check_assignment_intervals(const Settings& settings) {
    for (const std::string_view kind : {"consumer", "share", "streams"}) {
        const auto name = [&](std::string_view limit) {
            return fmt::format("group.{}.{}assignment.interval.ms", kind, limit);
        };
        const std::int64_t interval = settings.number(name(""));
        if (interval < settings.number(name("min."))) {
            return refuse(
                fmt::format("{} must be greater than or equal to {}", name(""), name("min.")));
        }
        if (interval > settings.number(name("max."))) {
            return refuse(
                fmt::format("{} must be less than or equal to {}", name(""), name("max.")));
        }
    }
    return {};
}

Refusal check_cordoned(const Settings& settings) {
    std::vector<std::string> dirs = split_config_list(settings.text("log.dirs"));
    if (dirs.empty()) dirs = split_config_list(settings.text("log.dir"));
    for (const std::string& dir : split_config_list(settings.text("cordoned.log.dirs"))) {
        if (dir == "*" || std::ranges::find(dirs, dir) != dirs.end()) continue;
        return refuse(fmt::format("cordoned.log.dirs: {} is not one of the log dirs", dir));
    }
    return {};
}

}  // namespace

Refusal check_broker_rules(const std::map<std::string, std::string, std::less<>>& values,
                           std::int64_t retention_ms) {
    const Settings settings(values);
    if (auto refusal = check_connections(settings)) return refusal;
    if (auto refusal = check_cleaner(settings)) return refusal;
    if (auto refusal = check_retention(settings, retention_ms)) return refusal;
    if (auto refusal = check_assignment_intervals(settings)) return refusal;
    return check_cordoned(settings);
}

}  // namespace mamba::broker
