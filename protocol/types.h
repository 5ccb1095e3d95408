// The value types that every layer shares. Each is a type of its own, so that an offset cannot be
// passed where an epoch is meant; all are as wide as the field on Kafka's wire.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace mamba {

// An integer with a name. Two of the same tag have an order and a distance. Arithmetic wraps, as Java's
// does: what a client sends may stand next to the end of the range.
template <class Tag, class Rep>
struct Named {
    using Bits = std::make_unsigned_t<Rep>;
    Rep value{};

    constexpr Named() = default;
    constexpr explicit Named(Rep v) : value(v) {}
    friend constexpr auto operator<=>(Named, Named) = default;

    constexpr Named& operator++() { return *this = *this + 1; }
    friend constexpr Named operator+(Named a, Rep n) { return Named(static_cast<Rep>(bits(a.value) + bits(n))); }
    friend constexpr Named operator-(Named a, Rep n) { return Named(a - Named(n)); }
    friend constexpr Rep operator-(Named a, Named b) { return static_cast<Rep>(bits(a.value) - bits(b.value)); }

private:
    static constexpr Bits bits(Rep v) { return static_cast<Bits>(v); }
};

using Offset = Named<struct OffsetTag, std::int64_t>;            // a record's place in its partition
using LeaderEpoch = Named<struct LeaderEpochTag, std::int32_t>;  // -1: unknown
using BrokerId = Named<struct BrokerIdTag, std::int32_t>;        // -1: none
using PartitionIndex = Named<struct PartitionIndexTag, std::int32_t>;
using ProducerId = Named<struct ProducerIdTag, std::int64_t>;  // -1: not idempotent
using ProducerEpoch = Named<struct ProducerEpochTag, std::int16_t>;
using Timestamp = Named<struct TimestampTag, std::int64_t>;  // ms since 1970 UTC; -1: none

inline constexpr LeaderEpoch no_leader_epoch{-1};
inline constexpr BrokerId no_broker{-1};
inline constexpr ProducerId no_producer_id{-1};
inline constexpr ProducerEpoch no_producer_epoch{-1};
inline constexpr Timestamp no_timestamp{-1};

using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

inline BytesView as_bytes(std::string_view text) {
    return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
inline std::string_view as_text(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A 128-bit id: topics, directories, clusters. Text form is Kafka's: 22 characters of URL-safe
// base64 without padding.
struct Uuid {
    std::array<std::byte, 16> bytes{};

    friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
    bool is_zero() const { return *this == Uuid{}; }
    std::string to_string() const;
    // False when `text` is not such a text; `out` is then untouched.
    static bool parse(std::string_view text, Uuid& out);
    // A random (version 4) id from 16 random bytes.
    static Uuid from_random(std::array<std::byte, 16> random);
};

struct TopicPartition {
    std::string topic;
    PartitionIndex partition;

    friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

}  // namespace mamba

template <class Tag, class Rep>
struct std::hash<mamba::Named<Tag, Rep>> {
    std::size_t operator()(mamba::Named<Tag, Rep> v) const noexcept {
        return std::hash<Rep>{}(v.value);
    }
};
template <>
struct std::hash<mamba::Uuid> {
    std::size_t operator()(const mamba::Uuid& id) const noexcept {
        return std::hash<std::string_view>{}(mamba::as_text(id.bytes));
    }
};
template <>
struct std::hash<mamba::TopicPartition> {
    std::size_t operator()(const mamba::TopicPartition& tp) const noexcept {
        return std::hash<std::string>{}(tp.topic) * 31 + static_cast<std::size_t>(tp.partition.value);
    }
};
