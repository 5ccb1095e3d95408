// How much a Zstandard frame can give, told from its headers without decompressing it.
//
//     frame := magic 0xFD2FB528, descriptor, optional window, dictionary id and content size
//              blocks, each: uint24 (bit 0 last, bits 1-2 type, bits 3-23 size), content
//              optional uint32 checksum
//
// Integers are little-endian. Frames with magic 0x184D2A50 to 5F (uint32 size, bytes) carry no
// data. Java's clients write no content size, so the blocks have to tell. Source: RFC 8878.
#pragma once

#include <cstddef>
#include <optional>

#include "protocol/types.h"

namespace mamba::protocol {

// An upper bound on what all frames in `input` together give; none when they are not whole frames.
// At most 128 KiB for each 3 bytes of input. O(number of blocks).
std::optional<std::size_t> zstd_size_max(BytesView input) noexcept;

}  // namespace mamba::protocol
