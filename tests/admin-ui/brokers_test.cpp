#include <unistd.h>

#include <chrono>
#include <set>
#include <thread>

#include "broker/metadata/image_codec.h"
#include "broker/metadata/sqlite_store.h"
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

// A thread takes its name when it begins to run; until then it has that of the one that started it.
TEST_F(Brokers, ThreadsHaveNames) {
    start();
    console_->start();
    std::set<std::string, std::less<>> missing{"metadata", "housekeeping", "flush", "console-produce",
                                               "console-sampler"};
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!missing.empty() && std::chrono::steady_clock::now() < end) {
        const auto use = RuntimeWatch(activity_).look(std::chrono::steady_clock::now(), wall_clock());
        for (const ThreadUse& thread : use->threads) missing.erase(thread.name);
        std::this_thread::yield();
    }
    console_->stop();
    EXPECT_TRUE(missing.empty()) << *missing.begin();
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

TEST_F(Brokers, SearchFindsWhatHasHappenedNewestFirst) {
    start();
    post("/api/v1/topics", {{"name", "orders"}});
    post("/api/v1/topics", {{"name", "payments"}});
    post("/api/v1/topics:delete", {{"topics", {"orders"}}});
    const auto events = [&](const std::string& wanted) {
        json::array found;
        for (const json::value& hit : get("/api/v1/search?q=" + wanted).at("/hits").as_array()) {
            if (hit.at("type") == "event") found.push_back(hit);
        }
        return found;
    };
    const json::array of_topic = events("orders");
    ASSERT_EQ(of_topic.size(), 2u) << json::serialize(of_topic);
    EXPECT_EQ(of_topic[0].at("name"), "topic deleted orders");
    EXPECT_EQ(of_topic[0].at("link"), "/overview");  // there is no page of it any more
    EXPECT_EQ(of_topic[1].at("name"), "topic created orders");
    EXPECT_TRUE(of_topic[1].at("at_ms").is_int64());
    EXPECT_EQ(events("Created%20%20pay").size(), 1u);  // every word, in any order, in either case
    EXPECT_EQ(events("pay%20created").size(), 1u);
    EXPECT_EQ(events("created%20nothing").size(), 0u);
    for (int i = 0; i < 12; ++i) post("/api/v1/topics", {{"name", "many" + std::to_string(i)}});
    EXPECT_EQ(events("created").size(), 8u);
    EXPECT_EQ(events("created").at(0).at("name"), "topic created many11");
}

class ClusterSettings : public Brokers {
protected:
    json::value setting(const std::string& name) {
        const json::value entries = get("/api/v1/cluster/configs").at("/data");
        for (const json::value& entry : entries.as_array()) {
            if (entry.at("name") == json::string(name)) return entry;
        }
        return nullptr;
    }
    static json::value edit(const char* operation, const json::value& value, bool validate_only = false) {
        const json::array edits{{{"name", "log.retention.ms"}, {"value", value}, {"operation", operation}}};
        return {{"data", edits}, {"validate_only", validate_only}};
    }
};

TEST_F(ClusterSettings, AreCheckedChangedAndTakenBack) {
    start({{"log.retention.ms", "500000"}});
    EXPECT_EQ(setting("log.retention.ms").at("source"), "STATIC_BROKER_CONFIG");
    const Answered checked = post("/api/v1/cluster/configs:alter", edit("SET", "700000", true));
    EXPECT_EQ(checked.text_at("/changes/0/before"), "500000") << checked.text;
    EXPECT_EQ(checked.text_at("/changes/0/after"), "700000");
    EXPECT_EQ(setting("log.retention.ms").at("value"), "500000");
    EXPECT_EQ(post("/api/v1/cluster/configs:alter", edit("SET", "700000")).status, 200);
    EXPECT_EQ(setting("log.retention.ms").at("source"), "DYNAMIC_DEFAULT_BROKER_CONFIG");
    EXPECT_EQ(config("log.retention.ms").at("value"), "700000");
    EXPECT_EQ(get("/api/v1/audit").text_at("/data/0/before/0/before"), "500000");
    const Answered back = post("/api/v1/cluster/configs:alter", edit("DELETE", nullptr));
    EXPECT_EQ(back.text_at("/changes/0/after"), "500000") << back.text;
    EXPECT_EQ(setting("log.retention.ms").at("value"), "500000");
    EXPECT_EQ(post("/api/v1/cluster/configs:alter", edit("SET", "many")).status, 400);
}

