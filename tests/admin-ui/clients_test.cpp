#include "protocol/api.h"
#include "protocol/record_batch_builder.h"
#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

using broker::Instant;
using protocol::ApiKey;

broker::ConnectionInfo connection_of(std::uint64_t id, std::string client_id, std::initializer_list<ApiKey> apis) {
    broker::ConnectionInfo info{.id = id, .client = {.host = "10.0.0.7", .listener = "PLAINTEXT"}, .port = 4711};
    info.client.client_id = std::move(client_id);
    info.client.software_name = "librdkafka";
    info.client.software_version = "2.6.0";
    for (const ApiKey key : apis) info.client.apis.set(static_cast<std::size_t>(key));
    info.connected = info.last_activity = std::chrono::steady_clock::now() - std::chrono::minutes(5);
    return info;
}

class Clients : public ConsoleFixture {};

TEST_F(Clients, KindIsWhatAConnectionHasAskedFor) {
    start();
    activity_.connected = {connection_of(1, "p", {ApiKey::api_versions, ApiKey::metadata, ApiKey::produce}),
                           connection_of(2, "c", {ApiKey::fetch}),
                           connection_of(3, "g", {ApiKey::find_coordinator, ApiKey::join_group}),
                           connection_of(4, "a", {ApiKey::create_topics}),
                           connection_of(5, "n", {ApiKey::api_versions, ApiKey::metadata})};
    const Answered list = get("/api/v1/clients/connections");
    const std::vector<std::string> kinds{"PRODUCER", "CONSUMER", "CONSUMER", "ADMIN", "UNKNOWN"};
    ASSERT_EQ(list.at("/data").as_array().size(), kinds.size()) << list.text;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        EXPECT_EQ(list.text_at("/data/" + std::to_string(i) + "/kind"), kinds[i]);
    }
}

TEST_F(Clients, ListComesInPages) {
    start();
    for (std::uint64_t id = 1; id <= 5; ++id) activity_.connected.push_back(connection_of(id, "c", {}));
    const Answered first = get("/api/v1/clients/connections?limit=2");
    EXPECT_EQ(first.text_at("/data/1/id"), "2");
    EXPECT_EQ(first.text_at("/next"), "2");
    const Answered last = get("/api/v1/clients/connections?limit=2&cursor=4");
    EXPECT_EQ(last.text_at("/data/0/id"), "5");
    EXPECT_EQ(last.text_at("/next"), "null");
    for (const char* wrong : {"limit=0", "limit=10001", "limit=many", "cursor=-1", "cursor=x"}) {
        EXPECT_EQ(get(std::string("/api/v1/clients/connections?") + wrong).status, 400) << wrong;
    }
}

TEST_F(Clients, SlowReaderAndErrorsAreWarnedOf) {
    start();
    broker::ConnectionInfo info = connection_of(7, "c", {ApiKey::fetch});
    info.unsent = 1'000'000;
    info.requests = 200;
    info.errors = 50;
    activity_.connected = {info};
    const Answered detail = get("/api/v1/clients/connections/7");
    EXPECT_EQ(detail.at("/slow_reader"), true);
    EXPECT_EQ(detail.text_at("/warnings/0"), "It reads slower than it asks: 1000000 bytes of answers wait for it.");
    EXPECT_EQ(detail.text_at("/warnings/1"), "50 of its 200 requests were answered with an error.");
}

