// Bytes as a .snapshot file. What loads must be written again to a snapshot that loads to the same
// state; and once more with the checksum put right, so that damage gets behind it.
#include <cassert>
#include <cstdint>
#include <limits>

#include "log/producer_state.h"
#include "protocol/byte_order.h"
#include "protocol/crc32c.h"

namespace {

using namespace mamba;
using namespace mamba::log;

void try_load(BytesView bytes) {
    constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();
    const auto state = ProducerState::load(bytes, Timestamp(0), for_ever);
    if (!state) {
        assert(state.error().kind == ErrorKind::corrupt);
        return;
    }
    const auto again = ProducerState::load(state->snapshot(), Timestamp(0), for_ever);
    assert(again && again->producers() == state->producers());
    assert(again->first_undecided_offset() == state->first_undecided_offset());
    for (const auto& [id, producer] : state->producers()) {
        for (const ProducerState::Batch& kept : producer.kept()) {
            const auto verdict = state->check({.producer_id = id,
                                               .epoch = producer.epoch,
                                               .first_sequence = kept.first_sequence(),
                                               .last_sequence = kept.last_sequence});
            assert(verdict.kind == ProducerState::Verdict::Kind::duplicate);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(data[i]);
    try_load(bytes);
    if (size < 10) return 0;
    protocol::store_be(bytes.data() + 2, protocol::crc32c(BytesView(bytes).subspan(6)));
    try_load(bytes);
    return 0;
}
