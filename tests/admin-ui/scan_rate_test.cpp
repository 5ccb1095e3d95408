#include "admin-ui/scan_rate.h"

#include <gtest/gtest.h>

namespace mamba::admin {
namespace {

using std::chrono::milliseconds;

constexpr ScanRate::Instant start{std::chrono::hours(1)};

TEST(ScanRate, SecondsWorthIsReadAtOnceAndTheRestWaitedFor) {
    ScanRate rate(1000);
    EXPECT_EQ(rate.spend(1000, start), milliseconds(0));
    EXPECT_EQ(rate.spend(500, start), milliseconds(500));
    EXPECT_EQ(rate.spend(0, start + milliseconds(400)), milliseconds(100));
    EXPECT_EQ(rate.spend(0, start + milliseconds(500)), milliseconds(0));
    EXPECT_EQ(rate.spend(1000, start + std::chrono::hours(1)), milliseconds(0));  // no more is saved up than a second's
    EXPECT_EQ(rate.spend(1, start + std::chrono::hours(1)), milliseconds(1));
}

// However many read: all together get what the setting says.
TEST(ScanRate, ReadersShareIt) {
    ScanRate rate(1'000'000);
    std::int64_t read = 0;
    std::array<ScanRate::Instant, 4> ready{start, start, start, start};
    for (ScanRate::Instant now = start; now < start + std::chrono::seconds(10); now += milliseconds(1)) {
        for (ScanRate::Instant& reader : ready) {
            if (reader > now) continue;
            read += 50'000;
            reader = now + rate.spend(50'000, now);
        }
    }
    EXPECT_GE(read, 10'000'000);
    EXPECT_LE(read, 11'300'000);  // and the second's worth from before, and a piece for each
}

TEST(ScanRate, NoneIsNoLimit) {
    ScanRate rate(0);
    EXPECT_EQ(rate.spend(INT64_MAX, start), milliseconds(0));
}

}  // namespace
}  // namespace mamba::admin
