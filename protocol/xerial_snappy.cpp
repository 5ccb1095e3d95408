#include "protocol/xerial_snappy.h"

#include <snappy.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "protocol/byte_order.h"

namespace mamba::protocol::xerial_snappy {
namespace {

constexpr std::unexpected<DecompressError> corrupt{DecompressError::corrupt};
constexpr std::unexpected<DecompressError> too_large{DecompressError::too_large};

// Magic, version 1, readable from version 1 on.
constexpr std::array<unsigned char, 16> xerial_header{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0,
                                                      0,    0,   0,   1,   0,   0,   0,   1};
constexpr std::size_t xerial_magic_bytes = 8;
constexpr std::size_t xerial_block_bytes = 32 * 1024;

// A snappy element of 3 bytes gives 64 at most, so no honest block claims more than this.
constexpr std::size_t snappy_ratio_max = 22;

const char* chars(BytesView bytes) {
    return reinterpret_cast<const char*>(bytes.data());
}
char* chars(std::span<std::byte> bytes) {
    return reinterpret_cast<char*>(bytes.data());
}

// Appends the contents of one raw block to `out`.
std::optional<DecompressError> snappy_block(BytesView block, std::size_t limit, Bytes& out) {
    std::size_t size = 0;
    if (!snappy::GetUncompressedLength(chars(block), block.size(), &size)) {
        return DecompressError::corrupt;
    }
    if (size > limit - out.size()) return DecompressError::too_large;
    if (size > block.size() * snappy_ratio_max) return DecompressError::corrupt;
    const std::size_t at = out.size();
    out.resize(at + size);
    if (!snappy::RawUncompress(chars(block), block.size(), chars(std::span(out).subspan(at)))) {
        return DecompressError::corrupt;
    }
    return std::nullopt;
}

// The sum of the sizes that the blocks claim, which costs a few bytes' reading each; or why not.
std::expected<std::size_t, DecompressError> xerial_size(BytesView blocks, std::size_t limit) {
    std::size_t total = 0;
    while (!blocks.empty()) {
        if (blocks.size() < 4) return corrupt;
        const auto packed = load_be<std::int32_t>(blocks.data());
        blocks = blocks.subspan(4);
        if (packed < 0 || static_cast<std::size_t>(packed) > blocks.size()) return corrupt;
        const BytesView block = blocks.first(static_cast<std::size_t>(packed));
        std::size_t size = 0;
        if (!snappy::GetUncompressedLength(chars(block), block.size(), &size)) return corrupt;
        if (size > limit - total) return too_large;
        if (size > block.size() * snappy_ratio_max) return corrupt;
        total += size;
        blocks = blocks.subspan(block.size());
    }
    return total;
}

}  // namespace

Bytes compress(BytesView input) {
    Bytes out;
    const BytesView header = std::as_bytes(std::span(xerial_header));
    out.insert(out.end(), header.begin(), header.end());
    std::size_t done = 0;
    while (done < input.size()) {
        const BytesView block =
            input.subspan(done, std::min(xerial_block_bytes, input.size() - done));
        const std::size_t at = out.size();
        out.resize(at + 4 + snappy::MaxCompressedLength(block.size()));
        std::size_t packed = 0;
        snappy::RawCompress(chars(block), block.size(), chars(std::span(out).subspan(at + 4)),
                            &packed);
        store_be(out.data() + at, static_cast<std::int32_t>(packed));
        out.resize(at + 4 + packed);
        done += block.size();
    }
    return out;
}

std::expected<Bytes, DecompressError> decompress(BytesView input, std::size_t limit) {
    Bytes out;
    const bool framed = input.size() >= xerial_header.size() &&
                        std::memcmp(input.data(), xerial_header.data(), xerial_magic_bytes) == 0;
    if (!framed) {
        if (const auto error = snappy_block(input, limit, out)) return std::unexpected(*error);
        return out;
    }
    BytesView blocks = input.subspan(xerial_header.size());
    const auto total = xerial_size(blocks, limit);
    if (!total) return std::unexpected(total.error());
    out.reserve(*total);
    while (!blocks.empty()) {
        const auto packed = static_cast<std::size_t>(load_be<std::int32_t>(blocks.data()));
        if (const auto error = snappy_block(blocks.subspan(4, packed), limit, out)) {
            return std::unexpected(*error);
        }
        blocks = blocks.subspan(4 + packed);
    }
    return out;
}

}  // namespace mamba::protocol::xerial_snappy
