#include <gmock/gmock.h>

#include <fstream>
#include <stdexcept>

#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

using testing::HasSubstr;

class Records : public ConsoleFixture {
protected:
    void start_with_records() {
        start();
        post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
        const Answered produced = ask(Method::post, "/api/v1/topics/orders/records", R"({"records": [
            {"partition": 0, "key": {"s": "a"}, "value": {"s": "{\"id\":9007199254740993,\"total\":150}"},
             "headers": [["type", {"s": "x"}]], "timestamp_ms": 1000},
            {"partition": 1, "key": null, "value": {"x": "/w=="}, "headers": [], "timestamp_ms": 2000},
            {"partition": 0, "key": {"s": "b"}, "value": null, "headers": [["type", null]], "timestamp_ms": 3000}],
            "compression": "zstd", "acks": "all"})");
        ASSERT_EQ(produced.status, 200) << produced.text;
        EXPECT_EQ(produced.text_at("/results/0/offset"), "0");
        EXPECT_EQ(produced.text_at("/results/1/offset"), "0");
        EXPECT_EQ(produced.text_at("/results/2/offset"), "1");
    }

    // The lines of a browse with t = rec, and the last line.
    struct Browsed {
        std::vector<json::object> records;
        json::object done;
    };
    Browsed browse(const std::string& body) {
        const Answered answered = ask(Method::post, "/api/v1/topics/orders/records:browse", body);
        EXPECT_EQ(answered.status, 200) << answered.text;
        Browsed browsed;
        std::string_view text = answered.text;
        while (!text.empty()) {
            const std::string_view line = text.substr(0, text.find('\n'));
            text.remove_prefix(line.size() + 1);
            json::object object = json::parse(line).as_object();
            if (object["t"] == "rec") browsed.records.push_back(object);
            browsed.done = std::move(object);
        }
        return browsed;
    }
};

TEST_F(Records, NewestComeFirstAndBytesAreExact) {
    start_with_records();
    const Browsed browsed = browse("{}");
    ASSERT_EQ(browsed.records.size(), 3u);
    EXPECT_TRUE(browsed.records[0].at("v").is_null());
    EXPECT_EQ(browsed.records[0].at("h").at(0).at(1), nullptr);
    EXPECT_EQ(browsed.records[1].at("v").at("s"), "{\"id\":9007199254740993,\"total\":150}");
    EXPECT_EQ(browsed.records[1].at("b").at("codec"), "zstd");
    EXPECT_EQ(browsed.records[2].at("v").at("x"), "/w==");  // batches of partitions are merged whole
    EXPECT_EQ(browsed.done.at("reason"), "end");
}

TEST_F(Records, FilterFindsByHeaderKeyAndExpression) {
    start_with_records();
    const auto offsets = [&](const std::string& filter) {
        std::string found;
        for (const json::object& record :
             browse(R"({"from": {"type": "beginning"}, "filter": )" + filter + "}").records) {
            found += std::to_string(record.at("p").as_int64()) + ":" + std::string(record.at("o").as_string()) + " ";
        }
        return found;
    };
    EXPECT_EQ(offsets(R"({"headers": [{"name": "type", "op": "equals", "text": "x"}]})"), "0:0 ");
    EXPECT_EQ(offsets(R"({"key": {"op": "equals", "text": "b"}})"), "0:1 ");
    EXPECT_EQ(offsets(R"({"expr": "value.total > 100"})"), "0:0 ");
    EXPECT_EQ(offsets(R"({"value": {"op": "is_null"}})"), "0:1 ");
}

TEST_F(Records, StoppedScanGoesOnFromItsCursor) {
    start_with_records();
    const Browsed first = browse(R"({"from": {"type": "beginning"}, "limit": 2})");
    ASSERT_EQ(first.records.size(), 2u);
    EXPECT_EQ(first.done.at("reason"), "limit");
    const std::string cursor(first.done.at("cursor").as_string());
    const Browsed rest = browse(R"({"from": {"type": "cursor", "token": ")" + cursor + R"("}})");
    EXPECT_EQ(rest.records.size(), 1u);
    EXPECT_EQ(rest.done.at("reason"), "end");
    const Answered forged = ask(Method::post, "/api/v1/topics/orders/records:browse",
                                R"({"from": {"type": "cursor", "token": "AAAA"}})");
    EXPECT_EQ(forged.status, 400);
}

