#include "tools/load/latency_histogram.h"

#include <gtest/gtest.h>

namespace mamba::load {
namespace {

using std::chrono::nanoseconds;

TEST(LatencyHistogram, PercentilesOfNothingAreZero) {
    EXPECT_EQ(LatencyHistogram().percentile(0.99), nanoseconds(0));
}

TEST(LatencyHistogram, PercentilesAreWithinTwoPercent) {
    LatencyHistogram histogram;
    for (int i = 1; i <= 100'000; ++i) histogram.add(nanoseconds(i * 37));
    for (const double share : {0.001, 0.5, 0.99, 0.999}) {
        const double exact = 37 * share * 100'000;
        EXPECT_NEAR(static_cast<double>(histogram.percentile(share).count()), exact, exact * 0.02)
            << share;
    }
    EXPECT_EQ(histogram.max(), nanoseconds(3'700'000));
    EXPECT_EQ(histogram.percentile(1), histogram.max());
}

TEST(LatencyHistogram, EveryDurationHasABucket) {
    LatencyHistogram histogram;
    histogram.add(nanoseconds(-5));
    histogram.add(nanoseconds::max());
    EXPECT_EQ(histogram.count(), 2U);
    EXPECT_EQ(histogram.percentile(0), nanoseconds(0));
    EXPECT_EQ(histogram.percentile(1), nanoseconds::max());
}

TEST(LatencyHistogram, AddingAnotherAddsItsCounts) {
    LatencyHistogram low;
    LatencyHistogram high;
    low.add(nanoseconds(10));
    high.add(nanoseconds(20));
    high.add(nanoseconds(30));
    low.add(high);
    EXPECT_EQ(low.count(), 3U);
    EXPECT_EQ(low.percentile(0.5), nanoseconds(20));
}

}  // namespace
}  // namespace mamba::load
