#include "log/time_index.h"

#include <gtest/gtest.h>

#include "index_place.h"

namespace mamba::log {
namespace {

TEST(TimeIndex, KeepsOnlyLaterTimestamps) {
    IndexPlace place;
    TimeIndex index(0);
    ASSERT_TRUE(index.append_if_later(place.files(), {Timestamp(50), Offset(1003)}));
    ASSERT_TRUE(index.append_if_later(place.files(), {Timestamp(50), Offset(1004)}));
    ASSERT_TRUE(index.append_if_later(place.files(), {Timestamp(40), Offset(1005)}));
    ASSERT_TRUE(index.append_if_later(place.files(), {Timestamp(60), Offset(1006)}));
    EXPECT_EQ(index.entries(), 2);
    EXPECT_EQ(*index.lookup(place.files(), Timestamp(49)), std::nullopt);
    EXPECT_EQ(**index.lookup(place.files(), Timestamp(59)),
              (TimeIndex::Entry{Timestamp(50), Offset(1003)}));
    EXPECT_EQ(place.content(suffix::time_index).size(), 24U);
    EXPECT_EQ(place.content(suffix::time_index)[7], std::byte{50});
    EXPECT_EQ(place.content(suffix::time_index)[11], std::byte{3});
}

}  // namespace
}  // namespace mamba::log
