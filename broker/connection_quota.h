// How many connections the broker takes: in all, on one listener, from one address, and new ones in a second.
//
//     wait_to_accept   before one is accepted: how long that has to wait; it stays in the kernel's queue
//     admit            one is accepted: takes its place, or false when its address has too many
//     release          one has closed
//
// A broker or listener that is full, or whose connections come too fast, takes the next one later; one too
// many from an address is closed. The rate is a mean: after a quiet time `rate_window` seconds' worth may
// come at once, as in Kafka, whose rates are taken over that time (quota.window.num less the current
// one). At a rate of 0 nobody comes. The listener between brokers is exempt from the broker's own two limits, not
// from the listener's, when it is not the only one.
//
// Pure; `now` comes with the call. Source: KIP-402 (max.connections), KIP-612
// (max.connection.creation.rate), both also as listener.name.<listener>.<setting>; settings max.connections.per.ip and its overrides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "broker/request.h"
#include "broker/token_bucket.h"

namespace mamba::broker {

struct ConnectionQuotaLimits {
    static constexpr std::int32_t none = std::numeric_limits<std::int32_t>::max();

    std::int32_t connections_max = none;
    std::int32_t per_address_max = none;
    std::map<std::string, std::int32_t, std::less<>> per_address_overrides;
    std::int32_t creation_rate_max = none;  // in a second
    std::int32_t listener_connections_max = none;  // of the listener that is asked about
    std::int32_t listener_creation_rate_max = none;
};

class ConnectionQuota {
public:
    // Zero: now. When the broker is full, which of them closes is not known: ask again after the wait.
    Duration wait_to_accept(const ConnectionQuotaLimits& limits, std::string_view listener, bool is_exempt,
                            Instant now);
    bool admit(const ConnectionQuotaLimits& limits, std::string_view listener, bool is_exempt,
               std::string_view address, Instant now);
    void release(std::string_view listener, std::string_view address);

    std::size_t connections() const { return connections_; }

    static constexpr Duration rate_window = std::chrono::seconds(10);
    static constexpr Duration retry = std::chrono::milliseconds(20);

private:
    // The connections that may come, at whatever rate holds just now.
    class Rate {
    public:
        Duration wait(std::int32_t rate, Instant now);
        void take(std::int32_t rate, Instant now);

    private:
        TokenBucket& bucket_of(std::int32_t rate);

        std::optional<TokenBucket> bucket_;
        std::int32_t rate_ = 0;  // that the bucket is for
    };
    struct OfListener {
        std::size_t connections = 0;
        Rate rate;
    };
    OfListener& of_listener(std::string_view name);

    std::size_t connections_ = 0;
    Rate rate_;
    std::map<std::string, OfListener, std::less<>> by_listener_;
    std::map<std::string, std::int32_t, std::less<>> by_address_;
};

}  // namespace mamba::broker
