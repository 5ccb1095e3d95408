// What the console tells over time: the overview, series, latencies, what waits, the live stream.
#include <gmock/gmock.h>

#include <thread>

#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

class Performance : public ConsoleFixture {
protected:
    // Takes samples a second apart, the last one now.
    void sample(int times = 2) {
        const Timestamp now = wall_clock();
        for (int i = times - 1; i >= 0; --i) console_->sampler().sample(now - i * 1000);
    }
};

TEST_F(Performance, FreshBrokerIsHealthy) {
    start();
    sample();
    const Answered cluster = get("/api/v1/cluster");
    EXPECT_EQ(cluster.status, 200);
    EXPECT_EQ(cluster.at("/tiles").as_array().size(), 8U);
    EXPECT_EQ(cluster.at("/tiles/0/spark").as_array().size(), 30U);
    EXPECT_EQ(cluster.at("/controller_id"), 1);
    EXPECT_EQ(cluster.text_at("/bootstrap"), "127.0.0.1:9092");
    for (const json::value& finding : cluster.at("/findings").as_array()) {
        EXPECT_THAT(std::string(finding.at("kind").get_string()), HasSubstr("DISK"));  // the machine's own
    }
}

TEST_F(Performance, OfflinePartitionsAreFoundAndLinked) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
    broker_->partitions->find("orders", PartitionIndex(1))->fail(ErrorCode::kafka_storage_error);
    sample();
    const Answered cluster = get("/api/v1/cluster");
    EXPECT_EQ(cluster.text_at("/findings/0/id"), "OFFLINE_PARTITIONS:orders");
    EXPECT_EQ(cluster.text_at("/findings/0/severity"), "CRITICAL");
    EXPECT_EQ(cluster.text_at("/findings/0/link"), "/topics/orders/partitions");
    EXPECT_THAT(cluster.text_at("/findings/0/text"), HasSubstr("1 of 2 partitions of orders are offline"));
    EXPECT_THAT(cluster.text_at("/verdict"), HasSubstr("1 critical problem"));
    const json::value since = cluster.at("/findings/0/since_ms");
    console_->sampler().sample(wall_clock() + 1000);
    EXPECT_EQ(get("/api/v1/cluster").at("/findings/0/since_ms"), since);  // it lasts
}

TEST_F(Performance, EventsAreTheNewestFirstAndCanBeChosen) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    post("/api/v1/topics:delete", {{"topics", {"orders"}}});
    EXPECT_EQ(get("/api/v1/events").text_at("/data/0/type"), "TOPIC_DELETED");
    const Answered created = get("/api/v1/events?types=TOPIC_CREATED,NOTHING");
    ASSERT_EQ(created.at("/data").as_array().size(), 1U);
    EXPECT_EQ(created.text_at("/data/0/subject"), "orders");
    EXPECT_EQ(created.text_at("/data/0/link"), "/topics/orders");
    EXPECT_EQ(get("/api/v1/events?since_ms=soon").status, 400);
}

