#include "broker/metadata/metadata_service.h"

#include <gtest/gtest.h>

#include "broker/metadata/producer_ids.h"
#include "broker/metadata/sqlite_store.h"
#include "tests/broker/metadata/memory_store.h"
#include "tests/broker/metadata/metadata_fixture.h"
#include "tests/broker/metadata/temporary_folder.h"

namespace mamba::broker {
namespace {

class MetadataServiceTest : public testing::Test {
protected:
    void SetUp() override {
        auto owned = std::make_unique<MemoryStore>();
        store = owned.get();
        service = MetadataService::open(std::move(owned), test_controller()).value();
        ASSERT_TRUE(service->run(RegisterBroker{test_broker(1), {}}));
    }
    void create(const std::string& name, std::vector<std::string>& answers) {
        service->submit(CreateTopics{{{.name = name}}, false},
                        MetadataService::OnOutcome<CreateTopics>([&answers](auto outcome) {
                            if (!outcome) {
                                answers.emplace_back(name_of(outcome.error().code));
                            } else {
                                answers.emplace_back(name_of(outcome->at(0).refusal.code));
                            }
                        }));
    }

    MemoryStore* store = nullptr;
    std::unique_ptr<MetadataService> service;
};

using Answers = std::vector<std::string>;

TEST_F(MetadataServiceTest, GatheredEventsAreOneCommit) {
    const int before = store->commits;
    Answers answers;
    for (const char* name : {"a", "b", "a", "c"}) create(name, answers);
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(service->run_pending(), 4U);
    EXPECT_EQ(answers, (Answers{"NONE", "NONE", "TOPIC_ALREADY_EXISTS", "NONE"}));
    EXPECT_EQ(store->commits, before + 1);
    EXPECT_EQ(service->image()->topic_count(), 3U);
}

TEST_F(MetadataServiceTest, RevisionIsThatOfTheNewestCommit) {
    const Revision before = service->revision();
    EXPECT_GT(before, no_revision);
    Answers answers;
    create("a", answers);
    create("b", answers);
    service->run_pending();
    EXPECT_EQ(service->revision(), before + 1);
    create("a", answers);  // refused: nothing to commit
    service->run_pending();
    EXPECT_EQ(service->revision(), before + 1);
    EXPECT_EQ(service->revision(), store->range("")->revision);
}

TEST_F(MetadataServiceTest, ListenersHearBeforeAnyoneSees) {
    std::vector<std::string> log;
    service->add_listener([&](const ClusterImagePtr& next, const ClusterDelta& delta) {
        for (const auto& topic : delta.created) {
            log.push_back("created " + topic->name);
            EXPECT_NE(next->find_topic(topic->name), nullptr);
            EXPECT_EQ(service->image()->find_topic(topic->name), nullptr);
        }
    });
    service->submit(CreateTopics{{{.name = "t"}}, false},
                    MetadataService::OnOutcome<CreateTopics>([&](const auto&) {
                        EXPECT_NE(service->image()->find_topic("t"), nullptr);
                        log.emplace_back("answered");
                    }));
    service->run_pending();
    EXPECT_EQ(log, (std::vector<std::string>{"created t", "answered"}));
}

TEST_F(MetadataServiceTest, LateListenerHearsOfAllThatIsThere) {
    Answers answers;
    create("t", answers);
    service->run_pending();
    std::size_t heard = 0;
    service->add_listener(
        [&](const ClusterImagePtr&, const ClusterDelta& delta) { heard += delta.created.size(); });
    EXPECT_EQ(heard, 1U);
}

TEST_F(MetadataServiceTest, FailedStoreAcknowledgesAndShowsNothing) {
    bool heard = false;
    service->add_listener(
        [&](const auto&, const ClusterDelta& delta) { heard = !delta.created.empty(); });
    store->failure = StoreError{StoreErrorKind::disk_full, "no space left"};
    Answers answers;
    create("a", answers);
    create("b", answers);
    service->run_pending();
    EXPECT_EQ(answers, (Answers{"KAFKA_STORAGE_ERROR", "KAFKA_STORAGE_ERROR"}));
    EXPECT_EQ(service->image()->topic_count(), 0U);
    EXPECT_FALSE(heard);
    store->failure.reset();
    create("a", answers);
    service->run_pending();
    EXPECT_EQ(answers.back(), "NONE");
    EXPECT_EQ(service->image()->topic_count(), 1U);
}

TEST_F(MetadataServiceTest, AnotherWriterMakesTheCommitFail) {
    ASSERT_TRUE(store->commit({{}, {{"topics/a", "{}"}}}));
    Answers answers;
    create("a", answers);
    service->run_pending();
    EXPECT_EQ(answers, Answers{"KAFKA_STORAGE_ERROR"});
}

TEST_F(MetadataServiceTest, StoppedServiceRefuses) {
    service->start();
    service->stop();
    Answers answers;
    create("a", answers);
    EXPECT_EQ(answers, Answers{"BROKER_NOT_AVAILABLE"});
}

TEST_F(MetadataServiceTest, ThreadCarriesOutWhatIsSubmitted) {
    service->start();
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(service->run(CreateTopics{{{.name = "t" + std::to_string(i)}}, false}));
    }
    EXPECT_EQ(service->image()->topic_count(), 50U);
    service->stop();
}

TEST_F(MetadataServiceTest, ImageSurvivesReopeningTheFile) {
    TemporaryFolder folder;
    ClusterImagePtr before;
    for (int round = 0; round < 3; ++round) {
        auto file = SqliteStore::open(folder.path() / "metadata.db");
        ASSERT_TRUE(file);
        auto durable = MetadataService::open(std::move(*file), test_controller()).value();
        if (before) EXPECT_TRUE(*durable->image() == *before);
        ASSERT_TRUE(durable->run(RegisterBroker{test_broker(1), {{"metadata.version", 30}}}));
        ASSERT_TRUE(durable->run(SetClusterId{"c" + std::to_string(round)}));
        // Ids start over with each controller of these tests, so one round alone makes topics.
        if (round == 0)
            ASSERT_TRUE(durable->run(CreateTopics{{{.name = "t", .partition_count = 3}}, false}));
        if (round == 1) ASSERT_TRUE(durable->run(CreatePartitions{{{"t", 7, {}}}, false}));
        before = durable->image();
    }
    EXPECT_EQ(before->find_topic("t")->partition_count(), 7);
    EXPECT_EQ(before->cluster_id(), "c0");
}

TEST_F(MetadataServiceTest, UnreadableKeyKeepsTheServiceFromOpening) {
    auto other = std::make_unique<MemoryStore>();
    ASSERT_TRUE(other->commit({{}, {{"topics/t", "garbage"}}}));
    const auto opened = MetadataService::open(std::move(other), test_controller());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, StoreErrorKind::corrupt);
}

