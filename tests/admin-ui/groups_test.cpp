#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

class Groups : public ConsoleFixture {
protected:
    // A topic of two partitions with five records in the first.
    void start_with_topic() {
        start();
        post("/api/v1/topics", {{"name", "__consumer_offsets"}, {"partitions", 4}});
        post("/api/v1/topics", {{"name", "orders"}, {"partitions", 2}});
        json::array records;
        for (int i = 0; i < 5; ++i) {
            records.push_back({{"partition", 0}, {"value", {{"s", "v"}}}, {"timestamp_ms", 1000 * (i + 1)}});
        }
        ASSERT_EQ(post("/api/v1/topics/orders/records", {{"records", std::move(records)}}).status, 200);
    }
    Answered preview(const std::string& strategy) {
        return ask(Method::post, "/api/v1/groups/g/offsets:preview",
                   R"({"strategy": )" + strategy + R"(, "partitions": [{"topic": "orders", "partitions": [0]}]})");
    }
};

TEST_F(Groups, LagIsToldInRecords) {
    start_with_topic();
    commit("g", 0, 2);
    const Answered list = get("/api/v1/groups?view=summary");
    EXPECT_EQ(list.text_at("/cols/group/0"), "g") << list.text;
    EXPECT_EQ(list.text_at("/cols/lag/0"), "3");
    EXPECT_EQ(list.text_at("/cols/state/0"), "Empty");
    const Answered offsets = get("/api/v1/groups/g/offsets");
    EXPECT_EQ(offsets.text_at("/data/0/committed"), "2");
    EXPECT_EQ(offsets.text_at("/data/0/end"), "5");
    EXPECT_EQ(get("/api/v1/groups/g").text_at("/verdict/code"), "EMPTY");
    EXPECT_EQ(get("/api/v1/groups/nobody").status, 404);
}

TEST_F(Groups, SettingsAreShownCheckedAndChanged) {
    start_with_topic();
    commit("g", 0, 2);
    const auto setting = [&](const std::string& group) {
        const json::value entries = get("/api/v1/groups/" + group + "/configs").at("/data");
        for (const json::value& entry : entries.as_array()) {
            if (entry.at("name") == "consumer.session.timeout.ms") return entry;
        }
        return json::value();
    };
    EXPECT_EQ(setting("g").at("value"), "45000");
    EXPECT_EQ(setting("g").at("source"), "DEFAULT_CONFIG");
    EXPECT_EQ(setting("g").at("group"), "Consumer groups");
    const auto edit = [](const char* operation, const json::value& value, bool validate_only) -> json::value {
        const json::array edits{{{"name", "consumer.session.timeout.ms"}, {"value", value}, {"operation", operation}}};
        return {{"data", edits}, {"validate_only", validate_only}};
    };
    const Answered checked = post("/api/v1/groups/g/configs:alter", edit("SET", "50000", true));
    EXPECT_EQ(checked.text_at("/changes/0/before"), "45000") << checked.text;
    EXPECT_EQ(checked.text_at("/changes/0/after"), "50000");
    EXPECT_NE(checked.at("/changes/0/warning"), nullptr);  // nothing here goes by it yet
    EXPECT_EQ(setting("g").at("value"), "45000");
    EXPECT_EQ(post("/api/v1/groups/g/configs:alter", edit("SET", "50000", false)).status, 200);
    EXPECT_EQ(setting("g").at("value"), "50000");
    EXPECT_EQ(setting("g").at("source"), "DYNAMIC_GROUP_CONFIG");
    // Below what brokers allow.
    EXPECT_EQ(post("/api/v1/groups/g/configs:alter", edit("SET", "1", false)).status, 400);
    EXPECT_EQ(get("/api/v1/groups/nobody/configs").status, 404);
    EXPECT_EQ(post("/api/v1/groups/nobody/configs:alter", edit("SET", "50000", false)).status, 404);
    const Answered back = post("/api/v1/groups/g/configs:alter", edit("DELETE", nullptr, false));
    EXPECT_EQ(back.text_at("/changes/0/after"), "45000") << back.text;
    EXPECT_EQ(setting("g").at("source"), "DEFAULT_CONFIG");
}

