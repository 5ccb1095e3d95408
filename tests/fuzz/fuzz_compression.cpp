// The codecs. The first byte is the codec (modulo 5), plus 128 to compress the rest and read it
// back instead of decompressing it. Nothing may give more than the limit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "protocol/compression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mamba;
    static protocol::Compression compression;  // libFuzzer calls from one thread
    constexpr std::size_t limit = 1U << 20;
    if (size == 0) return 0;
    const auto codec = protocol::compression_type_of((data[0] & 0x7f) % 5);
    const BytesView input = std::as_bytes(std::span(data, size)).subspan(1);
    if ((data[0] & 0x80) == 0) {
        const auto out = compression.decompress(*codec, input, limit);
        if (out && out->size() > limit) std::abort();
    } else {
        const Bytes packed = compression.compress(*codec, {}, input);
        const auto out = compression.decompress(*codec, packed, input.size());
        if (!out || !std::equal(out->begin(), out->end(), input.begin(), input.end())) std::abort();
    }
    return 0;
}
