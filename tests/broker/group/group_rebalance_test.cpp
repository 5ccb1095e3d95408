#include "coordinator_harness.h"

namespace mamba::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// The first member waits for others to start: group.initial.rebalance.delay.ms.
TEST(GroupCoordinator, FirstRebalanceWaitsForTheInitialDelay) {
    CoordinatorHarness group;
    const ReplyToken first = group.join({});
    group.advance(milliseconds(2999));
    EXPECT_FALSE(group.answered(first));
    group.advance(milliseconds(1));
    EXPECT_EQ(group.join_code(first), ErrorCode::none);
    EXPECT_EQ(group.joined(first).generation_id, 1);
    EXPECT_EQ(group.joined(first).leader, group.joined(first).member_id);
    EXPECT_EQ(group.joined(first).protocol_name, "range");
    EXPECT_EQ(group.joined(first).members.size(), 1U);
    EXPECT_EQ(group.state(), GroupState::completing_rebalance);
}

TEST(GroupCoordinator, NewMemberExtendsTheInitialDelayUpToTheRebalanceTimeout) {
    CoordinatorHarness group;
    const ReplyToken first = group.join({.rebalance_timeout_ms = 7000});
    for (int i = 0; i < 3; ++i) {
        group.advance(milliseconds(2000));
        group.join({.rebalance_timeout_ms = 7000});
    }
    EXPECT_FALSE(group.answered(first));
    group.advance(milliseconds(1000));  // 7 s
    EXPECT_TRUE(group.answered(first));
    EXPECT_EQ(group.joined(first).members.size(), 4U);
}

TEST(GroupCoordinator, MembersGetTheLeadersAssignment) {
    CoordinatorHarness group;
    const ReplyToken a = group.join({});
    const ReplyToken b = group.join({});
    group.advance(seconds(10));
    const std::string leader = group.joined(a).member_id;
    const std::string follower = group.joined(b).member_id;
    EXPECT_EQ(group.joined(b).leader, leader);
    EXPECT_TRUE(group.joined(b).members.empty());

    const ReplyToken waiting = group.sync("g", follower, 1);
    EXPECT_FALSE(group.answered(waiting));
    const ReplyToken assigning = group.sync("g", leader, 1, {{leader, "0"}, {follower, "1"}});
    EXPECT_EQ(as_text(group.synced(waiting).assignment), "1");
    EXPECT_EQ(as_text(group.synced(assigning).assignment), "0");
    EXPECT_EQ(group.state(), GroupState::stable);
    EXPECT_EQ(as_text(group.synced(group.sync("g", follower, 1)).assignment), "1");
}

// KIP-394.
TEST(GroupCoordinator, FirstJoinIsGivenAMemberIdToComeBackWith) {
    CoordinatorHarness group;
    const ReplyToken first = group.join({.needs_known_member_id = true});
    EXPECT_EQ(group.join_code(first), ErrorCode::member_id_required);
    EXPECT_EQ(group.joined(first).member_id, "client-uuid-1");
    const ReplyToken second =
        group.join({.member = "client-uuid-1", .needs_known_member_id = true});
    group.advance(seconds(3));
    EXPECT_EQ(group.joined(second).member_id, "client-uuid-1");
}

TEST(GroupCoordinator, PendingMemberThatNeverComesIsForgottenAfterItsSession) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}});
    group.join({.needs_known_member_id = true});
    EXPECT_EQ(group.core.find_group("g")->pending_join.size(), 1U);
    group.heartbeat("g", ids[0], 1);
    group.advance(seconds(9));
    group.heartbeat("g", ids[0], 1);
    group.advance(seconds(2));
    EXPECT_TRUE(group.core.find_group("g")->pending_join.empty());
    EXPECT_EQ(group.state(), GroupState::stable);
}

TEST(GroupCoordinator, NewMemberOfAStableGroupMakesTheOthersRejoin) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}});
    const ReplyToken newcomer = group.join({});
    EXPECT_EQ(group.heartbeat("g", ids[0], 1), ErrorCode::rebalance_in_progress);
    EXPECT_FALSE(group.answered(newcomer));
    const ReplyToken again = group.join({.member = ids[0]});
    EXPECT_EQ(group.joined(newcomer).generation_id, 2);
    EXPECT_EQ(group.joined(again).members.size(), 2U);
}

