#include "admin-ui/guard.h"

#include <gmock/gmock.h>

namespace mamba::admin {
namespace {

constexpr Route reads{Method::get, "/r", nullptr};
constexpr Route previews{Method::post, "/p", nullptr};
constexpr Route changes{Method::post, "/c", nullptr, true};
constexpr GuardRules read_only{.allowed_hosts = {}, .read_only = true};
constexpr Route removes{Method::del, "/d", nullptr, true};

int host_status(std::string_view host, std::vector<std::string> allowed = {}) {
    Request request;
    request.headers.emplace("host", host);
    const auto error = check_host(request, {.allowed_hosts = allowed});
    return error ? error->status : 200;
}

TEST(CheckHost, NamesOfThisMachineAreServed) {
    for (const std::string_view host : {"localhost", "localhost:9080", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:9080",
                                        "[::1]", "[::1]:9080", "LocalHost:"}) {
        EXPECT_EQ(host_status(host), 200) << host;
    }
}

TEST(CheckHost, OtherNamesAreNot) {
    for (const std::string_view host :
         {"", ":9080", "evil.example", "evil.example:9080", "127.0.0.1.evil.example", "localhost.evil.example",
          "localhost@evil", "127.0.0.2", "0.0.0.0", "[::]", "[::1", "::1", "[::1]x", "127.0.0.1:9080, evil.example",
          "evil.example, 127.0.0.1", "127.0.0.1:80:80", "localhost ", "2130706433", "[::ffff:127.0.0.1]"}) {
        EXPECT_EQ(host_status(host), 421) << host;
    }
}

TEST(CheckHost, ConfiguredNamesAreServedAtAnyPort) {
    EXPECT_EQ(host_status("Kafka.Example:443", {"kafka.example"}), 200);
    EXPECT_EQ(host_status("kafka.example", {"kafka.example"}), 200);
    EXPECT_EQ(host_status("a.kafka.example", {"kafka.example"}), 421);
    EXPECT_EQ(host_status("[2001:db8::1]:9080", {"[2001:db8::1]"}), 200);
}

// Neither what the proxy asks nor what it says the visitor asked may be a stranger's name.
TEST(CheckHost, BothSidesOfAProxyAreLookedAt) {
    const std::vector<std::string> allowed{"console.example"};
    const auto status = [&](std::string_view host, std::string_view forwarded) {
        Request request;
        request.headers.emplace("host", host);
        request.forwarded_host = forwarded;
        const auto error = check_host(request, {.allowed_hosts = allowed});
        return error ? error->status : 200;
    };
    EXPECT_EQ(status("127.0.0.1:9080", "console.example"), 200);
    EXPECT_EQ(status("127.0.0.1:9080", "evil.example"), 421);
    EXPECT_EQ(status("evil.example", "console.example"), 421);
}

// A script's change: JSON, and nothing that only browsers send.
Request change() {
    Request request;
    request.method = Method::post;
    request.headers = {{"host", "localhost:9080"}, {"content-type", "application/json"}};
    request.body = "{}";
    return request;
}
// A page's change, with all that it takes.
Request change_of_a_page() {
    Request request = change();
    request.headers["origin"] = "http://localhost:9080";
    request.headers["sec-fetch-site"] = "same-origin";
    request.headers["cookie"] = "sid=abc";
    request.headers["x-csrf-token"] = "secret";
    return request;
}
int status_of(const Request& request, const Route& route = changes, GuardRules rules = {}) {
    const auto error = check_change(request, route, Session{"User:ANONYMOUS", "secret", Timestamp(0)}, rules);
    return error ? error->status : 200;
}

TEST(CheckChange, PageBehindAProxyIsOfTheHostThatTheVisitorAsked) {
    Request request = change_of_a_page();
    request.headers.erase("sec-fetch-site");
    request.headers["origin"] = "https://console.example";
    EXPECT_EQ(status_of(request), 403);
    request.forwarded_host = "console.example";
    EXPECT_EQ(status_of(request), 200);
}

TEST(CheckChange, ScriptsAndPagesPass) {
    EXPECT_EQ(status_of(change()), 200);
    EXPECT_EQ(status_of(change_of_a_page()), 200);
}

TEST(CheckChange, GetIsNoneOfItsBusiness) {
    Request request;
    request.headers = {{"origin", "http://evil.example"}, {"sec-fetch-site", "cross-site"}};
    EXPECT_EQ(status_of(request, reads, read_only), 200);
}

TEST(CheckChange, ReadOnlyRefusesChangesAndAllowsPreviews) {
    EXPECT_EQ(status_of(change(), changes, read_only), 403);
    EXPECT_EQ(status_of(change(), removes, read_only), 403);
    EXPECT_EQ(status_of(change(), previews, read_only), 200);
}

TEST(CheckChange, OtherSitesAreRefused) {
    for (const std::string_view site : {"cross-site", "same-site", "SAME-ORIGIN", "anything"}) {
        Request request = change_of_a_page();
        request.headers["sec-fetch-site"] = site;
        EXPECT_EQ(status_of(request), 403) << site;
    }
    for (const std::string_view origin : {"null", "http://evil.example", "http://localhost:9081", "http://localhost",
                                          "http://localhost:9080.evil.example", "http://localhost:9080@evil.example",
                                          "localhost:9080", "http://127.0.0.1:9080"}) {
        Request request = change_of_a_page();
        request.headers.erase("sec-fetch-site");
        request.headers["origin"] = origin;
        EXPECT_EQ(status_of(request), 403) << origin;
    }
    Request request = change_of_a_page();
    request.headers.erase("sec-fetch-site");
    request.headers["origin"] = "http://LOCALHOST:9080";
    EXPECT_EQ(status_of(request), 200);
}

TEST(CheckChange, BodyHasToBeJson) {
    for (const std::string_view type :
         {"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
          "application/json, text/plain", "text/plain; application/json"}) {
        Request request = change();
        request.headers["content-type"] = type;
        EXPECT_EQ(status_of(request), 415) << type;
    }
    for (const std::string_view type :
         {"application/json", "Application/JSON; charset=utf-8", "application/json ;charset=utf-8"}) {
        Request request = change();
        request.headers["content-type"] = type;
        EXPECT_EQ(status_of(request), 200) << type;
    }
}

TEST(CheckChange, DeletionNeedsNoBody) {
    Request request = change();
    request.method = Method::del;
    request.headers.erase("content-type");
    request.body.clear();
    EXPECT_EQ(status_of(request, removes), 200);
    request.body = "x";
    EXPECT_EQ(status_of(request, removes), 415);
}

// Each of these headers alone tells a browser.
TEST(CheckChange, PagesNeedTheirSessionsToken) {
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"origin", "http://localhost:9080"}, {"sec-fetch-site", "same-origin"}, {"cookie", "sid=abc"}}) {
        Request request = change();
        request.headers[name] = value;
        EXPECT_EQ(status_of(request), 403) << name;
        request.headers["x-csrf-token"] = "secrex";
        EXPECT_EQ(status_of(request), 403) << name;
        request.headers["x-csrf-token"] = "secret";
        EXPECT_EQ(status_of(request), 200) << name;
    }
}

TEST(CheckChange, TokenOfASessionThatEndedIsWorthNothing) {
    Request request = change_of_a_page();
    const auto error = check_change(request, changes, std::nullopt, {});
    ASSERT_TRUE(error);
    EXPECT_EQ(error->status, 403);
    request.headers["x-csrf-token"] = "";
    EXPECT_TRUE(check_change(request, changes, std::nullopt, {}));
}

}  // namespace
}  // namespace mamba::admin
