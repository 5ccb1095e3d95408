// Cuts a stream of bytes into frames twice, in pieces as the input says and byte by byte: the frames
// must be the same, and so must the place where a bad size ends the stream.
//
//     input := pieces uint8, then `pieces` sizes uint16, then the stream
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "broker/net/frame_reader.h"
#include "protocol/types.h"

namespace {

using namespace mamba;
using namespace mamba::broker::net;

constexpr std::int32_t frame_bytes_max = 300'000;

struct Frames {
    std::vector<Bytes> whole;
    std::optional<std::int32_t> bad_size;

    friend bool operator==(const Frames&, const Frames&) = default;
};

Frames cut(BytesView stream, const std::vector<std::size_t>& pieces) {
    Frames frames;
    BufferPool pool;
    FrameReader reader(pool, frame_bytes_max);
    std::size_t piece = 0;
    while (!stream.empty()) {
        std::size_t left = std::min(stream.size(), pieces[piece++ % pieces.size()]);
        std::size_t received = 0;
        for (const auto& room : reader.writable()) {
            const std::size_t size = std::min(left, room.size());
            std::copy_n(stream.begin(), size, room.begin());
            stream = stream.subspan(size);
            received += size;
            left -= size;
            if (size < room.size()) break;
        }
        if (received == 0) std::abort();
        reader.received(received);
        for (;;) {
            const auto frame = reader.next();
            if (!frame) {
                frames.bad_size = frame.error().size;
                return frames;
            }
            if (!*frame) break;
            frames.whole.emplace_back((*frame)->begin(), (*frame)->end());
            std::ranges::fill(**frame, std::byte{0xee});
        }
        reader.recycle();
    }
    return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView input(reinterpret_cast<const std::byte*>(data), size);
    if (size < 1) return 0;
    const std::size_t count = std::to_integer<std::size_t>(input[0]);
    if (size < 1 + 2 * count) return 0;
    std::vector<std::size_t> pieces;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t piece = std::to_integer<std::size_t>(input[1 + 2 * i]) * 256 +
                                  std::to_integer<std::size_t>(input[2 + 2 * i]);
        pieces.push_back(piece + 1);
    }
    if (pieces.empty()) pieces.push_back(1U << 20);
    const BytesView stream = input.subspan(1 + 2 * count);
    if (cut(stream, pieces) != cut(stream, {1})) std::abort();
    return 0;
}
