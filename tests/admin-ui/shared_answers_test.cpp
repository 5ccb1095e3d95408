#include "admin-ui/shared_answers.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

#include "admin-ui/gzip.h"

namespace mamba::admin {
namespace {

class SharedAnswersTest : public testing::Test {
protected:
    std::string ask(std::string_view name, std::uint64_t version) {
        const Response response = answers_.get(name, version, [&] { return make(); });
        EXPECT_TRUE(response.is_compressed);
        EXPECT_EQ(response.etag, gunzip(response.body));
        return gunzip(response.body);
    }
    Response make() {
        Response response;
        response.body = "answer " + std::to_string(++made_);
        response.etag = response.body;
        return response;
    }

    SharedAnswers answers_;
    std::atomic<int> made_ = 0;
};

TEST_F(SharedAnswersTest, AnAnswerIsMadeOnceForItsVersion) {
    EXPECT_EQ(ask("topics", 1), "answer 1");
    EXPECT_EQ(ask("topics", 1), "answer 1");
    EXPECT_EQ(ask("topics", 2), "answer 2");
    EXPECT_EQ(ask("groups", 2), "answer 3");
    EXPECT_EQ(ask("topics", 2), "answer 2");
}

TEST_F(SharedAnswersTest, AChangeIsSeenAtOnce) {
    ask("groups", 1);
    answers_.forget();
    EXPECT_EQ(ask("groups", 1), "answer 2");
}

TEST_F(SharedAnswersTest, WhatWasBegunBeforeAChangeIsNotKept) {
    answers_.get("groups", 1, [&] {
        answers_.forget();
        return make();
    });
    EXPECT_EQ(ask("groups", 1), "answer 2");
}

TEST_F(SharedAnswersTest, ManyWhoAskAtOnceShareOne) {
    std::vector<std::jthread> people;
    for (int i = 0; i < 4; ++i) people.emplace_back([&] { EXPECT_EQ(ask("topics", 7), "answer 1"); });
    people.clear();
    EXPECT_EQ(made_, 1);
}

TEST_F(SharedAnswersTest, OneThatCannotBeMadeIsTriedAgain) {
    const auto fail = []() -> Response { throw std::runtime_error("no memory"); };
    EXPECT_THROW(answers_.get("topics", 1, fail), std::runtime_error);
    EXPECT_EQ(ask("topics", 1), "answer 1");
}

}  // namespace
}  // namespace mamba::admin