TEST_F(Records, WrongRequestsNameWhatIsWrong) {
    start_with_records();
    const auto message = [&](const std::string& body) {
        const Answered answered = ask(Method::post, "/api/v1/topics/orders/records:browse", body);
        EXPECT_EQ(answered.status, 400) << body;
        return answered.text_at("/error/message");
    };
    EXPECT_EQ(message(R"({"from": {"type": "yesterday"}})"),
              "from.type is none of newest, beginning, offset, time, group, live, cursor");
    EXPECT_EQ(message(R"({"from": {"type": "offset", "offsets": {"0": "x"}}})"),
              "from.offsets must map partitions to offsets");
    EXPECT_EQ(message(R"({"partitions": [2]})"), "partitions[0] is no partition of the topic");
    EXPECT_THAT(message(R"({"filter": {"expr": "value.total >"}})"), testing::StartsWith("filter.expr: "));
    EXPECT_EQ(message(R"({"filter": {"key": {"op": "like"}}})").substr(0, 13), "filter.key.op");
    EXPECT_EQ(message("[]"), "the body is not an object");
    EXPECT_EQ(message(R"({"order": "desc", "from": {"type": "live"}})"),
              "what goes on for ever can only be read oldest first (order: asc)");
}

TEST_F(Records, OneRecordComesWithItsBatchOrRaw) {
    start_with_records();
    const Answered one = get("/api/v1/topics/orders/partitions/0/records/0");
    EXPECT_EQ(one.text_at("/batch/count"), "2") << one.text;
    EXPECT_EQ(one.at("/batch/crc_ok"), true);
    EXPECT_EQ(one.text_at("/segment"), "0");
    EXPECT_EQ(get("/api/v1/topics/orders/partitions/1/records/0?raw=value").text, "\xff");
    EXPECT_EQ(get("/api/v1/topics/orders/partitions/0/records/7").status, 404);
    EXPECT_EQ(get("/api/v1/topics/orders/partitions/9/records/0").status, 404);
}

TEST_F(Records, DownloadTakesAllAndDefusesFormulas) {
    start_with_records();
    ask(Method::post, "/api/v1/topics/orders/records",
        R"({"records": [{"partition": 0, "key": {"s": "=1+1"}, "value": {"s": "a\"b"}, "headers": [],
                         "timestamp_ms": 4000}]})");
    const Answered csv =
        get("/api/v1/topics/orders/"
            "records:download?format=csv&request=%7B%22from%22%3A%7B%22type%22%3A%22beginning%22%7D%7D");
    EXPECT_THAT(csv.text, testing::HasSubstr("0,2,4000,\"'=1+1\",\"a\"\"b\",\"[]\"\r\n"));
    EXPECT_EQ(std::ranges::count(csv.text, '\n'), 5);
    EXPECT_EQ(get("/api/v1/topics/orders/records:download?format=xml").status, 400);
}

TEST_F(Records, ProducedRecordsThatTheTopicRefusesSayWhy) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"configs", {{"max.message.bytes", "200"}}}});
    const json::value record{{"key", nullptr}, {"value", {{"s", std::string(1000, 'v')}}}};
    const Answered refused = post("/api/v1/topics/orders/records", {{"records", {record}}});
    EXPECT_EQ(refused.text_at("/results/0/error/kafka_name"), "MESSAGE_TOO_LARGE") << refused.text;
    EXPECT_EQ(post("/api/v1/topics/nothing/records", {{"records", {record}}}).status, 404);
}

TEST_F(Records, HiddenRecordsAreShownToNobody) {
    start({{"console.records.view", "false"}});
    post("/api/v1/topics", {{"name", "orders"}});
    EXPECT_EQ(post("/api/v1/topics/orders/records:browse", json::object()).status, 403);
    EXPECT_EQ(get("/api/v1/topics/orders/records:download").status, 403);
    EXPECT_EQ(get("/api/v1/topics/orders/partitions/0/records/0").status, 403);
}

