#include "admin-ui/history.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace mamba::admin {
namespace {

using Kind = History::Kind;

constexpr Timestamp start(1'790'000'040'000);  // a multiple of a minute
constexpr std::size_t bytes_in = 0;
constexpr std::size_t megabyte = 1024 * 1024;

class HistoryTest : public testing::Test {
protected:
    void add(std::string_view topic, std::int64_t second, float value, bool is_active = true) {
        const std::array<float, 3> values{value, 2 * value, 3 * value};
        history_.add(Kind::topic, topic, start + second * 1000, values, is_active);
    }
    std::vector<float> read(std::string_view topic, std::int64_t from, std::int64_t to, std::int64_t step_ms,
                            std::size_t metric = bytes_in) const {
        return history_.read(Kind::topic, topic, metric, start + from * 1000, start + to * 1000, step_ms).values;
    }
    bool has(std::string_view topic) const {
        return history_.find(Kind::topic, topic, bytes_in, start, start, 1000).has_value();
    }

    History history_{megabyte};
};

TEST_F(HistoryTest, SecondsAreKeptAsTheyAre) {
    for (int second = 0; second < 5; ++second) add("orders", second, static_cast<float>(second));
    EXPECT_EQ(read("orders", 1, 3, 1000), (std::vector<float>{1, 2, 3}));
    EXPECT_EQ(read("orders", 1, 3, 1000, 2), (std::vector<float>{3, 6, 9}));
}

TEST_F(HistoryTest, WhatWasNotMeasuredIsUnknown) {
    add("orders", 0, 1);
    add("orders", 3, 4);
    const auto values = read("orders", -1, 4, 1000);
    ASSERT_EQ(values.size(), 6U);
    EXPECT_TRUE(std::isnan(values[0]));
    EXPECT_EQ(values[1], 1);
    EXPECT_TRUE(std::isnan(values[2]));
    EXPECT_TRUE(std::isnan(values[3]));
    EXPECT_EQ(values[4], 4);
    EXPECT_TRUE(std::isnan(values[5]));
    EXPECT_TRUE(std::isnan(read("nothing", 0, 0, 1000).at(0)));
}

TEST_F(HistoryTest, CoarsePointIsTheMeanOfItsStep) {
    for (int second = 0; second < 25; ++second) add("orders", second, static_cast<float>(second));
    EXPECT_EQ(read("orders", 0, 20, 10'000), (std::vector<float>{4.5, 14.5, 22}));
}

TEST_F(HistoryTest, CoarsePointOfAPeakIsTheHighest) {
    const auto metrics = History::metrics_of(Kind::broker);
    const auto p99 = History::find_metric("broker.produce_p99_us");
    ASSERT_TRUE(p99);
    std::vector<float> values(metrics.size());
    for (const float value : {3.F, 9.F, 1.F}) {
        values[p99->second] = value;
        history_.add(Kind::broker, "", start, values);
    }
    EXPECT_EQ(history_.read(Kind::broker, "", p99->second, start, start, 10'000).values, std::vector<float>{9});
}

TEST_F(HistoryTest, FineRingForgetsWhatTheCoarseOneKeeps) {
    for (int second = 0; second < 1000; ++second) add("orders", second, 1);
    EXPECT_TRUE(std::isnan(read("orders", 0, 0, 1000)[0]));
    EXPECT_EQ(read("orders", 999, 999, 1000)[0], 1);
    EXPECT_EQ(read("orders", 0, 0, 10'000)[0], 1);
}

// A step that no ring has is put together from the next finer one.
TEST_F(HistoryTest, StepsBetweenTheRingsAreMeans) {
    for (int second = 0; second < 60; ++second) add("orders", second, static_cast<float>(second));
    EXPECT_EQ(read("orders", 0, 30, 30'000), (std::vector<float>{14.5, 44.5}));
}

TEST_F(HistoryTest, ClockThatWasSetBackALittleMakesNoPoints) {
    add("orders", 100, 1);
    add("orders", 90, 7);
    EXPECT_TRUE(std::isnan(read("orders", 90, 90, 1000)[0]));
    EXPECT_EQ(read("orders", 100, 100, 1000)[0], 1);
}

TEST_F(HistoryTest, ClockThatWasSetRightStartsAnew) {
    add("orders", 10'000'000, 1);
    add("orders", 0, 7);
    EXPECT_EQ(read("orders", 0, 0, 1000)[0], 7);
    EXPECT_TRUE(std::isnan(read("orders", 10'000'000, 10'000'000, 1000)[0]));
}

TEST_F(HistoryTest, SubjectWithoutTrafficTakesNoMemory) {
    add("quiet", 0, 0, false);
    EXPECT_EQ(history_.subjects(), 0U);
    add("quiet", 1, 5);
    add("quiet", 2, 0, false);
    EXPECT_EQ(history_.subjects(), 1U);
    EXPECT_EQ(read("quiet", 1, 2, 1000), (std::vector<float>{5, 0}));
}

TEST_F(HistoryTest, LongestIdleMakesRoom) {
    int topics = 0;
    for (; history_.memory_bytes() < megabyte - 64 * 1024; ++topics) add("t" + std::to_string(topics), topics, 1);
    for (int i = 0; i < 10; ++i) add("full" + std::to_string(i), 50, 1);
    EXPECT_TRUE(has("t0"));  // all were active within the last minute
    EXPECT_FALSE(has("full9"));
    EXPECT_LE(history_.memory_bytes(), megabyte);
    add("t1", 100, 1);
    add("new", 100, 1);
    EXPECT_FALSE(has("t0"));
    EXPECT_TRUE(has("t1"));
    EXPECT_TRUE(has("new"));
    EXPECT_LE(history_.memory_bytes(), megabyte);
}

TEST_F(HistoryTest, ForgottenSubjectGivesItsMemoryBack) {
    add("orders", 0, 1);
    history_.forget(Kind::topic, "orders");
    EXPECT_EQ(history_.memory_bytes(), 0U);
    EXPECT_FALSE(has("orders"));
}

TEST_F(HistoryTest, StepIsTheFinestThatReachesBack) {
    const Timestamp now = start;
    const auto step = [&](std::int64_t seconds, std::int64_t least = 0, std::int64_t points = 1000) {
        return History::choose_step(Kind::topic, now, now - seconds * 1000, now, least, points);
    };
    EXPECT_EQ(step(60), 1000);
    EXPECT_EQ(step(600), 10'000);
    EXPECT_EQ(step(7200), 60'000);
    EXPECT_EQ(step(60, 5000), 10'000);
    EXPECT_EQ(step(300, 0, 30), 10'000);
    EXPECT_EQ(step(7 * 86'400), 660'000);  // 917 points rather than 10,080
    EXPECT_EQ(History::choose_step(Kind::group, now, now - 60'000, now, 0, 1000), 10'000);
}

TEST_F(HistoryTest, NamesAreFoundWithTheirKind) {
    EXPECT_EQ(History::find_metric("topic.records_in"), std::pair(Kind::topic, std::size_t{2}));
    EXPECT_EQ(History::find_metric("group.lag"), std::pair(Kind::group, std::size_t{0}));
    EXPECT_FALSE(History::find_metric("topic.nothing"));
}

}  // namespace
}  // namespace mamba::admin
