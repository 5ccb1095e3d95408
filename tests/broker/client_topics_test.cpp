#include "broker/client_topics.h"

#include <gtest/gtest.h>

namespace mamba::broker {
namespace {

Uuid id_of(std::size_t number) { return Uuid{{std::byte(number)}}; }

TEST(RequestTopics, ATopicIsThereOnceForAllItsPartitions) {
    RequestTopics topics;
    topics.of(id_of(1)).in += 10;
    topics.of(id_of(1)).in += 1;
    topics.of(id_of(2)).out += 5;
    topics.of(id_of(2)).out += 5;
    std::vector<TopicBytes> all;
    topics.each([&](const TopicBytes& one) { all.push_back(one); });
    EXPECT_EQ(all, (std::vector<TopicBytes>{{id_of(1), 11, 0}, {id_of(2), 0, 10}}));
}

RequestTopics request_of(std::initializer_list<TopicBytes> topics) {
    RequestTopics request;
    for (const TopicBytes& one : topics) request.of(one.topic_id) = one;
    return request;
}

TEST(ClientTopics, BytesOfATopicAddUp) {
    ClientTopics topics;
    topics.add(request_of({{id_of(1), 10, 0}, {id_of(2), 0, 5}, {id_of(1), 1, 0}}));
    topics.add(request_of({{id_of(1), 0, 100}}));
    topics.add(RequestTopics());
    EXPECT_EQ(topics.all(), (std::vector<TopicBytes>{{id_of(1), 11, 100}, {id_of(2), 0, 5}}));
}

TEST(ClientTopics, AreBounded) {
    ClientTopics topics;
    for (std::size_t i = 0; i < 2 * ClientTopics::topics_max; ++i) topics.add(request_of({{id_of(i), 1, 0}}));
    EXPECT_EQ(topics.all().size(), ClientTopics::topics_max);
    topics.add(request_of({{id_of(0), 1, 0}}));
    EXPECT_EQ(topics.all().front().in, 2U);
}

}  // namespace
}  // namespace mamba::broker