TEST(GroupCoordinator, MemberThatDoesNotRejoinInTimeIsOut) {
    CoordinatorHarness group;
    const auto ids =
        group.stable_group({{.session_timeout_ms = 30'000, .rebalance_timeout_ms = 20'000}});
    const ReplyToken newcomer = group.join({.rebalance_timeout_ms = 5'000});
    group.advance(milliseconds(19'999));
    EXPECT_FALSE(group.answered(newcomer));
    group.advance(milliseconds(1));
    EXPECT_EQ(group.joined(newcomer).members.size(), 1U);
    EXPECT_EQ(group.heartbeat("g", ids[0], 2), ErrorCode::unknown_member_id);
}

TEST(GroupCoordinator, SilentMemberLosesItsSession) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}});
    group.advance(milliseconds(9'999));
    EXPECT_EQ(group.heartbeat("g", ids[0], 1), ErrorCode::none);
    group.advance(milliseconds(10'000));
    EXPECT_EQ(group.state(), GroupState::empty);
    EXPECT_EQ(group.core.find_group("g")->generation(), 2);
    EXPECT_EQ(group.heartbeat("g", ids[0], 1), ErrorCode::unknown_member_id);
}

TEST(GroupCoordinator, SaysWhyItRebalancesAndWhatCameOfIt) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}, {}});
    ASSERT_GE(group.events.size(), 2U);
    EXPECT_EQ(group.events.front().kind, GroupEvent::Kind::rebalance_began);
    EXPECT_EQ(group.events.back().kind, GroupEvent::Kind::stable);
    EXPECT_TRUE(group.events.back().detail.starts_with("generation 1: 2 members")) << group.events.back().detail;

    group.events.clear();
    group.advance(milliseconds(10'000));
    ASSERT_FALSE(group.events.empty());
    EXPECT_NE(group.events.front().detail.find("session"), std::string::npos) << group.events.front().detail;
    EXPECT_EQ(group.events.back().kind, GroupEvent::Kind::empty);
}

TEST(GroupCoordinator, MemberThatOwesASyncIsOutAfterTheRebalanceTimeout) {
    CoordinatorHarness group;
    const ReplyToken a = group.join({.session_timeout_ms = 300'000, .rebalance_timeout_ms = 6'000});
    const ReplyToken b = group.join({.session_timeout_ms = 300'000, .rebalance_timeout_ms = 6'000});
    group.advance(seconds(6));
    const std::string leader = group.joined(a).member_id;
    const ReplyToken assigning = group.sync("g", leader, 1, {{leader, "0"}});
    EXPECT_EQ(group.sync_code(assigning), ErrorCode::none);
    group.advance(seconds(6));
    EXPECT_EQ(group.state(), GroupState::preparing_rebalance);
    EXPECT_EQ(group.core.find_group("g")->find(group.joined(b).member_id), nullptr);
}

TEST(GroupCoordinator, LostAnswerToAJoinIsRepeatedWithoutARebalance) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}, {}});
    const ReplyToken again = group.join({.member = ids[1]});
    EXPECT_EQ(group.joined(again).generation_id, 1);
    EXPECT_TRUE(group.joined(again).members.empty());
    EXPECT_EQ(group.state(), GroupState::stable);
}

TEST(GroupCoordinator, LeaderThatJoinsAStableGroupAsksForARebalance) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}, {}});
    group.join({.member = ids[0]});
    EXPECT_EQ(group.state(), GroupState::preparing_rebalance);
}

TEST(GroupCoordinator, LeavingMemberMakesTheOthersRejoin) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}, {}});
    EXPECT_EQ(group.leave("g", ids[0]).members.at(0).error_code, 0);
    EXPECT_EQ(group.heartbeat("g", ids[1], 1), ErrorCode::rebalance_in_progress);
    EXPECT_EQ(CoordinatorHarness::code(group.leave("g", "stranger").members.at(0).error_code),
              ErrorCode::unknown_member_id);
    EXPECT_EQ(CoordinatorHarness::code(group.leave("no-group", "x").members.at(0).error_code),
              ErrorCode::unknown_member_id);
}

