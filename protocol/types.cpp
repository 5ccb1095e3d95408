#include "protocol/types.h"

namespace mamba {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string Uuid::to_string() const {
    std::string text;
    text.reserve(22);
    std::uint32_t bits = 0;
    int count = 0;
    for (const std::byte byte : bytes) {
        bits = (bits << 8) | std::to_integer<std::uint32_t>(byte);
        count += 8;
        while (count >= 6) {
            count -= 6;
            text.push_back(alphabet[(bits >> count) & 63]);
        }
    }
    text.push_back(alphabet[(bits << (6 - count)) & 63]);  // two bits are left of 128
    return text;
}

bool Uuid::parse(std::string_view text, Uuid& out) {
    if (text.size() != 22) return false;
    Uuid id;
    std::uint32_t bits = 0;
    int count = 0;
    std::size_t next = 0;
    for (const char c : text) {
        const std::size_t digit = alphabet.find(c);
        if (digit == std::string_view::npos) return false;
        bits = (bits << 6) | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count >= 8 && next < id.bytes.size()) {
            count -= 8;
            id.bytes[next++] = static_cast<std::byte>((bits >> count) & 255);
        }
    }
    if ((bits & 15) != 0) return false;  // 132 bits hold 128; the rest must be zero
    out = id;
    return true;
}

Uuid Uuid::from_random(std::array<std::byte, 16> random) {
    Uuid id{random};
    id.bytes[6] = (id.bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    id.bytes[8] = (id.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
    return id;
}

}  // namespace mamba