TEST_F(Clients, LastRequestsShowWhereTheirTimeWent) {
    start();
    activity_.connected = {connection_of(7, "c", {ApiKey::produce})};
    activity_.recent = {{.received = std::chrono::steady_clock::now(),
                         .local_us = 30,
                         .waited_us = 900,
                         .sent_us = 70,
                         .api_key = 0,
                         .version = 12,
                         .error = ErrorCode::message_too_large}};
    activity_.uses = {{.api_key = 0, .version = 12, .count = 9'007'199'254'740'993}};
    activity_.waiting = {
        {.api = "Produce", .kind = "PRODUCE", .client_id = "c", .connection_id = 8, .group = {}, .reason = "another's"},
        {.api = "Produce", .kind = "PRODUCE", .client_id = "c", .connection_id = 7, .group = {}, .reason = "its own"}};
    const Answered detail = get("/api/v1/clients/connections/7");
    EXPECT_EQ(detail.at("/recent/0/total_us"), 1000) << detail.text;
    EXPECT_EQ(detail.text_at("/recent/0/phases/1/phase"), "FSYNC");
    EXPECT_EQ(detail.text_at("/recent/0/error"), "MESSAGE_TOO_LARGE");
    EXPECT_EQ(detail.text_at("/api_versions/0/count"), "9007199254740993");
    EXPECT_EQ(detail.at("/waiting").as_array().size(), 1u);
    EXPECT_EQ(detail.text_at("/waiting/0/reason"), "its own");
}

TEST_F(Clients, UnknownConnectionIsNotFoundWhateverItsId) {
    start();
    for (const char* id : {"7", "x", "-1", "99999999999999999999", "%2e%2e"}) {
        EXPECT_EQ(get(std::string("/api/v1/clients/connections/") + id).status, 404) << id;
        EXPECT_EQ(ask(Method::del, std::string("/api/v1/clients/connections/") + id).status, 404) << id;
    }
}

TEST_F(Clients, ClosedConnectionIsAuditedAndNotInReadOnlyMode) {
    start();
    activity_.connected = {connection_of(7, "c", {})};
    EXPECT_EQ(ask(Method::del, "/api/v1/clients/connections/7").status, 204);
    EXPECT_EQ(activity_.closed, std::vector<std::uint64_t>{7});
    EXPECT_EQ(get("/api/v1/audit").text_at("/data/0/action"), "DELETE /api/v1/clients/connections/{id}");
}

TEST_F(Clients, SoftwareIsCountedByNameAndVersion) {
    start();
    activity_.connected = {connection_of(1, "a", {}), connection_of(2, "b", {}), connection_of(3, "a", {})};
    activity_.connected[2].client.software_name.clear();
    activity_.connected[2].client.software_version.clear();
    const Answered list = get("/api/v1/clients/software");
    EXPECT_EQ(list.text_at("/data/0/name"), "null") << list.text;
    EXPECT_EQ(list.at("/data/0/connections"), 1);
    EXPECT_EQ(list.text_at("/data/1/name"), "librdkafka");
    EXPECT_EQ(list.at("/data/1/client_ids"), 2);
}

TEST_F(Clients, ProducersAreJoinedWithWhatWasNotedOfThem) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    const auto partition = broker_->partitions->find("orders", PartitionIndex(0));
    protocol::RecordBatchBuilder builder(
        {.producer_id = ProducerId(4001), .producer_epoch = ProducerEpoch(2), .base_sequence = 0});
    builder.append(Timestamp(1000), std::nullopt, as_bytes("a"));
    builder.append(Timestamp(1000), std::nullopt, as_bytes("b"));
    Bytes batch = builder.build();
    log::AppendRequest append{.batch = batch, .outcome = {}};
    ASSERT_TRUE(partition->append(std::span(&append, 1), Timestamp(1000)));
    broker_->observations->producer_clients.note(ProducerId(4001), {"etl", "10.0.0.7", "User:ANONYMOUS"});
    broker_->observations->producers.add_or_count({.at = Timestamp(1000),
                                                   .partition = partition->name(),
                                                   .producer_id = ProducerId(4001),
                                                   .epoch = ProducerEpoch(2),
                                                   .client_id = "etl",
                                                   .host = "10.0.0.7",
                                                   .count = 3});
    const Answered list = get("/api/v1/clients/producers");
    EXPECT_EQ(list.text_at("/data/0/producer_id"), "4001") << list.text;
    EXPECT_EQ(list.at("/data/0/epoch"), 2);
    EXPECT_EQ(list.at("/data/0/last_sequence"), 1);
    EXPECT_EQ(list.text_at("/data/0/client_id"), "etl");
    EXPECT_EQ(list.at("/data/0/duplicates"), 3);
    EXPECT_EQ(list.text_at("/data/0/batches/0/last_offset"), "1");
    EXPECT_EQ(get("/api/v1/topics/orders/producers").body, list.body);
    EXPECT_EQ(get("/api/v1/topics/nothing/producers").status, 404);
}

// Without a producer id (acks=0, acks=1) the log knows nobody; the connection does, while it lasts.
TEST_F(Clients, ProducersWithoutAnIdAreTheirConnections) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    post("/api/v1/topics", {{"name", "others"}});
    const Uuid orders = broker_->metadata->image()->find_topic("orders")->id;
    const Uuid others = broker_->metadata->image()->find_topic("others")->id;
    activity_.connected = {connection_of(7, "meter", {ApiKey::produce}), connection_of(8, "reader", {ApiKey::fetch}),
                           connection_of(9, "leaver", {ApiKey::produce})};
    activity_.connected[0].topics = {{.topic_id = orders, .in = 100}};
    activity_.connected[1].topics = {{.topic_id = orders, .out = 100}};
    activity_.connected[2].topics = {{.topic_id = Uuid(), .in = 100}, {.topic_id = others, .in = 1}};
    const Answered list = get("/api/v1/topics/orders/producers");
    ASSERT_EQ(list.at("/data").as_array().size(), 1u) << list.text;
    EXPECT_EQ(list.text_at("/data/0/client_id"), "meter");
    EXPECT_EQ(list.text_at("/data/0/connection_id"), "7");
    EXPECT_EQ(list.text_at("/data/0/topic"), "orders");
    for (const char* unknown : {"producer_id", "epoch", "partition", "last_sequence", "duplicates"})
        EXPECT_TRUE(list.at(std::string("/data/0/") + unknown).is_null()) << unknown;
    EXPECT_EQ(get("/api/v1/clients/producers").at("/data").as_array().size(), 2u);
    EXPECT_EQ(get("/api/v1/clients/producers?topic=others").text_at("/data/0/client_id"), "leaver");
    const Answered blast = post("/api/v1/topics:delete-preview", {{"topics", {"orders"}}});
    EXPECT_EQ(blast.at("/topics/0/producers"), json::array{"meter"}) << blast.text;
}

