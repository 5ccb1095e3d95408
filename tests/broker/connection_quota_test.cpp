#include "broker/connection_quota.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Instant start{};

// How many connections come by `end` when the client always has another one.
int admitted_until(ConnectionQuota& quota, const ConnectionQuotaLimits& limits, Instant from, Instant end) {
    int count = 0;
    for (Instant now = from; now < end;) {
        if (const Duration wait = quota.wait_to_accept(limits, "OUT", false, now); wait > Duration::zero()) {
            now += wait;
            continue;
        }
        EXPECT_TRUE(quota.admit(limits, "OUT", false, "10.0.0.1", now));
        ++count;
    }
    return count;
}

TEST(ConnectionQuota, AFullBrokerTakesTheNextOneWhenOneHasClosed) {
    ConnectionQuota quota;
    const ConnectionQuotaLimits limits{.connections_max = 2};
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(quota.wait_to_accept(limits, "OUT", false, start), Duration::zero());
        EXPECT_TRUE(quota.admit(limits, "OUT", false, "10.0.0.1", start));
    }
    EXPECT_GT(quota.wait_to_accept(limits, "OUT", false, start), Duration::zero());
    EXPECT_EQ(quota.wait_to_accept(limits, "OUT", true, start), Duration::zero());  // between brokers
    quota.release("OUT", "10.0.0.1");
    EXPECT_EQ(quota.wait_to_accept(limits, "OUT", false, start), Duration::zero());
    EXPECT_EQ(quota.connections(), 1U);
}

TEST(ConnectionQuota, AnAddressHasItsLimitOrTheCommonOne) {
    ConnectionQuota quota;
    const ConnectionQuotaLimits limits{
        .per_address_max = 1, .per_address_overrides = {{"10.0.0.2", 2}, {"10.0.0.3", 0}}};
    EXPECT_TRUE(quota.admit(limits, "OUT", false, "10.0.0.1", start));
    EXPECT_FALSE(quota.admit(limits, "OUT", false, "10.0.0.1", start));
    EXPECT_TRUE(quota.admit(limits, "OUT", false, "10.0.0.2", start));
    EXPECT_TRUE(quota.admit(limits, "OUT", false, "10.0.0.2", start));
    EXPECT_FALSE(quota.admit(limits, "OUT", false, "10.0.0.2", start));
    EXPECT_FALSE(quota.admit(limits, "OUT", false, "10.0.0.3", start));
    quota.release("OUT", "10.0.0.1");
    EXPECT_TRUE(quota.admit(limits, "OUT", false, "10.0.0.1", start));
    EXPECT_EQ(quota.connections(), 3U);
}

TEST(ConnectionQuota, TheRateHoldsAsAMean) {
    ConnectionQuota quota;
    const ConnectionQuotaLimits limits{.creation_rate_max = 5};
    EXPECT_EQ(admitted_until(quota, limits, start, start + milliseconds(100)), 50);  // ten seconds' worth
    EXPECT_NEAR(admitted_until(quota, limits, start + milliseconds(100), start + seconds(20)), 100, 1);
    // A quiet time saves up no more than at first.
    EXPECT_NEAR(admitted_until(quota, limits, start + seconds(100), start + seconds(101)), 55, 1);
}

TEST(ConnectionQuota, AtARateOfNothingNobodyComes) {
    ConnectionQuota quota;
    const ConnectionQuotaLimits limits{.creation_rate_max = 0};
    EXPECT_EQ(quota.wait_to_accept(limits, "OUT", false, start), ConnectionQuota::retry);
    EXPECT_EQ(quota.wait_to_accept(limits, "OUT", true, start), Duration::zero());  // between brokers
}

TEST(ConnectionQuota, AListenerHasLimitsOfItsOwn) {
    ConnectionQuota quota;
    const ConnectionQuotaLimits limits{.connections_max = 3, .listener_connections_max = 2};
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(quota.admit(limits, "OUT", false, "10.0.0.1", start));
    EXPECT_EQ(quota.wait_to_accept(limits, "OUT", false, start), ConnectionQuota::retry);
    EXPECT_EQ(quota.wait_to_accept(limits, "IN", false, start), Duration::zero());
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(quota.admit(limits, "IN", true, "10.0.0.1", start));
    EXPECT_EQ(quota.wait_to_accept(limits, "IN", true, start), ConnectionQuota::retry);  // exempt from the broker's only
    quota.release("IN", "10.0.0.1");
    quota.release("OUT", "10.0.0.1");
    EXPECT_EQ(quota.wait_to_accept(limits, "OUT", false, start), Duration::zero());
}

TEST(ConnectionQuota, TheSlowerOfTwoRatesHolds) {
    ConnectionQuota quota;
    const ConnectionQuotaLimits own{.creation_rate_max = 5, .listener_creation_rate_max = 2};
    EXPECT_EQ(admitted_until(quota, own, start, start + milliseconds(100)), 20);
    const ConnectionQuotaLimits whole{.creation_rate_max = 2, .listener_creation_rate_max = 5};
    EXPECT_EQ(admitted_until(quota, whole, start + milliseconds(100), start + milliseconds(200)), 20);
    EXPECT_EQ(quota.wait_to_accept({.listener_creation_rate_max = 0}, "OUT", true, start), ConnectionQuota::retry);
}

TEST(ConnectionQuota, ANewRateCountsAtOnce) {
    ConnectionQuota quota;
    EXPECT_EQ(admitted_until(quota, {.creation_rate_max = 1}, start, start + milliseconds(1)), 10);
    EXPECT_EQ(admitted_until(quota, {.creation_rate_max = 2}, start + milliseconds(1), start + milliseconds(2)), 20);
    EXPECT_EQ(quota.wait_to_accept({}, "OUT", false, start + milliseconds(2)), Duration::zero());
}

}  // namespace
}  // namespace mamba::broker
