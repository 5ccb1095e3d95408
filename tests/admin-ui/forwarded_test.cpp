#include "admin-ui/forwarded.h"

#include <gtest/gtest.h>

namespace mamba::admin {
namespace {

broker::ConsoleConfig trusting(std::string_view proxy) {
    broker::ConsoleConfig config;
    config.trusted_proxies.push_back(broker::AddressRange::parse(proxy).value());
    return config;
}

Request forwarded(Headers headers, const broker::ConsoleConfig& config, std::string_view target = "/topics") {
    Request request;
    request.remote = "10.0.0.7";
    request.headers = std::move(headers);
    request.headers.emplace("host", "127.0.0.1:9080");
    EXPECT_TRUE(parse_target(target, request));
    read_forwarded(request, config);
    return request;
}

const Headers all{{"x-forwarded-proto", "https"},
                  {"x-forwarded-host", "console.example:8443"},
                  {"x-forwarded-prefix", "/kafka/console"}};

TEST(Forwarded, TrustedProxyIsBelieved) {
    const Request request = forwarded(all, trusting("10.0.0.0/8"));
    EXPECT_EQ(request.scheme, "https");
    EXPECT_EQ(request.host(), "console.example:8443");
    EXPECT_EQ(request.base_path, "/kafka/console");
    EXPECT_EQ(request.path, "/topics");
}

TEST(Forwarded, NobodyElseIs) {
    broker::ConsoleConfig config = trusting("127.0.0.1");
    config.base_path = "/a/b";
    const Request request = forwarded(all, config);
    EXPECT_EQ(request.scheme, "http");
    EXPECT_EQ(request.host(), "127.0.0.1:9080");
    EXPECT_EQ(request.base_path, "/a/b");
}

TEST(Forwarded, PrefixStandsInPlaceOfTheBasePathAndMayBeInTheAddress) {
    broker::ConsoleConfig config = trusting("10.0.0.7");
    config.base_path = "/a/b";
    EXPECT_EQ(forwarded({{"x-forwarded-prefix", "/c"}}, config, "/c/topics").path, "/topics");
    EXPECT_EQ(forwarded({{"x-forwarded-prefix", "/c/"}}, config).base_path, "/c");
    EXPECT_EQ(forwarded({{"x-forwarded-prefix", "/"}}, config).base_path, "");
    EXPECT_EQ(forwarded({}, config, "/a/b/topics").path, "/topics");
}

TEST(Forwarded, WhatIsNoSchemeHostOrPathIsPassedOver) {
    broker::ConsoleConfig config = trusting("10.0.0.7");
    config.base_path = "/a/b";
    for (const char* prefix : {"c", "//evil.example", "/c/..", "/c?d", "/c d", "/\"><script>", "/c, /d", "/%2e"}) {
        EXPECT_EQ(forwarded({{"x-forwarded-prefix", prefix}}, config).base_path, "/a/b") << prefix;
    }
    for (const char* host : {"", "a.example, b.example", "a/b", "a@b", "\"", "a b"}) {
        EXPECT_EQ(forwarded({{"x-forwarded-host", host}}, config).host(), "127.0.0.1:9080") << host;
    }
    for (const char* scheme : {"", "HTTPS", "javascript", "https, http"}) {
        EXPECT_EQ(forwarded({{"x-forwarded-proto", scheme}}, config).scheme, "http") << scheme;
    }
}

}  // namespace
}  // namespace mamba::admin
