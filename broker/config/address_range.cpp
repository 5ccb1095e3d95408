#include "broker/config/address_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace mamba::broker {
namespace {

constexpr int bits_max = 128;
constexpr int mapped_bits = 96;  // of ::ffff:0:0/96, before an IPv4 address

}  // namespace

std::optional<AddressRange::Bytes> AddressRange::bytes_of(std::string_view address) {
    const std::string text(address);
    Bytes bytes{};
    if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
    if (::inet_pton(AF_INET, text.c_str(), bytes.data() + mapped_bits / 8) != 1) return std::nullopt;
    bytes[10] = bytes[11] = 0xff;
    return bytes;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string_view address = text.substr(0, slash);
    const auto bytes = bytes_of(address);
    if (!bytes) return std::nullopt;
    AddressRange range;
    range.bytes_ = *bytes;
    range.bits_ = bits_max;
    if (slash == std::string_view::npos) return range;
    const std::string_view digits = text.substr(slash + 1);
    int bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits < 0 || bits > bits_max) {
        return std::nullopt;
    }
    range.bits_ = bits + (address.find(':') == std::string_view::npos ? mapped_bits : 0);
    if (range.bits_ > bits_max) return std::nullopt;
    for (int bit = range.bits_; bit < bits_max; ++bit) {
        if ((range.bytes_[static_cast<std::size_t>(bit / 8)] & (0x80 >> bit % 8)) != 0) return std::nullopt;
    }
    return range;
}

bool AddressRange::contains(std::string_view address) const {
    const auto bytes = bytes_of(address);
    if (!bytes) return false;
    const auto whole = static_cast<std::size_t>(bits_ / 8);
    if (!std::equal(bytes_.begin(), bytes_.begin() + bits_ / 8, bytes->begin())) return false;
    return bits_ % 8 == 0 || ((bytes_[whole] ^ (*bytes)[whole]) >> (8 - bits_ % 8)) == 0;
}

}  // namespace mamba::broker
