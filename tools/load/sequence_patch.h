// Changes base_sequence in a finished record batch without reading its records again.
//
// CRC-32C is linear: the checksums of two batches of one length that differ in base_sequence alone
// differ by the sum (xor) of what each flipped bit contributes. So 32 checksums computed once per
// length replace one over the whole batch for every send.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "protocol/types.h"

namespace mamba::load {

class SequencePatch {
public:
    // For batches of `batch_bytes` bytes, headers included.
    explicit SequencePatch(std::size_t batch_bytes);

    // `batch` has the length given above and a right checksum, and has so afterwards.
    void set(std::span<std::byte> batch, std::int32_t base_sequence) const;

private:
    std::array<std::uint32_t, 32> contribution_{};  // of each bit of base_sequence
};

}  // namespace mamba::load