TEST_F(MetadataServiceTest, ReaderSeesTheNewestImageAndKeepsItForATurn) {
    ImageReader reader(service->images());
    EXPECT_EQ(reader.image().topic_count(), 0U);
    const ClusterImage* same = &reader.image();
    EXPECT_EQ(&reader.image(), same);
    Answers answers;
    create("t", answers);
    service->run_pending();
    EXPECT_EQ(reader.image().topic_count(), 1U);
}

TEST_F(MetadataServiceTest, ProducerIdsAreNeverGivenOutTwice) {
    std::vector<std::int64_t> ids;
    const auto take = [&](ProducerIds& from) {
        from.next([&](std::expected<ProducerId, Refusal> id) {
            ids.push_back(id ? id->value : -static_cast<std::int64_t>(id.error().code));
        });
    };
    {
        ProducerIds first(*service);
        take(first);
        take(first);
        EXPECT_TRUE(ids.empty());
        service->run_pending();
        take(first);
        EXPECT_EQ(ids, (std::vector<std::int64_t>{0, 1, 2}));
    }
    ProducerIds after_restart(*service);
    take(after_restart);
    service->run_pending();
    EXPECT_EQ(ids.back(), 1'000);
    store->failure = StoreError{StoreErrorKind::io, "gone"};
    for (int i = 0; i < 999; ++i) take(after_restart);
    EXPECT_EQ(ids.back(), 1'999);
    take(after_restart);
    service->run_pending();
    EXPECT_EQ(ids.back(), -static_cast<std::int64_t>(ErrorCode::kafka_storage_error));
}

// More producers wait than one block serves.
TEST_F(MetadataServiceTest, ManyWaitingProducersTakeSeveralBlocks) {
    ProducerIds source(*service);
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 2'500; ++i) {
        source.next(
            [&](std::expected<ProducerId, Refusal> id) { ids.push_back(id.value().value); });
    }
    while (service->run_pending() > 0) {
    }
    ASSERT_EQ(ids.size(), 2'500U);
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], static_cast<std::int64_t>(i));
}

}  // namespace
}  // namespace mamba::broker