TEST_F(Records, DeletionIsPreviewedExactly) {
    start_with_records();
    const json::value cut{
        {"partitions", {{{"id", 0}, {"before_offset", "1"}}, {{"id", 1}, {"before", "high_watermark"}}}}};
    const Answered preview = post("/api/v1/topics/orders/records:delete-preview", cut);
    EXPECT_EQ(preview.text_at("/partitions/0/records"), "1") << preview.text;
    EXPECT_EQ(preview.text_at("/partitions/1/log_start_after"), "1");
    EXPECT_EQ(get("/api/v1/topics/orders/partitions").text_at("/data/0/log_start"), "0");
    const Answered done = post("/api/v1/topics/orders/records:delete", cut);
    EXPECT_EQ(done.text, preview.text);
    EXPECT_EQ(get("/api/v1/topics/orders/partitions").text_at("/data/0/log_start"), "1");
    const json::value beyond{{"partitions", {{{"id", 0}, {"before_offset", "99"}}}}};
    EXPECT_EQ(post("/api/v1/topics/orders/records:delete", beyond).text_at("/partitions/0/error/kafka_name"),
              "OFFSET_OUT_OF_RANGE");
}

// What is read beyond the setting is rested for, and the thread is let go meanwhile.
TEST_F(Records, ScansReadNoFasterThanTheyMay) {
    start({{"console.scan.bytes.per.second", "1000"}});
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 1}});
    post("/api/v1/topics/orders/records", {{"records", {{{"value", {{"s", std::string(5000, 'x')}}}}}}});
    const auto first_rest = [&](Method method, const std::string& target) {
        Request request;
        request.method = method;
        request.remote = "127.0.0.1";
        request.headers = {{"host", "127.0.0.1:9080"}, {"content-type", "application/json"}};
        EXPECT_TRUE(parse_target(target, request));
        const Response response = console_->handle(request);
        EXPECT_TRUE(response.stream) << response.body;
        return response.stream ? response.stream->next().rest : std::chrono::milliseconds(0);
    };
    const auto rest = first_rest(Method::post, "/api/v1/topics/orders/records:browse");
    EXPECT_GE(rest.count(), 3900);
    EXPECT_LE(rest.count(), 5500);
    EXPECT_GT(first_rest(Method::get, "/api/v1/topics/orders/records:download"), rest);  // they share it
    EXPECT_GT(first_rest(Method::post, "/api/v1/topics/orders/partitions/0/segments/0:verify"), 2 * rest);
}

TEST_F(Records, SegmentIsReadAgain) {
    start_with_records();
    const std::string target = "/api/v1/topics/orders/partitions/0/segments/0:verify";
    const Answered good = ask(Method::post, target);
    EXPECT_EQ(good.at("/ok"), true) << good.text;
    EXPECT_EQ(good.text_at("/records"), "2");
    EXPECT_EQ(ask(Method::post, "/api/v1/topics/orders/partitions/0/segments/7:verify").status, 404);
    const auto one = console_->scan_slots().take("127.0.0.1");
    const auto two = console_->scan_slots().take("127.0.0.1");
    EXPECT_EQ(ask(Method::post, target).status, 429);  // it reads as a scan does, and counts as one
}

// Who downloads must not take a part for the whole.
TEST_F(Records, DownloadThatLacksRecordsIsCutOff) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
    for (const int partition : {0, 1}) {
        post("/api/v1/topics/orders/records",
             {{"records", {{{"partition", partition}, {"value", {{"s", "value " + std::to_string(partition)}}}}}}});
    }
    EXPECT_THAT(get("/api/v1/topics/orders/records:download").text, HasSubstr("value 1"));
    {
        std::fstream file(folder_.path() / "orders-1" / "00000000000000000000.log",
                          std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(-3, std::ios::end);
        file.put('!');
        ASSERT_TRUE(file);
    }
    Request request;
    request.remote = "127.0.0.1";
    request.headers = {{"host", "127.0.0.1:9080"}};
    ASSERT_TRUE(parse_target("/api/v1/topics/orders/records:download", request));
    const Response response = console_->handle(request);
    ASSERT_TRUE(response.stream);
    const BodyStream::Part part = response.stream->next();
    EXPECT_THAT(part.bytes, HasSubstr("value 0"));
    EXPECT_FALSE(part.is_last);
    EXPECT_THROW((void)response.stream->next(), std::runtime_error);
}

}  // namespace
}  // namespace mamba::admin
