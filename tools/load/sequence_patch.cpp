#include "tools/load/sequence_patch.h"

#include <cassert>

#include "protocol/byte_order.h"
#include "protocol/crc32c.h"
#include "protocol/record_batch.h"

namespace mamba::load {

namespace field = protocol::batch_field;

SequencePatch::SequencePatch(std::size_t batch_bytes) {
    assert(batch_bytes >= protocol::batch_header_bytes);
    Bytes zeros(batch_bytes - field::attributes);  // what the checksum covers
    const std::uint32_t of_zeros = protocol::crc32c(zeros);
    std::byte* const sequence = zeros.data() + field::base_sequence - field::attributes;
    for (std::size_t bit = 0; bit < contribution_.size(); ++bit) {
        protocol::store_be(sequence, std::uint32_t{1} << bit);
        contribution_[bit] = protocol::crc32c(zeros) ^ of_zeros;
    }
}

void SequencePatch::set(std::span<std::byte> batch, std::int32_t base_sequence) const {
    std::byte* const sequence = batch.data() + field::base_sequence;
    const auto wanted = static_cast<std::uint32_t>(base_sequence);
    const std::uint32_t flipped = protocol::load_be<std::uint32_t>(sequence) ^ wanted;
    auto crc = protocol::load_be<std::uint32_t>(batch.data() + field::crc);
    for (std::size_t bit = 0; bit < contribution_.size(); ++bit) {
        if ((flipped >> bit & 1) != 0) crc ^= contribution_[bit];
    }
    protocol::store_be(sequence, wanted);
    protocol::store_be(batch.data() + field::crc, crc);
}

}  // namespace mamba::load
