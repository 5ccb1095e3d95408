#include "protocol/compression.h"

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zstd.h>

#include <array>
#include <span>

#include "protocol/byte_order.h"
#include "tests/protocol/test_bytes.h"

namespace mamba::protocol {
namespace {

constexpr std::size_t generous = 64U << 20;

class CompressionCodec : public testing::TestWithParam<CompressionType> {
protected:
    Bytes compress(BytesView input) { return compression.compress(GetParam(), {}, input); }
    std::expected<Bytes, DecompressError> decompress(BytesView input,
                                                     std::size_t limit = generous) {
        return compression.decompress(GetParam(), input, limit);
    }

    Compression compression;
};

Bytes sample(std::size_t size) {
    Bytes bytes = noise(size, size + 1);
    // Half noise, half repetition.
    for (std::size_t i = size / 2; i < size; ++i) bytes[i] = static_cast<std::byte>(i / 100);
    return bytes;
}

// 32 KiB is the xerial block, 64 KiB the LZ4 block, 128 KiB the zstd block.
TEST_P(CompressionCodec, GivesBackWhatItTook) {
    for (const std::size_t size :
         {0U, 1U, 61U, 4096U, 32768U, 32769U, 65536U, 65537U, 131072U, 300000U, 20000000U}) {
        const Bytes plain = sample(size);
        const auto back = decompress(compress(plain));
        ASSERT_TRUE(back) << size;
        EXPECT_TRUE(*back == plain) << size;
    }
}

TEST_P(CompressionCodec, GivesExactlyTheLimitAndNotOneByteMore) {
    for (const std::size_t size : {1U, 100U, 4096U, 70000U, 10000000U}) {
        const Bytes packed = compress(sample(size));
        EXPECT_TRUE(decompress(packed, size)) << size;
        EXPECT_EQ(decompress(packed, size - 1).error(), DecompressError::too_large) << size;
    }
}

TEST_P(CompressionCodec, RefusesEveryTruncation) {
    const Bytes packed = compress(sample(600));
    for (std::size_t size = 0; size < packed.size(); ++size) {
        const auto result = decompress(BytesView(packed).first(size));
        if (GetParam() == CompressionType::none) {
            EXPECT_TRUE(result);
        } else if (GetParam() == CompressionType::snappy && size == 16) {
            EXPECT_TRUE(result && result->empty());  // a frame of no blocks is a whole one
        } else {
            EXPECT_FALSE(result) << size;
        }
    }
}

// An error, or a value within the limit, and the same object goes on working.
TEST_P(CompressionCodec, SurvivesMutations) {
    std::mt19937_64 random(7);
    const Bytes plain = sample(3000);
    const Bytes packed = compress(plain);
    for (int round = 0; round < 20000; ++round) {
        const auto result = decompress(mutated(packed, random), 10000);
        if (result) {
            ASSERT_LE(result->size(), 10000U);
        }
    }
    const auto back = decompress(packed);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, plain);
}

TEST_P(CompressionCodec, StopsABombAtTheLimit) {
    const Bytes packed = compress(Bytes(generous * 2));
    EXPECT_EQ(decompress(packed).error(), DecompressError::too_large);
}

INSTANTIATE_TEST_SUITE_P(All, CompressionCodec,
                         testing::Values(CompressionType::none, CompressionType::gzip,
                                         CompressionType::snappy, CompressionType::lz4,
                                         CompressionType::zstd),
                         [](const auto& codec) { return std::string(name_of(codec.param)); });

TEST(Compression, TakesEveryLevelThatKafkaAllows) {
    Compression compression;
    const Bytes plain = sample(5000);
    const auto expect_round_trip = [&](CompressionType type, const CompressionLevels& levels) {
        const auto back =
            compression.decompress(type, compression.compress(type, levels, plain), 5000);
        ASSERT_TRUE(back);
        EXPECT_EQ(*back, plain);
    };
    for (const int level : {-1, 1, 5, 9}) expect_round_trip(CompressionType::gzip, {.gzip = level});
    for (int level = 1; level <= 17; ++level) {
        expect_round_trip(CompressionType::lz4, {.lz4 = level});
    }
    for (const int level : {-131072, -7, 0, 1, 19, 22}) {
        expect_round_trip(CompressionType::zstd, {.zstd = level});
    }
}

// A gzip file may be several compressed parts behind one another (RFC 1952, section 2.2).
TEST(Compression, ReadsSeveralGzipMembers) {
    Compression compression;
    Bytes packed = compression.compress(CompressionType::gzip, {}, to_bytes("one "));
    const Bytes second = compression.compress(CompressionType::gzip, {}, to_bytes("two"));
    packed.insert(packed.end(), second.begin(), second.end());
    const auto back = compression.decompress(CompressionType::gzip, packed, 7);
    ASSERT_TRUE(back);
    EXPECT_EQ(as_text(*back), "one two");
    EXPECT_EQ(compression.decompress(CompressionType::gzip, packed, 6).error(),
              DecompressError::too_large);
}

// librdkafka writes one raw snappy block without the framing of Java's library.
TEST(Compression, ReadsSnappyWithoutFraming) {
    Compression compression;
    const auto back = compression.decompress(CompressionType::snappy,
                                             from_hex("0a246162636465666768696a"), generous);
    ASSERT_TRUE(back);
    EXPECT_EQ(as_text(*back), "abcdefghij");
}

// A length of 4 GiB - 1 in five bytes must not be believed, framed or not.
TEST(Compression, RefusesSnappyThatClaimsFourGigabytes) {
    Compression compression;
    const Bytes raw = from_hex("ffffffff0f00");
    EXPECT_EQ(compression.decompress(CompressionType::snappy, raw, generous).error(),
              DecompressError::too_large);
    EXPECT_EQ(compression.decompress(CompressionType::snappy, raw, 1ULL << 40).error(),
              DecompressError::corrupt);
    Bytes framed = from_hex("82534e4150505900000000010000000100000006");
    framed.insert(framed.end(), raw.begin(), raw.end());
    EXPECT_EQ(compression.decompress(CompressionType::snappy, framed, generous).error(),
              DecompressError::too_large);
    const Bytes negative = from_hex("82534e41505059000000000100000001ffffffff00");
    EXPECT_EQ(compression.decompress(CompressionType::snappy, negative, generous).error(),
              DecompressError::corrupt);
}

// Blocks that depend on one another are legal LZ4, although Java's clients cannot read them.
TEST(Compression, ReadsLinkedLz4BlocksAcrossGrowingOutput) {
    const Bytes plain = sample(1000000);
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockMode = LZ4F_blockLinked;
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    Bytes packed(LZ4F_compressFrameBound(plain.size(), &preferences));
    packed.resize(
        LZ4F_compressFrame(packed.data(), packed.size(), plain.data(), plain.size(), &preferences));
    Compression compression;
    const auto back = compression.decompress(CompressionType::lz4, packed, plain.size());
    ASSERT_TRUE(back);
    EXPECT_TRUE(*back == plain);
}

// Java's clients stream, so their frames do not tell the size, and ask for the level's window.
TEST(Compression, ReadsZstdFramesOfUnknownSizeWithTheLargestWindow) {
    const Bytes plain = sample(400000);
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog,
                           ZSTD_cParam_getBounds(ZSTD_c_windowLog).upperBound);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, -5);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, 10);
    ZSTD_CCtx_setParameter(context, ZSTD_c_chainLog, 10);
    Bytes packed(ZSTD_compressBound(plain.size()));
    ZSTD_outBuffer out{packed.data(), packed.size(), 0};
    ZSTD_inBuffer in{plain.data(), plain.size(), 0};
    while (in.pos < in.size) ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue);
    while (ZSTD_compressStream2(context, &out, &in, ZSTD_e_end) != 0) {
    }
    ZSTD_freeCCtx(context);
    packed.resize(out.pos);
    Compression compression;
    const auto back = compression.decompress(CompressionType::zstd, packed, plain.size());
    ASSERT_TRUE(back);
    EXPECT_TRUE(*back == plain);
    EXPECT_EQ(compression.decompress(CompressionType::zstd, packed, plain.size() - 1).error(),
              DecompressError::too_large);
}

