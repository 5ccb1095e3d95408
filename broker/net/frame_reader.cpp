#include "broker/net/frame_reader.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

namespace mamba::broker::net {
namespace {

constexpr std::size_t prefix_size = 4;

std::int32_t read_prefix(const std::byte* at) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, at, sizeof bits);
    return static_cast<std::int32_t>(std::byteswap(bits));
}

}  // namespace

FrameReader::~FrameReader() {
    pool_.give_back(std::move(small_));
    pool_.give_back(std::move(large_));
}

std::array<std::span<std::byte>, 2> FrameReader::writable() {
    assert(!large_handed_out_);
    if (!small_) small_ = pool_.take_small();
    if (large_) {
        const std::size_t room = std::min(small_.capacity - end_, tail_capacity);
        return {std::span(large_.bytes.get() + large_filled_, large_size_ - large_filled_),
                std::span(small_.bytes.get() + end_, room)};
    }
    return {std::span(small_.bytes.get() + end_, small_.capacity - end_), {}};
}

void FrameReader::received(std::size_t size) {
    if (large_) {
        const std::size_t mine = std::min(size, large_size_ - large_filled_);
        large_filled_ += mine;
        size -= mine;
    }
    end_ += size;
    assert(end_ <= small_.capacity);
}

std::expected<std::optional<std::span<std::byte>>, BadFrameSize> FrameReader::next() {
    if (large_) {
        if (large_filled_ < large_size_) return std::nullopt;
        if (!large_handed_out_) {
            large_handed_out_ = true;
            return std::span(large_.bytes.get(), large_size_);
        }
    }
    const std::size_t here = end_ - begin_;
    if (here < prefix_size) return std::nullopt;
    const std::int32_t size = read_prefix(small_.bytes.get() + begin_);
    if (size < 0 || size > frame_bytes_max_) return std::unexpected(BadFrameSize{size});
    const std::size_t whole = prefix_size + static_cast<std::size_t>(size);
    if (here >= whole) {
        const std::span frame(small_.bytes.get() + begin_ + prefix_size, whole - prefix_size);
        begin_ += whole;
        return frame;
    }
    if (whole > small_.capacity && !large_) {
        large_size_ = whole - prefix_size;
        large_filled_ = here - prefix_size;
        large_ = pool_.take_large(large_size_);
        std::memcpy(large_.bytes.get(), small_.bytes.get() + begin_ + prefix_size, large_filled_);
        begin_ = end_;
    }
    return std::nullopt;
}

void FrameReader::recycle() {
    if (large_handed_out_) {
        pool_.give_back(std::exchange(large_, {}));
        large_handed_out_ = false;
    }
    if (begin_ == end_) {
        begin_ = end_ = 0;
        if (!large_) pool_.give_back(std::exchange(small_, {}));
    } else if (begin_ > 0) {
        // What is left is the head of one frame that fits: it moves to the front.
        std::memmove(small_.bytes.get(), small_.bytes.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
}

}  // namespace mamba::broker::net
