#include "log/offset_index.h"

#include "protocol/byte_order.h"

namespace mamba::log {

using protocol::load_be;
using protocol::store_be;

OffsetIndexFormat::Entry OffsetIndexFormat::load(Offset base, const std::byte* at) noexcept {
    return {base + load_be<std::int32_t>(at), load_be<std::int32_t>(at + 4)};
}

void OffsetIndexFormat::store(Offset base, const Entry& entry, std::byte* at) noexcept {
    store_be(at, static_cast<std::int32_t>(entry.offset - base));
    store_be(at + 4, entry.position);
}

}  // namespace mamba::log