TEST(GroupCoordinator, GroupIsRefusedWhatItCannotServe) {
    CoordinatorHarness group;
    EXPECT_EQ(group.join_code(group.join({.group = ""})), ErrorCode::invalid_group_id);
    EXPECT_EQ(group.join_code(group.join({.session_timeout_ms = 5'999})),
              ErrorCode::invalid_session_timeout);
    EXPECT_EQ(group.join_code(group.join({.session_timeout_ms = 1'800'001})),
              ErrorCode::invalid_session_timeout);
    EXPECT_EQ(group.join_code(group.join({.member = "unknown"})), ErrorCode::unknown_member_id);
    EXPECT_EQ(group.join_code(group.join({.protocols = {}})),
              ErrorCode::inconsistent_group_protocol);
    group.stable_group({{}});
    EXPECT_EQ(group.join_code(group.join({.protocol_type = "connect"})),
              ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(group.join_code(group.join({.protocols = {{"roundrobin", {}}}})),
              ErrorCode::inconsistent_group_protocol);
}

TEST(GroupCoordinator, ProtocolIsTheOneMostMembersPreferAmongThoseAllSupport) {
    CoordinatorHarness group;
    const ReplyToken a = group.join({.protocols = {{"only-a", {}}, {"range", {}}, {"sticky", {}}}});
    group.join({.protocols = {{"sticky", {}}, {"range", {}}}});
    group.join({.protocols = {{"sticky", {}}, {"range", {}}}});
    group.advance(seconds(10));
    EXPECT_EQ(group.joined(a).protocol_name, "sticky");
}

// Kafka decides a tie by the order of its hash map: "sticky" stands before "range" there.
TEST(GroupCoordinator, TieOfProtocolsIsDecidedAsInKafka) {
    CoordinatorHarness group;
    const ReplyToken a = group.join({.protocols = {{"range", {}}, {"sticky", {}}}});
    group.join({.protocols = {{"sticky", {}}, {"range", {}}}});
    group.advance(seconds(10));
    EXPECT_EQ(group.joined(a).protocol_name, "sticky");
}

TEST(GroupCoordinator, RefusedFirstMemberLeavesAnEmptyGroupBehind) {
    CoordinatorHarness group;
    EXPECT_EQ(group.join_code(group.join({.protocol_type = ""})),
              ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(group.describe("g").group_state, "Empty");
}

TEST(GroupCoordinator, AssignmentsAreToldDuringARebalanceToo) {
    CoordinatorHarness group;
    group.stable_group({{}});
    const std::string before(as_text(group.describe("g").members.at(0).member_assignment));
    group.join({});
    ASSERT_EQ(group.state(), GroupState::preparing_rebalance);
    EXPECT_EQ(as_text(group.describe("g").members.at(0).member_assignment), before);
    EXPECT_FALSE(before.empty());
}

TEST(GroupCoordinator, GroupTakesNoMoreMembersThanItsLimit) {
    GroupConfig config;
    config.group_size_max = 1;
    CoordinatorHarness group(config);
    const auto ids = group.stable_group({{}});
    EXPECT_EQ(group.join_code(group.join({})), ErrorCode::group_max_size_reached);
    EXPECT_EQ(group.state(), GroupState::stable);
}

TEST(GroupCoordinator, RequestsOfAnotherGenerationAreRefused) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}});
    EXPECT_EQ(group.heartbeat("g", ids[0], 7), ErrorCode::illegal_generation);
    EXPECT_EQ(group.sync_code(group.sync("g", ids[0], 7)), ErrorCode::illegal_generation);
    EXPECT_EQ(group.commit({.member = ids[0], .generation = 7}), ErrorCode::illegal_generation);
    EXPECT_EQ(group.heartbeat("g", "stranger", 1), ErrorCode::unknown_member_id);
    EXPECT_EQ(group.heartbeat("no-group", "x", 1), ErrorCode::unknown_member_id);
}

// KIP-345: a static member that restarts within its session keeps its assignment.
TEST(GroupCoordinator, StaticMemberComesBackWithoutARebalance) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{.instance = "i"}, {}});
    const ReplyToken back = group.join({.instance = "i"});
    const auto& joined = group.joined(back);
    EXPECT_EQ(joined.generation_id, 1);
    EXPECT_NE(joined.member_id, ids[0]);
    EXPECT_EQ(joined.leader, joined.member_id);
    EXPECT_TRUE(joined.skip_assignment);
    EXPECT_EQ(joined.members.size(), 2U);
    EXPECT_EQ(group.state(), GroupState::stable);
    const ReplyToken sync = group.sync("g", joined.member_id, 1, {}, "i");
    EXPECT_EQ(as_text(group.synced(sync).assignment), "for " + ids[0]);
    EXPECT_EQ(group.heartbeat("g", ids[0], 1, "i"), ErrorCode::fenced_instance_id);
    EXPECT_NE(group.reloaded().find_group("g")->find(joined.member_id), nullptr);
}

