#include "admin-ui/member_positions.h"

#include <gtest/gtest.h>

namespace mamba::admin {
namespace {

using Fetched = std::vector<broker::FetchedFrom>;

const Uuid topic{{std::byte(1)}};

WatchedConnection connection_of(std::string client_id, std::string host, Fetched fetched) {
    WatchedConnection watched{.info = {}, .bytes_in = {}, .bytes_out = {}, .requests = {}, .topics = {}};
    watched.info.client.client_id = std::move(client_id);
    watched.info.client.host = std::move(host);
    watched.info.client.fetched = std::move(fetched);
    return watched;
}

class MemberPositionsTest : public testing::Test {
protected:
    std::optional<Offset> position(std::size_t member, std::int32_t partition) const {
        return MemberPositions(group_, connections_).find(group_.members.at(member), topic, PartitionIndex(partition));
    }
    static Fetched at(std::int32_t partition, std::int64_t offset) {
        return {{topic, PartitionIndex(partition), Offset(offset)}};
    }

    broker::GroupSnapshot group_ = [] {
        broker::GroupSnapshot group;
        group.members.resize(2);
        group.members[0].client_id = group.members[1].client_id = "app";
        group.members[0].client_host = "/10.0.0.7";
        group.members[1].client_host = "/0:0:0:0:0:0:0:1";
        return group;
    }();
    Connections connections_;
};

TEST_F(MemberPositionsTest, AreOfTheConnectionOfThatClientAndHost) {
    connections_.all = {connection_of("app", "10.0.0.7", at(0, 5)), connection_of("app", "::1", at(1, 9)),
                        connection_of("other", "10.0.0.7", at(2, 1))};
    connections_.all.push_back(
        WatchedConnection{.info = {}, .bytes_in = {}, .bytes_out = {}, .requests = {}, .topics = {}});
    EXPECT_EQ(position(0, 0), Offset(5));
    EXPECT_EQ(position(1, 1), Offset(9));
    EXPECT_EQ(position(0, 1), std::nullopt);
    EXPECT_EQ(position(0, 2), std::nullopt);
}

TEST_F(MemberPositionsTest, TwoThatCannotBeToldApartHaveNoneWhereTheyDiffer) {
    connections_.all = {connection_of("app", "10.0.0.7",
                                      {{topic, PartitionIndex(0), Offset(5)}, {topic, PartitionIndex(1), Offset(6)}}),
                        connection_of("app", "10.0.0.7",
                                      {{topic, PartitionIndex(0), Offset(4)}, {topic, PartitionIndex(1), Offset(6)}})};
    EXPECT_EQ(position(0, 0), std::nullopt);
    EXPECT_EQ(position(0, 1), Offset(6));
}

}  // namespace
}  // namespace mamba::admin
