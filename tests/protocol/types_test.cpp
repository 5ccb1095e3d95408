#include "protocol/types.h"

#include <gtest/gtest.h>

#include <limits>

namespace mamba {
namespace {

// The text is what kafka-clients 4.3 prints for these 16 bytes.
TEST(Uuid, PrintsAsKafkaDoes) {
    Uuid id;
    for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::byte>(i);
    EXPECT_EQ(id.to_string(), "AAECAwQFBgcICQoLDA0ODw");
    Uuid parsed;
    ASSERT_TRUE(Uuid::parse(id.to_string(), parsed));
    EXPECT_EQ(parsed, id);
}

TEST(Uuid, RefusesTextThatNoIdPrints) {
    Uuid id;
    EXPECT_FALSE(Uuid::parse("", id));
    EXPECT_FALSE(Uuid::parse("AAECAwQFBgcICQoLDA0OD", id));    // one short
    EXPECT_FALSE(Uuid::parse("AAECAwQFBgcICQoLDA0OD+", id));   // not URL-safe
    EXPECT_FALSE(Uuid::parse("AAECAwQFBgcICQoLDA0ODx", id));   // spare bits set
    EXPECT_TRUE(id.is_zero());
}

TEST(Named, WrapsAtTheEndsOfItsRange) {
    constexpr Offset last(std::numeric_limits<std::int64_t>::max());
    constexpr Offset first(std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(last + 1, first);
    EXPECT_EQ(first - 1, last);
    EXPECT_EQ((last + 5) - last, 5);
    Offset next = last;
    EXPECT_EQ(++next, first);
    EXPECT_EQ(ProducerEpoch(32767) + 1, ProducerEpoch(-32768));
}

}  // namespace
}  // namespace mamba
