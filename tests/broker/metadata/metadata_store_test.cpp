// The contract of broker/metadata/metadata_store.h, run against every store there is.
#include "broker/metadata/metadata_store.h"

#include <gtest/gtest.h>

#include <random>

#include "broker/metadata/sqlite_store.h"
#include "tests/broker/metadata/memory_store.h"
#include "tests/broker/metadata/temporary_folder.h"

namespace mamba::broker {
namespace {

enum class Kind { memory, sqlite };

class MetadataStoreContract : public testing::TestWithParam<Kind> {
protected:
    void SetUp() override {
        if (GetParam() == Kind::memory) {
            store = std::make_unique<MemoryStore>();
        } else {
            store = SqliteStore::open(folder.path() / "metadata.db").value();
        }
    }
    Revision put(const std::string& key, std::optional<std::string> value,
                 LeaseId lease = no_lease) {
        return store->commit({{}, {{key, std::move(value), lease}}}).value().revision;
    }
    std::vector<std::string> keys(std::string_view prefix, std::optional<Revision> at = {}) {
        std::vector<std::string> found;
        for (const auto& entry : store->range(prefix, at).value().entries)
            found.push_back(entry.key);
        return found;
    }

    TemporaryFolder folder;
    std::unique_ptr<MetadataStore> store;
};

using Keys = std::vector<std::string>;

TEST_P(MetadataStoreContract, CommitGivesTheNextRevisionToAllItsKeys) {
    const auto result = store->commit({{}, {{"a", "1"}, {"b", "2"}}});
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->applied);
    EXPECT_EQ(result->revision, Revision(1));
    const auto range = store->range("").value();
    EXPECT_EQ(range.revision, Revision(1));
    EXPECT_EQ(range.entries, (std::vector<KeyValue>{{"a", "1", Revision(1), Revision(1)},
                                                    {"b", "2", Revision(1), Revision(1)}}));
}

TEST_P(MetadataStoreContract, KeyRemembersWhoCreatedAndWhoChangedIt) {
    put("a", "1");
    put("a", "2");
    EXPECT_EQ(store->range("").value().entries,
              (std::vector<KeyValue>{{"a", "2", Revision(1), Revision(2)}}));
    put("a", std::nullopt);
    put("a", "3");
    EXPECT_EQ(store->range("").value().entries,
              (std::vector<KeyValue>{{"a", "3", Revision(4), Revision(4)}}));
}

TEST_P(MetadataStoreContract, FailedComparisonWritesNothing) {
    const Revision first = put("a", "1");
    EXPECT_FALSE(store->commit({{{"a", no_revision}}, {{"b", "2"}}}).value().applied);
    EXPECT_FALSE(store->commit({{{"a", first}, {"c", first}}, {{"b", "2"}}}).value().applied);
    EXPECT_EQ(keys(""), Keys{"a"});
    EXPECT_TRUE(store->commit({{{"a", first}, {"b", no_revision}}, {{"b", "2"}}}).value().applied);
    EXPECT_EQ(keys(""), (Keys{"a", "b"}));
}

TEST_P(MetadataStoreContract, DeletingWhatIsNotThereChangesNothing) {
    EXPECT_EQ(put("a", std::nullopt), no_revision);
    EXPECT_EQ(put("a", "1"), Revision(1));
}

TEST_P(MetadataStoreContract, RangeTakesKeysThatStartWithThePrefixInOrder) {
    for (const char* key :
         {"topics/b", "topics/a", "topics", "topicsx", "brokers/1", "topics/\xff"})
        put(key, "x");
    EXPECT_EQ(keys("topics/"), (Keys{"topics/a", "topics/b", "topics/\xff"}));
    EXPECT_EQ(keys("topics/\xff"), Keys{"topics/\xff"});
    EXPECT_EQ(keys("").size(), 6U);
}

TEST_P(MetadataStoreContract, ValuesAreBytes) {
    const std::string bytes("\0\xff'\n", 4);
    put(bytes, bytes);
    put("empty", "");
    EXPECT_EQ(store->range(bytes).value().entries.at(0).value, bytes);
    EXPECT_EQ(store->range("empty").value().entries.at(0).value, "");
}

TEST_P(MetadataStoreContract, RangeAtARevisionSeesThePast) {
    put("a", "1");
    put("b", "1");
    put("a", std::nullopt);
    EXPECT_EQ(keys("", Revision(1)), Keys{"a"});
    EXPECT_EQ(keys("", Revision(2)), (Keys{"a", "b"}));
    EXPECT_EQ(keys("", Revision(3)), Keys{"b"});
    EXPECT_EQ(keys("", no_revision), Keys{});
}

TEST_P(MetadataStoreContract, WatchTellsThePastThenEachCommitOnce) {
    put("a/1", "1");
    put("b/1", "1");
    put("a/2", "1");
    std::vector<StoreEvent> seen;
    const auto id = store->watch("a/", Revision(2), [&](const auto& events) {
        seen.insert(seen.end(), events.begin(), events.end());
    });
    ASSERT_TRUE(id);
    EXPECT_EQ(seen, (std::vector<StoreEvent>{{"a/2", "1", Revision(3)}}));
    put("a/1", std::nullopt);
    put("b/2", "1");
    EXPECT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen.back(), (StoreEvent{"a/1", std::nullopt, Revision(4)}));
    store->unwatch(*id);
    put("a/3", "1");
    EXPECT_EQ(seen.size(), 2U);
}

