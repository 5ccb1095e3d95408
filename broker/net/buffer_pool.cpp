#include "broker/net/buffer_pool.h"

#include <algorithm>
#include <utility>

namespace mamba::broker::net {

Buffer BufferPool::take_small() {
    if (small_.empty()) {
        return {std::make_unique_for_overwrite<std::byte[]>(small_capacity), small_capacity};
    }
    Buffer buffer = std::move(small_.back());
    small_.pop_back();
    return buffer;
}

Buffer BufferPool::take_large(std::size_t size) {
    const auto fits = std::ranges::find_if(
        large_, [size](const Buffer& b) { return b.capacity >= size && b.capacity / 4 <= size; });
    if (fits == large_.end()) return {std::make_unique_for_overwrite<std::byte[]>(size), size};
    Buffer buffer = std::move(*fits);
    large_.erase(fits);
    large_kept_bytes_ -= buffer.capacity;
    return buffer;
}

void BufferPool::give_back(Buffer buffer) {
    if (!buffer) return;
    if (buffer.capacity == small_capacity) {
        if (small_.size() < small_kept_max) small_.push_back(std::move(buffer));
        return;
    }
    if (large_kept_bytes_ + buffer.capacity > large_kept_bytes_max) return;
    large_kept_bytes_ += buffer.capacity;
    large_.push_back(std::move(buffer));
}

}  // namespace mamba::broker::net
