#include "broker/event_ring.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

struct Event {
    int what = 0;
    int at = 0;
    std::uint64_t count = 1;
    bool repeats(const Event& earlier) const { return what == earlier.what; }
};

TEST(EventRing, TheOldestMakeRoomAndAGapShowsInTheNumbers) {
    EventRing<Event> ring(3);
    for (int i = 0; i < 5; ++i) ring.add({i});
    const auto page = ring.since(1);
    EXPECT_EQ(page.first, 2U);  // number 1 is gone
    ASSERT_EQ(page.events.size(), 3U);
    EXPECT_EQ(page.events.front().what, 2);
    EXPECT_EQ(ring.next_number(), 5U);
}

TEST(EventRing, AReaderGetsWhatCameAfterTheLastItHasSeen) {
    EventRing<Event> ring(10);
    for (int i = 0; i < 4; ++i) ring.add({i});
    EXPECT_EQ(ring.since(3).events.size(), 1U);
    EXPECT_TRUE(ring.since(4).events.empty());
    EXPECT_EQ(ring.since(99).first, 4U);
    const auto newest = ring.since(0, 2);
    EXPECT_EQ(newest.first, 2U);
    ASSERT_EQ(newest.events.size(), 2U);
    EXPECT_EQ(newest.events.back().what, 3);
}

TEST(EventRing, ARepeatIsCountedOnTheEarlierOne) {
    EventRing<Event> ring(10);
    ring.add_or_count({.what = 1, .at = 10});
    ring.add_or_count({.what = 2, .at = 11});
    ring.add_or_count({.what = 1, .at = 12});
    const auto page = ring.since(0);
    ASSERT_EQ(page.events.size(), 2U);
    EXPECT_EQ(page.events[0].count, 2U);
    EXPECT_EQ(page.events[0].at, 12);
}

}  // namespace
}  // namespace mamba::broker
