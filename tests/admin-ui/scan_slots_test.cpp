#include "admin-ui/scan_slots.h"

#include <gmock/gmock.h>

#include <vector>

namespace mamba::admin {
namespace {

TEST(ScanSlots, OneVisitorTakesNotAll) {
    ScanSlots slots;
    auto first = slots.take("a");
    auto second = slots.take("a");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(slots.take("a"));
    EXPECT_TRUE(slots.take("b"));
    first.reset();
    EXPECT_TRUE(slots.take("a"));
}

TEST(ScanSlots, AllVisitorsTogetherHaveABound) {
    ScanSlots slots;
    std::vector<std::unique_ptr<ScanSlots::Slot>> taken;
    for (std::size_t i = 0; i < ScanSlots::scans_max; ++i) {
        taken.push_back(slots.take(std::to_string(i)));
        EXPECT_TRUE(taken.back());
    }
    EXPECT_FALSE(slots.take("one more"));
    taken.pop_back();
    EXPECT_TRUE(slots.take("one more"));
}

TEST(ScanSlots, RefusedVisitorHoldsNothing) {
    ScanSlots slots;
    for (int i = 0; i < 100; ++i) {
        const auto first = slots.take("a");
        const auto second = slots.take("a");
        EXPECT_FALSE(slots.take("a"));
    }
    EXPECT_TRUE(slots.take("a"));
}

}  // namespace
}  // namespace mamba::admin
