#include "broker/config/dynamic_config.h"

#include <fmt/core.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "broker/config/broker_rules.h"
#include "broker/metadata/topic_name.h"

namespace mamba::broker {

namespace {

using Values = std::map<std::string, std::string, std::less<>>;

const std::string* find(const Values& values, std::string_view name) {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
}

// Settings that stand in for each other, the one that wins first. Source: Kafka 4.3,
// DescribeConfigs.
std::vector<std::string_view> family_of(std::string_view name) {
    static constexpr std::array<std::array<std::string_view, 3>, 4> families = {{
        {"log.retention.ms", "log.retention.minutes", "log.retention.hours"},
        {"log.roll.ms", "log.roll.hours", ""},
        {"log.roll.jitter.ms", "log.roll.jitter.hours", ""},
        {"log.flush.interval.ms", "log.flush.scheduler.interval.ms", ""},
    }};
    for (const auto& family : families) {
        if (std::ranges::find(family, name) == family.end()) continue;
        std::vector<std::string_view> names(family.begin(), family.end());
        std::erase(names, "");
        return names;
    }
    if (const ConfigKey* key = find_listener_config_key(name)) return {name, key->name};
    return {name};
}

std::optional<ConfigScope> scope_of(ConfigResourceType type) {
    switch (type) {
        case ConfigResourceType::topic:
            return ConfigScope::topic;
        case ConfigResourceType::broker:
            return ConfigScope::broker;
        case ConfigResourceType::group:
            return ConfigScope::group;
        default:
            return std::nullopt;
    }
}

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// In force: `text` when it passes its checks. What was stored by another version may not.
std::optional<std::string> usable(const ConfigKey& key, const std::string& text) {
    if (check_config_value(key, text)) return std::nullopt;
    return normalized_config_value(key, text);
}

// Limits of replication traffic: Kafka describes them only when they are set.
bool is_throttle(std::string_view name) {
    return name.ends_with(".replication.throttled.rate") ||
           name == "replica.alter.log.dirs.io.max.bytes.per.second";
}

// The broker that `text` names; none when it is no number.
std::optional<BrokerId> broker_id_of(std::string_view text) {
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return BrokerId(number);
}

std::string joined(const std::vector<std::string_view>& names) {
    std::string list;
    for (const std::string_view name : names) {
        if (!list.empty()) list += ", ";
        list += name;
    }
    return list;
}

// Keys and certificates can be changed at run time for one listener only.
bool is_listener_security(std::string_view name) {
    return name.starts_with("ssl.keystore.") || name.starts_with("ssl.truststore.") ||
           name == "ssl.key.password";
}

std::string group_broker_setting(std::string_view group_setting) {
    std::string name = fmt::format("group.{}", group_setting);
    if (find_config_key(ConfigScope::broker, name) == nullptr) name = group_setting;
    return name;
}

// "consumer.session.timeout.ms", "min" -> "group.consumer.min.session.timeout.ms", when it exists.
std::optional<std::string> group_limit_setting(std::string_view group_setting,
                                               std::string_view end) {
    const std::size_t dot = group_setting.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    std::string name =
        fmt::format("group.{}.{}{}", group_setting.substr(0, dot), end, group_setting.substr(dot));
    // streams.num.standby.replicas has group.streams.max.standby.replicas.
    if (const std::size_t num = name.find(".num."); num != std::string::npos) name.erase(num, 4);
    // share.partition.max.record.locks has group.share.{min,max}.partition.max.record.locks.
    if (find_config_key(ConfigScope::broker, name) == nullptr) return std::nullopt;
    return name;
}

// Which clients a subscription to metrics is for: elements name=pattern. Source: KIP-714.
// False for what no dialect takes. Java's has more than RE2's (look-around, possessive repetition):
// where RE2 only says that it does not know something, the pattern may be right.
bool is_pattern(std::string_view text) {
    const re2::RE2 pattern(re2::StringPiece(text.data(), text.size()), re2::RE2::Quiet);
    switch (pattern.error_code()) {
        case re2::RE2::NoError:
        case re2::RE2::ErrorBadEscape:
        case re2::RE2::ErrorBadPerlOp:
        case re2::RE2::ErrorBadNamedCapture:
        case re2::RE2::ErrorRepeatOp:
        case re2::RE2::ErrorRepeatSize:
        case re2::RE2::ErrorPatternTooLarge:
            return true;
        default:
            return false;
    }
}

bool is_client_match(std::string_view element) {
    static constexpr std::array<std::string_view, 6> names = {
        "client_id",           "client_instance_id",    "client_software_name",
        "client_software_version", "client_source_address", "client_source_port"};
    const std::size_t equals = element.find('=');
    if (equals == std::string_view::npos || element.find('=', equals + 1) != std::string_view::npos)
        return false;
    std::string_view name = element.substr(0, equals);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const std::string_view value = element.substr(equals + 1);
    return !value.empty() && is_pattern(value) && std::ranges::find(names, name) != names.end();
}

// True when a value asks for code of Java; its own default asks for nothing, nor do no reporters.
bool names_foreign_class(const ConfigKey& key, std::string_view value) {
    const std::string name = normalized_config_value(key, value);
    if (key.name == "metric.reporters") return !name.empty() && name != key.default_value;
    return key.type == ConfigType::class_name && name != key.default_value;
}

Refusal check_name(const ConfigResource& resource) {
    const auto must_be_named = [&](std::string_view message) {
        return resource.name.empty() ? Refusal{ErrorCode::invalid_request, std::string(message)}
                                     : Refusal{};
    };
    switch (resource.type) {
        case ConfigResourceType::topic:
            if (auto unnamed = must_be_named("Default topic resources are not allowed."))
                return unnamed;
            if (auto fault = topic_name_fault(resource.name))
                return {ErrorCode::invalid_topic_exception, std::move(*fault)};
            return {};
        case ConfigResourceType::group:
            return must_be_named("Default group resources are not allowed.");
        case ConfigResourceType::client_metrics:
            return must_be_named("Subscription name can't be empty");
        default:
            return {};
    }
}

// A setting of the broker, or the one that a listener's own is checked by.
const ConfigKey* broker_key(std::string_view name) {
    const ConfigKey* key = find_config_key(ConfigScope::broker, name);
    return key != nullptr ? key : find_listener_config_key(name);
}

ConfigType broker_type_of(std::string_view name) {
    const ConfigKey* key = broker_key(name);
    return key == nullptr ? ConfigType::unknown : key->type;
}

// Of a setting that nobody knows the value may be a secret.
bool is_hidden(ConfigType type) {
    return type == ConfigType::unknown || type == ConfigType::password;
}

}  // namespace

DynamicConfig::DynamicConfig(Values settings, Machine machine, BrokerId self)
    : settings_(std::move(settings)), machine_(machine), self_(self) {}

bool DynamicConfig::is_own(std::string_view broker_name) const {
    return broker_name.empty() || broker_name == std::to_string(self_.value);
}

Refusal DynamicConfig::check_own(std::string_view broker_name) const {
    const auto id = broker_id_of(broker_name);
    if (!id) {
        return {ErrorCode::invalid_request,
                fmt::format("Broker id must be an integer, but it is: {}", broker_name)};
    }
    if (*id != self_) {
        return {ErrorCode::invalid_request,
                fmt::format("Unexpected broker id, expected {} or empty string, but received {}",
                            self_.value, broker_name)};
    }
    return {};
}

// Checking.

Refusal DynamicConfig::check(const ConfigResource& resource, const ConfigMap& before,
                             const ConfigMap& values) const {
    if (auto refusal = check_name(resource)) return refusal;
    switch (resource.type) {
        case ConfigResourceType::topic:
            return check_topic(values);
        case ConfigResourceType::group:
            return check_group(values);
        case ConfigResourceType::client_metrics:
            return check_client_metrics(values);
        case ConfigResourceType::broker:
            return check_broker(resource.name, before, values);
        default:
            return {ErrorCode::invalid_request, "Settings of this kind cannot be stored."};
    }
}

Refusal DynamicConfig::check_topic(const ConfigMap& values) const {
    for (const auto& [name, value] : values) {
        const ConfigKey* key = find_config_key(ConfigScope::topic, name);
        if (key == nullptr)
            return {ErrorCode::invalid_config, fmt::format("Unknown topic config name: {}", name)};
        if (auto complaint = check_config_value(*key, value))
            return {ErrorCode::invalid_config, std::move(*complaint)};
    }
    const TopicConfig config =
        TopicConfig::from([&, brokers = merged(ClusterImage{})](std::string_view name) {
            return topic_value(values, brokers, name);
        });
    if (config.min_compaction_lag_ms > config.max_compaction_lag_ms) {
        return {ErrorCode::invalid_config,
                fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > "
                            "max.compaction.lag.ms ({})",
                            config.min_compaction_lag_ms, config.max_compaction_lag_ms)};
    }
    if (const std::string* remote = find(values, "remote.storage.enable");
        remote != nullptr &&
        normalized_config_value(*find_config_key(ConfigScope::topic, "remote.storage.enable"),
                                *remote) == "true") {
        return {
            ErrorCode::invalid_config,
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured "
            "with remote log storage."};
    }
    return {};
}

