#include "protocol/zstd_frame.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mamba::protocol {
namespace {

constexpr std::uint32_t frame_magic = 0xFD2FB528;
constexpr std::uint32_t skippable_magic = 0x184D2A50;
constexpr std::uint32_t skippable_mask = 0xFFFFFFF0;
constexpr std::size_t magic_bytes = 4;
constexpr std::size_t block_header_bytes = 3;
constexpr std::size_t block_bytes_max = 128 * 1024;

enum BlockType : std::uint32_t { raw = 0, repeated = 1, compressed = 2 };

std::uint32_t little_endian(BytesView bytes) noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
    }
    return value;
}

bool skip(BytesView& rest, std::size_t count) noexcept {
    if (count > rest.size()) return false;
    rest = rest.subspan(count);
    return true;
}

// Moves `rest` past one frame whose magic has been read, and adds to `total`.
bool pass_frame(BytesView& rest, std::size_t& total) noexcept {
    if (rest.empty()) return false;
    const auto descriptor = std::to_integer<std::uint32_t>(rest[0]);
    const bool single_segment = (descriptor & 0x20) != 0;
    const bool has_checksum = (descriptor & 0x04) != 0;
    constexpr std::array<std::size_t, 4> dictionary_id_bytes{0, 1, 2, 4};
    constexpr std::array<std::size_t, 4> content_size_bytes{0, 2, 4, 8};
    std::size_t header = 1 + dictionary_id_bytes.at(descriptor & 3);
    header += content_size_bytes.at(descriptor >> 6);
    // With a single segment there is no window byte, but always a content size.
    if (!single_segment || descriptor >> 6 == 0) header += 1;
    if (!skip(rest, header)) return false;

    for (bool last = false; !last;) {
        if (rest.size() < block_header_bytes) return false;
        const std::uint32_t block = little_endian(rest.first(block_header_bytes));
        rest = rest.subspan(block_header_bytes);
        last = (block & 1) != 0;
        const std::uint32_t type = block >> 1 & 3;
        const std::size_t size = block >> 3;
        if (type > BlockType::compressed || size > block_bytes_max) return false;
        total += type == BlockType::compressed ? block_bytes_max : size;
        if (!skip(rest, type == BlockType::repeated ? 1 : size)) return false;
    }
    return !has_checksum || skip(rest, 4);
}

}  // namespace

std::optional<std::size_t> zstd_size_max(BytesView input) noexcept {
    std::size_t total = 0;
    while (!input.empty()) {
        if (input.size() < magic_bytes) return std::nullopt;
        const std::uint32_t magic = little_endian(input.first(magic_bytes));
        input = input.subspan(magic_bytes);
        if (magic == frame_magic) {
            if (!pass_frame(input, total)) return std::nullopt;
        } else if ((magic & skippable_mask) == skippable_magic) {
            if (input.size() < 4) return std::nullopt;
            const std::size_t size = little_endian(input.first(4));
            if (!skip(input, 4 + size)) return std::nullopt;
        } else {
            return std::nullopt;
        }
    }
    return total;
}

}  // namespace mamba::protocol
