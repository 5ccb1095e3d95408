// Addresses of machines that have their first bits in common, as settings name them: "10.0.0.0/8",
// "2001:db8::/32", or one address alone, "127.0.0.1".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mamba::broker {

class AddressRange {
public:
    // Nothing when it is no such text, or when bits behind the first `bits` are set: "10.1.0.0/8" is a slip.
    static std::optional<AddressRange> parse(std::string_view text);

    // False for what is no address.
    bool contains(std::string_view address) const;

    friend bool operator==(const AddressRange&, const AddressRange&) = default;

private:
    using Bytes = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d

    static std::optional<Bytes> bytes_of(std::string_view address);

    Bytes bytes_{};
    int bits_ = 0;
};

}  // namespace mamba::broker
