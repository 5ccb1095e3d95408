#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

class V3 : public ConsoleFixture {
protected:
    void start_with_topic() {
        start();
        cluster_ = get("/v3/clusters").text_at("/data/0/cluster_id");
        const Answered made = post(at("/topics"), {{"topic_name", "orders"},
                                                   {"partitions_count", 2},
                                                   {"replication_factor", 1},
                                                   {"configs", {{{"name", "retention.ms"}, {"value", "1000000"}}}}});
        ASSERT_EQ(made.status, 201) << made.text;
    }
    std::string at(const std::string& path) { return "/v3/clusters/" + cluster_ + path; }
    Answered produce(const std::string& body) { return ask(Method::post, at("/topics/orders/records"), body); }

    std::string cluster_;
};

TEST_F(V3, ClusterIsNamedAndLinked) {
    start_with_topic();
    const Answered list = get("/v3/clusters");
    EXPECT_EQ(list.text_at("/kind"), "KafkaClusterList");
    EXPECT_EQ(list.text_at("/metadata/self"), "http://127.0.0.1:9080/v3/clusters");
    const Answered one = get(at(""));
    EXPECT_EQ(one.text_at("/kind"), "KafkaCluster");
    EXPECT_EQ(one.text_at("/metadata/resource_name"), "crn:///kafka=" + cluster_);
    EXPECT_EQ(one.text_at("/topics/related"), "http://127.0.0.1:9080/v3/clusters/" + cluster_ + "/topics");
    const Answered other = get("/v3/clusters/other/topics");
    EXPECT_EQ(other.status, 404);
    EXPECT_EQ(other.at("/error_code"), 404);
    EXPECT_EQ(other.text_at("/message"), "Cluster other cannot be found.");
}

TEST_F(V3, SecondRootServesTheSameWithItsOwnLinks) {
    start_with_topic();
    const Answered topic = get("/kafka/v3/clusters/" + cluster_ + "/topics/orders");
    EXPECT_EQ(topic.status, 200);
    EXPECT_EQ(topic.text_at("/metadata/self"),
              "http://127.0.0.1:9080/kafka/v3/clusters/" + cluster_ + "/topics/orders");
}

TEST_F(V3, LinksLeadBackThroughTheProxy) {
    start({{"console.trusted.proxies", "127.0.0.1"}, {"console.allowed.hosts", "console.example"}});
    const Headers headers{{"x-forwarded-proto", "https"},
                          {"x-forwarded-host", "console.example"},
                          {"x-forwarded-prefix", "/kafka/console"}};
    const Answered list = ask(Method::get, "/kafka/v3/clusters", "", headers);
    EXPECT_EQ(list.text_at("/metadata/self"), "https://console.example/kafka/console/kafka/v3/clusters");
    const std::string cluster = list.text_at("/data/0/cluster_id");
    EXPECT_EQ(ask(Method::get, "/kafka/console/v3/clusters/" + cluster, "", headers).text_at("/topics/related"),
              "https://console.example/kafka/console/v3/clusters/" + cluster + "/topics");
}

TEST_F(V3, LinksCarryTheBasePath) {
    start({{"console.base.path", "/a/b"}});
    EXPECT_EQ(get("/a/b/v3/clusters").text_at("/metadata/self"), "http://127.0.0.1:9080/a/b/v3/clusters");
}