TEST_F(Performance, LatencyIsWithoutTheWaitThatWasChosen) {
    start();
    sample();
    serve(1, std::chrono::milliseconds(500), std::chrono::milliseconds(499));
    serve(0, std::chrono::milliseconds(500), std::chrono::milliseconds(499));
    console_->sampler().sample(wall_clock() + 1000);
    const Answered latency = get("/api/v1/requests/latency?range=1m");
    ASSERT_EQ(latency.at("/data").as_array().size(), 2U) << latency.text;
    EXPECT_EQ(latency.text_at("/data/0/api"), "Produce");
    EXPECT_GT(latency.at("/data/0/p50_us").as_double(), 400'000);
    EXPECT_EQ(latency.text_at("/data/0/phases/1/phase"), "FSYNC");
    EXPECT_LT(latency.at("/data/1/max_us").as_double(), 2'000);
    EXPECT_EQ(latency.text_at("/data/1/phases/1/phase"), "PURGATORY");
    EXPECT_GT(latency.at("/data/1/phases/1/p50_us").as_double(), 400'000);
}

TEST_F(Performance, OneApiOverTimeHasPhasesAndAHeatMap) {
    start();
    sample();
    for (int i = 0; i < 10; ++i) serve(0, std::chrono::microseconds(100 << i), std::chrono::microseconds(50 << i));
    console_->sampler().sample(wall_clock() + 1000);
    const Answered over_time = get("/api/v1/requests/latency?api=Produce&range=5m");
    ASSERT_EQ(over_time.status, 200) << over_time.text;
    const std::size_t points = over_time.at("/p99_us").as_array().size();
    EXPECT_EQ(over_time.at("/step_ms"), 10'000);
    EXPECT_EQ(over_time.at("/phases").as_array().size(), 3U);
    EXPECT_EQ(over_time.at("/phases/0/mean_us").as_array().size(), points);
    EXPECT_EQ(over_time.at("/heat/counts").as_array().size(), points);
    std::int64_t counted = 0;
    const std::size_t rows = over_time.at("/heat/bounds_us").as_array().size();
    for (const json::value& row : over_time.at("/heat/counts").as_array()) {
        EXPECT_EQ(row.as_array().size(), rows);
        for (const json::value& count : row.as_array()) counted += count.to_number<std::int64_t>();
    }
    EXPECT_EQ(counted, 10);
    EXPECT_EQ(get("/api/v1/requests/latency?api=Nothing").status, 404);
    EXPECT_EQ(get("/api/v1/requests/latency?range=15x").status, 400);
}

TEST_F(Performance, WaitingRequestsComeLongestFirst) {
    start();
    const auto now = std::chrono::steady_clock::now();
    activity_.waiting.push_back({.api = "Fetch", .kind = "FETCH", .client_id = "young", .connection_id = 7,
                                 .reason = "young waits", .since = now, .deadline = now + std::chrono::seconds(1)});
    activity_.waiting.push_back({.api = "Produce", .kind = "PRODUCE", .client_id = "old", .reason = "old waits",
                                 .since = now - std::chrono::seconds(5), .deadline = now});
    const Answered waiting = get("/api/v1/requests/waiting");
    EXPECT_EQ(waiting.text_at("/data/0/client_id"), "old");
    EXPECT_EQ(waiting.at("/data/0/connection_id"), nullptr);
    EXPECT_EQ(waiting.text_at("/data/1/connection_id"), "7");
    EXPECT_NEAR(waiting.at("/data/0/since_ms").to_number<double>(), static_cast<double>(wall_clock().value - 5000),
                2000);
}

TEST_F(Performance, SlowRequestsNameTheTopicOfTheirId) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    const Uuid id = broker_->metadata->image()->find_topic("orders")->id;
    activity_.slow.push_back({.at = wall_clock(), .api_key = 1, .version = 13, .error = ErrorCode::unknown_topic_id,
                              .total = std::chrono::milliseconds(80), .client_id = "etl-7", .topic_id = id});
    const Answered slow = get("/api/v1/requests/slow");
    EXPECT_EQ(slow.text_at("/data/0/topic"), "orders");
    EXPECT_EQ(slow.text_at("/data/0/api"), "Fetch");
    EXPECT_EQ(slow.text_at("/data/0/error"), "UNKNOWN_TOPIC_ID");
    EXPECT_EQ(slow.at("/data/0/total_us").to_number<double>(), 80'000);
}

TEST_F(Performance, FsyncTellsOfEachLogDir) {
    start();
    sample();
    const Answered fsync = get("/api/v1/storage/fsync");
    ASSERT_EQ(fsync.at("/dirs").as_array().size(), 1U) << fsync.text;
    EXPECT_EQ(fsync.text_at("/dirs/0/state"), "ONLINE");
    EXPECT_EQ(fsync.text_at("/dirs/0/path"), folder_.path().string());
    EXPECT_EQ(fsync.at("/dirs/0/times/p50_us").as_array().size(), fsync.at("/dirs/0/times/bytes").as_array().size());
}

TEST_F(Performance, FlushesTellWhatAskedForThem) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    sample();
    EXPECT_EQ(get("/api/v1/storage/fsync").at("/dirs/0/causes"), json::array());
    post("/api/v1/topics/orders/records", {{"records", {{{"value", {{"s", "a"}}}}}}});
    // A round is counted a moment after it has been answered for.
    const auto& flushes = broker_->partitions->dirs().front()->flushes;
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (flushes.causes[0].get() == 0 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    console_->sampler().sample(wall_clock() + 1000);
    const Answered fsync = get("/api/v1/storage/fsync");
    ASSERT_EQ(fsync.at("/dirs/0/causes").as_array().size(), 1U) << fsync.text;
    EXPECT_EQ(fsync.text_at("/dirs/0/causes/0/cause"), "ACKS");
    EXPECT_EQ(fsync.text_at("/dirs/0/causes/0/count"), "1");
}

TEST_F(Performance, SeriesShareTheirTimes) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    sample(3);
    const Answered series =
        get("/api/v1/metrics/series?names=broker.connections,topic.bytes_in&labels=topic:orders&range=5m");
    ASSERT_EQ(series.status, 200) << series.text;
    EXPECT_EQ(series.at("/step_ms"), 1000);
    ASSERT_EQ(series.at("/series").as_array().size(), 2U);
    EXPECT_EQ(series.at("/series/0/v").as_array().size(), series.at("/series/1/v").as_array().size());
    EXPECT_EQ(series.text_at("/series/1/labels/topic"), "orders");
    EXPECT_EQ(series.at("/series/0/v").as_array().back().to_number<double>(), 0);
    EXPECT_EQ(get("/api/v1/metrics/series?names=broker.nothing").status, 400);
    EXPECT_EQ(get("/api/v1/metrics/series?names=topic.bytes_in").status, 400);
    EXPECT_EQ(get("/api/v1/metrics/series").status, 400);
    EXPECT_EQ(get("/api/v1/metrics/series?names=broker.cpu&from=5&to=4").status, 400);
}

TEST(GroupSampleTest, TrendIsOfTheLagNotOfItsNoise) {
    GroupSample group;
    EXPECT_EQ(group.trend(), std::nullopt);
    group.lag = 100'000;
    group.lag_rate = 10;  // 600 in a minute: less than a fiftieth
    EXPECT_EQ(group.trend(), Trend::steady);
    group.lag_rate = 1000;
    EXPECT_EQ(group.trend(), Trend::falling_behind);
    EXPECT_EQ(group.eta_ms(), std::nullopt);
    group.lag_rate = -1000;
    EXPECT_EQ(group.trend(), Trend::catching_up);
    EXPECT_EQ(group.eta_ms(), 100'000);
}

TEST(DirSampleTest, DiskThatDoesNotFillIsNeverFull) {
    DirSample dir{.path = "/data", .space = DiskSpace{.total = 1'000'000'000, .usable = 100'000'000}};
    EXPECT_EQ(dir.full_in_ms(), std::nullopt);
    dir.fill_rate = -5'000'000;
    EXPECT_EQ(dir.full_in_ms(), std::nullopt);
    dir.fill_rate = 1'000'000;
    EXPECT_EQ(dir.full_in_ms(), 100'000);
}

TEST_F(Performance, LaggingGroupsAreToldInRecordsAndTime) {
    start();
    post("/api/v1/topics", {{"name", "__consumer_offsets"}, {"partitions", 4}});
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 1}});
    json::array records;
    for (int i = 0; i < 5; ++i) records.push_back({{"partition", 0}, {"value", {{"s", "v"}}}});
    ASSERT_EQ(post("/api/v1/topics/orders/records", {{"records", std::move(records)}}).status, 200);
    commit("billing", 0, 2);
    console_->sampler().sample(wall_clock() + 60'000);
    const Answered cluster = get("/api/v1/cluster");
    EXPECT_EQ(cluster.text_at("/lagging_groups/0/group"), "billing") << cluster.text;
    EXPECT_EQ(cluster.text_at("/lagging_groups/0/lag"), "3");
    EXPECT_GE(cluster.at("/lagging_groups/0/lag_ms").to_number<double>(), 59'000);
    const auto sample = console_->sampler().latest();
    EXPECT_EQ(sample->group_lag, 3);
    EXPECT_EQ(sample->find("orders")->groups, 1U);
    EXPECT_EQ(sample->find("orders")->lag, 3);
}

// Pulls as the server does.
class Stream {
public:
    explicit Stream(Response response) : response_(std::move(response)) {}
    std::string pull() {
        const BodyStream::Part part = response_.stream->next();
        EXPECT_FALSE(part.is_last);
        EXPECT_GT(part.rest.count(), 0);
        return part.bytes;
    }

private:
    Response response_;
};

class LiveUpdates : public Performance {
protected:
    Stream open(const std::string& target, Headers headers = {}) {
        Request request;
        request.remote = "127.0.0.1";
        request.headers = std::move(headers);
        request.headers.emplace("host", "127.0.0.1:9080");
        EXPECT_TRUE(parse_target(target, request));
        Response response = console_->handle(request);
        EXPECT_EQ(response.content_type, "text/event-stream");
        return Stream(std::move(response));
    }
    static std::string id_in(const std::string& events) {
        const std::size_t at = events.find("\"stream_id\":\"") + 13;
        return events.substr(at, events.find('"', at) - at);
    }
};

TEST_F(LiveUpdates, SnapshotFirstThenWhatHasChanged) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    sample();
    Stream stream = open("/api/v1/stream?channels=clients,topics");
    const std::string first = stream.pull();
    EXPECT_THAT(first, HasSubstr("event: hello"));
    EXPECT_THAT(first, HasSubstr("{\"ch\":\"clients\",\"t\":"));
    EXPECT_THAT(first, HasSubstr("event: snapshot"));
    EXPECT_THAT(first, HasSubstr("\"names\":[\"orders\"]"));
    EXPECT_EQ(stream.pull(), "");  // no new sample
    console_->sampler().sample(wall_clock() + 1000);
    EXPECT_EQ(stream.pull(), "");  // nothing has changed
    activity_.connected.emplace_back();
    console_->sampler().sample(wall_clock() + 2000);
    const std::string changed = stream.pull();
    EXPECT_THAT(changed, HasSubstr("event: delta"));
    EXPECT_THAT(changed, HasSubstr("\"data\":{\"connections\":1}"));
    EXPECT_THAT(changed, Not(HasSubstr("topics")));
}

TEST_F(LiveUpdates, ChannelsChangeWithoutANewConnection) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    post("/api/v1/topics", {{"name", "payments"}});
    sample();
    Stream stream = open("/api/v1/stream?channels=");
    const std::string id = id_in(stream.pull());
    const json::value wish{{"channels", {"topics"}}, {"rows", {{"topics", {"payments"}}}}};
    EXPECT_EQ(ask(Method::put, "/api/v1/stream/" + id, json::serialize(wish)).status, 204);
    const std::string rows = stream.pull();
    EXPECT_THAT(rows, HasSubstr("\"names\":[\"payments\"]"));
    EXPECT_THAT(rows, Not(HasSubstr("orders")));
    EXPECT_EQ(ask(Method::put, "/api/v1/stream/nothing", json::serialize(wish)).status, 404);
    const json::value wrong{{"channels", {"weather"}}};
    EXPECT_EQ(ask(Method::put, "/api/v1/stream/" + id, json::serialize(wrong)).status, 400);
}

TEST_F(LiveUpdates, TopicWithACommaOrASlashIsAChannel) {
    start();
    EXPECT_EQ(get("/api/v1/stream?channels=weather").status, 400);
    Stream stream = open("/api/v1/stream?channels=group%3Aa%252Cb,cluster");
    EXPECT_THAT(stream.pull(), HasSubstr("event: hello"));
}

TEST_F(LiveUpdates, SlowReaderIsToldOfTheGap) {
    start();
    sample();
    Stream stream = open("/api/v1/stream?channels=clients");
    stream.pull();
    console_->sampler().sample(wall_clock() + 60'000);
    const std::string late = stream.pull();
    EXPECT_THAT(late, HasSubstr("event: gap"));
    EXPECT_THAT(late, HasSubstr("event: snapshot"));
}

TEST_F(LiveUpdates, ReturningPageGetsTheSecondsItMissed) {
    start();
    sample(10);
    const Timestamp missed = console_->sampler().latest()->at - 5000;
    Stream stream = open("/api/v1/stream?channels=cluster", {{"last-event-id", std::to_string(missed.value)}});
    const std::string filled = stream.pull();
    std::size_t deltas = 0;
    for (std::size_t at = 0; (at = filled.find("event: delta", at)) != std::string::npos; ++at) ++deltas;
    EXPECT_EQ(deltas, 4U);
    EXPECT_LT(filled.find("event: delta"), filled.find("event: snapshot"));
    Stream long_away = open("/api/v1/stream?channels=cluster&last_id=1000");
    EXPECT_THAT(long_away.pull(), HasSubstr("event: gap"));
}

TEST_F(LiveUpdates, FindingsAndEventsAreToldAsTheyCome) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    sample();
    Stream stream = open("/api/v1/stream?channels=");
    EXPECT_THAT(stream.pull(), Not(HasSubstr("TOPIC_CREATED")));
    broker_->partitions->find("orders", PartitionIndex(0))->fail(ErrorCode::kafka_storage_error);
    post("/api/v1/topics", {{"name", "payments"}});
    console_->sampler().sample(wall_clock() + 1000);
    const std::string news = stream.pull();
    EXPECT_THAT(news, HasSubstr("event: finding"));
    EXPECT_THAT(news, HasSubstr("OFFLINE_PARTITIONS:orders"));
    EXPECT_THAT(news, HasSubstr("event: event"));
    EXPECT_THAT(news, HasSubstr("TOPIC_CREATED"));
}

}  // namespace
}  // namespace mamba::admin
