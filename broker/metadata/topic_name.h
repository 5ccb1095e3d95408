// Which names a topic may have. Source: Kafka's topic naming rules (KIP-4, KAFKA-2337 for collisions).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mamba::broker {

inline constexpr std::size_t topic_name_length_max = 249;

// Why `name` is not allowed, as a sentence; nullopt when it is.
std::optional<std::string> topic_name_fault(std::string_view name);

// Metric names turn '.' into '_', so two topics that differ only there collide.
std::string topic_collision_key(std::string_view name);

}  // namespace mamba::broker
