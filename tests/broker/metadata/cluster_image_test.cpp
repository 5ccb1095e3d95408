#include "broker/metadata/cluster_image.h"

#include <gtest/gtest.h>

#include <random>

#include "broker/metadata/image_codec.h"
#include "tests/broker/metadata/metadata_fixture.h"

namespace mamba::broker {
namespace {

// Random topics, settings, brokers and features, created, changed and removed.
class RandomEvents {
public:
    explicit RandomEvents(unsigned seed) : random_(seed), controller_(test_controller()) {}

    std::vector<Change> next(const ClusterImage& image) {
        const std::string name = "t" + std::to_string(random_() % 30);
        switch (random_() % 8) {
            case 0:
            case 1:
            case 2: {
                CreateTopics::Topic topic{.name = name};
                topic.partition_count = static_cast<std::int32_t>(1 + random_() % 5);
                if (random_() % 2 == 0)
                    topic.configs = {{"retention.ms", std::to_string(random_())}};
                return controller_.decide(image, CreateTopics{{topic}, false}).changes;
            }
            case 3:
                return controller_.decide(image, DeleteTopics{{{name, {}}}}).changes;
            case 4: {
                const auto count = static_cast<std::int32_t>(random_() % 9);
                return controller_.decide(image, CreatePartitions{{{name, count, {}}}, false})
                    .changes;
            }
            case 5: {
                ChangeConfigs event;
                event.resources.push_back(
                    {{ConfigResourceType::topic, name}, random_() % 2 == 0, {}});
                event.resources[0].edits.push_back(
                    {"cleanup.policy", static_cast<ChangeConfigs::Operation>(random_() % 4),
                     "compact"});
                return controller_.decide(image, event).changes;
            }
            case 6:
                return controller_.decide(image, AllocateProducerIds{}).changes;
            default:
                return {FeatureSet{"f" + std::to_string(random_() % 3),
                                   static_cast<std::int16_t>(random_() % 3)},
                        BrokerSet{test_broker(static_cast<std::int32_t>(2 + random_() % 3),
                                              static_cast<std::int32_t>(random_() % 9))},
                        BrokerRemoved{BrokerId(static_cast<std::int32_t>(2 + random_() % 3))}};
        }
    }

private:
    std::mt19937 random_;
    Controller controller_;
};

// What a delta says, carried out on `before`, gives `after` for all that a delta tells of.
void check_delta(const ClusterImage& before, const ClusterImage& after) {
    const ClusterDelta delta = ClusterDelta::between(before, after);
    std::vector<Change> changes;
    for (const auto& topic : delta.deleted) {
        EXPECT_EQ(*before.find_topic(topic->id), *topic);
        changes.push_back(TopicRemoved{topic->name});
    }
    for (const auto& topic : delta.created) {
        EXPECT_EQ(before.find_topic(topic->id), nullptr);
        changes.push_back(TopicSet{topic});
    }
    for (const auto& change : delta.changed) {
        EXPECT_EQ(change.before->id, change.after->id);
        EXPECT_EQ(before.find_topic(change.before->id), change.before.get());
        changes.push_back(TopicSet{change.after});
    }
    for (const auto& change : delta.configs) {
        EXPECT_EQ(before.configs(change.resource.type, change.resource.name), *change.before);
        changes.push_back(ConfigsSet{change.resource, *change.after});
    }
    EXPECT_EQ(delta.brokers_changed, before.brokers() != after.brokers());
    EXPECT_EQ(delta.features_changed, before.features() != after.features());
    for (const auto& [id, broker] : before.brokers()) changes.push_back(BrokerRemoved{id});
    for (const auto& [id, broker] : after.brokers()) changes.push_back(BrokerSet{broker});
    for (const auto& [name, level] : before.features()) changes.push_back(FeatureSet{name, 0});
    for (const auto& [name, level] : after.features()) changes.push_back(FeatureSet{name, level});
    changes.push_back(ClusterIdSet{after.cluster_id()});
    changes.push_back(ProducerIdsSet{after.next_producer_id()});
    EXPECT_TRUE(*before.apply(changes) == after);
}

// The image that a broker has grown equals the one it loads from the store after a restart, and
// deltas between any two images say exactly what differs.
TEST(ClusterImage, LoadedEqualsGrownAfterRandomEvents) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomEvents events(seed);
        ClusterImagePtr image = test_image();
        std::map<std::string, std::string> store;
        const auto keep = [&](const Change& change) {
            const StoreWrite write = encode(change);
            if (write.value) {
                store.insert_or_assign(write.key, *write.value);
            } else {
                store.erase(write.key);
            }
        };
        keep(ClusterIdSet{"cluster"});
        keep(BrokerSet{test_broker(1)});
        ClusterImagePtr older = image;
        for (int i = 0; i < 120; ++i) {
            const auto changes = events.next(*image);
            for (const Change& change : changes) keep(change);
            const ClusterImagePtr next = image->apply(changes);
            check_delta(*image, *next);
            if (i % 20 == 0) {
                check_delta(*older, *next);
                check_delta(*next, *older);
                older = next;
            }
            image = next;
        }
        std::vector<Change> loaded;
        for (const auto& [key, value] : store) {
            auto change = decode(key, value);
            ASSERT_TRUE(change) << change.error();
            loaded.push_back(std::move(*change));
        }
        const ClusterImagePtr fresh = ClusterImage().apply(loaded);
        ASSERT_TRUE(*fresh == *image);
        std::size_t partitions = 0;
        image->for_each_topic([&](const TopicState& topic) {
            partitions += topic.partitions.size();
            EXPECT_EQ(image->find_topic(topic.id), &topic);
        });
        EXPECT_EQ(image->partition_count(), partitions);
        check_delta(ClusterImage(), *image);
    }
}

