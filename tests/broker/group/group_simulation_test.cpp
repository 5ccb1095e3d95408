// Random members of random groups: they join, sync, beat, commit, leave, crash, lose answers, come
// back under a static id, while appends fail now and then. After every event the numbered
// invariants of GroupCoordinator are checked.
#include <random>
#include <set>

#include "coordinator_harness.h"

namespace mamba::broker {
namespace {

using std::chrono::milliseconds;

struct Simulated {
    std::string group{};
    std::optional<std::string> instance{};
    std::string id{};  // empty before the coordinator has given one
    std::int32_t generation = -1;
    bool leads = false;
    enum class Next { join, sync, beat } next = Next::join;  // what a real client would do
    std::optional<ReplyToken> join{}, sync{};
    std::vector<std::string> others{};  // whom the leader assigns
};

class GroupSimulation {
public:
    explicit GroupSimulation(std::uint64_t seed) : random_(seed), harness_(config()) {
        for (int i = 0; i < 6; ++i) {
            Simulated member;
            member.group = pick(3) == 0 ? "h" : "g";
            if (pick(3) == 0) member.instance = "static-" + std::to_string(i % 4);
            members_.push_back(std::move(member));
        }
    }

    // What the runs of many seeds have to reach together, or they prove nothing.
    struct Reached {
        int stable = 0, assignments = 0, commits = 0, replaced = 0;
        Reached& operator+=(const Reached& other) {
            stable += other.stable;
            assignments += other.assignments;
            commits += other.commits;
            replaced += other.replaced;
            return *this;
        }
    };
    Reached reached;

    void run(int steps) {
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            step();
            read_answers();
            check();
        }
    }

private:
    static GroupConfig config() {
        GroupConfig config;
        config.group_size_max = 4;
        return config;
    }
    std::uint64_t pick(std::uint64_t n) { return random_() % n; }

    void step() {
        if (pick(40) == 0) harness_.next_append = ErrorCode::kafka_storage_error;
        Simulated& member = members_[pick(members_.size())];
        if (pick(10) < 7) return behave(member);
        switch (pick(12)) {
            case 0:
            case 1:
            case 2:
                return join(member);
            case 3:
            case 4:
                return sync(member);
            case 5: {
                harness_.heartbeat(member.group, member.id, member.generation, member.instance);
                return;
            }
            case 6:
                return commit(member);
            case 7:
                if (pick(4) == 0) harness_.leave(member.group, member.id, member.instance);
                return;
            case 8:  // crash: forgets everything, answers on the way are lost
                if (pick(2) == 0) {
                    member = {.group = member.group, .instance = member.instance};
                }
                return;
            case 9:  // only the answer is lost
                member.join.reset();
                member.sync.reset();
                return;
            case 10:
                if (pick(50) == 0) {
                    harness_.next_append = ErrorCode::none;
                    if (harness_.delete_group(member.group) == ErrorCode::none) {
                        committed_.erase(member.group);
                    }
                } else {
                    simple_commit(member);
                }
                return;
            default:
                harness_.advance(milliseconds(pick(5) == 0 ? pick(20'000) : pick(2'000)));
                return;
        }
    }