// Before KIP-814 a leader that came back is kept from assigning: it is told the old leader's id.
TEST(GroupCoordinator, OldStaticLeaderIsToldThatAnotherLeads) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{.instance = "i"}});
    const ReplyToken back = group.join({.instance = "i", .can_skip_assignment = false});
    EXPECT_EQ(group.joined(back).leader, ids[0]);
    EXPECT_TRUE(group.joined(back).members.empty());
    EXPECT_FALSE(group.joined(back).skip_assignment);
}

TEST(GroupCoordinator, ReplacedStaticMemberIsFencedAtOnce) {
    CoordinatorHarness group;
    const ReplyToken old = group.join({.instance = "i"});
    const ReplyToken young = group.join({.instance = "i"});
    EXPECT_EQ(group.join_code(old), ErrorCode::fenced_instance_id);
    group.advance(seconds(10));
    EXPECT_EQ(group.join_code(young), ErrorCode::none);
}

TEST(GroupCoordinator, FailedReplacementLeavesTheOldStaticMember) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{.instance = "i"}});
    group.next_append = ErrorCode::not_enough_replicas;
    const ReplyToken back = group.join({.instance = "i"});
    EXPECT_EQ(group.join_code(back), ErrorCode::coordinator_not_available);
    EXPECT_EQ(group.heartbeat("g", ids[0], 1, "i"), ErrorCode::none);
}

TEST(GroupCoordinator, StaticMemberIsRemovedByItsInstanceId) {
    CoordinatorHarness group;
    group.stable_group({{.instance = "i"}});
    EXPECT_EQ(group.leave("g", "", "i").members.at(0).error_code, 0);
    EXPECT_EQ(group.state(), GroupState::empty);
}

TEST(GroupCoordinator, FailedAssignmentIsToldToAllAndTheGroupRebalances) {
    CoordinatorHarness group;
    const ReplyToken a = group.join({});
    const ReplyToken b = group.join({});
    group.advance(seconds(10));
    const ReplyToken waiting = group.sync("g", group.joined(b).member_id, 1);
    group.next_append = ErrorCode::kafka_storage_error;
    const ReplyToken assigning = group.sync("g", group.joined(a).member_id, 1);
    EXPECT_EQ(group.sync_code(waiting), ErrorCode::not_coordinator);
    EXPECT_EQ(group.sync_code(assigning), ErrorCode::not_coordinator);
    EXPECT_EQ(group.state(), GroupState::preparing_rebalance);
}

TEST(GroupCoordinator, GroupSurvivesARestart) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{.instance = "i"}, {}});
    GroupCoordinator loaded = group.reloaded();
    loaded.on_loaded(group.now);
    const ClassicGroup* same = loaded.find_group("g");
    ASSERT_NE(same, nullptr);
    EXPECT_EQ(same->state(), GroupState::stable);
    EXPECT_EQ(same->generation(), 1);
    EXPECT_EQ(same->leader(), ids[0]);
    EXPECT_EQ(same->protocol(), "range");
    EXPECT_EQ(same->static_member("i"), ids[0]);
    EXPECT_EQ(as_text(same->find(ids[1])->assignment), "for " + ids[1]);
    // Sessions start again with the load.
    EXPECT_EQ(same->find(ids[1])->session.at, group.now.instant + seconds(10));
}

TEST(GroupCoordinator, ParkedJoinSaysWhatItWaitsFor) {
    CoordinatorHarness group;
    const auto ids = group.stable_group({{}, {}});
    group.join({});
    const auto waiting = group.core.describe_waiting(group.now.instant);
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting[0].reason, "1 of 3 members have joined, waiting for " + ids[0] + ", " +
                                     ids[1] + ", at most 60 s more");
}

}  // namespace
}  // namespace mamba::broker
