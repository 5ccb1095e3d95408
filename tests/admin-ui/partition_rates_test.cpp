#include <gmock/gmock.h>

#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

class PartitionRatesTest : public ConsoleFixture {
protected:
    void produce(const std::string& topic, int partition) {
        const json::value body{{"records", {{{"partition", partition}, {"value", {{"s", std::string(1000, 'x')}}}}}}};
        const Answered done = post("/api/v1/topics/" + topic + "/records", body);
        EXPECT_EQ(done.at("/results/0/error"), nullptr) << done.text;
    }
    // A second after the one before, which a change to the topics has taken too.
    void sample() { console_->sampler().sample(console_->sampler().latest()->at + 1000); }
    json::value rate_in(const std::string& topic, int partition) {
        return get("/api/v1/topics/" + topic + "/partitions").at("/data/" + std::to_string(partition) + "/bytes_in");
    }
    double topic_rate(const std::string& topic) { return get("/api/v1/topics/" + topic).at("/bytes_in").as_double(); }
};

TEST_F(PartitionRatesTest, AreThoseOfThePartitionThatIsWritten) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
    sample();
    sample();
    produce("orders", 1);
    sample();
    EXPECT_EQ(rate_in("orders", 0), 0.0);
    const double rate = rate_in("orders", 1).as_double();
    EXPECT_GT(rate, 1000 * 0.09);  // of the last second a tenth, nearly
    EXPECT_LT(rate, 1200 * 0.1);
    EXPECT_NEAR(rate, topic_rate("orders"), 0.01);
    const bool tells_cold_reads = console_->sampler().latest()->dirs.front().tells_cold_reads;
    const json::value none = tells_cold_reads ? json::value(0.0) : json::value();
    EXPECT_EQ(get("/api/v1/topics/orders/partitions").at("/data/1/cold_reads"), none);
    EXPECT_EQ(get("/api/v1/topics").at("/cols/cold_reads/0"), none);

    const Answered of_broker = get("/api/v1/brokers/" + std::to_string(console_->broker_id().value) + "/partitions");
    EXPECT_EQ(of_broker.text_at("/data/1/topic"), "orders");
    EXPECT_NEAR(of_broker.at("/data/1/bytes_in").as_double(), rate, 0.01);
    EXPECT_EQ(of_broker.at("/data/1/bytes_out"), 0.0);
    for (int i = 0; i < 200; ++i) sample();
    EXPECT_EQ(rate_in("orders", 1), 0.0);  // it stands still, and is not a number near none
}

// The rates lie topic after topic, so other topics move them.
TEST_F(PartitionRatesTest, StayWithTheirPartitionWhenTopicsComeAndGo) {
    start();
    post("/api/v1/topics", {{"name", "m"}, {"partitions", 2}});
    sample();
    sample();
    produce("m", 1);
    sample();
    post("/api/v1/topics", {{"name", "a"}, {"partitions", 3}});
    post("/api/v1/topics/m/partitions:increase", {{"count", 4}});
    sample();
    EXPECT_GT(rate_in("m", 1).as_double(), 1);
    EXPECT_NEAR(rate_in("m", 1).as_double(), topic_rate("m"), 0.01);
    EXPECT_EQ(rate_in("m", 0), 0.0);
    EXPECT_EQ(rate_in("m", 3), nullptr);  // once is not enough
    sample();
    EXPECT_EQ(rate_in("m", 3), 0.0);
    EXPECT_EQ(rate_in("a", 1), 0.0);
    post("/api/v1/topics:delete", {{"topics", {"a"}}});
    sample();
    EXPECT_GT(rate_in("m", 1).as_double(), 1);
    EXPECT_NEAR(rate_in("m", 1).as_double(), topic_rate("m"), 0.01);
    post("/api/v1/topics:delete", {{"topics", {"m"}}});
    post("/api/v1/topics", {{"name", "m"}, {"partitions", 2}});
    sample();
    EXPECT_TRUE(rate_in("m", 1).is_null() || rate_in("m", 1) == 0.0);  // another topic of that name
}

TEST_F(PartitionRatesTest, OfAPartitionThatIsNotServedAreUnknown) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
    sample();
    sample();
    EXPECT_EQ(rate_in("orders", 1), 0.0);
    broker_->partitions->find("orders", PartitionIndex(1))->fail(ErrorCode::kafka_storage_error);
    sample();
    EXPECT_EQ(rate_in("orders", 1), nullptr);
    EXPECT_EQ(rate_in("orders", 0), 0.0);
}

TEST_F(PartitionRatesTest, AreStreamedAndLongTopicsLessOften) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
    post("/api/v1/topics", {{"name", "wide"}, {"partitions", 101}});
    sample();
    sample();
    Request request;
    request.remote = "127.0.0.1";
    request.headers.emplace("host", "127.0.0.1:9080");
    ASSERT_TRUE(parse_target("/api/v1/stream?channels=topic%3Aorders,topic%3Awide", request));
    const Response stream = console_->handle(request);
    const std::string first = stream.stream->next().bytes;
    EXPECT_THAT(first, HasSubstr("\"ch\":\"topic:orders\""));
    EXPECT_THAT(first, HasSubstr("\"ch\":\"topic:wide\""));
    EXPECT_THAT(first, HasSubstr("\"bytes_in\":0"));
    produce("orders", 1);
    produce("wide", 100);
    sample();
    const std::string second = stream.stream->next().bytes;
    EXPECT_THAT(second, HasSubstr("\"partitions\":{\"1\":{\"high_watermark\":\"1\","));
    EXPECT_THAT(second, Not(HasSubstr("topic:wide")));
    for (int i = 0; i < 4; ++i) sample();
    EXPECT_THAT(stream.stream->next().bytes, HasSubstr("topic:wide"));
}

}  // namespace
}  // namespace mamba::admin
