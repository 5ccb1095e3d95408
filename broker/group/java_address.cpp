#include "broker/group/java_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace mamba::broker {

std::string java_address(std::string_view address) {
    const std::size_t scope = std::min(address.find('%'), address.size());
    std::array<std::uint8_t, sizeof(in6_addr)> bytes{};
    std::string text = "/";
    if (::inet_pton(AF_INET6, std::string(address.substr(0, scope)).c_str(), bytes.data()) != 1) {
        return text.append(address);
    }
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        std::array<char, 4> group{};
        const auto end = std::to_chars(group.begin(), group.end(), bytes[at] << 8 | bytes[at + 1], 16).ptr;
        text.append(at == 0 ? "" : ":").append(group.begin(), end);
    }
    return text.append(address.substr(scope));
}

}  // namespace mamba::broker
