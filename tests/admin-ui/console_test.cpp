// What the console does with every request, whatever it is for.
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

TEST_F(ConsoleRequests, WrongMethodIsToldTheRightOne) {
    start();
    const Answered wrong = get("/api/v1/topics:delete");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(header(wrong, "Allow"), "POST");
    EXPECT_EQ(ask(Method::other, "/api/v1/topics", "", {}).status, 405);
}

TEST_F(ConsoleRequests, UnknownAddressOfTheApiIsNoPage) {
    start();
    for (const char* target : {"/api", "/api/", "/api/v2/topics", "/%61pi/v1/nothing", "/v3/nothing", "/kafka/v3/nothing"}) {
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

}  // namespace
}  // namespace mamba::admin
