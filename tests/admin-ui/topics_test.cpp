#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

class Topics : public ConsoleFixture {};

TEST_F(Topics, CreatedTopicIsListedAtOnce) {
    start();
    const Answered created = post("/api/v1/topics", {{"name", "orders"}, {"partitions", 3}});
    EXPECT_EQ(created.status, 201) << created.text;
    const Answered list = get("/api/v1/topics?view=summary");
    EXPECT_EQ(list.text_at("/cols/topic/0"), "orders");
    EXPECT_EQ(list.at("/cols/partitions/0"), 3);
    EXPECT_EQ(list.text_at("/cols/size/0"), "0");
}

TEST_F(Topics, ListSaysWhatRecordsAreLikeAndWhoProduces) {
    start();
    const Timestamp before = wall_clock();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
    post("/api/v1/topics", {{"name", "quiet"}});
    for (const char* codec : {"none", "lz4", "lz4"}) {
        const json::value record{{"partition", 1}, {"value", {{"s", std::string(1000, 'x')}}}};
        const json::array records(codec == std::string_view("none") ? 2 : 1, record);
        ASSERT_EQ(post("/api/v1/topics/orders/records", {{"records", records}, {"compression", codec}}).status, 200);
    }
    broker::ConnectionInfo producer{.id = 1};
    producer.topics.push_back({.topic_id = broker_->metadata->image()->find_topic("orders")->id, .in = 10});
    broker::ConnectionInfo reader{.id = 2};
    reader.topics.push_back({.topic_id = producer.topics[0].topic_id, .out = 10});
    activity_.connected = {producer, reader};
    console_->sampler().sample(wall_clock());
    const Answered list = get("/api/v1/topics");
    ASSERT_EQ(list.text_at("/cols/topic/0"), "orders");
    EXPECT_GE(list.at("/cols/created_ms/0").to_number<std::int64_t>(), before.value);
    EXPECT_EQ(list.at("/cols/compression/0"), (json::value{{"none", 0.5}, {"lz4", 0.5}})) << list.text;
    const double size = list.at("/cols/record_size/0").as_double();
    EXPECT_GT(size, 500);
    EXPECT_LT(size, 1000);  // half of them are compressed
    EXPECT_EQ(list.at("/cols/producers"), (json::array{1, 0}));
    EXPECT_EQ(list.at("/cols/record_size/1"), nullptr);  // nothing was appended: unknown is not zero
    EXPECT_EQ(list.at("/cols/compression/1"), nullptr);
    EXPECT_EQ(get("/api/v1/topics/orders").at("/created_ms"), list.at("/cols/created_ms/0"));
}

TEST_F(Topics, RefusalCarriesKafkasErrorAndChangesNothing) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    const Answered again = post("/api/v1/topics", {{"name", "orders"}});
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.text_at("/error/kafka_name"), "TOPIC_ALREADY_EXISTS");
    const Answered bad = post("/api/v1/topics", {{"name", "a b"}});
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(bad.text_at("/error/kafka_name"), "INVALID_TOPIC_EXCEPTION");
    EXPECT_EQ(get("/api/v1/topics").at("/n"), 1);
}

TEST_F(Topics, ValidatedTopicIsNotMade) {
    start();
    EXPECT_EQ(post("/api/v1/topics", {{"name", "orders"}, {"validate_only", true}}).status, 200);
    EXPECT_EQ(get("/api/v1/topics").at("/n"), 0);
}

TEST_F(Topics, FieldsOfTheWrongKindAreNamed) {
    start();
    EXPECT_EQ(post("/api/v1/topics", {{"name", 7}}).text_at("/error/message"), "name must be a string");
    EXPECT_EQ(post("/api/v1/topics", {{"name", "a"}, {"partitions", 0}}).text_at("/error/message"),
              "partitions must be from 1 to 10000");
    EXPECT_EQ(post("/api/v1/topics", {{"name", "a"}, {"partition", 1}}).text_at("/error/message"),
              "partition is not a field that is known here");
    EXPECT_EQ(get("/api/v1/topics").at("/n"), 0);
}

