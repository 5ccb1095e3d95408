// Parts that the tests of the metadata share.
#pragma once

#include "broker/metadata/controller.h"

namespace mamba::broker {

// Settings that know a few names, enough to see that the controller asks.
class TestRules final : public ConfigRules {
public:
    Refusal check(const ConfigResource&, const ConfigMap&, const ConfigMap& values) const override {
        for (const auto& [name, value] : values) {
            if (name != "retention.ms" && name != "cleanup.policy" && name != "segment.bytes" &&
                name != "compression.type") {
                return {ErrorCode::invalid_config, "Unknown topic config name: " + name};
            }
        }
        return {};
    }
    bool is_list(ConfigResourceType, std::string_view name) const override {
        return name == "cleanup.policy";
    }
    std::optional<std::string> default_value(ConfigResourceType,
                                             std::string_view name) const override {
        if (name == "cleanup.policy") return "delete";
        return std::nullopt;
    }
};

inline const TestRules test_rules;

inline Controller test_controller(ControllerSettings settings = {}) {
    return Controller(settings, test_rules,
                      [next = std::uint8_t{0}, more = std::uint8_t{0}]() mutable {
                          Uuid id;
                          if (++next == 0) ++more;
                          id.bytes[0] = std::byte{1};
                          id.bytes[14] = std::byte{more};
                          id.bytes[15] = std::byte{next};
                          return id;
                      });
}

inline BrokerRegistration test_broker(std::int32_t id, std::int32_t port = 9092) {
    return {BrokerId(id), {{"PLAINTEXT", "PLAINTEXT", "host" + std::to_string(id), port}}, {}};
}

// An image with brokers 1 to `brokers`.
inline ClusterImagePtr test_image(std::int32_t brokers = 1) {
    std::vector<Change> changes{ClusterIdSet{"cluster"}};
    for (std::int32_t id = 1; id <= brokers; ++id) changes.push_back(BrokerSet{test_broker(id)});
    return ClusterImage().apply(changes);
}

}  // namespace mamba::broker