Refusal DynamicConfig::check_group(const ConfigMap& values) const {
    for (const auto& [name, value] : values) {
        const ConfigKey* key = find_config_key(ConfigScope::group, name);
        if (key == nullptr)
            return {ErrorCode::invalid_config, fmt::format("Unknown group config name: {}", name)};
        if (auto complaint = check_config_value(*key, value))
            return {ErrorCode::invalid_config, std::move(*complaint)};
        if (key->type != ConfigType::integer) continue;

        const std::int64_t number = number_of(normalized_config_value(*key, value));
        const auto limit = [&](std::string_view setting) {
            return number_of(default_value(ConfigResourceType::broker, setting).value_or("0"));
        };
        if (const auto min = group_limit_setting(name, "min"); min && number < limit(*min)) {
            return {ErrorCode::invalid_config,
                    fmt::format("{} must be greater than or equal to {}", name, *min)};
        }
        if (const auto max = group_limit_setting(name, "max"); max && number > limit(*max)) {
            return {ErrorCode::invalid_config,
                    fmt::format("{} must be less than or equal to {}", name, *max)};
        }
    }
    return {};
}

Refusal DynamicConfig::check_client_metrics(const ConfigMap& values) const {
    for (const auto& [name, value] : values) {
        const ConfigKey* key = find_config_key(ConfigScope::client_metrics, name);
        if (key == nullptr) {
            return {ErrorCode::invalid_request,
                    fmt::format("Unknown client metrics configuration: {}", name)};
        }
        if (auto complaint = check_config_value(*key, value))
            return {ErrorCode::invalid_config, std::move(*complaint)};
        if (name == "interval.ms") {
            const std::int64_t interval = number_of(normalized_config_value(*key, value));
            if (interval >= 100 && interval <= 3'600'000) continue;
            return {ErrorCode::invalid_request,
                    fmt::format("Invalid value {} for interval.ms, interval must be between 100 "
                                "and 3600000 (1 hour)",
                                interval)};
        }
        if (name != "match") continue;
        for (const std::string& element : split_config_list(value)) {
            if (is_client_match(element)) continue;
            return {ErrorCode::invalid_config,
                    fmt::format("Illegal client matching pattern: {}", element)};
        }
    }
    return {};
}