TEST_F(Topics, CloneHasPartitionsAndSettings) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 5}, {"configs", {{"retention.ms", "1000000"}}}});
    EXPECT_EQ(post("/api/v1/topics/orders:clone", {{"name", "copy"}}).status, 201);
    const Answered copy = get("/api/v1/topics/copy");
    EXPECT_EQ(copy.at("/partitions"), 5);
    EXPECT_EQ(copy.text_at("/retention_ms"), "1000000");
    EXPECT_EQ(post("/api/v1/topics/nothing:clone", {{"name", "b"}}).status, 404);
}

TEST_F(Topics, DeletionTellsEachTargetsOutcome) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    const Answered done = post("/api/v1/topics:delete", {{"topics", {"orders", "nothing"}}});
    EXPECT_EQ(done.at("/results/0/status"), 204) << done.text;
    EXPECT_EQ(done.text_at("/results/1/error/kafka_name"), "UNKNOWN_TOPIC_OR_PARTITION");
    EXPECT_EQ(get("/api/v1/topics").at("/n"), 0);
}

TEST_F(Topics, DeletionTellsBeforehandWhoseItIs) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
    const Answered preview = post("/api/v1/topics:delete-preview", {{"topics", {"orders", "nothing"}}});
    EXPECT_EQ(preview.at("/topics/0/partitions"), 2) << preview.text;
    EXPECT_EQ(preview.at("/topics/0/error"), nullptr);
    EXPECT_EQ(preview.text_at("/topics/1/error/kafka_name"), "UNKNOWN_TOPIC_OR_PARTITION");
    EXPECT_EQ(get("/api/v1/topics").at("/n"), 1);
}

TEST_F(Topics, ChangedSettingSaysWhereItComesFrom) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    const json::value edit{{"data", {{{"name", "retention.ms"}, {"value", "5000000"}}}}};
    const Answered preview = post("/api/v1/topics/orders/configs:preview", edit);
    EXPECT_EQ(preview.text_at("/changes/0/before"), "604800000") << preview.text;
    EXPECT_EQ(preview.text_at("/changes/0/after"), "5000000");
    EXPECT_EQ(post("/api/v1/topics/orders/configs:alter", edit).status, 200);
    for (const json::value& entry : get("/api/v1/topics/orders/configs").at("/data").as_array()) {
        if (entry.at("name") != "retention.ms") continue;
        EXPECT_EQ(entry.at("value"), "5000000");
        EXPECT_EQ(entry.at("source"), "DYNAMIC_TOPIC_CONFIG");
        EXPECT_EQ(entry.at("unit"), "ms");
    }
    const json::value wrong{{"data", {{{"name", "retention.ms"}, {"value", "soon"}}}}};
    EXPECT_EQ(post("/api/v1/topics/orders/configs:alter", wrong).text_at("/error/kafka_name"), "INVALID_CONFIG");
}

TEST_F(Topics, PartitionsAreAddedNeverTaken) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
    EXPECT_EQ(post("/api/v1/topics/orders/partitions:increase", {{"count", 4}}).status, 200);
    EXPECT_EQ(get("/api/v1/topics/orders/partitions").at("/data").as_array().size(), 4u);
    EXPECT_EQ(post("/api/v1/topics/orders/partitions:increase", {{"count", 3}}).text_at("/error/kafka_name"),
              "INVALID_PARTITIONS");
}

TEST_F(Topics, ReadOnlyConsoleRefusesChangesAndAuditsThem) {
    start({{"console.read.only", "true"}});
    EXPECT_EQ(post("/api/v1/topics", {{"name", "orders"}}).status, 403);
    EXPECT_EQ(get("/api/v1/topics").at("/n"), 0);
    const auto entries = console_->audit().newest(1);
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].at("outcome"), "refused");
}

}  // namespace
}  // namespace mamba::admin
