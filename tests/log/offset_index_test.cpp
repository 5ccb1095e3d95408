#include "log/offset_index.h"

#include <gtest/gtest.h>

#include "index_place.h"

namespace mamba::log {
namespace {

TEST(OffsetIndex, FindsTheLastEntryAtOrBelow) {
    IndexPlace place;
    OffsetIndex index(0);
    EXPECT_EQ(*index.lookup(place.files(), Offset(1000)), std::nullopt);
    for (int i = 1; i <= 20; ++i) {
        ASSERT_TRUE(index.append(place.files(), {Offset(1000 + 10 * i), 100 * i}));
    }
    EXPECT_EQ(*index.lookup(place.files(), Offset(1009)), std::nullopt);
    EXPECT_EQ(**index.lookup(place.files(), Offset(1010)), (OffsetIndex::Entry{Offset(1010), 100}));
    EXPECT_EQ(**index.lookup(place.files(), Offset(1119)),
              (OffsetIndex::Entry{Offset(1110), 1100}));
    EXPECT_EQ(**index.lookup(place.files(), Offset(9999)),
              (OffsetIndex::Entry{Offset(1200), 2000}));
    EXPECT_EQ(*index.lookup_position(place.files(), 99), std::nullopt);
    EXPECT_EQ(**index.lookup_position(place.files(), 100),
              (OffsetIndex::Entry{Offset(1010), 100}));
    EXPECT_EQ(**index.lookup_position(place.files(), 1199),
              (OffsetIndex::Entry{Offset(1110), 1100}));
    ASSERT_TRUE(index.truncate_to(place.files(), Offset(1030)));
    EXPECT_EQ(**index.last(place.files()), (OffsetIndex::Entry{Offset(1020), 200}));
    EXPECT_TRUE(index.is_full(23));
    EXPECT_FALSE(index.is_full(24));
}

TEST(OffsetIndex, EntriesAreEightBytesBigEndian) {
    IndexPlace place;
    OffsetIndex index(0);
    ASSERT_TRUE(index.append(place.files(), {Offset(1258), 515}));
    const Bytes expected{std::byte{0}, std::byte{0}, std::byte{1}, std::byte{2},
                         std::byte{0}, std::byte{0}, std::byte{2}, std::byte{3}};
    EXPECT_EQ(place.content(suffix::offset_index), expected);
}

TEST(OffsetIndex, AFailedAppendLeavesNoEntry) {
    IndexPlace place;
    OffsetIndex index(0);
    ASSERT_TRUE(index.append(place.files(), {Offset(1001), 1}));
    place.storage.set_capacity(place.storage.used_bytes() + 3);
    EXPECT_FALSE(index.append(place.files(), {Offset(1002), 2}));
    EXPECT_EQ(index.entries(), 1);
    place.storage.set_capacity(1000);
    ASSERT_TRUE(index.append(place.files(), {Offset(1003), 3}));
    EXPECT_EQ(**index.last(place.files()), (OffsetIndex::Entry{Offset(1003), 3}));
    EXPECT_EQ(place.content(suffix::offset_index).size(), 16U);
}

}  // namespace
}  // namespace mamba::log