// Kafka lets a number of threads grow or shrink by a factor of two at a time.
Refusal DynamicConfig::check_threads(const Values& next, const ConfigMap& before) const {
    for (const std::string_view name :
         {"background.threads", "log.cleaner.threads", "num.io.threads", "num.network.threads",
          "num.recovery.threads.per.data.dir", "num.replica.fetchers",
          "remote.log.manager.copier.thread.pool.size",
          "remote.log.manager.expiration.thread.pool.size",
          "remote.log.manager.follower.thread.pool.size", "remote.log.reader.threads"}) {
        const std::string* set = find(next, name);
        if (set == nullptr) continue;
        const auto old = before.find(name);
        const std::string current_text =
            old != before.end() ? old->second
                                : default_value(ConfigResourceType::broker, name).value_or("1");
        const std::int64_t wanted = number_of(*set);
        const std::int64_t current = number_of(current_text);
        if (wanted <= current * 2 && wanted >= current / 2) continue;
        return {ErrorCode::invalid_request,
                fmt::format(
                    "Dynamic thread count update validation failed for {}={}, value should {} "
                    "the current value {}",
                    name, wanted,
                    wanted > current ? "not be greater than double" : "be at least half", current)};
    }
    return {};
}

Refusal DynamicConfig::check_broker(std::string_view name, const ConfigMap& before,
                                    const ConfigMap& values) const {
    std::vector<std::string_view> read_only;
    std::vector<std::string_view> of_listeners;
    std::vector<std::string_view> of_one_broker;
    for (const auto& [setting, value] : values) {
        const auto old = before.find(setting);
        if (old != before.end() && old->second == value) continue;
        const ConfigKey* key = find_config_key(ConfigScope::broker, setting);
        if (key == nullptr) {  // Kafka keeps names that it does not know, and so do we
            const ConfigKey* base = find_listener_config_key(setting);
            if (base == nullptr) continue;
            if (name.empty() && base->update == ConfigUpdate::per_broker) {
                of_one_broker.push_back(setting);
            } else if (auto complaint = check_config_value(*base, value)) {
                return {ErrorCode::invalid_request, std::move(*complaint)};
            }
        } else if (key->update == ConfigUpdate::read_only) {
            read_only.push_back(key->name);
        } else if (is_listener_security(setting)) {
            of_listeners.push_back(key->name);
        } else if (name.empty() && key->update == ConfigUpdate::per_broker) {
            of_one_broker.push_back(key->name);
        } else if (names_foreign_class(*key, value)) {
            return {ErrorCode::invalid_request,
                    fmt::format("Invalid value {} for configuration {}: Class {} could not be found.",
                                value, setting, value)};
        } else if (auto complaint = check_config_value(*key, value)) {
            return {ErrorCode::invalid_request, std::move(*complaint)};
        }
    }
    if (!read_only.empty()) {
        return {ErrorCode::invalid_request,
                fmt::format("Cannot update these configs dynamically: [{}]", joined(read_only))};
    }
    if (!of_listeners.empty()) {
        return {
            ErrorCode::invalid_request,
            fmt::format("These security configs can be dynamically updated only per-listener using "
                        "the listener prefix: [{}]",
                        joined(of_listeners))};
    }
    if (!of_one_broker.empty()) {
        return {
            ErrorCode::invalid_request,
            fmt::format("Cannot update these configs at default cluster level, broker id must be "
                        "specified: [{}]",
                        joined(of_one_broker))};
    }
    Values together = settings_;
    for (const auto& [setting, value] : values) {
        if (const ConfigKey* key = broker_key(setting)) {
            if (auto text = usable(*key, value))
                together.insert_or_assign(setting, std::move(*text));
        }
    }
    if (auto refusal = check_threads(together, before)) return refusal;
    if (auto refusal =
            check_broker_rules(together, number_of(topic_value({}, together, "retention.ms"))))
        return refusal;
    if (is_own(name)) {
        if (const auto config = BrokerConfig::from(together, machine_); !config)
            return {ErrorCode::invalid_request, config.error().front()};
    }
    return {};
}

