#include "broker/request_metrics.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

TEST(LatencyHistogram, BucketsLieSideBySideInRisingOrder) {
    for (std::size_t bucket = 0; bucket + 1 < LatencyHistogram::buckets; ++bucket) {
        const std::uint64_t floor = LatencyHistogram::floor_of(bucket);
        const std::uint64_t next = LatencyHistogram::floor_of(bucket + 1);
        ASSERT_LT(floor, next);
        ASSERT_EQ(LatencyHistogram::bucket_of(floor), bucket);
        ASSERT_EQ(LatencyHistogram::bucket_of(next - 1), bucket);
        if (bucket >= LatencyHistogram::steps) ASSERT_LE(next - floor, floor / 8);  // 12.5 % wide at most
    }
}

TEST(LatencyHistogram, TakesAnyDuration) {
    LatencyHistogram histogram;
    histogram.record(std::chrono::seconds(-1));  // a clock that went back
    histogram.record(Duration::max());
    histogram.record(std::chrono::nanoseconds(5));
    EXPECT_EQ(histogram.count_in(0), 1U);
    EXPECT_EQ(histogram.count_in(5), 1U);
    EXPECT_EQ(histogram.count_in(LatencyHistogram::buckets - 1), 1U);
}

}  // namespace
}  // namespace mamba::broker
