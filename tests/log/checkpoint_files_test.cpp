#include "log/checkpoint_files.h"

#include <gtest/gtest.h>

#include "tests/log/text_mutations.h"

namespace mamba::log {
namespace {

Uuid uuid(std::string_view text) {
    Uuid id;
    EXPECT_TRUE(Uuid::parse(text, id));
    return id;
}

CheckpointEntry entry(std::string topic, std::int32_t partition, std::int64_t offset) {
    return {.partition = {.topic = std::move(topic), .partition = PartitionIndex(partition)},
            .offset = Offset(offset)};
}

// Golden texts: Apache Kafka 4.3.0, one broker, stopped in order.
constexpr std::string_view kafka_checkpoint = "0\n2\ngolden 1 20\ngolden 0 0\n";
constexpr std::string_view kafka_meta_properties =
    "#\n#Wed Nov 25 01:03:42 UTC 2026\nnode.id=1\ndirectory.id=FjmDGnmFqeFP4MAL1HVntA\n"
    "version=1\ncluster.id=bWFtYmFtcS1vcmFjbGUtMQ\n";
constexpr std::string_view kafka_partition_metadata =
    "version: 0\ntopic_id: AC_ZZWXUTIy0nSJIwH20lw";
constexpr std::string_view kafka_clean_shutdown = R"({"version":0,"brokerEpoch":11})";

TEST(OffsetCheckpoint, IsReadAndWrittenAsKafkaDoes) {
    const auto entries = parse_offset_checkpoint(kafka_checkpoint);
    ASSERT_TRUE(entries);
    EXPECT_EQ(*entries, (std::vector{entry("golden", 1, 20), entry("golden", 0, 0)}));
    EXPECT_EQ(format_offset_checkpoint(*entries), kafka_checkpoint);
}

// Kafka makes the files empty at its first start and writes "0\n0\n" later.
TEST(OffsetCheckpoint, EmptyFileHasNoEntries) {
    EXPECT_EQ(parse_offset_checkpoint("").value(), std::vector<CheckpointEntry>{});
    EXPECT_EQ(parse_offset_checkpoint("0\n0\n").value(), std::vector<CheckpointEntry>{});
    EXPECT_EQ(format_offset_checkpoint({}), "0\n0\n");
}

TEST(OffsetCheckpoint, RefusesWhatKafkaRefusesAndNamesTheLine) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"1\n0\n", "line 1"},
        {"0\n", "line 1"},
        {"0\nmany\n", "line 2"},
        {"0\n-1\n", "line 2"},
        {"0\n2\na 0 1\n", "line 3: fewer"},
        {"0\n1\na 0 1\nb 0 1\n", "line 4: more"},
        {"0\n1\n\n", "line 3"},
        {"0\n1\na 0\n", "line 3"},
        {"0\n1\n 0 1\n", "line 3"},
        {"0\n1\na b 0 1\n", "line 3"},
        {"0\n1\na 0 9223372036854775808\n", "line 3"},
        {"0\n1\na -1 1\n", "line 3"},
        {"0\n9223372036854775807\na 0 1\n", "line 3: fewer"},
    };
    for (const auto& [text, message] : cases) {
        const auto entries = parse_offset_checkpoint(text);
        ASSERT_FALSE(entries) << text;
        EXPECT_EQ(entries.error().kind, ErrorKind::corrupt);
        EXPECT_NE(entries.error().message.find(message), std::string::npos)
            << entries.error().message;
    }
}

TEST(OffsetCheckpoint, AnyDamageGivesAnErrorOrAValueThatRoundTrips) {
    for_each_mutation(kafka_checkpoint, [](const std::string& text) {
        const auto entries = parse_offset_checkpoint(text);
        if (!entries) return;
        EXPECT_EQ(parse_offset_checkpoint(format_offset_checkpoint(*entries)).value(), *entries);
    });
}

TEST(MetaProperties, AreReadAsKafkaWritesThem) {
    const MetaProperties expected{.node_id = BrokerId(1),
                                  .cluster_id = "bWFtYmFtcS1vcmFjbGUtMQ",
                                  .directory_id = uuid("FjmDGnmFqeFP4MAL1HVntA")};
    EXPECT_EQ(parse_meta_properties(kafka_meta_properties).value(), expected);
    EXPECT_EQ(format_meta_properties(expected),
              "version=1\nnode.id=1\ncluster.id=bWFtYmFtcS1vcmFjbGUtMQ\n"
              "directory.id=FjmDGnmFqeFP4MAL1HVntA\n");
    EXPECT_EQ(parse_meta_properties(format_meta_properties(expected)).value(), expected);
}

