#include "broker/request_metrics.h"

#include <gtest/gtest.h>

#include "broker/slow_requests.h"

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

constexpr std::int16_t produce = 0;
constexpr std::int16_t fetch = 1;
constexpr auto ms = [](int n) { return std::chrono::milliseconds(n); };

// Ready after 10 ms, of which it waited `waited`; sent 1 ms later.
struct Served {
    Client client{.host = "h", .listener = "l"};
    std::string topic = "orders";
    Uuid topic_id;

    ServedRequest request(std::int16_t api_key, Duration waited, Instant received = Instant(ms(1000))) const {
        return {.api_key = api_key,
                .received = received,
                .ready = received + ms(10),
                .sent = received + ms(11),
                .waited = waited,
                .bytes_in = 100,
                .bytes_out = 200,
                .client = client,
                .topic = topic,
                .topic_id = topic_id};
    }
};

TEST(RequestMetrics, FetchIsShownWithoutTheWaitThatItsClientChose) {
    RequestMetrics metrics;
    EXPECT_EQ(metrics.times(fetch), nullptr);
    metrics.on_request(fetch, 100);
    metrics.on_sent(Served().request(fetch, ms(9)));
    EXPECT_EQ(metrics.requests(fetch), 1U);
    EXPECT_EQ(metrics.bytes_in(fetch), 100U);
    EXPECT_EQ(metrics.bytes_out(fetch), 200U);
    ASSERT_NE(metrics.times(fetch), nullptr);
    EXPECT_EQ(metrics.times(fetch)->busy.sum_ns(), 2'000'000U);
    EXPECT_EQ(metrics.times(fetch)->local.sum_ns(), 1'000'000U);
    EXPECT_EQ(metrics.times(fetch)->waited.sum_ns(), 9'000'000U);
    EXPECT_EQ(metrics.times(fetch)->sent.sum_ns(), 1'000'000U);
}

// Nobody wishes for it: it is part of how slow the broker is.
TEST(RequestMetrics, ProduceIsShownWithItsFlush) {
    RequestMetrics metrics;
    metrics.on_sent(Served().request(produce, ms(9)));
    EXPECT_EQ(metrics.times(produce)->busy.sum_ns(), 11'000'000U);
    EXPECT_EQ(metrics.times(produce)->local.sum_ns(), 1'000'000U);
}

TEST(RequestMetrics, ErrorsAreCountedByApi) {
    RequestMetrics metrics;
    const Served served;
    ServedRequest request = served.request(produce, {});
    metrics.on_sent(request);
    request.error = ErrorCode::unknown_topic_or_partition;
    metrics.on_sent(request);
    EXPECT_EQ(metrics.errors(produce), 1U);
}

Timestamp wall() { return Timestamp(5000); }

TEST(SlowRequests, TheSlowestOfAWindowAreKept) {
    SlowRequests slow;
    const Served served;
    for (int i = 0; i < 500; ++i) {
        ServedRequest request = served.request(produce, {});
        request.sent = request.ready + ms(i % 100);
        slow.offer(request, wall);
    }
    const auto slowest = slow.slowest();
    ASSERT_EQ(slowest.size(), SlowRequests::each_max);
    EXPECT_EQ(slowest.front().total, ms(109));
    EXPECT_EQ(slowest.back().total, ms(100));  // five each of 109 to 100
    EXPECT_EQ(slowest.front().topic, "orders");
    EXPECT_EQ(slowest.front().at, Timestamp(5000 - 109));
    EXPECT_EQ(slowest.front().bytes_out, 200U);
}

TEST(SlowRequests, NextWindowBeginsAnew) {
    SlowRequests slow;
    const Served served;
    Instant at(ms(1000));
    for (std::size_t window = 0; window < SlowRequests::windows_max + 5; ++window) {
        for (std::size_t i = 0; i < SlowRequests::each_max; ++i) slow.offer(served.request(produce, {}, at), wall);
        at += SlowRequests::window + ms(1);
    }
    EXPECT_EQ(slow.slowest().size(), SlowRequests::each_max * SlowRequests::windows_max);
}

TEST(SlowRequests, FetchThatOnlyWaitsIsNotSlow) {
    SlowRequests slow;
    const Served served;
    slow.offer(served.request(fetch, ms(10)), wall);
    slow.offer(served.request(produce, ms(10)), wall);
    const auto slowest = slow.slowest();
    ASSERT_EQ(slowest.size(), 2U);
    EXPECT_EQ(slowest[0].api_key, produce);
    EXPECT_EQ(slowest[1].total, ms(1));
}

}  // namespace
}  // namespace mamba::broker
