// A record that proves by itself who wrote it, where it belongs and that it is intact.
//
//     value := producer "." counter " " topic " " partition " " length "\n" filler
//
// `counter` counts the producer's records to that partition from 0, without gaps; `filler` is
// `length` bytes drawn from a generator seeded by all of the above.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "compat-tests/harness/client.h"

namespace mamba::compat {

struct Payload {
    int producer = 0;
    std::int64_t counter = 0;
    TopicPartition place;
    std::size_t length = 0;

    std::string encode() const;

    // The payload of a value; nullopt when a single byte of it is not as encode() writes it.
    static std::optional<Payload> decode(const std::string& value);
};

}  // namespace mamba::compat