bool DynamicConfig::is_list(ConfigResourceType type, std::string_view name) const {
    const auto scope = scope_of(type);
    const ConfigKey* key = scope ? find_config_key(*scope, name) : nullptr;
    return key != nullptr && key->type == ConfigType::list;
}

std::optional<std::string> DynamicConfig::default_value(ConfigResourceType type,
                                                        std::string_view name) const {
    const auto scope = scope_of(type);
    const ConfigKey* key = scope ? find_config_key(*scope, name) : nullptr;
    if (key == nullptr) return std::nullopt;
    if (type == ConfigResourceType::topic) return topic_value({}, merged(ClusterImage{}), name);
    const std::string setting =
        type == ConfigResourceType::group ? group_broker_setting(name) : std::string(name);
    if (const std::string* set = find(settings_, setting)) return *set;
    const ConfigKey* broker_key = find_config_key(ConfigScope::broker, setting);
    return default_of(broker_key != nullptr ? *broker_key : *key);
}

// Values in force.

std::optional<std::string> DynamicConfig::default_of(const ConfigKey& key) const {
    if (key.name == "num.network.threads") return std::to_string(std::max(1, machine_.cores));
    if (!key.default_value) return std::nullopt;
    return std::string(*key.default_value);
}

Values DynamicConfig::merged(const ClusterImage& image) const {
    Values values = settings_;
    for (const std::string& name : {std::string(), std::to_string(self_.value)}) {
        for (const auto& [setting, value] : image.configs(ConfigResourceType::broker, name)) {
            const ConfigKey* key = broker_key(setting);
            if (key == nullptr || key->update == ConfigUpdate::read_only) continue;
            if (auto text = usable(*key, value)) values.insert_or_assign(setting, std::move(*text));
        }
    }
    return values;
}

