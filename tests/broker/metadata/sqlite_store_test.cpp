#include "broker/metadata/sqlite_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "tests/broker/metadata/temporary_folder.h"

namespace mamba::broker {
namespace {

class SqliteStoreFile : public testing::Test {
protected:
    TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "metadata.db";
};
using SqliteStoreTest = SqliteStoreFile;

TEST_F(SqliteStoreTest, KeepsEverythingAcrossReopening) {
    {
        auto store = SqliteStore::open(file).value();
        ASSERT_TRUE(store->commit({{}, {{"a", "1"}}}));
        ASSERT_TRUE(store->commit({{}, {{"a", "2"}, {"b", "1"}}}));
        ASSERT_TRUE(store->compact(Revision(2)));
    }
    auto store = SqliteStore::open(file).value();
    EXPECT_EQ(store->range("").value().entries,
              (std::vector<KeyValue>{{"a", "2", Revision(1), Revision(2)},
                                     {"b", "1", Revision(2), Revision(2)}}));
    EXPECT_EQ(store->range("", Revision(1)).error().kind, StoreErrorKind::compacted);
    EXPECT_EQ(store->commit({{}, {{"c", "1"}}}).value().revision, Revision(3));
}

// Whatever a process has been told is committed is there after it was killed at any moment.
TEST_F(SqliteStoreTest, KilledProcessLosesNothingAcknowledged) {
    std::int64_t acknowledged = 0;
    for (int round = 0; round < 5; ++round) {
        std::array<int, 2> pipe_ends{};
        ASSERT_EQ(::pipe(pipe_ends.data()), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto store = SqliteStore::open(file);
            while (store) {
                const auto done = (*store)->commit({{}, {{"counter", "x"}}});
                if (!done) break;
                const std::int64_t revision = done->revision.value;
                if (::write(pipe_ends[1], &revision, sizeof revision) < 0) break;
            }
            ::_exit(1);
        }
        ::close(pipe_ends[1]);
        std::int64_t revision = 0;
        for (int i = 0; i < 20 + 7 * round; ++i) {
            ASSERT_EQ(::read(pipe_ends[0], &revision, sizeof revision),
                      static_cast<ssize_t>(sizeof revision));
            acknowledged = revision;
        }
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        while (::read(pipe_ends[0], &revision, sizeof revision) == sizeof revision)
            acknowledged = revision;
        ::close(pipe_ends[0]);

        auto store = SqliteStore::open(file);
        ASSERT_TRUE(store) << store.error().message;
        const auto entries = (*store)->range("").value().entries;
        ASSERT_EQ(entries.size(), 1U);
        EXPECT_GE(entries[0].modified.value, acknowledged);
        EXPECT_LE(entries[0].modified.value, acknowledged + 1);
    }
}

TEST_F(SqliteStoreTest, SecondProcessIsToldBusy) {
    auto store = SqliteStore::open(file).value();
    const auto second = SqliteStore::open(file);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, StoreErrorKind::busy);
}

TEST_F(SqliteStoreTest, DamagedFileIsCorrupt) {
    std::ofstream(file) << std::string(8192, 'x');
    const auto store = SqliteStore::open(file);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind, StoreErrorKind::corrupt);
}

TEST_F(SqliteStoreTest, MissingFolderIsAnError) {
    const auto store = SqliteStore::open(folder.path() / "none" / "metadata.db");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind, StoreErrorKind::io);
}

// A limit on file sizes refuses writes as a full disk does.
TEST_F(SqliteStoreTest, RefusedWriteLeavesTheStoreAsItWas) {
    auto store = SqliteStore::open(file).value();
    ASSERT_TRUE(store->commit({{}, {{"a", "1"}}}));
    std::vector<StoreEvent> seen;
    ASSERT_TRUE(store->watch("", Revision(2), [&](const auto& events) {
        seen.insert(seen.end(), events.begin(), events.end());
    }));

    struct rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = before;
    limit.rlim_cur = 64 * 1024;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    const auto refused = store->commit({{}, {{"a", "2"}, {"large", std::string(1 << 20, 'x')}}});
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, ignored);

    ASSERT_FALSE(refused);
    EXPECT_TRUE(seen.empty());
    EXPECT_EQ(store->range("").value().entries,
              (std::vector<KeyValue>{{"a", "1", Revision(1), Revision(1)}}));
    const auto later = store->commit({{{"a", Revision(1)}}, {{"a", "2"}}});
    ASSERT_TRUE(later) << later.error().message;
    EXPECT_EQ(later->revision, Revision(2));
}

}  // namespace
}  // namespace mamba::broker