// What Java's clients can read: independent blocks of 64 KiB and the framing of snappy-java.
TEST(Compression, WritesTheFramingThatJavaExpects) {
    Compression compression;
    const Bytes lz4 = compression.compress(CompressionType::lz4, {}, to_bytes("abc"));
    EXPECT_EQ(BytesView(lz4).first(7).size(), 7U);
    EXPECT_EQ(lz4[4], std::byte{0x60});  // version 1, independent blocks, no checksums, no size
    EXPECT_EQ(lz4[5], std::byte{0x40});  // 64 KiB
    const Bytes snappy = compression.compress(CompressionType::snappy, {}, Bytes(40000));
    const Bytes header = from_hex("82534e41505059000000000100000001");
    EXPECT_TRUE(std::equal(header.begin(), header.end(), snappy.begin()));
    const auto first = static_cast<std::size_t>(load_be<std::int32_t>(snappy.data() + 16));
    EXPECT_LT(20 + first, snappy.size());  // the first block holds 32 KiB only
}

TEST(Compression, KnowsKafkasNumbersAndNames) {
    EXPECT_EQ(compression_type_of(4), CompressionType::zstd);
    EXPECT_EQ(compression_type_of(5), std::nullopt);
    EXPECT_EQ(compression_type_of(-1), std::nullopt);
    EXPECT_EQ(name_of(CompressionType::snappy), "snappy");
}

}  // namespace
}  // namespace mamba::protocol