std::expected<BrokerConfig, std::vector<std::string>> DynamicConfig::broker(
    const ClusterImage& image) const {
    return BrokerConfig::from(merged(image), machine_);
}

std::string DynamicConfig::topic_value(const ConfigMap& topic, const Values& brokers,
                                       std::string_view name) const {
    const ConfigKey& key = *find_config_key(ConfigScope::topic, name);
    if (const auto set = topic.find(name); set != topic.end()) {
        if (auto text = usable(key, set->second)) return std::move(*text);
    }
    for (const BrokerSynonym& synonym : broker_synonyms(name)) {
        const std::string* value = find(brokers, synonym.name);
        if (value == nullptr) continue;
        if (synonym.unit_ms == 1) return *value;
        const std::int64_t number = number_of(*value);
        return std::to_string(number < 0 ? -1 : number * synonym.unit_ms);
    }
    return std::string(key.default_value.value_or(""));
}

TopicConfig DynamicConfig::topic(const ClusterImage& image, std::string_view name) const {
    const ConfigMap& values = image.configs(ConfigResourceType::topic, name);
    return TopicConfig::from([&, brokers = merged(image)](std::string_view setting) {
        return topic_value(values, brokers, setting);
    });
}

// Describing.

std::vector<ConfigValue> DynamicConfig::broker_values(const ClusterImage& image,
                                                      std::string_view name) const {
    const std::vector<std::string_view> family = family_of(name);
    const bool hidden = is_hidden(broker_type_of(name));
    std::vector<ConfigValue> values;
    const auto add = [&](const auto& source, ConfigSource from) {
        for (const std::string_view one : family) {
            const auto set = source.find(one);
            if (set == source.end()) continue;
            values.push_back({std::string(one),
                              hidden ? std::nullopt : std::optional<std::string>(set->second),
                              from});
        }
    };
    add(image.configs(ConfigResourceType::broker, std::to_string(self_.value)),
        ConfigSource::dynamic_broker);
    add(image.configs(ConfigResourceType::broker, ""), ConfigSource::dynamic_default_broker);
    add(settings_, ConfigSource::static_broker);
    for (const std::string_view one : family) {
        const ConfigKey* key = find_config_key(ConfigScope::broker, one);
        if (key == nullptr) continue;
        if (auto text = default_of(*key))
            values.push_back({std::string(one), std::move(text), ConfigSource::defaults});
    }
    // What another name says comes before is left out, as Kafka leaves it out.
    const auto first = std::ranges::find(values, name, &ConfigValue::name);
    values.erase(values.begin(), first);
    return values;
}

