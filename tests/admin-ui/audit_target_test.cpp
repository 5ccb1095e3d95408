#include "admin-ui/audit_target.h"

#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

class AuditTarget : public ConsoleFixture {
protected:
    // As the router takes the address apart.
    std::string of(Method method, const std::string& target, const std::string& body = {}) {
        Request request;
        request.method = method;
        request.body = body;
        EXPECT_TRUE(parse_target(target, request)) << target;
        const Router::Match match = console_->router().find(request);
        if (match.route == nullptr) return "no route";
        return audit_target_of(*match.route, match.captures, request);
    }
    std::string of_post(const std::string& target, const std::string& body = {}) {
        return of(Method::post, target, body);
    }
};

TEST_F(AuditTarget, IsWhatTheAddressNames) {
    start();
    EXPECT_EQ(of_post("/api/v1/topics/a%2Fb/configs:alter"), "topic a/b");
    EXPECT_EQ(of_post("/api/v1/topics/orders/records:delete"), "topic orders");
    EXPECT_EQ(of(Method::del, "/api/v1/groups/billing"), "group billing");
    EXPECT_EQ(of(Method::del, "/api/v1/groups/-?id=.."), "group ..");
    EXPECT_EQ(of(Method::del, "/api/v1/groups/-?id="), "group \"\"");
    EXPECT_EQ(of_post("/api/v1/brokers/1/configs:alter"), "broker 1");
    EXPECT_EQ(of(Method::del, "/api/v1/clients/connections/17"), "connection 17");
}

TEST_F(AuditTarget, IsWhatTheBodyNamesWhereTheAddressDoesNot) {
    start();
    EXPECT_EQ(of_post("/api/v1/topics", R"({"name": "orders"})"), "topic orders");
    EXPECT_EQ(of_post("/api/v1/topics/orders:clone", R"({"name": "copy"})"), "topic copy");
    EXPECT_EQ(of_post("/api/v1/topics:delete", R"({"topics": ["a", "b"]})"), "topic a, topic b");
    EXPECT_EQ(of_post("/api/v1/topics:delete", R"({"topics": [")" + std::string(100'000, 'x') + "\"]}").size(),
              100'006u);
    EXPECT_EQ(of_post("/api/v1/topics:delete", "not JSON"), "topic");
    EXPECT_EQ(of_post("/api/v1/topics/orders:clone", "not JSON"), "topic orders");
}

TEST_F(AuditTarget, OfManyTopicsTheFirstAreNamed) {
    start();
    json::array topics;
    for (int i = 0; i < 25; ++i) topics.emplace_back("t" + std::to_string(i));
    const std::string target = of_post("/api/v1/topics:delete", json::serialize(json::object{{"topics", topics}}));
    EXPECT_TRUE(target.starts_with("topic t0, topic t1, ")) << target;
    EXPECT_TRUE(target.ends_with(", topic t19 and 5 more")) << target;
}

TEST_F(AuditTarget, SecondApiNamesTheSame) {
    start();
    EXPECT_EQ(of(Method::del, "/v3/clusters/c/topics/orders"), "topic orders");
    EXPECT_EQ(of_post("/v3/clusters/c/topics", R"({"topic_name": "orders"})"), "topic orders");
    EXPECT_EQ(of(Method::put, "/kafka/v3/clusters/c/brokers/1/configs/log.retention.ms"), "broker 1");
    EXPECT_EQ(of_post("/v3/clusters/c/broker-configs:alter"), "cluster");
}

TEST_F(AuditTarget, EntryIsFoundByIt) {
    start();
    ASSERT_EQ(post("/api/v1/topics", {{"name", "orders"}}).status, 201);
    ASSERT_EQ(post("/api/v1/topics", {{"name", "others"}}).status, 201);
    const Answered found = get("/api/v1/audit?q=topic%20orders");
    ASSERT_EQ(found.at("/data").as_array().size(), 1u);
    EXPECT_EQ(found.text_at("/data/0/target"), "topic orders");
    EXPECT_EQ(found.text_at("/data/0/path"), "/api/v1/topics");
    EXPECT_EQ(get("/api/v1/audit?q=/api/v1/topics").at("/data").as_array().size(), 2u);
}

}  // namespace
}  // namespace mamba::admin
