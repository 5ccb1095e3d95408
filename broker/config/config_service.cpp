#include "broker/config/config_service.h"

#include <cassert>
#include <utility>

#include "broker/logging.h"

namespace mamba::broker {

ConfigService::ConfigService(DynamicConfig rules) : rules_(std::move(rules)) {
    auto config = rules_.broker(ClusterImage{});
    assert(config);  // start-up has made one from the same settings
    broker_ = std::make_shared<const BrokerConfig>(std::move(*config));
}

std::shared_ptr<const BrokerConfig> ConfigService::broker() const {
    const std::lock_guard lock(mutex_);
    return broker_;
}

TopicConfig ConfigService::topic(const ClusterImage& image, std::string_view name) const {
    return rules_.topic(image, name);
}

void ConfigService::on_config_change(Listener listener) {
    listeners_.push_back(std::move(listener));
}

void ConfigService::on_metadata(const ClusterImage& next, const ClusterDelta& delta) {
    for (const ClusterDelta::ConfigChange& change : delta.configs) {
        const ConfigResource& resource = change.resource;
        if (resource.type == ConfigResourceType::broker) {
            if (!rules_.is_own(resource.name)) continue;
            // Values that do not go together keep the settings as they were.
            if (auto config = rules_.broker(next)) {
                auto made = std::make_shared<const BrokerConfig>(std::move(*config));
                const std::lock_guard lock(mutex_);
                broker_ = std::move(made);
            } else {
                logger("mamba.config")
                    .error("settings are kept as they were: {}", config.error().front());
            }
        }
        for (const Listener& listener : listeners_) listener(resource, next);
    }
}

}  // namespace mamba::broker