TEST(ClusterImage, OldImagesStayAsTheyWere) {
    const ClusterImagePtr before = test_image();
    auto topic = std::make_shared<TopicState>();
    topic->name = "t";
    topic->id.bytes[0] = std::byte{1};
    topic->partitions.resize(1);
    const Change created[] = {TopicSet{topic}};
    const ClusterImagePtr after = before->apply(created);
    EXPECT_EQ(before->find_topic("t"), nullptr);
    const Change removed[] = {TopicRemoved{"t"}};
    const ClusterImagePtr last = after->apply(removed);
    EXPECT_NE(after->find_topic("t"), nullptr);
    EXPECT_EQ(last->find_topic("t"), nullptr);
    EXPECT_TRUE(*last == *before);
}

TEST(ClusterImage, TopicCreatedAgainIsDeletedAndCreatedInTheDelta) {
    const auto with = [](std::byte id) {
        auto topic = std::make_shared<TopicState>();
        topic->name = "t";
        topic->id.bytes[0] = id;
        topic->partitions.resize(1);
        const Change change[] = {TopicSet{topic}};
        return test_image()->apply(change);
    };
    const ClusterDelta delta = ClusterDelta::between(*with(std::byte{1}), *with(std::byte{2}));
    ASSERT_EQ(delta.deleted.size(), 1U);
    ASSERT_EQ(delta.created.size(), 1U);
    EXPECT_TRUE(delta.changed.empty());
    EXPECT_NE(delta.deleted[0]->id, delta.created[0]->id);
}

// Stores from before the time was kept, and topics that were taken over, have none.
TEST(ImageCodec, TopicMayHaveATimeThatItWasCreatedAt) {
    for (const Timestamp created : {no_timestamp, Timestamp(1'764'000'000'000)}) {
        auto topic = std::make_shared<TopicState>();
        topic->name = "t";
        topic->id.bytes[0] = std::byte{1};
        topic->partitions.push_back({{BrokerId(1)}, {BrokerId(1)}, BrokerId(1), LeaderEpoch(2), 3});
        topic->created = created;
        const StoreWrite write = encode(TopicSet{topic});
        EXPECT_EQ(write.value->find("created") != std::string::npos, created != no_timestamp);
        const auto back = decode(write.key, write.value);
        ASSERT_TRUE(back) << back.error();
        EXPECT_TRUE(*back == Change(TopicSet{topic}));
    }
}

// Any bytes in the store give a change or an error.
TEST(ImageCodec, MutatedValuesGiveAnErrorOrAChange) {
    auto topic = std::make_shared<TopicState>();
    topic->name = "t";
    topic->id.bytes[0] = std::byte{1};
    topic->partitions.push_back({{BrokerId(1)}, {BrokerId(1)}, BrokerId(1), LeaderEpoch(2), 3});
    const std::vector<Change> changes{
        ClusterIdSet{"c"},
        BrokerSet{test_broker(1)},
        TopicSet{topic},
        FeatureSet{"f", 1},
        ProducerIdsSet{ProducerId(5)},
        ConfigsSet{{ConfigResourceType::group, "g/\"x"}, {{"a", "b\n\"\xc3\xa4"}}}};
    std::mt19937 random(7);
    for (const Change& change : changes) {
        const StoreWrite write = encode(change);
        const auto back = decode(write.key, write.value);
        ASSERT_TRUE(back) << back.error();
        EXPECT_TRUE(*back == change);
        for (std::size_t size = 0; size < write.value->size(); ++size) {
            EXPECT_FALSE(decode(write.key, write.value->substr(0, size)));
        }
        for (int i = 0; i < 5'000; ++i) {
            std::string value = *write.value;
            value[random() % value.size()] = static_cast<char>(random());
            static_cast<void>(decode(write.key, value));
        }
    }
    EXPECT_FALSE(decode("topics/t", "{\"v\":2,\"id\":\"x\",\"partitions\":[]}"));
    EXPECT_FALSE(decode("brokers/x", std::nullopt));
    EXPECT_FALSE(decode("what/ever", "{\"v\":1}"));
    EXPECT_FALSE(decode("cluster-id", std::nullopt));
}

}  // namespace
}  // namespace mamba::broker
