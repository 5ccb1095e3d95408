// A whole broker in a folder of its own, without a network, and the console over it.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <memory>
#include <string>

#include "admin-ui/asking.h"
#include "admin-ui/console.h"
#include "admin-ui/gzip.h"
#include "admin-ui/json.h"
#include "broker/start.h"
#include "protocol/messages/offset_commit.h"
#include "tests/admin-ui/fake_activity.h"
#include "tests/broker/metadata/temporary_folder.h"

namespace mamba::admin {

struct Answered {
    int status = 0;
    json::value body;  // null when it is not JSON
    std::string text;
    std::vector<std::pair<std::string, std::string>> headers;

    // The value at a JSON pointer such as "/error/message"; null when there is none.
    json::value at(std::string_view pointer) const {
        boost::system::error_code missing;
        const json::value* found = body.find_pointer(pointer, missing);
        return found == nullptr ? json::value() : *found;
    }
    std::string text_at(std::string_view pointer) const {
        const json::value found = at(pointer);
        return found.is_string() ? std::string(found.get_string()) : json::serialize(found);
    }
};

class ConsoleFixture : public testing::Test {
protected:
    // `settings` in addition to what a test broker needs.
    void start(std::map<std::string, std::string, std::less<>> settings = {}) {
        settings.emplace("log.dirs", folder_.path().string());
        settings.emplace("listeners", "PLAINTEXT://127.0.0.1:9092");
        settings.emplace("offsets.topic.num.partitions", "4");
        auto started = broker::start_broker({.settings = std::move(settings), .machine = {.cores = 2}});
        ASSERT_TRUE(started) << started.error();
        broker_ = std::move(*started);
        const auto registered = broker::register_broker(*broker_, {{"PLAINTEXT", "127.0.0.1", 9092}});
        ASSERT_TRUE(registered) << registered.error();
        broker::start_background(*broker_);
        console_ = std::make_unique<Console>(*broker_, activity_, Console::Identity{.version = "test"});
    }
    void TearDown() override {
        console_.reset();
        if (broker_) broker::stop_broker(*broker_);
    }

    Answered ask(Method method, const std::string& target, const std::string& body = {}, Headers headers = {}) {
        Request request;
        request.method = method;
        request.remote = "127.0.0.1";
        request.headers = std::move(headers);
        request.headers.emplace("host", "127.0.0.1:9080");
        if (method != Method::get) request.headers.emplace("content-type", "application/json");
        request.body = body;
        EXPECT_TRUE(parse_target(target, request)) << target;
        Response response = console_->handle(request);
        std::string text = response.is_compressed ? gunzip(response.body) : std::move(response.body);
        while (response.stream) {
            BodyStream::Part part = response.stream->next();
            text += part.bytes;
            if (part.is_last) break;
        }
        boost::system::error_code not_json;
        json::value parsed = json::parse(text, not_json);
        return {response.status, not_json ? json::value() : std::move(parsed), std::move(text),
                std::move(response.headers)};
    }
    Answered get(const std::string& target) { return ask(Method::get, target); }
    Answered post(const std::string& target, const json::value& body) {
        return ask(Method::post, target, json::serialize(body));
    }

    // Lets a request have been served, of a client that is not there.
    void serve(std::int16_t api, std::chrono::microseconds took, std::chrono::microseconds waited = {}) {
        const broker::Client client{.host = "h", .listener = "l"};
        const std::string topic = "orders";
        const Uuid id;
        const broker::Instant start(std::chrono::seconds(1));
        activity_.metrics.on_request(api, 100);
        activity_.metrics.on_sent({.api_key = api,
                                   .received = start,
                                   .ready = start + took,
                                   .sent = start + took,
                                   .waited = waited,
                                   .bytes_in = 100,
                                   .bytes_out = 50,
                                   .client = client,
                                   .topic = topic,
                                   .topic_id = id});
    }

    // An offset of the topic "orders", as a consumer that manages its partitions alone commits it.
    void commit(const std::string& group, std::int32_t partition, std::int64_t offset) {
        Request visitor;
        visitor.remote = "127.0.0.1";
        protocol::OffsetCommitRequest question;
        question.group_id = group;
        question.generation_id_or_member_epoch = -1;
        auto& topic = question.topics.emplace_back();
        topic.name = "orders";
        topic.topic_id = broker_->metadata->image()->find_topic("orders")->id;
        auto& committed = topic.partitions.emplace_back();
        committed.partition_index = partition;
        committed.committed_offset = offset;
        const auto answer = admin::ask<protocol::OffsetCommitResponse>(*console_, visitor, question);
        ASSERT_TRUE(answer);
        ASSERT_EQ(answer->topics.front().partitions.front().error_code, 0);
    }

    broker::TemporaryFolder folder_;
    FakeActivity activity_;
    std::unique_ptr<broker::Broker> broker_;
    std::unique_ptr<Console> console_;
};

}  // namespace mamba::admin
