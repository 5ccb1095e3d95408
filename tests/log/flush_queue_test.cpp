#include "log/flush_queue.h"

#include <gtest/gtest.h>

namespace mamba::log {
namespace {

using Logs = std::vector<int>;

TEST(FlushQueue, OnlyTheFirstMarkWakesAnIdleFlusher) {
    FlushQueue<int> queue;
    EXPECT_TRUE(queue.mark_dirty(1));
    EXPECT_FALSE(queue.mark_dirty(2));
    EXPECT_FALSE(queue.mark_dirty(1));
    EXPECT_EQ(queue.take_round(), (Logs{1, 2}));
}

TEST(FlushQueue, ARoundInProgressGathersTheNextOne) {
    FlushQueue<int> queue;
    queue.mark_dirty(1);
    EXPECT_EQ(queue.take_round(), Logs{1});
    EXPECT_TRUE(queue.in_round());
    EXPECT_FALSE(queue.mark_dirty(1));  // the flusher looks again by itself after the round
    EXPECT_FALSE(queue.mark_dirty(2));
    EXPECT_EQ(queue.waiting(), 2U);
    queue.round_done();
    EXPECT_EQ(queue.take_round(), (Logs{1, 2}));
    queue.round_done();
    EXPECT_EQ(queue.take_round(), Logs{});
    EXPECT_FALSE(queue.in_round());
    EXPECT_TRUE(queue.mark_dirty(1));
}

TEST(FlushQueue, AFailureLastsForEverButLogsAreStillHandedOut) {
    FlushQueue<int> queue;
    queue.mark_dirty(1);
    queue.take_round();
    queue.fail();
    queue.round_done();
    EXPECT_TRUE(queue.failed());
    EXPECT_TRUE(queue.mark_dirty(2));
    EXPECT_EQ(queue.take_round(), Logs{2});
    queue.round_done();
    EXPECT_TRUE(queue.failed());
}

TEST(FlushQueue, FewFilesAreFlushedOneByOneAndManyAtOnce) {
    EXPECT_EQ(flush_method_for(1), FlushMethod::each_file);
    EXPECT_EQ(flush_method_for(4), FlushMethod::each_file);
    EXPECT_EQ(flush_method_for(1000), FlushMethod::whole_filesystem);
}

}  // namespace
}  // namespace mamba::log
