#include "admin-ui/idempotency.h"

#include <gmock/gmock.h>

namespace mamba::admin {
namespace {

constexpr Timestamp start{1'790'000'000'000};

Request post(std::string key, std::string body = "{}") {
    Request request;
    request.method = Method::post;
    request.path = "/api/v1/topics";
    request.principal = "User:a";
    request.headers["idempotency-key"] = std::move(key);
    request.body = std::move(body);
    return request;
}
Response answer(int status, std::string body = "done") {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

TEST(Idempotency, SecondOneGetsTheAnswerOfTheFirst) {
    Idempotency keys;
    EXPECT_FALSE(keys.begin(post("k"), start));
    keys.finish(post("k"), answer(201));
    const auto again = keys.begin(post("k"), start);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->status, 201);
    EXPECT_EQ(again->body, "done");
    EXPECT_EQ(again->headers.at(0).first, "Idempotent-Replayed");
}

TEST(Idempotency, RequestsWithoutAKeyAreNoneOfItsBusiness) {
    Idempotency keys;
    EXPECT_FALSE(keys.begin(post(""), start));
    keys.finish(post(""), answer(201));
    EXPECT_FALSE(keys.begin(post(""), start));
}

TEST(Idempotency, OneUnderWayIsWaitedForByNobody) {
    Idempotency keys;
    EXPECT_FALSE(keys.begin(post("k"), start));
    EXPECT_EQ(keys.begin(post("k"), start)->status, 409);
}

TEST(Idempotency, KeyOfAnotherRequestIsRefused) {
    Idempotency keys;
    EXPECT_FALSE(keys.begin(post("k"), start));
    keys.finish(post("k"), answer(201));
    EXPECT_EQ(keys.begin(post("k", "{\"a\":1}"), start)->status, 422);
    Request elsewhere = post("k");
    elsewhere.path = "/api/v1/topics:delete";
    EXPECT_EQ(keys.begin(elsewhere, start)->status, 422);
    Request of_another = post("k");
    of_another.principal = "User:b";
    EXPECT_FALSE(keys.begin(of_another, start));
    EXPECT_EQ(keys.begin(post(std::string(256, 'k')), start)->status, 400);
}

TEST(Idempotency, RefusalIsKeptButNotOneThatSaysTryAgain) {
    Idempotency keys;
    for (const int status : {429, 500, 503}) {
        EXPECT_FALSE(keys.begin(post("k"), start)) << status;
        keys.finish(post("k"), answer(status));
    }
    EXPECT_FALSE(keys.begin(post("k"), start));
    keys.finish(post("k"), answer(409));
    EXPECT_EQ(keys.begin(post("k"), start)->status, 409);
    EXPECT_EQ(keys.begin(post("k"), start)->body, "done");
}

TEST(Idempotency, EndsAfterTenMinutes) {
    Idempotency keys;
    EXPECT_FALSE(keys.begin(post("k"), start));
    keys.finish(post("k"), answer(201));
    EXPECT_TRUE(keys.begin(post("k"), start + (Idempotency::kept_ms - 1)));
    EXPECT_FALSE(keys.begin(post("k"), start + Idempotency::kept_ms));
}

TEST(Idempotency, OldestMakeRoom) {
    Idempotency keys;
    for (std::size_t i = 0; i <= Idempotency::answers_max; ++i) {
        EXPECT_FALSE(keys.begin(post(std::to_string(i)), start));
        keys.finish(post(std::to_string(i)), answer(201));
    }
    EXPECT_TRUE(keys.begin(post("1"), start));
    EXPECT_FALSE(keys.begin(post("0"), start));
}

TEST(Idempotency, LargeAnswersHaveABoundToo) {
    Idempotency keys;
    const std::string large(Idempotency::bytes_max / 4, 'x');
    for (const char* key : {"1", "2", "3", "4", "5"}) {
        EXPECT_FALSE(keys.begin(post(key), start));
        keys.finish(post(key), answer(200, large));
    }
    EXPECT_FALSE(keys.begin(post("1"), start));
    EXPECT_TRUE(keys.begin(post("2"), start));
    EXPECT_FALSE(keys.begin(post("6"), start));
    keys.finish(post("6"), answer(200, std::string(Idempotency::bytes_max + 1, 'x')));
    EXPECT_FALSE(keys.begin(post("6"), start));
    EXPECT_TRUE(keys.begin(post("5"), start));
}

}  // namespace
}  // namespace mamba::admin
