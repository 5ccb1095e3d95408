#include "log/log_dir.h"

#include <gtest/gtest.h>

#include "log_batches.h"

namespace mamba::log {
namespace {

const TopicPartition dashed{"a-topic.with-dashes", PartitionIndex(7)};

std::unique_ptr<LogDir> open_dir(Storage& storage) {
    auto dir = LogDir::open(storage, "/data");
    EXPECT_TRUE(dir) << (dir ? "" : dir.error().message);
    return dir ? std::move(*dir) : nullptr;
}

Uuid id_of(int number) {
    Uuid id;
    id.bytes[15] = static_cast<std::byte>(number);
    return id;
}

TEST(LogDir, ParsesPartitionFolders) {
    EXPECT_EQ(parse_partition_directory("a-topic.with-dashes-7"), dashed);
    EXPECT_EQ(parse_partition_directory("t-0"), (TopicPartition{"t", PartitionIndex(0)}));
    for (const char* name : {"", "-", "t", "t-", "-0", "t--x", "t-01", "t-x", "t-99999999999"}) {
        EXPECT_FALSE(parse_partition_directory(name)) << name;
    }
}

TEST(LogDir, IsLockedWhileInUse) {
    FakeStorage storage;
    auto first = open_dir(storage);
    EXPECT_FALSE(LogDir::open(storage, "/data"));
    first.reset();
    EXPECT_TRUE(LogDir::open(storage, "/data"));
}

TEST(LogDir, FindsPartitionsAndTheirTopicIds) {
    FakeStorage storage;
    {
        auto dir = open_dir(storage);
        EXPECT_TRUE(dir->found().empty());
        ASSERT_TRUE(dir->open_log(dashed, {}, id_of(1), Timestamp(0)));
        ASSERT_TRUE(dir->open_log({"t", PartitionIndex(0)}, {}, id_of(2), Timestamp(0)));
    }
    storage.put("/data/__cluster_metadata-0/00000000000000000000.log", {});
    storage.put("/data/t-1.0123456789abcdef0123456789abcdef-delete/00000000000000000000.log", {});
    storage.put("/data/t-2.0123456789abcdef0123456789abcdef-future/00000000000000000000.log", {});
    storage.put("/data/notes/readme", {});
    auto dir = open_dir(storage);
    ASSERT_EQ(dir->found().size(), 2U);
    EXPECT_EQ(dir->found()[0].partition, dashed);
    EXPECT_EQ(dir->found()[0].directory, "/data/a-topic.with-dashes-7");
    EXPECT_EQ(dir->found()[0].topic_id, id_of(1));
    EXPECT_EQ(dir->found()[1].topic_id, id_of(2));
    EXPECT_FALSE(storage.exists("/data/t-1.0123456789abcdef0123456789abcdef-delete"));
    EXPECT_TRUE(storage.exists("/data/t-2.0123456789abcdef0123456789abcdef-future"));
}

// An old marker must never hide a later crash (the marker goes before the first log is opened).
TEST(LogDir, BelievesACleanShutdownOnce) {
    FakeStorage storage;
    {
        auto dir = open_dir(storage);
        EXPECT_FALSE(dir->was_clean_shutdown());
        ASSERT_TRUE(dir->store_clean_shutdown(42));
    }
    {
        auto dir = open_dir(storage);
        EXPECT_TRUE(dir->was_clean_shutdown());
        EXPECT_EQ(dir->last_broker_epoch(), 42);
    }
    storage.power_cut(1);
    EXPECT_FALSE(open_dir(storage)->was_clean_shutdown());
}

TEST(LogDir, KeepsItsPropertiesAndCheckpoints) {
    FakeStorage storage;
    const MetaProperties properties{BrokerId(3), "cluster", id_of(9)};
    const CheckpointEntry mark{dashed, Offset(5)};
    {
        auto dir = open_dir(storage);
        EXPECT_FALSE(dir->meta_properties());
        ASSERT_TRUE(dir->store_meta_properties(properties));
        ASSERT_TRUE(dir->store_high_watermarks({&mark, 1}));
    }
    storage.power_cut(7);
    auto dir = open_dir(storage);
    EXPECT_EQ(dir->meta_properties(), properties);
    EXPECT_EQ(dir->high_watermark(dashed), Offset(5));
    EXPECT_FALSE(dir->high_watermark({"other", PartitionIndex(0)}));
}

TEST(LogDir, ReadsMoreWhenTheRecoveryPointsAreDamaged) {
    FakeStorage storage;
    {
        auto dir = open_dir(storage);
        auto log = dir->open_log(dashed, {}, id_of(1), Timestamp(0));
        ASSERT_TRUE(log);
        append_one(**log, batch_of({"a"}));
        ASSERT_TRUE((*log)->close());
        const CheckpointEntry point{dashed, Offset(1)};
        ASSERT_TRUE(dir->store_recovery_points({&point, 1}));
        ASSERT_TRUE(dir->store_clean_shutdown(-1));
    }
    (*storage.content("/data/recovery-point-offset-checkpoint"))[2] = std::byte{'x'};
    auto dir = open_dir(storage);
    EXPECT_EQ(dir->warnings().size(), 1U);
    const auto log = dir->open_log(dashed, {}, id_of(1), Timestamp(0));
    ASSERT_TRUE(log);
    EXPECT_TRUE((*log)->recovery_report().ran);
    EXPECT_EQ((*log)->end_offset(), Offset(1));
}

TEST(LogDir, DeletesALogAtOnceAndItsFilesLater) {
    FakeStorage storage;
    auto dir = open_dir(storage);
    auto log = dir->open_log(dashed, {}, id_of(1), Timestamp(0));
    ASSERT_TRUE(log);
    const auto marked = dir->mark_deleted(**log, id_of(8));
    ASSERT_TRUE(marked);
    EXPECT_FALSE(storage.exists("/data/a-topic.with-dashes-7"));
    EXPECT_TRUE(storage.exists(*marked));
    // A topic of the same name may come at once, and knows nothing of the old one.
    auto again = dir->open_log(dashed, {}, id_of(2), Timestamp(0));
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->topic_id(), id_of(2));
    ASSERT_TRUE(dir->erase_directory(*marked));
    EXPECT_FALSE(storage.exists(*marked));
}

// One flush of the folder of all logs serves them all.
TEST(LogDir, DeletionsOutliveAPowerCutOnceFlushed) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        FakeStorage storage;
        auto dir = open_dir(storage);
        std::vector<std::string> folders;
        for (int i = 0; i < 3; ++i) {
            auto log = dir->open_log({"t", PartitionIndex(i)}, {}, id_of(1), Timestamp(0));
            ASSERT_TRUE(log);
            folders.push_back((*log)->directory());
            const auto flushes = storage.flushes();
            ASSERT_TRUE(dir->mark_deleted(**log, id_of(8)));
            EXPECT_EQ(storage.flushes(), flushes);
        }
        ASSERT_TRUE(dir->flush_deletions());
        storage.power_cut(seed);
        for (const std::string& folder : folders) EXPECT_FALSE(storage.exists(folder)) << "seed " << seed;
    }
}

TEST(LogDir, DeletionsThatCannotBeFlushedTakeItOffline) {
    FakeStorage storage;
    auto dir = open_dir(storage);
    storage.fail_flushes_after(0);
    EXPECT_FALSE(dir->flush_deletions());
    EXPECT_TRUE(dir->offline());
}

TEST(LogDir, TriesNothingMoreOnceOffline) {
    FakeStorage storage;
    auto dir = open_dir(storage);
    dir->take_offline({.kind = ErrorKind::io, .message = "flush failed"});
    dir->take_offline({.kind = ErrorKind::io, .message = "and again"});
    EXPECT_TRUE(dir->offline());
    EXPECT_EQ(dir->first_error()->message, "flush failed");
    const auto writes = storage.writes();
    EXPECT_EQ(dir->open_log(dashed, {}, id_of(1), Timestamp(0)).error().kind, ErrorKind::offline);
    EXPECT_EQ(dir->store_clean_shutdown(1).error().kind, ErrorKind::offline);
    EXPECT_EQ(storage.writes(), writes);
}

}  // namespace
}  // namespace mamba::log