TEST_P(MetadataStoreContract, CompactionKeepsThePresentAndRefusesThePast) {
    put("a", "1");
    put("a", "2");
    put("b", "1");
    put("b", std::nullopt);
    put("c", "1");
    ASSERT_TRUE(store->compact(Revision(4)));
    EXPECT_EQ(keys(""), (Keys{"a", "c"}));
    EXPECT_EQ(keys("", Revision(4)), Keys{"a"});
    const auto before = store->range("", Revision(3));
    ASSERT_FALSE(before);
    EXPECT_EQ(before.error().kind, StoreErrorKind::compacted);
    const auto watched = store->watch("", Revision(2), [](const auto&) {});
    ASSERT_FALSE(watched);
    EXPECT_EQ(watched.error().kind, StoreErrorKind::compacted);
    EXPECT_EQ(put("a", "3"), Revision(6));
    EXPECT_EQ(store->range("a").value().entries.at(0).created, Revision(1));
}

TEST_P(MetadataStoreContract, LeaseTakesItsKeysAlong) {
    const Timestamp start(1'000);
    const LeaseId lease = store->grant_lease(100, start).value();
    put("held", "1", lease);
    put("free", "1");
    put("released", "1", lease);
    put("released", "2");  // written again without the lease
    ASSERT_TRUE(store->expire_leases(start + std::int64_t{99}));
    EXPECT_EQ(keys("").size(), 3U);
    ASSERT_TRUE(store->keep_alive(lease, start + std::int64_t{90}));
    ASSERT_TRUE(store->expire_leases(start + std::int64_t{189}));
    EXPECT_EQ(keys("").size(), 3U);
    ASSERT_TRUE(store->expire_leases(start + std::int64_t{190}));
    EXPECT_EQ(keys(""), (Keys{"free", "released"}));
}

TEST_P(MetadataStoreContract, UnknownLeaseIsAnError) {
    const auto written = store->commit({{}, {{"a", "1", LeaseId(77)}}});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, StoreErrorKind::unknown_lease);
    EXPECT_EQ(store->keep_alive(LeaseId(77), Timestamp(1)).error().kind,
              StoreErrorKind::unknown_lease);
    EXPECT_EQ(store->revoke_lease(LeaseId(77)).error().kind, StoreErrorKind::unknown_lease);
    EXPECT_EQ(keys(""), Keys{});
}

INSTANTIATE_TEST_SUITE_P(Stores, MetadataStoreContract, testing::Values(Kind::memory, Kind::sqlite),
                         [](const auto& each) {
                             return each.param == Kind::memory ? "Memory" : "Sqlite";
                         });

// The two stores agree on everything after the same random commands.
TEST(MetadataStores, AgreeOnRandomCommits) {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        TemporaryFolder folder;
        MemoryStore memory;
        auto sqlite = SqliteStore::open(folder.path() / "metadata.db").value();
        for (int i = 0; i < 60; ++i) {
            StoreTransaction transaction;
            const std::string key(1, static_cast<char>('a' + random() % 4));
            if (random() % 3 == 0) transaction.expected.push_back({key, Revision(random() % 10)});
            std::optional<std::string> value;
            if (random() % 3 != 0) value = std::to_string(i);
            transaction.writes.push_back({key, value});
            const auto a = memory.commit(transaction);
            const auto b = sqlite->commit(transaction);
            ASSERT_EQ(a->applied, b->applied);
            ASSERT_EQ(a->revision, b->revision);
            if (random() % 20 == 0) {
                const Revision to(static_cast<std::int64_t>(random() % 30));
                ASSERT_TRUE(memory.compact(to));
                ASSERT_TRUE(sqlite->compact(to));
            }
            const Revision at(static_cast<std::int64_t>(random() % 40));
            const auto x = memory.range("", at);
            const auto y = sqlite->range("", at);
            ASSERT_EQ(x.has_value(), y.has_value());
            if (x) {
                ASSERT_EQ(x->entries, y->entries);
                ASSERT_EQ(x->revision, y->revision);
            }
        }
    }
}

}  // namespace
}  // namespace mamba::broker
