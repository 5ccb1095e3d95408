#include "broker/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace mamba::broker {
namespace {

TEST(WorkerPool, RunsEveryItemOnceAndWaitsForAll) {
    WorkerPool pool(3);
    for (const std::size_t count : {0U, 1U, 2U, 3U, 100U}) {
        std::vector<std::atomic<int>> runs(count);
        pool.run_all(count, [&](std::size_t i) { ++runs[i]; });
        for (const auto& run : runs) EXPECT_EQ(run, 1);
    }
}

TEST(WorkerPool, RunsWhatWasSubmittedBeforeTheStop) {
    std::atomic<int> runs = 0;
    WorkerPool pool(1);
    std::latch gate(1);
    pool.submit([&] { gate.wait(); });
    for (int i = 0; i < 10; ++i) pool.submit([&] { ++runs; });
    gate.count_down();
    pool.stop();
    EXPECT_EQ(runs, 10);
}

TEST(WorkerPool, DropsWhatComesAfterTheStopButNeverHalfOfRunAll) {
    WorkerPool pool(2);
    pool.stop();
    bool ran = false;
    pool.submit([&] { ran = true; });
    EXPECT_FALSE(ran);
    int items = 0;
    pool.run_all(5, [&](std::size_t) { ++items; });
    EXPECT_EQ(items, 5);
}

}  // namespace
}  // namespace mamba::broker