    void behave(Simulated& member) {
        if (member.join || member.sync) return harness_.advance(milliseconds(pick(1'000)));
        switch (member.next) {
            case Simulated::Next::join:
                return join(member);
            case Simulated::Next::sync:
                return sync(member);
            case Simulated::Next::beat:
                break;
        }
        if (pick(3) == 0) return commit(member);
        const ErrorCode code =
            harness_.heartbeat(member.group, member.id, member.generation, member.instance);
        if (code == ErrorCode::none) return harness_.advance(milliseconds(pick(1'000)));
        member.next = Simulated::Next::join;
        if (code != ErrorCode::rebalance_in_progress) member.id.clear();
    }

    void join(Simulated& member) {
        JoinArguments arguments;
        arguments.group = member.group;
        arguments.member = member.id;
        arguments.instance = member.instance;
        arguments.needs_known_member_id = pick(2) == 0;
        arguments.can_skip_assignment = pick(2) == 0;
        if (pick(6) == 0) arguments.protocols = {{"range", subscription_to({"topic", "other"})}};
        if (pick(8) == 0) arguments.protocols.push_back({"sticky", subscription_to({"topic"})});
        if (pick(30) == 0) arguments.protocols = {{"nobody-else-has", {}}};
        member.join = harness_.join(arguments);
        parked_[*member.join] = harness_.now.instant;
    }

    void sync(Simulated& member) {
        member.next = Simulated::Next::join;  // if the answer is lost
        std::map<std::string, std::string> assignments;
        if (member.leads) {
            for (const std::string& other : member.others) {
                assignments[other] = other + "@" + std::to_string(member.generation);
            }
        }
        member.sync =
            harness_.sync(member.group, member.id, member.generation, assignments, member.instance);
        parked_[*member.sync] = harness_.now.instant;
    }

    void commit(Simulated& member) {
        const std::int64_t offset = ++next_offset_;
        const ErrorCode code = harness_.commit({.group = member.group,
                                                .member = member.id,
                                                .generation = member.generation,
                                                .offset = offset,
                                                .instance = member.instance});
        if (code != ErrorCode::none) return;
        ++reached.commits;
        committed_[member.group] = offset;
    }

    void simple_commit(Simulated& member) {
        const std::int64_t offset = ++next_offset_;
        if (harness_.commit({.group = member.group, .offset = offset}) == ErrorCode::none) {
            committed_[member.group] = offset;
        }
    }

    void read_answers() {
        for (Simulated& member : members_) {
            if (member.join && harness_.answered(*member.join)) {
                const auto& joined = harness_.joined(*std::exchange(member.join, std::nullopt));
                const ErrorCode code = CoordinatorHarness::code(joined.error_code);
                if (code == ErrorCode::none || code == ErrorCode::member_id_required) {
                    member.id = joined.member_id;
                    member.next =
                        code == ErrorCode::none ? Simulated::Next::sync : Simulated::Next::join;
                    member.generation = joined.generation_id;
                    if (joined.skip_assignment) ++reached.replaced;
                    member.leads = joined.leader == joined.member_id && !joined.skip_assignment;
                    member.others.clear();
                    for (const auto& other : joined.members)
                        member.others.push_back(other.member_id);
                } else if (code != ErrorCode::rebalance_in_progress) {
                    member.id.clear();
                    member.generation = -1;
                    member.next = Simulated::Next::join;
                }
            }
            if (member.sync && harness_.answered(*member.sync)) {
                const auto& synced = harness_.synced(*std::exchange(member.sync, std::nullopt));
                member.next =
                    synced.error_code == 0 ? Simulated::Next::beat : Simulated::Next::join;
                if (synced.error_code == to_wire(ErrorCode::unknown_member_id)) member.id.clear();
                if (synced.error_code != 0) continue;
                ++reached.assignments;
                // 4. One assignment for each member and generation.
                const std::string assignment(as_text(synced.assignment));
                const auto& known =
                    assigned_.try_emplace({member.group, member.id, member.generation}, assignment)
                        .first->second;
                EXPECT_EQ(known, assignment) << "invariant 4";
            }
        }
        std::erase_if(parked_, [&](const auto& entry) { return harness_.answered(entry.first); });
    }

    void check() {
        const GroupCoordinator& core = harness_.core;
        // 1. The generation never falls while the group lives.
        std::map<std::string, std::int32_t> generations;
        for (const auto& [id, group] : core.groups()) {
            generations[id] = group.generation();
            if (const auto before = generations_.find(id); before != generations_.end()) {
                EXPECT_GE(group.generation(), before->second) << "invariant 1";
            }
            check_books(group);
        }
        generations_ = std::move(generations);

        // 2. A restart would find the offsets, and the groups that are at rest.
        const GroupCoordinator reloaded = harness_.reloaded();
        for (const auto& [id, group] : core.groups()) {
            const auto* live = core.find_offsets(id);
            const auto* loaded = reloaded.find_offsets(id);
            EXPECT_EQ(live == nullptr, loaded == nullptr) << "invariant 2";
            if (live != nullptr && loaded != nullptr) {
                EXPECT_EQ(*live, *loaded) << "invariant 2";
            }
            if (!group.is_in(GroupState::stable)) continue;
            ++reached.stable;
            const ClassicGroup* same = reloaded.find_group(id);
            ASSERT_NE(same, nullptr) << "invariant 2";
            EXPECT_EQ(same->generation(), group.generation()) << "invariant 2";
            EXPECT_EQ(same->leader(), group.leader()) << "invariant 2";
            const auto records_of = [](const ClassicGroup& g) {
                auto record = g.to_record([](const GroupMember& m) { return m.assignment; });
                std::ranges::sort(record.members, {}, [](const auto& m) { return m.member_id; });
                return record.members;
            };
            EXPECT_EQ(records_of(*same), records_of(group)) << "invariant 2";
        }
        for (const auto& [group, offset] : committed_) {
            EXPECT_EQ(harness_.committed(group), offset) << "a committed offset went back";
        }

        // 3. Nobody waits longer than the new-member timeout of five minutes.
        for (const auto& [token, since] : parked_) {
            EXPECT_LE(harness_.now.instant - since, std::chrono::minutes(5)) << "invariant 3";
        }
        // What is parked is owed by the core: none is forgotten.
        std::set<ReplyToken> owed;
        for (const GroupWaiting& waiting : core.describe_waiting(harness_.now.instant)) {
            owed.insert(waiting.token);
            EXPECT_FALSE(waiting.reason.empty());
        }
        std::set<ReplyToken> parked;
        for (const auto& [token, since] : parked_) parked.insert(token);
        EXPECT_EQ(owed, parked) << "invariant 3";
    }

    // The invariants of ClassicGroup.
    static void check_books(const ClassicGroup& group) {
        EXPECT_EQ(group.leader().has_value(), group.size() > 0);
        if (group.leader()) {
            EXPECT_NE(group.find(*group.leader()), nullptr);
        }
        for (const GroupMember* member : group.members()) {
            EXPECT_FALSE(group.pending_join.contains(member->id));
            if (member->instance_id) {
                EXPECT_EQ(group.static_member(*member->instance_id), member->id);
            }
        }
        // group.max.size bounds those who wait; static members that are away keep their place.
        EXPECT_LE(group.awaiting_join(), 4U);
    }

    std::mt19937_64 random_;
    CoordinatorHarness harness_;
    std::vector<Simulated> members_;
    std::map<ReplyToken, Instant> parked_;
    std::map<std::string, std::int64_t> committed_;
    std::map<std::string, std::int32_t> generations_;
    std::map<std::tuple<std::string, std::string, std::int32_t>, std::string> assigned_;
    std::int64_t next_offset_ = 0;
};

TEST(GroupSimulation, InvariantsHoldOverManySeeds) {
    GroupSimulation::Reached total;
    for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
        GroupSimulation simulation(seed);
        simulation.run(120);
        total += simulation.reached;
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
    EXPECT_GT(total.stable, 50'000);
    EXPECT_GT(total.assignments, 5'000);
    EXPECT_GT(total.commits, 5'000);
    EXPECT_GT(total.replaced, 50);
}

}  // namespace
}  // namespace mamba::broker