TEST_F(V3, RefusalsSpeakTheirLanguage) {
    start_with_topic();
    EXPECT_EQ(get("/v3/nothing").at("/error_code"), 404);
    EXPECT_EQ(ask(Method::put, at("/topics"), "{}").at("/error_code"), 405);
    EXPECT_EQ(ask(Method::post, at("/topics"), "{}", {{"content-type", "text/plain"}}).at("/error_code"), 415);
    const Answered unknown = get(at("/topics/nothing"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.at("/error_code"), 40403);
    EXPECT_EQ(unknown.text_at("/message"), "This server does not host this topic-partition.");
    const Answered again = post(at("/topics"), {{"topic_name", "orders"}});
    EXPECT_EQ(again.status, 400);
    EXPECT_EQ(again.at("/error_code"), 40002);
}

TEST_F(V3, BrokersAreListed) {
    start_with_topic();
    const Answered list = get(at("/brokers"));
    EXPECT_EQ(list.text_at("/data/0/host"), "127.0.0.1");
    EXPECT_EQ(list.at("/data/0/port"), 9092);
    EXPECT_EQ(get(at("/brokers/1")).text_at("/metadata/resource_name"), "crn:///kafka=" + cluster_ + "/broker=1");
    for (const char* id : {"2", "x", "1x", "-1", "99999999999"})
        EXPECT_EQ(get(at("/brokers/" + std::string(id))).status, 404) << id;
}

TEST_F(V3, TopicIsMadeListedAndDeleted) {
    start_with_topic();
    const Answered topic = get(at("/topics/orders"));
    EXPECT_EQ(topic.at("/partitions_count"), 2);
    EXPECT_EQ(topic.at("/replication_factor"), 1);
    EXPECT_EQ(topic.at("/is_internal"), false);
    EXPECT_EQ(get(at("/topics/orders/configs/retention.ms")).text_at("/value"), "1000000");
    EXPECT_EQ(get(at("/topics")).text_at("/data/0/topic_name"), "orders");
    EXPECT_EQ(post(at("/topics"), {{"topic_name", "other"}, {"validate_only", true}}).status, 200);
    EXPECT_EQ(get(at("/topics")).at("/data").as_array().size(), 1u);
    EXPECT_EQ(ask(Method::patch, at("/topics/orders"), R"({"partitions_count": 4})").at("/partitions_count"), 4);
    EXPECT_EQ(ask(Method::patch, at("/topics/orders"), R"({"partitions_count": 3})").at("/error_code"), 40002);
    EXPECT_EQ(ask(Method::del, at("/topics/orders")).status, 204);
    EXPECT_EQ(ask(Method::del, at("/topics/orders")).at("/error_code"), 40403);
}

TEST_F(V3, PartitionsAndReplicasAreLinked) {
    start_with_topic();
    const Answered list = get(at("/topics/orders/partitions"));
    EXPECT_EQ(list.at("/data").as_array().size(), 2u);
    EXPECT_EQ(list.text_at("/data/1/leader/related"),
              "http://127.0.0.1:9080" + at("/topics/orders/partitions/1/replicas/1"));
    EXPECT_EQ(get(at("/topics/orders/partitions/1")).at("/partition_id"), 1);
    EXPECT_EQ(get(at("/topics/orders/partitions/2")).at("/error_code"), 40403);
    const Answered replica = get(at("/topics/orders/partitions/1/replicas/1"));
    EXPECT_EQ(replica.at("/is_leader"), true);
    EXPECT_EQ(replica.at("/is_in_sync"), true);
    EXPECT_EQ(get(at("/topics/orders/partitions/1/replicas")).at("/data").as_array().size(), 1u);
    EXPECT_EQ(get(at("/topics/orders/partitions/1/replicas/2")).status, 404);
}

TEST_F(V3, TopicsSettingsAreReadAndChanged) {
    start_with_topic();
    const std::string retention = at("/topics/orders/configs/retention.ms");
    EXPECT_EQ(get(retention).text_at("/value"), "1000000");
    EXPECT_EQ(get(retention).at("/is_default"), false);
    EXPECT_EQ(ask(Method::put, retention, R"({"value": "2000000"})").status, 204);
    EXPECT_EQ(get(retention).text_at("/value"), "2000000");
    EXPECT_EQ(ask(Method::del, retention).status, 204);
    EXPECT_EQ(get(retention).text_at("/value"), "604800000");
    EXPECT_EQ(get(retention).at("/is_default"), true);
    const Answered altered = ask(Method::post, at("/topics/orders/configs:alter"), R"({"data": [
        {"name": "retention.ms", "value": "5000000"},
        {"name": "max.message.bytes", "operation": "SET", "value": "4096"}]})");
    EXPECT_EQ(altered.status, 204) << altered.text;
    EXPECT_EQ(get(retention).text_at("/value"), "5000000");
    EXPECT_EQ(ask(Method::post, at("/topics/orders/configs:alter"), R"({"data": [
        {"name": "retention.ms", "operation": "DELETE", "value": null}]})").status, 204);
    EXPECT_EQ(get(retention).text_at("/value"), "604800000");
    EXPECT_EQ(get(at("/topics/orders/configs")).text_at("/kind"), "KafkaTopicConfigList");
    EXPECT_EQ(get(at("/topics/orders/configs/no.such")).status, 404);
    EXPECT_EQ(ask(Method::put, retention, R"({"value": "soon"})").at("/error_code"), 40002);
    EXPECT_EQ(get(at("/topics/nothing/configs")).at("/error_code"), 40403);
}

TEST_F(V3, BrokersSettingsAreReadAndChanged) {
    start_with_topic();
    const std::string one = at("/brokers/1/configs/log.retention.ms");
    const std::string all = at("/broker-configs/log.retention.ms");
    EXPECT_EQ(ask(Method::put, one, R"({"value": "7000000"})").status, 204);
    EXPECT_EQ(get(one).text_at("/source"), "DYNAMIC_BROKER_CONFIG");
    EXPECT_EQ(ask(Method::del, one).status, 204);
    const auto altered = [&](const std::string& path, const std::string& value) {
        const std::string body = R"({"data": [{"name": "log.retention.ms", "value": ")" + value + "\"}]}";
        return ask(Method::post, at(path), body).status;
    };
    EXPECT_EQ(altered("/broker-configs:alter", "8000000"), 204);
    EXPECT_EQ(get(one).text_at("/source"), "DYNAMIC_DEFAULT_BROKER_CONFIG");
    EXPECT_EQ(get(all).text_at("/value"), "8000000");
    // Not set before.
    EXPECT_EQ(ask(Method::put, at("/broker-configs/log.segment.bytes"), R"({"value": "2000000"})").status, 204);
    EXPECT_EQ(ask(Method::put, at("/broker-configs/log.retention.ms"), R"({"value": "soon"})").at("/error_code"),
              40002);
    EXPECT_EQ(get(at("/brokers/1/configs")).text_at("/data/0/kind"), "KafkaBrokerConfig");
    for (const char* id : {"7", "x", "01"})
        EXPECT_EQ(get(at("/brokers/" + std::string(id) + "/configs")).status, 404) << id;
    EXPECT_EQ(altered("/brokers/7/configs:alter", "1"), 404);
}