std::vector<ConfigDescription> DynamicConfig::describe_topic(const ClusterImage& image,
                                                             std::string_view name) const {
    const ConfigMap& topic = image.configs(ConfigResourceType::topic, name);
    const Values brokers = merged(image);
    std::vector<ConfigDescription> descriptions;
    for (const ConfigKey& key : config_keys(ConfigScope::topic)) {
        ConfigDescription one;
        if (const auto set = topic.find(key.name); set != topic.end()) {
            one.synonyms.push_back({std::string(key.name),
                                    normalized_config_value(key, set->second),
                                    ConfigSource::dynamic_topic});
        }
        if (const auto names = broker_synonyms(key.name); !names.empty())
            std::ranges::move(broker_values(image, names.front().name),
                              std::back_inserter(one.synonyms));
        one.value = {std::string(key.name), topic_value(topic, brokers, key.name),
                     one.synonyms.empty() ? ConfigSource::defaults : one.synonyms.front().source};
        one.type = key.type;
        one.documentation = key.documentation;
        descriptions.push_back(std::move(one));
    }
    return descriptions;
}

std::vector<ConfigDescription> DynamicConfig::describe_group(const ClusterImage& image,
                                                             std::string_view name) const {
    const ConfigMap& group = image.configs(ConfigResourceType::group, name);
    std::vector<ConfigDescription> descriptions;
    for (const ConfigKey& key : config_keys(ConfigScope::group)) {
        ConfigDescription one;
        if (const auto set = group.find(key.name); set != group.end()) {
            one.synonyms.push_back({std::string(key.name),
                                    normalized_config_value(key, set->second),
                                    ConfigSource::group});
        }
        const std::string broker_setting = group_broker_setting(key.name);
        std::vector<ConfigValue> below = broker_values(image, broker_setting);
        if (below.empty()) {
            below.push_back({std::string(key.name), std::string(key.default_value.value_or("")),
                             ConfigSource::defaults});
        }
        std::ranges::move(below, std::back_inserter(one.synonyms));
        one.value = {std::string(key.name), one.synonyms.front().value,
                     one.synonyms.front().source};
        one.type = key.type;
        one.documentation = key.documentation;
        descriptions.push_back(std::move(one));
    }
    return descriptions;
}

std::vector<ConfigDescription> DynamicConfig::describe_client_metrics(
    const ClusterImage& image, std::string_view name) const {
    const ConfigMap& subscription = image.configs(ConfigResourceType::client_metrics, name);
    std::vector<ConfigDescription> descriptions;
    for (const ConfigKey& key : config_keys(ConfigScope::client_metrics)) {
        ConfigDescription one;
        one.value = {std::string(key.name), std::string(*key.default_value),
                     ConfigSource::defaults};
        if (const auto set = subscription.find(key.name); set != subscription.end()) {
            one.value.value = normalized_config_value(key, set->second);
            one.value.source = ConfigSource::client_metrics;
            one.synonyms = {one.value};
        }
        one.type = key.type;
        one.documentation = key.documentation;
        descriptions.push_back(std::move(one));
    }
    return descriptions;
}

