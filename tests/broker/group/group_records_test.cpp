#include "broker/group/group_records.h"

#include <gtest/gtest.h>

#include "broker/group/group_coordinator.h"

namespace mamba::broker {
namespace {

Bytes bytes_of(std::initializer_list<int> values) {
    Bytes bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

// The bytes that Kafka 4.3's dump tool reads as type 1 and version 4 of group "g", topic "t".
TEST(GroupRecords, CommittedOffsetIsWrittenAsKafkaWritesIt) {
    const CoordinatorRecord record = offset_commit_record(
        "g", "t", PartitionIndex{2},
        {.offset = 5, .leader_epoch = 3, .metadata = "m", .committed_at = Timestamp{7}});
    EXPECT_EQ(record.key, bytes_of({0, 1, 0, 1, 'g', 0, 1, 't', 0, 0, 0, 2}));
    EXPECT_EQ(*record.value, bytes_of({0, 4, 0,   0, 0, 0, 0, 0, 0, 5, 0, 0, 0,
                                       3, 2, 'm', 0, 0, 0, 0, 0, 0, 0, 7, 0}));
}

TEST(GroupRecords, OffsetWithAnExpiryIsWrittenInTheOnlyVersionThatCarriesIt) {
    CommittedOffset offset{
        .offset = 5, .metadata = "m", .committed_at = Timestamp{7}, .expires_at = Timestamp{9}};
    const CoordinatorRecord record = offset_commit_record("g", "t", PartitionIndex{0}, offset);
    EXPECT_EQ(record.value->at(1), std::byte{1});
    const ParsedRecord parsed = parse_record(record.key, BytesView(*record.value));
    ASSERT_TRUE(std::holds_alternative<OffsetCommitRecord>(parsed));
    EXPECT_EQ(std::get<OffsetCommitRecord>(parsed).value, offset);
}

TEST(GroupRecords, GroupIsReadAsItWasWritten) {
    protocol::GroupMetadataValue value;
    value.protocol_type = "consumer";
    value.generation = 4;
    value.leader = "m";
    value.members.emplace_back().member_id = "m";
    const CoordinatorRecord record = group_metadata_record("g", value);
    EXPECT_EQ(record.key, bytes_of({0, 2, 0, 1, 'g'}));
    EXPECT_EQ(record.value->at(1), std::byte{3});
    const ParsedRecord parsed = parse_record(record.key, BytesView(*record.value));
    ASSERT_TRUE(std::holds_alternative<GroupMetadataRecord>(parsed));
    EXPECT_EQ(std::get<GroupMetadataRecord>(parsed).value, value);
}

TEST(GroupRecords, LegacyKeyNamesACommittedOffsetToo) {
    const ParsedRecord parsed =
        parse_record(bytes_of({0, 0, 0, 1, 'g', 0, 1, 't', 0, 0, 0, 2}), std::nullopt);
    ASSERT_TRUE(std::holds_alternative<OffsetCommitRecord>(parsed));
    EXPECT_EQ(std::get<OffsetCommitRecord>(parsed).partition.topic, "t");
}

// Records of KIP-848 groups, of newer versions, and damaged ones are counted and passed over.
TEST(GroupRecords, UnknownTypesVersionsAndDamagedBytesAreSkipped) {
    const auto skipped = [](const Bytes& key, std::optional<BytesView> value) {
        return std::holds_alternative<SkippedRecord>(parse_record(key, value));
    };
    EXPECT_TRUE(skipped(bytes_of({0, 3, 0, 1, 'g'}), std::nullopt));
    EXPECT_TRUE(skipped({}, std::nullopt));
    EXPECT_TRUE(skipped(bytes_of({0, 2, 0, 9, 'g'}), std::nullopt));
    const Bytes newer = bytes_of({0, 99});
    EXPECT_TRUE(skipped(bytes_of({0, 2, 0, 1, 'g'}), BytesView(newer)));

    GroupCoordinator core({}, [] { return std::string(); });
    core.replay(bytes_of({0, 3, 0, 1, 'g'}), std::nullopt);
    EXPECT_EQ(core.skipped_records(), 1U);
}

TEST(GroupRecords, EveryTruncationIsSkippedOrRead) {
    protocol::GroupMetadataValue value;
    value.protocol_type = "consumer";
    value.members.emplace_back().member_id = "m";
    const CoordinatorRecord record = group_metadata_record("g", value);
    for (std::size_t size = 0; size < record.value->size(); ++size) {
        const ParsedRecord parsed = parse_record(record.key, BytesView(*record.value).first(size));
        EXPECT_TRUE(std::holds_alternative<SkippedRecord>(parsed)) << size;
    }
}

}  // namespace
}  // namespace mamba::broker
