// Receive buffers of one io thread, lent to its connections while they have bytes to hold.
//
// A connection that is quiet holds none, so that ten thousand idle ones cost no buffer memory. Large
// buffers are kept for reuse up to a bound: fresh pages cost a fault each, which at a gigabyte a
// second is more than the checksum. Not thread-safe: one pool an io thread.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace mamba::broker::net {

struct Buffer {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t capacity = 0;

    explicit operator bool() const { return bytes != nullptr; }
};

class BufferPool {
public:
    static constexpr std::size_t small_capacity = 64 * 1024;

    Buffer take_small();
    // At least `size` bytes, not yet touched: memory is committed as they are received.
    Buffer take_large(std::size_t size);
    void give_back(Buffer buffer);

private:
    static constexpr std::size_t small_kept_max = 64;
    static constexpr std::size_t large_kept_bytes_max = 16 * 1024 * 1024;

    std::vector<Buffer> small_;
    std::vector<Buffer> large_;
    std::size_t large_kept_bytes_ = 0;
};

}  // namespace mamba::broker::net
