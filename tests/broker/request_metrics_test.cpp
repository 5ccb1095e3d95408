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

TEST(LatencyHistogram, PercentileIsWithinItsBucket) {
    LatencyHistogram histogram;
    EXPECT_EQ(histogram.percentile(0.99).count(), 0);
    for (int i = 1; i <= 1000; ++i) histogram.record(std::chrono::microseconds(i));
    EXPECT_EQ(histogram.count(), 1000U);
    EXPECT_NEAR(static_cast<double>(histogram.percentile(0.5).count()), 500e3, 0.125 * 500e3);
    EXPECT_NEAR(static_cast<double>(histogram.percentile(0.99).count()), 990e3, 0.125 * 990e3);
}

TEST(RequestMetrics, TellsThePhasesApart) {
    RequestMetrics metrics;
    constexpr std::int16_t fetch = 1;
    EXPECT_EQ(metrics.times(fetch), nullptr);
    const Instant start{};
    metrics.on_request(fetch, 100);
    metrics.on_sent(fetch, start, start + std::chrono::milliseconds(3), start + std::chrono::milliseconds(3));
    EXPECT_EQ(metrics.requests(fetch), 1U);
    EXPECT_EQ(metrics.bytes_in(fetch), 100U);
    ASSERT_NE(metrics.times(fetch), nullptr);
    EXPECT_EQ(metrics.times(fetch)->until_ready.sum_ns(), 3'000'000U);
    EXPECT_EQ(metrics.times(fetch)->until_sent.sum_ns(), 0U);
}

}  // namespace
}  // namespace mamba::broker