TEST_F(Clients, ProducerWithAnIdIsNotTwice) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    const auto partition = broker_->partitions->find("orders", PartitionIndex(0));
    protocol::RecordBatchBuilder builder(
        {.producer_id = ProducerId(4001), .producer_epoch = ProducerEpoch(0), .base_sequence = 0});
    builder.append(Timestamp(1000), std::nullopt, as_bytes("a"));
    Bytes batch = builder.build();
    log::AppendRequest append{.batch = batch, .outcome = {}};
    ASSERT_TRUE(partition->append(std::span(&append, 1), Timestamp(1000)));
    activity_.connected = {connection_of(7, "etl", {ApiKey::produce})};
    const broker::Client& client = activity_.connected[0].client;
    broker_->observations->producer_clients.note(ProducerId(4001), {"etl", client.host, client.principal});
    activity_.connected[0].topics = {{.topic_id = broker_->metadata->image()->find_topic("orders")->id, .in = 100}};
    const Answered list = get("/api/v1/topics/orders/producers");
    ASSERT_EQ(list.at("/data").as_array().size(), 1u) << list.text;
    EXPECT_EQ(list.text_at("/data/0/producer_id"), "4001");
}

TEST_F(Clients, TopicsAreNamedAndTheListHasAFew) {
    start();
    broker::ConnectionInfo info = connection_of(7, "c", {ApiKey::fetch});
    for (int i = 0; i < 7; ++i) {
        const std::string name = "t" + std::to_string(i);
        post("/api/v1/topics", {{"name", name}});
        info.topics.push_back({.topic_id = broker_->metadata->image()->find_topic(name)->id});
    }
    info.topics.push_back({.topic_id = Uuid{{std::byte(9)}}});  // it has been deleted
    activity_.connected = {info};
    const Answered list = get("/api/v1/clients/connections");
    ASSERT_EQ(list.at("/data/0/topics").as_array().size(), 5u) << list.text;
    EXPECT_EQ(list.text_at("/data/0/topics/0/topic").substr(0, 1), "t");
    EXPECT_EQ(list.at("/data/0/topics/0/bytes_in"), nullptr);  // nobody has looked before
    EXPECT_EQ(get("/api/v1/clients/connections/7").at("/topics").as_array().size(), 7u);
}

TEST(ConnectionWatch, TopicsHaveRatesBusiestFirst) {
    const Uuid quiet{{std::byte(1)}};
    const Uuid busy{{std::byte(2)}};
    FakeActivity activity;
    ConnectionWatch watch(activity);
    const Instant start = std::chrono::steady_clock::now();
    activity.connected = {connection_of(1, "c", {})};
    activity.connected[0].topics = {{quiet, 1000, 0}};
    EXPECT_EQ(watch.look(start, Timestamp(0))->all[0].topics[0].bytes_in, std::nullopt);
    activity.connected[0].topics = {{quiet, 1010, 0}, {busy, 0, 500}};
    const auto looked = watch.look(start + std::chrono::seconds(2), Timestamp(2000));
    const std::vector<TopicRate>& topics = looked->all[0].topics;
    ASSERT_EQ(topics.size(), 2u);
    EXPECT_EQ(topics[0].topic_id, busy);
    EXPECT_EQ(topics[0].bytes_out, 250.0);
    EXPECT_EQ(topics[1].bytes_in, 5.0);
    EXPECT_EQ(topics[1].bytes_out, 0.0);
}

// Two looks a second apart; what happened in between is the rate.
TEST(ConnectionWatch, RatesAreFromTheLookBefore) {
    FakeActivity activity;
    ConnectionWatch watch(activity);
    const Instant start = std::chrono::steady_clock::now();
    activity.connected = {connection_of(1, "c", {})};
    EXPECT_EQ(watch.look(start, Timestamp(0))->all[0].bytes_in, std::nullopt);
    activity.connected[0].bytes_in = 500;
    EXPECT_EQ(watch.look(start + std::chrono::milliseconds(800), Timestamp(800))->all[0].info.bytes_in, 0u);
    EXPECT_EQ(watch.look(start + std::chrono::seconds(2), Timestamp(2000))->all[0].bytes_in, 250.0);
}

}  // namespace
}  // namespace mamba::admin
