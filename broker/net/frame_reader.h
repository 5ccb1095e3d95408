// Cuts a byte stream into Kafka's frames.
//
//     frame := size int32 (big-endian, of what follows), bytes
//
// Bytes are received straight into the memory that the request is then decoded in. Small frames
// lie many in one buffer; a frame that outgrows it gets a buffer of its own size, and what follows
// that frame in the same receive goes to the small one, so at most `tail_capacity` bytes of a large
// frame are ever moved. Handed-out frames stay valid, and may be written to, until recycle().
//
// Pure: knows no socket. The same frames come out however the stream is cut.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "broker/net/buffer_pool.h"

namespace mamba::broker::net {

// A frame whose size is no frame's: the stream cannot be cut any further.
struct BadFrameSize {
    std::int32_t size = 0;
};

class FrameReader {
public:
    FrameReader(BufferPool& pool, std::int32_t frame_bytes_max)
        : pool_(pool), frame_bytes_max_(frame_bytes_max) {}
    ~FrameReader();
    FrameReader(const FrameReader&) = delete;
    FrameReader& operator=(const FrameReader&) = delete;

    // Where the next bytes of the stream belong, in this order; the second may be empty. Call after
    // recycle().
    std::array<std::span<std::byte>, 2> writable();
    void received(std::size_t size);

    // The next whole frame, without its size; nullopt when more bytes are needed.
    std::expected<std::optional<std::span<std::byte>>, BadFrameSize> next();

    // All frames handed out are done with.
    void recycle();

    // Part of a frame has come, but not all of it.
    bool inside_frame() const { return large_ || begin_ < end_; }
    // Bytes of memory that the unfinished large frame holds; 0 when there is none.
    std::size_t large_bytes() const { return large_ ? large_filled_ : 0; }

private:
    static constexpr std::size_t tail_capacity = 16 * 1024;

    BufferPool& pool_;
    std::int32_t frame_bytes_max_;
    Buffer small_;
    std::size_t begin_ = 0;  // [begin_, end_) of small_ waits to be cut
    std::size_t end_ = 0;
    Buffer large_;  // one frame's content, in the stream before small_'s bytes
    std::size_t large_size_ = 0;
    std::size_t large_filled_ = 0;
    bool large_handed_out_ = false;
};

}  // namespace mamba::broker::net
