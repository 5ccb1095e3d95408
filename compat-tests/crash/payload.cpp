#include "compat-tests/crash/payload.h"

#include <functional>
#include <sstream>

namespace mamba::compat {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): one multiplication-heavy step per eight bytes.
std::uint64_t next(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
}

}  // namespace

std::string Payload::encode() const {
    std::string value = std::to_string(producer) + "." + std::to_string(counter) + " " +
                        place.topic + " " + std::to_string(place.partition) + " " +
                        std::to_string(length) + "\n";
    std::uint64_t state = std::hash<std::string>{}(value);
    value.reserve(value.size() + length);
    for (std::size_t i = 0; i < length; i += 8) {
        std::uint64_t word = next(state);
        // Half of the words are small, so that codecs find something to compress.
        if ((word & 1U) != 0) word &= 0xffU;
        for (std::size_t byte = i; byte < length && byte < i + 8; ++byte, word >>= 8U) {
            value.push_back(static_cast<char>(word & 0xffU));
        }
    }
    return value;
}

std::optional<Payload> Payload::decode(const std::string& value) {
    std::istringstream line(value.substr(0, value.find('\n')));
    Payload payload;
    char dot = 0;
    line >> payload.producer >> dot >> payload.counter >> payload.place.topic >>
        payload.place.partition >> payload.length;
    if (line.fail() || dot != '.' || payload.length > value.size()) return std::nullopt;
    if (payload.encode() != value) return std::nullopt;
    return payload;
}

}  // namespace mamba::compat