TEST_F(Groups, PaceAndTrendAreTheSamplers) {
    start_with_topic();
    commit("g", 0, 0);
    const Timestamp now = wall_clock();
    console_->sampler().sample(now + 1'000);
    commit("g", 0, 4);
    console_->sampler().sample(now + 11'000);
    const Answered list = get("/api/v1/groups?view=summary");
    EXPECT_EQ(list.text_at("/cols/lag/0"), "1") << list.text;
    EXPECT_EQ(list.text_at("/cols/trend/0"), "CATCHING_UP");
    EXPECT_GT(list.at("/cols/eta_ms/0").to_number<double>(), 0);
    const Answered group = get("/api/v1/groups/g");
    EXPECT_GT(group.at("/consume_rate").to_number<double>(), 0) << group.text;
    EXPECT_EQ(group.text_at("/trend"), "CATCHING_UP");
}

TEST_F(Groups, PreviewTellsWhereEachStrategyLeads) {
    start_with_topic();
    commit("g", 0, 2);
    const auto after = [&](const std::string& strategy) {
        const Answered answered = preview(strategy);
        return answered.text_at("/plan/0/after") + " " + answered.text_at("/plan/0/warning");
    };
    EXPECT_EQ(after(R"({"type": "earliest"})"), "0 null");
    EXPECT_EQ(after(R"({"type": "latest"})"), "5 null");
    EXPECT_EQ(after(R"({"type": "offset", "offset": "2"})"), "2 NO_CHANGE");
    EXPECT_EQ(after(R"({"type": "offset", "offset": "99"})"), "5 BEYOND_END");
    EXPECT_EQ(after(R"({"type": "shift", "by": "-1"})"), "1 null");
    EXPECT_EQ(after(R"({"type": "shift", "by": "-9223372036854775808"})"), "0 BEFORE_LOG_START");
    EXPECT_EQ(after(R"({"type": "time", "ms": 2500})"), "2 NO_CHANGE");
    EXPECT_EQ(after(R"({"type": "explicit", "offsets": [{"topic": "orders", "partition": 0, "offset": "4"}]})"),
              "4 null");
    EXPECT_EQ(preview(R"({"type": "soon"})").status, 400);
}

TEST_F(Groups, ResetAppliesExactlyThePlan) {
    start_with_topic();
    commit("g", 0, 2);
    const Answered done = ask(Method::post, "/api/v1/groups/g/offsets:reset",
                              R"({"plan": [{"topic": "orders", "partition": 0, "before": "2", "after": "4"},
                                           {"topic": "orders", "partition": 1, "before": null, "after": "0"}]})");
    EXPECT_EQ(done.status, 200) << done.text;
    const Answered offsets = get("/api/v1/groups/g/offsets");
    EXPECT_EQ(offsets.text_at("/data/0/committed"), "4");
    EXPECT_EQ(offsets.text_at("/data/1/committed"), "0");
}

// Nobody's commit is lost: the plan was made before it.
TEST_F(Groups, ResetAfterAnotherCommitChangesNothing) {
    start_with_topic();
    commit("g", 0, 2);
    commit("g", 0, 3);
    const Answered refused = ask(Method::post, "/api/v1/groups/g/offsets:reset",
                                 R"({"plan": [{"topic": "orders", "partition": 0, "before": "2", "after": "4"},
                                              {"topic": "orders", "partition": 1, "before": null, "after": "0"}]})");
    EXPECT_EQ(refused.status, 409) << refused.text;
    EXPECT_EQ(refused.text_at("/error/detail/current/0/offset"), "3");
    const Answered offsets = get("/api/v1/groups/g/offsets");
    EXPECT_EQ(offsets.text_at("/data/0/committed"), "3");
    EXPECT_EQ(offsets.at("/data").as_array().size(), 1u);
}

TEST_F(Groups, ResetBeyondTheLogIsRefused) {
    start_with_topic();
    commit("g", 0, 2);
    const Answered refused = ask(Method::post, "/api/v1/groups/g/offsets:reset",
                                 R"({"plan": [{"topic": "orders", "partition": 0, "before": "2", "after": "6"}]})");
    EXPECT_EQ(refused.text_at("/error/kafka_name"), "OFFSET_OUT_OF_RANGE");
}

TEST_F(Groups, OddNamesAreReached) {
    start_with_topic();
    commit("a/b", 0, 1);
    commit("..", 0, 1);
    EXPECT_EQ(get("/api/v1/groups/a%2Fb").text_at("/group"), "a/b");
    EXPECT_EQ(get("/api/v1/groups/-?id=..").text_at("/group"), "..");
    EXPECT_EQ(ask(Method::del, "/api/v1/groups/-?id=..").status, 204);
    EXPECT_EQ(get("/api/v1/groups/-?id=..").status, 404);
}

TEST_F(Groups, OffsetsOfATopicAreDeleted) {
    start_with_topic();
    commit("g", 0, 2);
    const Answered done = post("/api/v1/groups/g/offsets:delete", {{"topics", {"orders", "nothing"}}});
    EXPECT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(get("/api/v1/groups/g/offsets").at("/data").as_array().size(), 0u);
    EXPECT_EQ(done.text_at("/results/0/error/kafka_name"), "UNKNOWN_TOPIC_OR_PARTITION");
}

// People paste the command into a shell.
TEST_F(Groups, CommandLineQuotesTheGroup) {
    start_with_topic();
    commit("a'; reboot '", 0, 2);
    const Answered plan = ask(Method::post, "/api/v1/groups/a%27;%20reboot%20%27/offsets:preview",
                              R"({"strategy": {"type": "earliest"}, "partitions": [{"topic": "orders"}]})");
    EXPECT_NE(plan.text_at("/cli").find(R"(--group 'a'\''; reboot '\''' --reset)"), std::string::npos) << plan.text;
}

}  // namespace
}  // namespace mamba::admin
