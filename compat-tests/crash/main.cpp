// Kills the broker with SIGKILL at random moments under load and compares, after every restart and
// at the end, what it acknowledged with what it holds.
//
//     compat_crash [--rounds N] [--seed S]
//
// Prints one line a round. Exit status 1 when anything acknowledged is missing, doubled, reordered
// or moved back. The same seed gives the same records and the same moments (the kernel's timing
// aside).

#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "compat-tests/crash/ledger.h"
#include "compat-tests/crash/workload.h"
#include "compat-tests/harness/admin.h"

namespace mamba::compat {
namespace {

using Clock = std::chrono::steady_clock;

struct Plan {
    int rounds = 20;
    std::uint32_t seed = std::random_device{}();
};

long long milliseconds_since(Clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

bool report(const Ledger& ledger) {
    const std::vector<std::string> violations = ledger.violations();
    for (const std::string& violation : violations) std::printf("  WRONG %s\n", violation.c_str());
    std::fflush(stdout);
    return violations.empty();
}

int run(const Plan& plan) {
    std::printf("seed %u, %d rounds\n", plan.seed, plan.rounds);
    std::mt19937 random(plan.seed);
    BrokerProcess broker;
    broker.start();

    Workload::Shape shape;
    shape.bootstrap = broker.bootstrap();
    shape.group = "crash-group";
    shape.seed = plan.seed;
    // Small segments, so that kills also fall into rolls; both a single and a shared partition.
    for (const auto& [name, partitions] : {std::pair{"crash-one", 1}, std::pair{"crash-many", 4}}) {
        Admin admin(broker.bootstrap());
        Admin::NewTopic topic{.name = name, .partitions = partitions};
        topic.configs = {{"segment.bytes", "4194304"}};
        if (const ErrorName error = admin.create_topic(topic); error != no_error) {
            std::printf("cannot create %s: %s\n", name, error.c_str());
            return 1;
        }
        shape.topics.emplace_back(name);
        for (std::int32_t i = 0; i < partitions; ++i) shape.partitions.push_back({name, i});
    }

    Ledger ledger(shape.partitions);
    Workload workload(shape, ledger);
    for (int round = 1; round <= plan.rounds; ++round) {
        // Some kills come right after the restart, some in full flow with the group at work.
        const std::int64_t goal =
            ledger.acknowledged_count() + std::uniform_int_distribution{1, 3000}(random);
        const std::int64_t commits = workload.commits() + (round % 2 == 0 ? 1 : 0);
        const auto reached = [&] {
            return ledger.acknowledged_count() >= goal && workload.commits() >= commits;
        };
        if (!eventually(reached, patience)) {
            ledger.violation("no progress within 30 s before the kill");
        }
        broker.kill();
        const Clock::time_point killed = Clock::now();
        broker.start();
        const long long back = milliseconds_since(killed);
        ledger.verify_commits(broker.bootstrap(), shape.group);
        ledger.verify(broker.bootstrap(), false);
        std::printf(
            "round %d: back in %lld ms, %lld acknowledged, %lld verified, %lld consumed, "
            "%lld commits\n",
            round, back, static_cast<long long>(ledger.acknowledged_count()),
            static_cast<long long>(ledger.verified_count()),
            static_cast<long long>(workload.consumed()),
            static_cast<long long>(workload.commits()));
        if (!report(ledger)) break;
    }
    workload.stop();
    ledger.verify_commits(broker.bootstrap(), shape.group);
    ledger.verify(broker.bootstrap(), true);
    broker.restart_clean();
    ledger.verify_commits(broker.bootstrap(), shape.group);
    ledger.verify(broker.bootstrap(), true);
    if (workload.commits() == 0) ledger.violation("the group never committed");
    const bool clean = report(ledger);
    std::printf("%lld acknowledged, %lld found, %lld commits: %s\n",
                static_cast<long long>(ledger.acknowledged_count()),
                static_cast<long long>(ledger.verified_count()),
                static_cast<long long>(workload.commits()), clean ? "all kept" : "NOT all kept");
    return clean ? 0 : 1;
}

}  // namespace
}  // namespace mamba::compat

int main(int argc, char** argv) {
    mamba::compat::Plan plan;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string option = argv[i];
        if (option == "--rounds") plan.rounds = std::stoi(argv[i + 1]);
        if (option == "--seed") plan.seed = static_cast<std::uint32_t>(std::stoul(argv[i + 1]));
    }
    try {
        return mamba::compat::run(plan);
    } catch (const std::exception& error) {
        std::printf("seed %u: %s\n", plan.seed, error.what());
        return 1;
    }
}