TEST(MetaProperties, DirectoryIdMayBeMissingButNothingElse) {
    EXPECT_EQ(parse_meta_properties("version=1\nnode.id=7\ncluster.id=c\n").value(),
              (MetaProperties{.node_id = BrokerId(7), .cluster_id = "c"}));
    for (const std::string_view text :
         {"", "version=2\nnode.id=7\ncluster.id=c\n", "node.id=7\ncluster.id=c\n",
          "version=1\ncluster.id=c\n", "version=1\nnode.id=-1\ncluster.id=c\n",
          "version=1\nnode.id=x\ncluster.id=c\n", "version=1\nnode.id=7\n",
          "version=1\nnode.id=7\ncluster.id=c\ndirectory.id=short\n"}) {
        EXPECT_FALSE(parse_meta_properties(text)) << text;
    }
}

TEST(MetaProperties, AnyDamageGivesAnErrorOrAValueThatRoundTrips) {
    for_each_mutation(kafka_meta_properties, [](const std::string& text) {
        const auto properties = parse_meta_properties(text);
        if (!properties) return;
        EXPECT_EQ(parse_meta_properties(format_meta_properties(*properties)).value(), *properties);
    });
}

TEST(PartitionMetadata, IsReadAndWrittenAsKafkaDoes) {
    const Uuid id = uuid("AC_ZZWXUTIy0nSJIwH20lw");
    EXPECT_EQ(parse_partition_metadata(kafka_partition_metadata).value(), id);
    EXPECT_EQ(format_partition_metadata(id), kafka_partition_metadata);
    EXPECT_EQ(parse_partition_metadata(std::string(kafka_partition_metadata) + "\n").value(), id);
}

TEST(PartitionMetadata, RefusesOtherVersionsAndTheZeroId) {
    for (const std::string_view text :
         {"", "version: 1\ntopic_id: AC_ZZWXUTIy0nSJIwH20lw", "version: 0\n",
          "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA", "version: 0\ntopic_id: short",
          "version: 0\ntopic_id: AC_ZZWXUTIy0nSJIwH20lw\nmore"}) {
        EXPECT_FALSE(parse_partition_metadata(text)) << text;
    }
}

TEST(PartitionMetadata, AnyDamageGivesAnErrorOrAValueThatRoundTrips) {
    for_each_mutation(kafka_partition_metadata, [](const std::string& text) {
        const auto id = parse_partition_metadata(text);
        if (!id) return;
        EXPECT_EQ(parse_partition_metadata(format_partition_metadata(*id)).value(), *id);
    });
}

TEST(CleanShutdown, IsReadAndWrittenAsKafkaDoes) {
    EXPECT_EQ(parse_clean_shutdown(kafka_clean_shutdown).value(), 11);
    EXPECT_EQ(format_clean_shutdown(11), kafka_clean_shutdown);
    EXPECT_EQ(parse_clean_shutdown(format_clean_shutdown(-1)).value(), -1);
    EXPECT_EQ(parse_clean_shutdown(" {\"brokerEpoch\" : 5,\n\"version\": 0 , \"new\":1}\n").value(),
              5);
}

TEST(CleanShutdown, EmptyFileOfOlderVersionsHasNoEpoch) {
    EXPECT_EQ(parse_clean_shutdown("").value(), -1);
}

TEST(CleanShutdown, AnyDamageGivesAnErrorOrAValueThatRoundTrips) {
    EXPECT_FALSE(parse_clean_shutdown("{}"));
    EXPECT_FALSE(parse_clean_shutdown(R"({"version":1,"brokerEpoch":11})"));
    for_each_mutation(kafka_clean_shutdown, [](const std::string& text) {
        const auto epoch = parse_clean_shutdown(text);
        if (!epoch) return;
        EXPECT_EQ(parse_clean_shutdown(format_clean_shutdown(*epoch)).value(), *epoch);
    });
}

}  // namespace
}  // namespace mamba::log
