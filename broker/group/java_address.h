// How Java writes a network address, which is what Kafka tells of a member's host.
#pragma once

#include <string>
#include <string_view>

namespace mamba::broker {

// InetAddress.toString() of an address without a name: "10.0.0.7" is "/10.0.0.7", and of IPv6 all eight groups are
// written, "::1" is "/0:0:0:0:0:0:0:1". A scope ("%eth0") stays behind it; what is no IPv6 address is kept as it is.
std::string java_address(std::string_view address);

}  // namespace mamba::broker
