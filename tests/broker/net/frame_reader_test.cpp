#include "broker/net/frame_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "protocol/types.h"

namespace mamba::broker::net {
namespace {

constexpr std::int32_t frame_bytes_max = 1'000'000;

void append_prefix(Bytes& stream, std::int32_t size) {
    for (int shift = 24; shift >= 0; shift -= 8) stream.push_back(static_cast<std::byte>(size >> shift));
}

Bytes frame_of(std::size_t size, std::uint32_t seed) {
    Bytes frame(size);
    std::minstd_rand random(seed + 1);
    for (std::byte& byte : frame) byte = static_cast<std::byte>(random());
    return frame;
}

Bytes stream_of(const std::vector<Bytes>& frames) {
    Bytes stream;
    for (const Bytes& frame : frames) {
        append_prefix(stream, static_cast<std::int32_t>(frame.size()));
        stream.insert(stream.end(), frame.begin(), frame.end());
    }
    return stream;
}

// Puts the front of `stream` where the reader wants it, as readv would; at most `size` bytes.
std::size_t give(FrameReader& reader, BytesView stream, std::size_t size) {
    std::size_t done = 0;
    for (const auto& room : reader.writable()) {
        const std::size_t part = std::min({room.size(), size - done, stream.size() - done});
        std::ranges::copy(stream.subspan(done, part), room.begin());
        done += part;
        if (part < room.size()) break;
    }
    reader.received(done);
    return done;
}

// Takes what is whole; every frame is written over before the memory goes back, as Produce does.
void take_all(FrameReader& reader, std::vector<Bytes>& frames) {
    std::vector<std::span<std::byte>> lent;
    for (auto frame = reader.next(); frame && *frame; frame = reader.next()) lent.push_back(**frame);
    for (const auto& frame : lent) frames.emplace_back(frame.begin(), frame.end());
    for (const auto& frame : lent) std::ranges::fill(frame, std::byte{0xee});
    reader.recycle();
}

TEST(FrameReader, GivesTheSameFramesHoweverTheStreamIsCut) {
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        const auto up_to = [&](std::size_t max) { return std::uniform_int_distribution<std::size_t>(0, max)(random); };
        // Sizes around the edges of the small buffer, and many small ones.
        std::vector<Bytes> sent;
        for (std::size_t i = 0; i < 30; ++i) {
            const std::size_t kind = up_to(9);
            const std::size_t size = kind == 0   ? up_to(300'000)
                                     : kind == 1 ? BufferPool::small_capacity - 8 + up_to(16)
                                     : kind == 2 ? up_to(70'000)
                                                 : up_to(600);
            sent.push_back(frame_of(size, seed + static_cast<std::uint32_t>(i)));
        }
        const Bytes stream = stream_of(sent);
        BufferPool pool;
        FrameReader reader(pool, frame_bytes_max);
        std::vector<Bytes> got;
        const std::size_t step_max = std::array<std::size_t, 4>{7, 900, 30'000, 400'000}[seed % 4];
        for (std::size_t at = 0; at < stream.size();) {
            at += give(reader, BytesView(stream).subspan(at), 1 + up_to(step_max));
            take_all(reader, got);
        }
        ASSERT_EQ(got, sent);
        EXPECT_FALSE(reader.inside_frame());
    }
}

TEST(FrameReader, KeepsWholeFramesThatAreTakenInALaterTurn) {
    const std::vector<Bytes> sent{frame_of(40, 1), frame_of(0, 2), frame_of(100'000, 3), frame_of(50, 4),
                                  frame_of(60, 5)};
    const Bytes stream = stream_of(sent);
    BufferPool pool;
    FrameReader reader(pool, frame_bytes_max);
    std::vector<Bytes> got;
    for (std::size_t at = 0; at < stream.size() || reader.inside_frame();) {
        if (at < stream.size()) at += give(reader, BytesView(stream).subspan(at), stream.size());
        for (;;) {  // one frame a turn
            const auto frame = reader.next();
            ASSERT_TRUE(frame);
            if (!*frame) {
                reader.recycle();
                break;
            }
            got.emplace_back((*frame)->begin(), (*frame)->end());
            reader.recycle();
        }
    }
    EXPECT_EQ(got, sent);
}

TEST(FrameReader, RefusesSizesThatAreNoFramesBeforeAnythingIsAllocatedForThem) {
    for (const std::int32_t size : {-1, std::numeric_limits<std::int32_t>::min(), frame_bytes_max + 1,
                                    std::numeric_limits<std::int32_t>::max()}) {
        BufferPool pool;
        FrameReader reader(pool, frame_bytes_max);
        Bytes stream;
        append_prefix(stream, size);
        give(reader, stream, stream.size());
        const auto frame = reader.next();
        ASSERT_FALSE(frame);
        EXPECT_EQ(frame.error().size, size);
        EXPECT_EQ(reader.large_bytes(), 0U);
    }
}

TEST(FrameReader, AnEmptyFrameIsAFrame) {
    BufferPool pool;
    FrameReader reader(pool, frame_bytes_max);
    const Bytes stream = stream_of({Bytes()});
    give(reader, stream, stream.size());
    const auto frame = reader.next();
    ASSERT_TRUE(frame && *frame);
    EXPECT_TRUE((*frame)->empty());
}

TEST(FrameReader, TellsHowMuchOfALargeFrameHasCome) {
    BufferPool pool;
    FrameReader reader(pool, frame_bytes_max);
    const Bytes stream = stream_of({frame_of(200'000, 1)});
    EXPECT_FALSE(reader.inside_frame());
    const std::size_t first = give(reader, stream, 10'000);
    EXPECT_FALSE(*reader.next());
    reader.recycle();
    EXPECT_TRUE(reader.inside_frame());
    EXPECT_EQ(reader.large_bytes(), first - 4);  // counted by what has come, not by what is claimed
}

TEST(FrameReader, AQuietConnectionHoldsNoBuffer) {
    BufferPool pool;
    FrameReader reader(pool, frame_bytes_max);
    const std::byte* const lent = reader.writable()[0].data();
    reader.recycle();
    FrameReader other(pool, frame_bytes_max);
    EXPECT_EQ(other.writable()[0].data(), lent);
}

}  // namespace
}  // namespace mamba::broker::net
