// Asks this broker what a client would ask it, without a socket: the handler of the API gets the
// request with its newest version, and the caller waits for the answer.
#pragma once

#include <chrono>
#include <expected>
#include <future>
#include <memory>
#include <utility>

#include "admin-ui/console.h"
#include "admin-ui/json.h"
#include "broker/handlers/serve.h"
#include "protocol/api.h"

namespace mamba::admin {

inline constexpr auto ask_time_max = std::chrono::seconds(30);
inline constexpr std::int32_t ask_timeout_ms = 25'000;  // for requests that carry one

// `client` stands for the visitor in the broker's logs and errors.
inline broker::Client client_of(const Request& request) {
    broker::Client client{.host = request.remote, .listener = "CONSOLE", .principal = request.principal};
    client.client_id = "mambamq-console";
    return client;
}

// `put` hands the question over: void(const broker::RequestContext&, broker::Reply<Answer>).
template <class Answer, class Put>
std::expected<Answer, ApiError> ask_with(const Request& visitor, protocol::MessageVersion version, const Put& put) {
    const broker::Client client = client_of(visitor);
    const broker::RequestContext context{.client = client,
                                         .client_id = client.client_id,
                                         .version = version,
                                         .received = std::chrono::steady_clock::now(),
                                         .now = wall_clock()};
    auto answered = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = answered->get_future();
    put(context, broker::Reply<Answer>(
                     [promise = std::move(answered)](Answer&& value) { promise->set_value(std::move(value)); }));
    if (answer.wait_for(ask_time_max) != std::future_status::ready) {
        return std::unexpected(kafka_error(ErrorCode::request_timed_out));
    }
    try {
        return answer.get();
    } catch (const std::future_error&) {  // dropped unanswered: the broker stops
        return std::unexpected(kafka_error(ErrorCode::broker_not_available, "the broker is stopping"));
    }
}

// A question of any API that the dispatcher serves.
template <class Answer, class Question>
std::expected<Answer, ApiError> ask(Console& console, const Request& visitor, const Question& question) {
    const protocol::MessageVersion version = protocol::find_api(Question::api_key)->version_stable;
    return ask_with<Answer>(visitor, version, [&](const broker::RequestContext& context, broker::Reply<Answer> reply) {
        broker::serve(console.broker(), question, context, std::move(reply));
    });
}

}  // namespace mamba::admin
