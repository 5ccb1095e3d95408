#include <unistd.h>

#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

class Brokers : public ConsoleFixture {
protected:
    std::string me() { return "/api/v1/brokers/" + std::to_string(console_->broker_id().value); }
    json::object config(const std::string& name) {
        const json::value entries = get(me() + "/configs").at("/data");
        for (const json::value& entry : entries.as_array()) {
            if (entry.at("name") == json::string(name)) return entry.as_object();
        }
        return {};
    }
};

TEST_F(Brokers, ThisBrokerKnowsItself) {
    start();
    const Answered list = get("/api/v1/brokers");
    ASSERT_EQ(list.at("/data").as_array().size(), 1u) << list.text;
    EXPECT_EQ(list.at("/data/0/is_controller"), true);
    EXPECT_NE(list.text_at("/data/0/memory"), "null");
    const Answered detail = get(me());
    EXPECT_EQ(detail.text_at("/listeners/0/advertised"), "127.0.0.1:9092");
    for (const char* id : {"99", "x", "-1", "", "99999999999"}) {
        EXPECT_EQ(get(std::string("/api/v1/brokers/") + id).status, 404) << id;
    }
}

TEST_F(Brokers, ChangedSettingIsInForceAndItsOldValueInTheAudit) {
    start();
    const json::value edit{{"data", {{{"name", "log.retention.ms"}, {"value", "1000000"}, {"operation", "SET"}}}},
                           {"scope", "broker"}};
    const Answered done = post(me() + "/configs:alter", edit);
    EXPECT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(done.text_at("/changes/0/after"), "1000000");
    EXPECT_EQ(config("log.retention.ms").at("source"), "DYNAMIC_BROKER_CONFIG");
    const Answered audit = get("/api/v1/audit");
    EXPECT_EQ(audit.text_at("/data/0/before/0/name"), "log.retention.ms") << audit.text;
    const json::value undo{{"data", {{{"name", "log.retention.ms"}, {"value", nullptr}, {"operation", "DELETE"}}}}};
    EXPECT_EQ(post(me() + "/configs:alter", undo).status, 200);
    EXPECT_NE(config("log.retention.ms").at("source"), "DYNAMIC_BROKER_CONFIG");
}

TEST_F(Brokers, SettingThatIsReadAtStartSaysSoAndIsRefused) {
    start();
    EXPECT_TRUE(config("log.dirs").at("read_only").as_bool());
    EXPECT_TRUE(config("log.dirs").at("read_only_reason").is_string());
    const json::value edit{{"data", {{{"name", "log.dirs"}, {"value", "/elsewhere"}}}}};
    EXPECT_EQ(post(me() + "/configs:alter", edit).status, 400);
    const json::value wrong_scope{{"data", {{{"name", "log.retention.ms"}, {"value", "1"}}}}, {"scope", "all"}};
    EXPECT_EQ(post(me() + "/configs:alter", wrong_scope).text_at("/error/message"), "scope must be broker or default");
}

TEST_F(Brokers, LogDirsHoldTheReplicas) {
    start();
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 3}});
    const Answered dirs = get(me() + "/logdirs");
    EXPECT_EQ(dirs.text_at("/data/0/state"), "ONLINE") << dirs.text;
    EXPECT_EQ(dirs.at("/data/0/partitions"), 3);
    const Answered partitions = get(me() + "/partitions?limit=2");
    EXPECT_EQ(partitions.text_at("/data/0/topic"), "orders");
    EXPECT_EQ(partitions.text_at("/next"), "2");
}

TEST_F(Brokers, RuntimeListsThreadsOfThisProcess) {
    start();
    const Answered runtime = get(me() + "/runtime");
    EXPECT_EQ(runtime.at("/pid"), ::getpid()) << runtime.text;
    EXPECT_GE(runtime.at("/threads").as_array().size(), 2u);
    EXPECT_GT(std::stoll(runtime.text_at("/rss")), 1'000'000);
}

TEST_F(Brokers, SearchFindsNamesPrefixesFirst) {
    start();
    for (const char* name : {"orders", "new-orders", "payments", "o-r-d"}) post("/api/v1/topics", {{"name", name}});
    const Answered found = get("/api/v1/search?q=ord");
    EXPECT_EQ(found.text_at("/hits/0/name"), "orders") << found.text;
    EXPECT_EQ(found.text_at("/hits/1/name"), "new-orders");
    EXPECT_EQ(found.text_at("/hits/2/name"), "o-r-d");
    EXPECT_EQ(found.text_at("/hits/0/link"), "/topics/orders");
    EXPECT_EQ(get("/api/v1/search?q=").at("/hits").as_array().size(), 0u);
    EXPECT_EQ(get("/api/v1/search?q=" + std::string(300, 'a')).status, 400);
}

TEST_F(Brokers, ProgramSaysWhatItSpeaksAndIsMadeOf) {
    start();
    EXPECT_EQ(get("/api/v1/api-versions").text_at("/data/0/api"), "Produce");
    EXPECT_EQ(get("/api/v1/about").text_at("/licence"), "Apache-2.0");
    EXPECT_EQ(get("/api/v1/features").status, 200);
}

}  // namespace
}  // namespace mamba::admin
