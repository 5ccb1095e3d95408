#include "admin-ui/group_verdict.h"

#include <gtest/gtest.h>

namespace mamba::admin {
namespace {

GroupFacts healthy() {
    return {.state = "Stable",
            .members = 3,
            .partitions = 12,
            .rebalance_reason = {},
            .lag = 100,
            .lag_ms = 500,
            .commit_age_ms = 3'000,
            .fetch_idle_ms = 200,
            .consume_rate = 50.0,
            .produce_rate = 50.0};
}

TEST(GroupVerdict, GroupThatKeepsUpIsWell) {
    EXPECT_EQ(judge(healthy()).code, "OK");
    EXPECT_EQ(judge(healthy()).text, "It is 100 records behind.");
}

// Otherwise an unknown would be taken for the worst.
TEST(GroupVerdict, WhatIsNotKnownProvesNothing) {
    EXPECT_EQ(judge({.state = "Stable", .members = 1, .partitions = 1, .rebalance_reason = {}, .lag = 5}).code, "OK");
}

TEST(GroupVerdict, SilentMembersStallAndCommittingOnesDoNot) {
    GroupFacts group = healthy();
    group.fetch_idle_ms = 41'000;
    EXPECT_EQ(judge(group).code, "STALLED");
    EXPECT_EQ(judge(group).text,
              "Its members are alive, but none has asked for records for 41 s, while 100 records wait.");
    group.lag = 0;  // nothing to fetch
    EXPECT_EQ(judge(group).code, "OK");
}

TEST(GroupVerdict, FetchingWithoutCommitsIsStuck) {
    GroupFacts group = healthy();
    group.commit_age_ms = 300'000;
    EXPECT_EQ(judge(group).code, "OK");  // what it lags by is new
    group.lag_ms = 290'000;
    EXPECT_EQ(judge(group).code, "COMMIT_STUCK");
}

TEST(GroupVerdict, SlowGroupIsToldWhatHelps) {
    GroupFacts group = healthy();
    group.lag_ms = 20'000;
    group.consume_rate = 40;
    EXPECT_EQ(judge(group).code, "TOO_SLOW");
    EXPECT_EQ(judge(group).suggestion, "More members would share the work.");
    group.members = 12;
    EXPECT_NE(judge(group).suggestion, "More members would share the work.");
}

TEST(GroupVerdict, LoopNamesItsReason) {
    GroupFacts group = healthy();
    group.rebalances = 5;
    group.rebalance_reason = "member m-1 timed out";
    EXPECT_EQ(judge(group).text, "It was assigned anew 5 times within 10 minutes; the latest: member m-1 timed out.");
    group.rebalances = 4;
    EXPECT_EQ(judge(group).code, "OK");
}

TEST(GroupVerdict, OtherStatesSpeakForThemselves) {
    GroupFacts group = healthy();
    group.members_without_partition = 1;
    EXPECT_EQ(judge(group).code, "STARVED");
    group.unsent_bytes = 1'000'000;
    EXPECT_EQ(judge(group).code, "NETWORK");
    group.unsent_bytes = 0;
    group.members_without_partition = 0;
    group.lag = std::nullopt;
    EXPECT_EQ(judge(group).code, "NOTHING_COMMITTED");
    group.state = "CompletingRebalance";
    EXPECT_EQ(judge(group).code, "REBALANCING");
    group.state = "Empty";
    EXPECT_EQ(judge(group).code, "EMPTY");
}

}  // namespace
}  // namespace mamba::admin
