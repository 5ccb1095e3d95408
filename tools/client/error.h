// Why a client could not get its answer, as one sentence for the person who waits for it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "protocol/error_code.h"

namespace mamba::client {

enum class Failure : std::uint8_t {
    unreachable,  // no connection, or it was lost
    timeout,      // no answer within the time allowed
    malformed,    // an answer that cannot be decoded
    unsupported,  // no version of the API that both sides know
    refused,      // the broker answered with an error code
    usage,        // what was asked for makes no sense
};

struct Error {
    Failure failure = Failure::unreachable;
    std::string message;
    ErrorCode code = ErrorCode::none;  // set when `failure` is refused
};

// A broker's refusal: "topic orders: UNKNOWN_TOPIC_OR_PARTITION", and its own words if it had any.
inline Error refusal(std::string what, ErrorCode code, const std::string& broker_says = {}) {
    std::string message = std::move(what) + ": " + std::string(name_of(code));
    if (!broker_says.empty()) message += " (" + broker_says + ")";
    return {Failure::refused, std::move(message), code};
}

}  // namespace mamba::client
