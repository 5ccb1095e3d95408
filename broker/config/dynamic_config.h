// What applies to each topic, broker and group, and what may be changed at run time: the rules over
// the settings stored in ClusterImage. Pure: images come in, answers go out.
//
//     ConfigRules (asked by the controller)   check, is_list, default_value
//     values in force                         broker(), topic()
//     DescribeConfigs                         describe()
//
// Source: the behaviour of Apache Kafka 4.3; KIP-226 (brokers), KIP-339 (incremental), KIP-412
// (loggers), KIP-569 (types and documentation).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/config.h"
#include "broker/config/config_keys.h"
#include "broker/config/topic_config.h"
#include "broker/metadata/controller.h"

namespace mamba::broker {

// The numbers are the wire's. Source: KIP-226, KIP-1000.
enum class ConfigSource : std::int8_t {
    unknown = 0,
    dynamic_topic = 1,
    dynamic_broker = 2,
    dynamic_default_broker = 3,
    static_broker = 4,
    defaults = 5,
    dynamic_broker_logger = 6,
    client_metrics = 7,
    group = 8,
};

struct ConfigValue {
    std::string name;
    std::optional<std::string> value;  // null also when it must not be shown
    ConfigSource source = ConfigSource::defaults;

    friend bool operator==(const ConfigValue&, const ConfigValue&) = default;
};

struct ConfigDescription {
    ConfigValue value;
    bool read_only = false;
    bool is_sensitive = false;
    ConfigType type = ConfigType::unknown;
    std::vector<ConfigValue> synonyms;  // in order of precedence, the one in force first
    std::string_view documentation;
};

class DynamicConfig final : public ConfigRules {
public:
    // `settings` as read_settings() gave them, without errors.
    DynamicConfig(std::map<std::string, std::string, std::less<>> settings, Machine machine,
                  BrokerId self);

    Refusal check(const ConfigResource& resource, const ConfigMap& before,
                  const ConfigMap& values) const override;
    bool is_list(ConfigResourceType type, std::string_view name) const override;
    std::optional<std::string> default_value(ConfigResourceType type,
                                             std::string_view name) const override;

    // This broker's settings and a topic's, as `image` has them.
    std::expected<BrokerConfig, std::vector<std::string>> broker(const ClusterImage& image) const;
    TopicConfig topic(const ClusterImage& image, std::string_view name) const;

    // All settings of a resource, or those in `names`, in order of their names. Errors as
    // DescribeConfigs gives them for the resource.
    std::expected<std::vector<ConfigDescription>, Refusal> describe(
        const ClusterImage& image, const ConfigResource& resource,
        const std::optional<std::vector<std::string>>& names) const;

    // True for the names of this broker's resource and of the default of all brokers.
    bool is_own(std::string_view broker_name) const;
    // Why a request for that broker cannot be answered by this one.
    Refusal check_own(std::string_view broker_name) const;

private:
    using Values = std::map<std::string, std::string, std::less<>>;

    Refusal check_topic(const ConfigMap& values) const;
    Refusal check_group(const ConfigMap& values) const;
    Refusal check_client_metrics(const ConfigMap& values) const;
    Refusal check_broker(std::string_view name, const ConfigMap& before,
                         const ConfigMap& values) const;

    Refusal check_threads(const Values& next, const ConfigMap& before) const;

    // The values of brokers' settings in force: static ones under dynamic ones.
    Values merged(const ClusterImage& image) const;
    std::string topic_value(const ConfigMap& topic, const Values& brokers,
                            std::string_view name) const;
    std::optional<std::string> default_of(const ConfigKey& broker_key) const;
    // What was set for a broker setting, in order of precedence, ending with its default.
    std::vector<ConfigValue> broker_values(const ClusterImage& image, std::string_view name) const;

    std::vector<ConfigDescription> describe_topic(const ClusterImage& image,
                                                  std::string_view name) const;
    std::vector<ConfigDescription> describe_group(const ClusterImage& image,
                                                  std::string_view name) const;
    std::vector<ConfigDescription> describe_client_metrics(const ClusterImage& image,
                                                           std::string_view name) const;
    std::vector<ConfigDescription> describe_broker(const ClusterImage& image) const;
    std::vector<ConfigDescription> describe_all_brokers(const ClusterImage& image) const;

    Values settings_;
    Machine machine_;
    BrokerId self_;
};

}  // namespace mamba::broker
