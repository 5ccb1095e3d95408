// What the console does with every request, whatever it is for.
#include <thread>

#include "tests/admin-ui/console_fixture.h"

namespace mamba::admin {
namespace {

class ConsoleRequests : public ConsoleFixture {
protected:
    std::size_t audited() { return console_->audit().newest(Audit::entries_max).size(); }
    std::string header(const Answered& answered, std::string_view name) {
        for (const auto& [key, value] : answered.headers) {
            if (key == name) return value;
        }
        return {};
    }
};

TEST_F(ConsoleRequests, RepeatedPostHappensOnce) {
    start();
    const Headers key{{"idempotency-key", "k1"}};
    const Answered first = ask(Method::post, "/api/v1/topics", R"({"name": "orders"})", key);
    const Answered again = ask(Method::post, "/api/v1/topics", R"({"name": "orders"})", key);
    EXPECT_EQ(first.status, 201) << first.text;
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.text, first.text);
    EXPECT_EQ(header(again, "Idempotent-Replayed"), "true");
    EXPECT_EQ(ask(Method::post, "/api/v1/topics", R"({"name": "others"})", key).status, 422);
    EXPECT_EQ(get("/api/v1/topics").at("/n"), 1);
    EXPECT_EQ(audited(), 1u);
}

TEST_F(ConsoleRequests, TooManyChangesAtOnceAreAskedToWait) {
    start();
    Answered last;
    int done = 0;
    for (int i = 0; i < 1000 && last.status != 429; ++i) {
        last = post("/api/v1/topics:delete", {{"topics", {"nothing"}}});
        done += last.status == 200;
    }
    EXPECT_EQ(last.status, 429);
    EXPECT_EQ(header(last, "Retry-After"), "1");
    EXPECT_GE(done, static_cast<int>(Console::changes_per_second_max));
    EXPECT_EQ(get("/api/v1/topics").status, 200);
}

// A page of another site must not be able to push what happened out of the audit.
TEST_F(ConsoleRequests, FloodOfRefusalsDoesNotFillTheAudit) {
    start();
    for (int i = 0; i < 500; ++i) {
        const Headers foreign{{"origin", "http://evil.example"}};
        EXPECT_EQ(ask(Method::post, "/api/v1/topics", R"({"name": "orders"})", foreign).status, 403);
    }
    EXPECT_GE(audited(), static_cast<std::size_t>(Console::refusals_audited_per_second_max));
    EXPECT_LT(audited(), 400u);
    EXPECT_EQ(post("/api/v1/topics", {{"name", "orders"}}).status, 201);
}

// A proxy may leave the prefix in the address or take it away.
TEST_F(ConsoleRequests, BasePathIsServedWithAndWithoutIt) {
    start({{"console.base.path", "/a/b"}});
    EXPECT_EQ(get("/a/b/api/v1/topics").at("/n"), 0);
    EXPECT_EQ(get("/api/v1/topics").at("/n"), 0);
    EXPECT_EQ(get("/a/b").status, 200);
    EXPECT_EQ(get("/a/bc/api/v1/topics").text, get("/topics").text) << "a page: it is not beneath the base";
    EXPECT_EQ(post("/a/b/api/v1/topics", {{"name", "orders"}}).status, 201);
}

TEST_F(ConsoleRequests, CookieGoesByHttpsAloneWhereTheVisitorDoes) {
    start({{"console.trusted.proxies", "127.0.0.1"}});
    EXPECT_TRUE(header(ask(Method::get, "/api/v1/session", "", {{"x-forwarded-proto", "https"}}), "Set-Cookie")
                    .ends_with("; Secure"));
    EXPECT_FALSE(header(get("/api/v1/session"), "Set-Cookie").ends_with("; Secure"));
}

TEST_F(ConsoleRequests, WrongMethodIsToldTheRightOne) {
    start();
    const Answered wrong = get("/api/v1/topics:delete");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(header(wrong, "Allow"), "POST");
    EXPECT_EQ(ask(Method::other, "/api/v1/topics", "", {}).status, 405);
}

TEST_F(ConsoleRequests, UnknownAddressOfTheApiIsNoPage) {
    start();
    for (const char* target :
         {"/api", "/api/", "/api/v2/topics", "/%61pi/v1/nothing", "/v3/nothing", "/kafka/v3/nothing"}) {
        EXPECT_EQ(get(target).status, 404) << target;
    }
    EXPECT_EQ(get("/topics/anything").status, 200);
    EXPECT_EQ(ask(Method::post, "/topics/anything").status, 404);
}

TEST_F(ConsoleRequests, OtherHostsAreMisdirected) {
    start();
    for (const char* target : {"/", "/api/v1/session", "/healthz", "/metrics"}) {
        EXPECT_EQ(ask(Method::get, target, "", {{"host", "evil.example"}}).status, 421) << target;
    }
}

TEST_F(ConsoleRequests, SessionsTokenOpensChanges) {
    start();
    const Answered session = get("/api/v1/session");
    const std::string cookie = header(session, "Set-Cookie");
    EXPECT_NE(cookie.find("HttpOnly; SameSite=Strict"), std::string::npos) << cookie;
    const Headers page{{"cookie", cookie.substr(0, cookie.find(';'))},
                       {"origin", "http://127.0.0.1:9080"},
                       {"x-csrf-token", session.text_at("/csrf_token")}};
    EXPECT_EQ(ask(Method::post, "/api/v1/topics", R"({"name": "orders"})", page).status, 201);
    EXPECT_EQ(ask(Method::post, "/api/v1/logout", "", page).status, 204);
    EXPECT_EQ(ask(Method::post, "/api/v1/topics", R"({"name": "others"})", page).status, 403);
}

// Pages, scans, streams, changes and the sampler at once, as on a busy day: each answer is whole. Most of what this
// test is for a thread sanitizer sees.
TEST_F(ConsoleRequests, EverythingAtOnce) {
    start();
    constexpr int rounds = 15;  // three changes each: fewer than there may be in a second
    post("/api/v1/topics", {{"name", "orders"}, {"partitions", 3}});
    const auto pull = [&](const std::string& target, int parts) {
        Request request;
        request.remote = "127.0.0.1";
        request.headers = {{"host", "127.0.0.1:9080"}};
        EXPECT_TRUE(parse_target(target, request));
        const Response response = console_->handle(request);
        EXPECT_TRUE(response.stream) << target;
        for (int i = 0; response.stream && i < parts; ++i) {
            if (response.stream->next().is_last) return;
        }
    };
    const auto visit = [&](std::initializer_list<const char*> targets) {
        for (const char* target : targets) EXPECT_EQ(get(target).status, 200) << target;
    };
    std::vector<std::jthread> people;
    const auto somebody = [&](auto act) {
        people.emplace_back([act] {
            for (int round = 0; round < rounds; ++round) act(round);
        });
    };
    somebody([&](int) { console_->sampler().sample(wall_clock()); });
    somebody([&](int) {
        const json::value one{{"records", {{{"key", {{"s", "k"}}}, {"value", {{"s", "v"}}}}}}};
        EXPECT_EQ(post("/api/v1/topics/orders/records", one).status, 200);
    });
    somebody([&](int round) {
        const std::string name = "t" + std::to_string(round);
        EXPECT_EQ(post("/api/v1/topics", {{"name", name}, {"partitions", 2}}).status, 201);
        EXPECT_EQ(post("/api/v1/topics:delete", {{"topics", {name}}}).at("/results/0/status"), 204);
    });
    somebody([&](int) {
        visit({"/api/v1/cluster", "/api/v1/topics?view=summary", "/api/v1/topics/orders/partitions", "/metrics"});
    });
    somebody([&](int) {
        visit({"/api/v1/groups?view=summary", "/api/v1/clients/connections", "/api/v1/storage/fsync",
               "/api/v1/requests/latency", "/api/v1/audit", "/api/v1/brokers/1/runtime"});
    });
    somebody([&](int) { pull("/api/v1/stream?channels=cluster,topics,topic%3Aorders,waiting,groups", 3); });
    somebody([&](int) { pull("/api/v1/topics/orders/records:download", 100); });
    people.clear();  // joins
    EXPECT_EQ(get("/api/v1/topics").at("/n"), 1);
    console_->sampler().sample(wall_clock() + 1000);
    EXPECT_EQ(get("/api/v1/topics/orders").text_at("/records"), std::to_string(rounds));
}

}  // namespace
}  // namespace mamba::admin