TEST_F(ClusterSettings, BrokerWithAValueOfItsOwnIsTold) {
    start();
    const json::value own{{"data", {{{"name", "log.retention.ms"}, {"value", "123456"}}}}};
    ASSERT_EQ(post(me() + "/configs:alter", own).status, 200);
    const json::value before = setting("log.retention.ms");
    EXPECT_NE(before.at("value"), "123456");
    EXPECT_EQ(before.at("overrides").at(0).at("value"), "123456");
    const Answered changed = post("/api/v1/cluster/configs:alter", edit("SET", "700000"));
    EXPECT_NE(changed.text_at("/changes/0/warning").find("keeps it"), std::string::npos) << changed.text;
    EXPECT_EQ(setting("log.retention.ms").at("value"), "700000");
    EXPECT_EQ(config("log.retention.ms").at("value"), "123456");
}

TEST_F(ClusterSettings, OfOneBrokerOrOfTheStartCannotBeSetForAll) {
    start();
    EXPECT_EQ(setting("log.dirs").at("read_only"), true);
    EXPECT_EQ(setting("listener.security.protocol.map").at("read_only_reason"), "It is set for each broker apart.");
    EXPECT_EQ(setting("log.retention.ms").at("read_only_reason"), nullptr);
    for (const char* name : {"log.dirs", "listeners"}) {
        const json::value refused{{"data", {{{"name", name}, {"value", "x"}}}}};
        EXPECT_EQ(post("/api/v1/cluster/configs:alter", refused).status, 400) << name;
    }
}

TEST_F(Brokers, OneNodeIsItsOwnQuorum) {
    start();
    const Answered before = get("/api/v1/quorum");
    EXPECT_EQ(before.at("/leader_id"), console_->broker_id().value) << before.text;
    EXPECT_EQ(before.at("/voters").as_array().size(), 1u);
    EXPECT_EQ(before.at("/voters/0/is_leader"), true);
    EXPECT_EQ(before.at("/leader_epoch"), nullptr);  // nobody was elected
    EXPECT_EQ(before.at("/voters/0/log_end_offset"), nullptr);
    EXPECT_GT(std::stoll(before.text_at("/store/size")), 0);
    EXPECT_TRUE(before.text_at("/store/path").ends_with("metadata.db"));
    post("/api/v1/topics", {{"name", "orders"}});
    EXPECT_EQ(std::stoll(get("/api/v1/quorum").text_at("/store/revision")),
              std::stoll(before.text_at("/store/revision")) + 1);
}

TEST_F(Brokers, FeaturesHaveTheirLevelAndWhatIsSupported) {
    const broker::StoreWrite finalized = encode(broker::FeatureSet{"group.version", 1});
    ASSERT_TRUE(broker::SqliteStore::open(folder_.path() / "metadata.db").value()->commit({{}, {finalized}}));
    start();
    const Answered features = get("/api/v1/features");
    EXPECT_EQ(features.text_at("/version"), "test") << features.text;
    EXPECT_EQ(features.text_at("/data/0/name"), "group.version");
    EXPECT_EQ(features.at("/data/0/level"), 1);
    EXPECT_EQ(features.at("/data/0/max"), 1);
}

TEST_F(Brokers, ProgramSaysWhatItSpeaksAndIsMadeOf) {
    start();
    EXPECT_EQ(get("/api/v1/api-versions").text_at("/data/0/api"), "Produce");
    EXPECT_EQ(get("/api/v1/about").text_at("/licence"), "Apache-2.0");
    EXPECT_EQ(get("/api/v1/features").status, 200);
}

}  // namespace
}  // namespace mamba::admin
