// CRC-32C (Castagnoli), the checksum of record batches, by the processor's own instructions.
//
// Same value as java.util.zip.CRC32C: "123456789" gives 0xE3069283.
#pragma once

#include <cstdint>

#include "protocol/types.h"

namespace mamba::protocol {

std::uint32_t crc32c(BytesView bytes) noexcept;

// The checksum of what gave `crc`, followed by `bytes`. crc32c(x) == crc32c_extend(0, x).
std::uint32_t crc32c_extend(std::uint32_t crc, BytesView bytes) noexcept;

}  // namespace mamba::protocol
