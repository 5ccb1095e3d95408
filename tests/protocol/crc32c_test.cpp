#include "protocol/crc32c.h"

#include <gtest/gtest.h>

#include "tests/protocol/test_bytes.h"

namespace mamba::protocol {
namespace {

// The check value that every description of CRC-32C gives, and RFC 3720 B.4's 32 zeros.
TEST(Crc32c, GivesTheKnownValues) {
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283U);
    EXPECT_EQ(crc32c(Bytes(32)), 0x8A9136AAU);
    EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, ExtendsOverPiecesToTheValueOfTheWhole) {
    const Bytes bytes = noise(1000, 1);
    const BytesView whole(bytes);
    for (const std::size_t cut : {0U, 1U, 7U, 8U, 500U, 999U, 1000U}) {
        EXPECT_EQ(crc32c_extend(crc32c(whole.first(cut)), whole.subspan(cut)), crc32c(whole));
    }
}

}  // namespace
}  // namespace mamba::protocol
