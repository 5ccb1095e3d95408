// Big-endian integers at any address, as Kafka has them on the wire and on disk.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mamba::protocol {

// `at` has sizeof(Int) readable bytes.
template <std::integral Int>
Int load_be(const std::byte* at) noexcept {
    Int value;
    std::memcpy(&value, at, sizeof value);
    return std::endian::native == std::endian::big ? value : std::byteswap(value);
}

// `at` has sizeof(Int) writable bytes.
template <std::integral Int>
void store_be(std::byte* at, Int value) noexcept {
    if constexpr (std::endian::native != std::endian::big) value = std::byteswap(value);
    std::memcpy(at, &value, sizeof value);
}

}  // namespace mamba::protocol
