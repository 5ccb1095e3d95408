#include "broker/append_times.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

TEST(AppendTimes, TellsTheSecondInWhichARecordCame) {
    AppendTimes times;
    times.on_append(Offset(0), Timestamp(10'000));
    times.on_append(Offset(5), Timestamp(10'400));  // the same second: no mark
    times.on_append(Offset(9), Timestamp(11'000));
    EXPECT_EQ(times.appended_at(Offset(0)), Timestamp(10'000));
    EXPECT_EQ(times.appended_at(Offset(8)), Timestamp(10'000));
    EXPECT_EQ(times.appended_at(Offset(9)), Timestamp(11'000));
    EXPECT_EQ(times.appended_at(Offset(100)), Timestamp(11'000));
}

TEST(AppendTimes, ForgetsWhatIsOlderThanItsOldestMark) {
    AppendTimes times;
    EXPECT_EQ(times.appended_at(Offset(0)), std::nullopt);
    for (std::int64_t i = 0; i <= static_cast<std::int64_t>(AppendTimes::marks_max); ++i) {
        times.on_append(Offset(i), Timestamp(i * 1000));
    }
    EXPECT_EQ(times.appended_at(Offset(0)), std::nullopt);
    EXPECT_EQ(times.appended_at(Offset(1)), Timestamp(1000));
}

TEST(AppendTimes, AClockThatWasSetBackMakesNoMarkUntilItHasCaughtUp) {
    AppendTimes times;
    times.on_append(Offset(0), Timestamp(10'000));
    times.on_append(Offset(1), Timestamp(4'000));
    EXPECT_EQ(times.appended_at(Offset(1)), Timestamp(10'000));
    times.on_append(Offset(2), Timestamp(11'000));
    EXPECT_EQ(times.appended_at(Offset(2)), Timestamp(11'000));
}

}  // namespace
}  // namespace mamba::broker
