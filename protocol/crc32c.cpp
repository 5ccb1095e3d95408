#include "protocol/crc32c.h"

#include <isa-l/crc.h>
#include <algorithm>

namespace mamba::protocol {
namespace {

// The library counts in int.
constexpr std::size_t step_bytes_max = 1U << 30;

}  // namespace

std::uint32_t crc32c(BytesView bytes) noexcept {
    return crc32c_extend(0, bytes);
}

std::uint32_t crc32c_extend(std::uint32_t crc, BytesView bytes) noexcept {
    // The library neither inverts the start value nor the result; CRC-32C asks for both.
    std::uint32_t state = ~crc;
    while (!bytes.empty()) {
        const std::size_t step = std::min(bytes.size(), step_bytes_max);
        // It takes a pointer to non-const, but only reads.
        auto* at = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(bytes.data()));
        state = crc32_iscsi(at, static_cast<int>(step), state);
        bytes = bytes.subspan(step);
    }
    return ~state;
}

}  // namespace mamba::protocol
