#include "broker/token_bucket.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TokenBucket::Instant start = TokenBucket::Instant{} + std::chrono::hours(1);

TEST(TokenBucket, FillsUpWithTimeAndNoFurtherThanFull) {
    TokenBucket bucket(2, 10);
    EXPECT_EQ(bucket.left(start), 10);
    bucket.take(10);
    EXPECT_EQ(bucket.left(start), 0);
    EXPECT_EQ(bucket.left(start + seconds(3)), 6);
    EXPECT_EQ(bucket.left(start + seconds(100)), 10);
}

TEST(TokenBucket, ADebtIsWaitedFor) {
    TokenBucket bucket(4, 8);
    (void)bucket.left(start);
    bucket.take(10);
    EXPECT_EQ(bucket.until(0), milliseconds(500));
    EXPECT_EQ(bucket.until(1), milliseconds(750));
    EXPECT_EQ(bucket.left(start + milliseconds(750)), 1);
    EXPECT_EQ(bucket.until(1), milliseconds(0));
}

TEST(TokenBucket, AClockThatGoesBackTakesNothingAway) {
    TokenBucket bucket(1, 5);
    (void)bucket.left(start);
    bucket.take(3);
    EXPECT_EQ(bucket.left(start - seconds(1)), 2);
}

}  // namespace
}  // namespace mamba::broker
