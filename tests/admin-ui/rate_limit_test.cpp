#include "admin-ui/rate_limit.h"

#include <gmock/gmock.h>

namespace mamba::admin {
namespace {

using namespace std::chrono_literals;

int taken(RateLimit& limit, RateLimit::Instant now) {
    int count = 0;
    while (limit.take(now)) ++count;
    return count;
}

TEST(RateLimit, BurstThenSoManyASecond) {
    RateLimit limit(50);
    const RateLimit::Instant start(1h);
    EXPECT_EQ(taken(limit, start), 50);
    EXPECT_EQ(taken(limit, start + 20ms), 1);
    EXPECT_EQ(taken(limit, start + 520ms), 25);
    EXPECT_EQ(taken(limit, start + 1h), 50);
}

TEST(RateLimit, TimeThatStandsStillGivesNothing) {
    RateLimit limit(1);
    const RateLimit::Instant start(1h);
    EXPECT_TRUE(limit.take(start));
    EXPECT_FALSE(limit.take(start));
    EXPECT_FALSE(limit.take(start - 1s));
}

}  // namespace
}  // namespace mamba::admin
