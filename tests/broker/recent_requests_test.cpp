#include "broker/recent_requests.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

using std::chrono::microseconds;

void serve(RecentRequests& requests, std::int16_t api_key, protocol::MessageVersion version, std::uint64_t bytes) {
    const Client client{.host = "h", .listener = "l"};
    const std::string topic;
    const Uuid topic_id;
    const Instant start = Instant() + std::chrono::hours(1);
    requests.add({.api_key = api_key,
                  .version = version,
                  .received = start,
                  .ready = start + microseconds(900),
                  .sent = start + microseconds(1000),
                  .waited = microseconds(600),
                  .bytes_in = bytes,
                  .bytes_out = 2 * bytes,
                  .client = client,
                  .topic = topic,
                  .topic_id = topic_id});
}

TEST(RecentRequests, NewestAreKeptAndAllAreCounted) {
    RecentRequests requests;
    EXPECT_TRUE(requests.newest().empty());
    for (std::uint64_t i = 0; i < 120; ++i) serve(requests, 1, 16, i);
    serve(requests, 3, 12, 7);
    const auto newest = requests.newest();
    ASSERT_EQ(newest.size(), RecentRequests::requests_max);
    EXPECT_EQ(newest[0].api_key, 3);
    EXPECT_EQ(newest[1].bytes_in, 119u);
    EXPECT_EQ(newest.back().bytes_in, 71u);
    ASSERT_EQ(requests.uses().size(), 2u);
    EXPECT_EQ(requests.uses()[0].count, 120u);
}

TEST(RecentRequests, PhasesAddUpToTheWhole) {
    RecentRequests requests;
    serve(requests, 1, 16, 0);
    const RecentRequest one = requests.newest().front();
    EXPECT_EQ(one.local_us, 300u);
    EXPECT_EQ(one.waited_us, 600u);
    EXPECT_EQ(one.sent_us, 100u);
}

// A client that asks for every version of every API must not take memory without end.
TEST(RecentRequests, UsesAreBounded) {
    RecentRequests requests;
    for (std::int16_t key = 0; key < 90; ++key) {
        for (std::int16_t version = 0; version < 20; ++version) serve(requests, key, version, 1);
    }
    EXPECT_EQ(requests.uses().size(), RecentRequests::uses_max);
}

}  // namespace
}  // namespace mamba::broker
