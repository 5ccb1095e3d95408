// Jobs about members of groups.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "admin.h"
#include "consumer.h"
#include "jobs.h"
#include "member.h"
#include "sender.h"

namespace jobs {

void group_of_three() {
    const Topic topic("t", 6);
    Ownership ownership;
    const Settings settings = {{"auto.commit.interval.ms", "500"}};
    std::vector<std::unique_ptr<Member>> members;
    for (const char* label : {"0", "1", "2"}) {
        members.push_back(std::make_unique<Member>(label, topic, ownership, settings));
    }
    Sender sender;
    const auto send = [&](int first, int end) {
        for (int i = first; i < end; ++i) {
            sender.send(topic, {.value = std::to_string(i), .key = std::to_string(i)});
        }
    };
    wait_for("a generation of three", [&] { return ownership.covers({"0", "1", "2"}, 6); });
    send(0, 1000);
    wait_for("a record for each of three", [&] {
        return std::ranges::none_of(members, [](auto& one) { return one->values().empty(); });
    });

    std::thread leaver([&] { members[0]->leave(); });
    send(1000, 2000);
    leaver.join();
    wait_for("a generation of two", [&] { return ownership.covers({"1", "2"}, 6); });

    members.push_back(std::make_unique<Member>("3", topic, ownership, settings));
    send(2000, 3000);
    sender.flush();
    wait_for("a generation with a new member", [&] { return ownership.covers({"1", "2", "3"}, 6); });
    wait_for("every record", [&] {
        std::set<std::string> seen;
        for (const auto& member : members) seen.merge(member->values());
        return seen.size() == 3000;
    });
    for (const auto& member : members) member->leave();
    ownership.expect_no_conflict();
    Consumer consumer("g");
    for (int i = 0; i < 6; ++i) {
        expect(consumer.committed(topic, i) == consumer.watermarks(topic, i).second,
               "the offset committed for partition " + std::to_string(i) + " is not its end");
    }
}

void static_members() {
    const Topic topic("t", 4);
    Ownership ownership;
    const auto member = [&](const std::string& label, const std::string& instance) {
        return std::make_unique<Member>(label, topic, ownership,
                                        Settings{{"group.instance.id", name(instance)},
                                                 {"session.timeout.ms", "30000"}});
    };
    const auto one = member("one", "one");
    auto two = member("two", "two");
    wait_for("a generation of two", [&] { return ownership.covers({"one", "two"}, 4); });
    const Assignment had = two->assignments().back();
    const std::size_t rebalances = one->assignments().size();

    two.reset();  // a static member's close does not leave the group
    two = member("two", "two");
    wait_for("the assignment of the member that came back", [&] { return !two->assignments().empty(); });
    expect(two->assignments() == std::vector{had}, "the member that came back has other partitions");
    expect(one->assignments().size() == rebalances, "the other saw a rebalance");

    const auto usurper = member("usurper", "two");
    wait_for("the fencing of the first of two with the same id", [&] { return two->is_fenced(); });
    wait_for("the second's assignment", [&] { return !usurper->assignments().empty(); });
}

void commit_resume() {
    const Topic topic("t", 2);
    send_all(topic, 200, 2);
    std::map<std::int32_t, std::int64_t> next = {{0, 0}, {1, 0}};
    {
        Consumer consumer("g", {{"enable.auto.commit", "false"}});
        consumer.subscribe(topic);
        for (const auto& record : consumer.read(100)) next[record->partition()] = record->offset() + 1;
        consumer.commit(topic, next);
    }
    broker_control("restart");
    Consumer consumer("g", {{"enable.auto.commit", "false"}});
    consumer.subscribe(topic);
    for (const auto& record : consumer.read(100)) {
        expect(record->offset() == next[record->partition()]++,
               "after the restart offset " + std::to_string(record->offset()) + " was read");
    }
    expect(next == std::map<std::int32_t, std::int64_t>{{0, 100}, {1, 100}}, "records were left out");
}

void pattern_subscription() {
    const Topic one("p-1", 1);
    const Topic two("p-2", 1);
    const Topic other("other", 1);
    Ownership ownership;
    Member member("member", "^" + name("p-.*"), ownership,
                  {{"topic.metadata.refresh.interval.ms", "500"}});
    Sender sender;
    sender.send(other, {"not to be seen"});
    sender.send(one, {"one"});
    sender.send(two, {"two"});
    sender.flush();
    wait_for("the records of two topics",
             [&] { return member.values() == std::set<std::string>{"one", "two"}; });
    const Topic three("p-3", 1);
    sender.send(three, {"three"});
    sender.flush();
    wait_for("the record of the later topic",
             [&] { return member.values() == std::set<std::string>{"one", "two", "three"}; });
    member.leave();
}

}  // namespace jobs
