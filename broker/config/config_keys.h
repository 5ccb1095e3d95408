// Every setting of Kafka 4.3, and ours: name, type, default, what is allowed, and what MambaMQ
// makes of it. The data lies beside this file, one X(...) per setting, in the order of their names:
//
//     broker_keys.inc  topic_keys.inc  group_keys.inc  client_metrics_keys.inc  client_quota_keys.inc
//
// Types, defaults and limits are Kafka's unless `different_defaults()` names the setting and why.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mamba::broker {

// The numbers are those of DescribeConfigs. Source: KIP-569.
enum class ConfigType : std::int8_t {
    unknown = 0,
    boolean = 1,
    string = 2,
    integer = 3,
    short_integer = 4,
    long_integer = 5,
    floating = 6,
    list = 7,
    class_name = 8,
    password = 9,
};
std::string_view name_of(ConfigType type);  // as Kafka's messages have it: "INT", "LONG", ...

enum class ConfigScope : std::uint8_t { broker, topic, group, client_metrics, client_quota };

enum class ConfigUpdate : std::uint8_t {
    read_only,     // set at start only
    per_broker,    // at run time, for one broker
    cluster_wide,  // at run time, for one broker or as the default of all
};

enum class ConfigSupport : std::uint8_t {
    honoured,
    no_effect,  // accepted, checked and described; start-up notes that it does not apply
};

enum class ConfigImportance : std::uint8_t { low, medium, high };

struct ConfigKey {
    std::string_view name;
    ConfigType type = ConfigType::string;
    std::optional<std::string_view> default_value;  // none: null, or it must be set
    // For numbers "[0,...]", "[1,...,9]", "[1,...,9] or -1"; for words "[a, b]", a leading "~"
    // meaning any case; "non-empty". Empty: anything of the type.
    std::string_view allowed;
    ConfigImportance importance = ConfigImportance::medium;
    ConfigUpdate update = ConfigUpdate::read_only;
    ConfigSupport support = ConfigSupport::no_effect;
    std::string_view documentation;

    bool is_sensitive() const { return type == ConfigType::password; }
};

// In order of their names.
std::span<const ConfigKey> config_keys(ConfigScope scope);

// Null: no such setting.
const ConfigKey* find_config_key(ConfigScope scope, std::string_view name);

// What a setting of one listener is called: "listener.name.internal.max.connections".
std::string listener_config_name(std::string_view listener, std::string_view setting);

// The broker's setting that such a name stands for, by which its value is checked. Null: no such name.
const ConfigKey* find_listener_config_key(std::string_view name);

// Why `value` may not be set for `key`, in Kafka's words ("Invalid value x for configuration ...");
// none when it may.
std::optional<std::string> check_config_value(const ConfigKey& key, std::string_view value);

// `value` as Kafka shows it: surrounding blanks off, "TRUE" as "true", "+007" as "7", lists as "a,b".
std::string normalized_config_value(const ConfigKey& key, std::string_view value);

// The elements of a list: split at commas, blanks off; an empty text has none.
std::vector<std::string> split_config_list(std::string_view value);

// The known name nearest to `name` by edit distance; empty when none is near.
std::string_view nearest_config_key(ConfigScope scope, std::string_view name);

// Which settings have another default than Kafka's, and why.
struct DifferentDefault {
    std::string_view name;
    std::string_view kafka_default;
    std::string_view reason;
};
std::span<const DifferentDefault> different_defaults();

}  // namespace mamba::broker