std::vector<ConfigDescription> DynamicConfig::describe_broker(const ClusterImage& image) const {
    std::set<std::string> names;
    for (const ConfigKey& key : config_keys(ConfigScope::broker)) {
        if (!is_throttle(key.name)) names.emplace(key.name);
    }
    for (const auto& [name, value] : settings_) names.insert(name);
    for (const std::string& resource : {std::string(), std::to_string(self_.value)}) {
        for (const auto& [name, value] : image.configs(ConfigResourceType::broker, resource))
            names.insert(name);
    }
    std::vector<ConfigDescription> descriptions;
    for (const std::string& name : names) {
        const ConfigKey* key = find_config_key(ConfigScope::broker, name);
        ConfigDescription one;
        one.synonyms = broker_values(image, name);
        one.type = broker_type_of(name);
        one.is_sensitive = is_hidden(one.type);
        // broker.id and node.id tell who we are, whichever of them was set.
        const bool is_id = name == "broker.id" || name == "node.id";
        one.value = {name, one.synonyms.empty() ? std::nullopt : one.synonyms.front().value,
                     one.synonyms.empty() ? ConfigSource::defaults : one.synonyms.front().source};
        if (is_id) one.value.value = std::to_string(self_.value);
        one.read_only = key == nullptr || key->update == ConfigUpdate::read_only;
        one.documentation = key == nullptr ? std::string_view() : key->documentation;
        descriptions.push_back(std::move(one));
    }
    return descriptions;
}

std::vector<ConfigDescription> DynamicConfig::describe_all_brokers(
    const ClusterImage& image) const {
    std::vector<ConfigDescription> descriptions;
    for (const auto& [name, value] : image.configs(ConfigResourceType::broker, "")) {
        const ConfigKey* key = find_config_key(ConfigScope::broker, name);
        ConfigDescription one;
        one.type = broker_type_of(name);
        one.is_sensitive = is_hidden(one.type);
        one.value = {name, one.is_sensitive ? std::nullopt : std::optional<std::string>(value),
                     ConfigSource::dynamic_default_broker};
        one.synonyms = {one.value};
        one.read_only = key == nullptr || key->update == ConfigUpdate::read_only;
        one.documentation = key == nullptr ? std::string_view() : key->documentation;
        descriptions.push_back(std::move(one));
    }
    return descriptions;
}

std::expected<std::vector<ConfigDescription>, Refusal> DynamicConfig::describe(
    const ClusterImage& image, const ConfigResource& resource,
    const std::optional<std::vector<std::string>>& names) const {
    std::vector<ConfigDescription> all;
    switch (resource.type) {
        case ConfigResourceType::topic:
            if (auto fault = topic_name_fault(resource.name)) {
                return std::unexpected(
                    Refusal{ErrorCode::invalid_topic_exception, std::move(*fault)});
            }
            if (image.find_topic(resource.name) == nullptr)
                return std::unexpected(Refusal{ErrorCode::unknown_topic_or_partition, ""});
            all = describe_topic(image, resource.name);
            break;
        case ConfigResourceType::group:
            if (resource.name.empty())
                return std::unexpected(
                    Refusal{ErrorCode::invalid_request, "Group name must not be empty"});
            all = describe_group(image, resource.name);
            break;
        case ConfigResourceType::client_metrics:
            if (resource.name.empty()) {
                return std::unexpected(
                    Refusal{ErrorCode::invalid_request,
                            "Client metrics subscription name must not be empty"});
            }
            all = describe_client_metrics(image, resource.name);
            break;
        case ConfigResourceType::broker: {
            if (resource.name.empty()) {
                all = describe_all_brokers(image);
                break;
            }
            if (auto refusal = check_own(resource.name)) return std::unexpected(std::move(refusal));
            all = describe_broker(image);
            break;
        }
        default:
            return std::unexpected(Refusal{
                ErrorCode::invalid_request,
                fmt::format("Unsupported resource type: {}", static_cast<int>(resource.type))});
    }
    if (names && !names->empty()) {
        std::erase_if(all, [&](const ConfigDescription& one) {
            return std::ranges::find(*names, one.value.name) == names->end();
        });
    }
    return all;
}

}  // namespace mamba::broker
