// The settings in force, for everybody to read, and the news when they change.
//
// It listens to the metadata service: a change of a broker's settings makes a new BrokerConfig, and
// each change is told to the listeners. Any thread may read.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "broker/config/dynamic_config.h"
#include "broker/metadata/cluster_image.h"

namespace mamba::broker {

class ConfigService {
public:
    // What has changed: one topic, one group, or this broker (and with it perhaps every topic).
    using Listener = std::function<void(const ConfigResource& resource, const ClusterImage& image)>;

    explicit ConfigService(DynamicConfig rules);
    ConfigService(const ConfigService&) = delete;
    ConfigService& operator=(const ConfigService&) = delete;

    const DynamicConfig& rules() const { return rules_; }

    std::shared_ptr<const BrokerConfig> broker() const;
    TopicConfig topic(const ClusterImage& image, std::string_view name) const;

    // Listeners are added before the metadata service starts.
    void on_config_change(Listener listener);

    // To be called as a listener of the metadata service.
    void on_metadata(const ClusterImage& next, const ClusterDelta& delta);

private:
    const DynamicConfig rules_;
    std::vector<Listener> listeners_;
    mutable std::mutex mutex_;  // guards what follows
    std::shared_ptr<const BrokerConfig> broker_;
};

}  // namespace mamba::broker
