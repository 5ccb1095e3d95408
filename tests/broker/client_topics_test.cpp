#include "broker/client_topics.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

Uuid id_of(std::size_t number) { return Uuid{{std::byte(number)}}; }

TEST(ClientTopics, BytesOfATopicAddUp) {
    ClientTopics topics;
    topics.add(std::vector<TopicBytes>{{id_of(1), 10, 0}, {id_of(2), 0, 5}, {id_of(1), 1, 0}});
    topics.add(std::vector<TopicBytes>{{id_of(1), 0, 100}});
    EXPECT_EQ(topics.all(), (std::vector<TopicBytes>{{id_of(1), 11, 100}, {id_of(2), 0, 5}}));
}

TEST(ClientTopics, AreBounded) {
    ClientTopics topics;
    for (std::size_t i = 0; i < 2 * ClientTopics::topics_max; ++i) topics.add(std::vector<TopicBytes>{{id_of(i), 1, 0}});
    EXPECT_EQ(topics.all().size(), ClientTopics::topics_max);
    topics.add(std::vector<TopicBytes>{{id_of(0), 1, 0}});
    EXPECT_EQ(topics.all().front().in, 2U);
}

}  // namespace
}  // namespace mamba::broker