TEST_F(V3, RecordsAreStoredAsTheyWereSent) {
    start_with_topic();
    const Answered done =
        produce(R"({"partition_id": 1, "headers": [{"name": "type", "value": "eA=="}, {"name": "none"}],
        "key": {"type": "BINARY", "data": "/w=="},
        "value": {"type": "JSON", "data": {"id": 9007199254740993, "x": 1.10}},
        "timestamp": "2026-09-22T10:00:00.120Z"})");
    EXPECT_EQ(done.status, 200) << done.text;
    EXPECT_EQ(done.at("/error_code"), 200);
    EXPECT_EQ(done.at("/partition_id"), 1);
    EXPECT_EQ(done.at("/offset"), 0);
    EXPECT_EQ(done.text_at("/timestamp"), "2026-09-22T10:00:00.120Z");
    EXPECT_EQ(done.at("/key"), (json::object{{"type", "BINARY"}, {"size", 1}}));
    const Answered record = get("/api/v1/topics/orders/partitions/1/records/0");
    EXPECT_EQ(record.text_at("/v/s"), R"({"id": 9007199254740993, "x": 1.10})");
    EXPECT_EQ(record.text_at("/k/x"), "/w==");
    EXPECT_EQ(record.at("/ts"), 1790071200120);
    EXPECT_EQ(record.text_at("/h/0/1/s"), "x");
    EXPECT_TRUE(record.at("/h/1/1").is_null());
}

TEST_F(V3, SeveralRecordsGetAnAnswerEach) {
    start_with_topic();
    const Answered done = produce(R"({"partition_id": 0, "value": {"type": "STRING", "data": "a"}} {"partition_id": 9}
        {"partition_id": 0, "value": {"type": "JSON", "data": null}})");
    ASSERT_EQ(done.status, 200) << done.text;
    std::vector<std::int64_t> codes;
    std::string_view rest = done.text;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        codes.push_back(json::parse(line).at("error_code").as_int64());
        rest.remove_prefix(line.size() + 1);
    }
    EXPECT_EQ(codes, (std::vector<std::int64_t>{200, 400, 200}));
    EXPECT_TRUE(get("/api/v1/topics/orders/partitions/0/records/1").at("/v").is_null());
}

TEST_F(V3, BadRecordsAreRefusedAndNothingIsStored) {
    start_with_topic();
    for (const char* body :
         {"", "  ", "[]", "7", "{", "{}{", R"({"partition_id": 2})", R"({"value": {"data": "a"}})",
          R"({"value": {"type": "AVRO", "data": "a"}})", R"({"value": {"type": "BINARY", "data": "?"}})",
          R"({"value": {"type": "STRING", "data": 7}})", R"({"value": "a"})", R"({"vaule": null})",
          R"({"timestamp": "yesterday"})", R"({"timestamp": "2026-02-30T00:00:00Z"})",
          R"({"timestamp": "2026-02-03T24:00:00Z"})", R"({"headers": [{"value": "eA=="}]})",
          R"({"headers": [{"name": "a", "value": "?"}]})"}) {
        const Answered refused = produce(body);
        EXPECT_EQ(refused.status, 400) << body << refused.text;
        EXPECT_EQ(refused.at("/error_code"), 400) << body;
    }
    EXPECT_EQ(get("/api/v1/topics/orders/partitions").text_at("/data/0/high_watermark"), "0");
    EXPECT_EQ(ask(Method::post, at("/topics/nothing/records"), "{}").at("/error_code"), 40403);
}

// The audit tells who did what, not what is in records or what passwords are.
TEST_F(V3, AuditHoldsNoRecordsAndNoSecrets) {
    start_with_topic();
    EXPECT_EQ(produce(R"({"value": {"type": "STRING", "data": "a private matter"}})").status, 200);
    ask(Method::put, at("/brokers/1/configs/ssl.keystore.password"), R"({"value": "hunter2"})");
    ask(Method::put, at("/topics/orders/configs/retention.ms"), R"({"value": "2000000"})");
    const Answered audit = get("/api/v1/audit");
    EXPECT_EQ(audit.text.find("private"), std::string::npos) << audit.text;
    EXPECT_EQ(audit.text.find("hunter2"), std::string::npos) << audit.text;
    EXPECT_NE(audit.text.find("2000000"), std::string::npos) << audit.text;
}

}  // namespace
}  // namespace mamba::admin
