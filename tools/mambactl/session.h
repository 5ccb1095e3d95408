// What every command of mambactl is given, and what it gives back.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/client/cluster.h"

namespace mamba::ctl {

using client::Error;
using client::Failure;
using Outcome = std::expected<void, Error>;

struct Session {
    client::Cluster& cluster;
    bool as_json = false;
};

inline std::unexpected<Error> usage(std::string message) {
    return std::unexpected(Error{Failure::usage, std::move(message)});
}

// Nothing when the broker said NONE, its refusal otherwise.
inline Outcome check(std::string what, std::int16_t code,
                     const std::optional<std::string>& broker_says = std::nullopt) {
    if (code == 0) return {};
    return std::unexpected(
        client::refusal(std::move(what), static_cast<ErrorCode>(code), broker_says.value_or("")));
}

// "key=value", split at the first '='; views into `text`.
inline std::expected<std::pair<std::string_view, std::string_view>, Error> parse_setting(
    std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos || equals == 0) {
        return usage("'" + std::string(text) + "' is not key=value");
    }
    return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace mamba::ctl
