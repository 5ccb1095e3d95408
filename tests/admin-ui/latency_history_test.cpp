#include "admin-ui/latency_history.h"

#include <gtest/gtest.h>

namespace mamba::admin {
namespace {

using broker::LatencyHistogram;

constexpr Timestamp start(1'790'000'100'000);  // a multiple of five minutes
constexpr LatencyHistory::Key key = 7;
constexpr std::size_t memory_max = 1 << 20;

Tally tally_of(std::chrono::microseconds duration, std::uint64_t times) {
    const auto ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(duration).count());
    Tally tally(ns * times);
    tally.count(LatencyHistogram::bucket_of(ns), times);
    return tally;
}

TEST(Tally, EmptyHasNoFigures) {
    EXPECT_FALSE(Tally().percentile_us(0.5));
    EXPECT_FALSE(Tally().mean_us());
    EXPECT_FALSE(Tally().max_us());
}

TEST(Tally, MergedAddsBucketsUp) {
    Tally all = tally_of(std::chrono::microseconds(100), 90);
    all.merge(tally_of(std::chrono::microseconds(10'000), 10));
    all.merge(tally_of(std::chrono::microseconds(100), 900));
    all.merge(Tally());
    EXPECT_EQ(all.count(), 1000U);
    ASSERT_EQ(all.buckets().size(), 2U);
    EXPECT_NEAR(*all.percentile_us(0.5), 100, 13);
    EXPECT_NEAR(*all.percentile_us(0.999), 10'000, 1300);
    EXPECT_NEAR(*all.mean_us(), (990 * 100 + 10 * 10'000) / 1000.0, 0.01);
    EXPECT_GE(*all.max_us(), 10'000);
}

TEST(TallySince, TellsWhatCameSinceTheLastLook) {
    LatencyHistogram histogram;
    TallySince since;
    const auto look = [&] {
        std::vector<std::uint64_t> counts(LatencyHistogram::buckets);
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = histogram.count_in(i);
        return since.advance(counts, histogram.sum_ns());
    };
    histogram.record(std::chrono::microseconds(50));
    EXPECT_EQ(look().count(), 1U);
    EXPECT_TRUE(look().empty());
    histogram.record(std::chrono::microseconds(50));
    histogram.record(std::chrono::microseconds(70));
    const Tally news = look();
    EXPECT_EQ(news.count(), 2U);
    EXPECT_EQ(news.sum(), 120'000U);
}

TEST(LatencyHistory, WindowsAreAddedUp) {
    LatencyHistory history(memory_max);
    for (int second = 0; second < 60; ++second) {
        history.add(key, start + second * 1000, tally_of(std::chrono::microseconds(100), 2));
    }
    EXPECT_EQ(history.over(key, start, start + 59'000).count(), 120U);
    EXPECT_EQ(history.over(key, start + 30'000, start + 59'000).count(), 60U);
    EXPECT_EQ(history.over(key + 1, start, start + 59'000).count(), 0U);
    const auto windows = history.windows(key, start, start + 59'000, 20'000);
    ASSERT_EQ(windows.size(), 3U);
    for (const Tally& window : windows) EXPECT_EQ(window.count(), 40U);
}

TEST(LatencyHistory, HourOldWindowsAreLeftInStepsOfFiveMinutes) {
    LatencyHistory history(memory_max);
    for (int minute = 0; minute < 180; ++minute) {
        history.add(key, start + minute * 60'000, tally_of(std::chrono::microseconds(100), 1));
    }
    const Timestamp now = start + 179 * 60'000;
    EXPECT_EQ(history.over(key, start, now).count(), 180U);
    EXPECT_EQ(LatencyHistory::choose_step(now, start, now, 100), 300'000);
    EXPECT_EQ(LatencyHistory::choose_step(now, now - 900'000, now, 100), 10'000);
    EXPECT_EQ(LatencyHistory::choose_step(now, now - 900'000, now, 30), 30'000);
    const auto windows = history.windows(key, start, now, 300'000);
    ASSERT_EQ(windows.size(), 36U);
    EXPECT_EQ(windows[3].count(), 5U);
}

TEST(LatencyHistory, IsBounded) {
    LatencyHistory history(memory_max);
    std::size_t at_a_day = 0;
    for (int i = 0; i < 3 * 8640; ++i) {
        history.add(key, start + i * 10'000, tally_of(std::chrono::microseconds(100), 1));
        if (i == 8640) at_a_day = history.memory_bytes();
    }
    EXPECT_LE(history.memory_bytes(), at_a_day + 100);
}

TEST(LatencyHistory, NothingTakesNoWindow) {
    LatencyHistory history(memory_max);
    history.add(key, start, Tally());
    EXPECT_EQ(history.memory_bytes(), 0U);
}

TEST(LatencyHistory, OldestMakesRoomAndTheNewestIsAlwaysThere) {
    constexpr std::size_t small = 16 * 1024;
    LatencyHistory history(small);
    Timestamp now = start;
    for (int i = 0; i < 1000; ++i) {
        now = start + i * LatencyHistory::window_ms;
        for (LatencyHistory::Key one = 0; one < 4; ++one)
            history.add(one, now, tally_of(std::chrono::milliseconds(1), 1));
        ASSERT_LE(history.memory_bytes(), small);
    }
    for (LatencyHistory::Key one = 0; one < 4; ++one) {
        EXPECT_EQ(history.over(one, now - LatencyHistory::window_ms, now).count(), 2U) << one;
        EXPECT_EQ(history.over(one, now - 50 * 60'000, now - 49 * 60'000).count(), 0U) << one;
    }
    LatencyHistory tiny(1);
    tiny.add(key, start, tally_of(std::chrono::milliseconds(1), 1));
    EXPECT_EQ(tiny.over(key, start, start).count(), 1U);
}

}  // namespace
}  // namespace mamba::admin
