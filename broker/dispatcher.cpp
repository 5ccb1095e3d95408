#include "broker/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "broker/broker.h"
#include "broker/encode_answer.h"
#include "broker/handlers/handlers.h"
#include "broker/handlers/serve.h"
#include "protocol/api.h"
#include "protocol/messages/all.h"

namespace mamba::broker {
namespace {

using protocol::ApiKey;

const Logger request_log = logger("mamba.request");

Timestamp wall_clock() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

}  // namespace

// One request on its way to its handler.
struct Dispatcher::Call {
    std::span<std::byte> frame;
    BytesView body;
    ReplySlot slot;
    const protocol::ApiInfo& api;
    Client& client;
    const RequestContext& context;
    std::int32_t correlation_id = 0;
};

Dispatcher::Dispatcher(Broker& broker, Executor& executor)
    : broker_(broker),
      executor_(executor),
      produce_(*broker.partitions, *broker.observations, executor),
      fetcher_(*broker.partitions, *broker.fetch_sessions, *broker.observations, *broker.workers, executor,
               FetchLimits{broker.configs->broker()->fetch.bytes_max}) {}

Dispatcher::~Dispatcher() = default;

bool Dispatcher::on_frame(std::span<std::byte> frame, ReplySlot slot, Client& client, Instant received) {
    // The header's first fields are the same in every version; they decide how to read the rest.
    protocol::Reader in(frame);
    const std::int16_t key = in.int16();
    const protocol::MessageVersion version = in.int16();
    const std::int32_t correlation_id = in.int32();
    const std::optional<std::string_view> client_id = in.nullable_string(false);
    const protocol::ApiInfo* api = protocol::find_api(key);
    if (!in.ok()) return refuse(client, "a request header is cut short");
    if (api == nullptr || !is_served(api->key)) return refuse(client, "a request of an API that is not served");

    const RequestContext context{
        .client = client,
        .client_id = client_id.value_or(std::string_view()),
        .version = version,
        .received = received,
        .now = wall_clock(),
    };
    if (version < api->version_min || version > api->version_stable) {
        if (api->key != ApiKey::api_versions) return refuse(client, "a request of a version that is not served");
        // Whoever asks with too new a version learns from an answer of version 0 (KIP-511).
        slot.answer(encode_answer(unsupported_api_version(), 0, correlation_id));
        return true;
    }
    if (protocol::request_header_version(*api, version) >= 2) {
        protocol::UnknownTags tags;
        in.tagged_fields(tags, [](std::uint32_t, protocol::Reader&) { return false; });
        if (!in.ok()) return refuse(client, "a request header has malformed tagged fields");
    }

    metrics_.on_request(key, frame.size());
    client.apis.set(static_cast<std::size_t>(key));
    if (client.client_id != context.client_id) client.client_id = context.client_id;
    const BytesView body = BytesView(frame).last(in.remaining());
    if (api->key == ApiKey::produce) {
        if (produce_.on_request(frame, body, context, correlation_id, std::move(slot))) return true;
        return refuse(client, "a Produce request is malformed");
    }
    end_turn();  // a client sees what it has sent before
    if (api->key == ApiKey::api_versions) note_client_software(client, body, version);
    Call call{frame, body, std::move(slot), *api, client, context, correlation_id};
    if (dispatch(call)) return true;
    return refuse(client, "a request is malformed");
}

template <class Request, class Handler>
bool Dispatcher::serve(Call& call, Handler handler) {
    protocol::Reader in(call.body);
    Request request;
    request.decode(in, call.context.version);
    if (!in.ok()) return false;
    handler(request, std::move(call.slot));
    return true;
}

template <class Response>
Reply<Response> Dispatcher::reply_to(const Call& call, ReplySlot slot) {
    // Members of a group wait for each other; from the start on, since the rest is nothing against it.
    constexpr bool waits = Response::api_key == static_cast<std::int16_t>(ApiKey::join_group) ||
                           Response::api_key == static_cast<std::int16_t>(ApiKey::sync_group);
    const Instant parked = waits ? call.context.received : Instant{};
    return Reply<Response>([slot = std::move(slot), version = call.context.version, id = call.correlation_id,
                            parked](Response&& response) mutable {
        Answer answer = encode_answer(response, version, id);
        answer.parked = parked;
        slot.answer(std::move(answer));
    });
}

bool Dispatcher::dispatch(Call& call) {
    switch (call.api.key) {
        case ApiKey::fetch:
            return serve<protocol::FetchRequest>(call, [&](const auto& request, ReplySlot slot) {
                fetcher_.on_request(request, call.context, call.correlation_id, std::move(slot), call.client.fetched);
            });
#define MAMBA_SERVE(Name, name, parts)                                                               \
    case ApiKey::name:                                                                               \
        return serve<protocol::Name##Request>(call, [&](const auto& request, ReplySlot slot) {      \
            auto reply = reply_to<protocol::Name##Response>(call, std::move(slot));                  \
            broker::serve(broker_, request, call.context, std::move(reply));                         \
        });
        MAMBA_HANDLERS(MAMBA_SERVE)
#undef MAMBA_SERVE
        default:
            return false;
    }
}

void Dispatcher::end_turn() {
    if (!produce_.empty()) produce_.commit(wall_clock());
}

void Dispatcher::on_sent(const ServedRequest& request) {
    metrics_.on_sent(request);
    slow_.offer(request, wall_clock);
}

std::vector<std::string> Dispatcher::describe(Instant now) const {
    std::vector<std::string> lines;
    const auto microseconds = [](std::chrono::nanoseconds time) {
        return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    };
    for (const protocol::ApiInfo& api : protocol::all_apis()) {
        const auto key = static_cast<std::size_t>(api.key);
        const RequestTimes* times = metrics_.times(key);
        if (times == nullptr) continue;
        lines.push_back(fmt::format(
            "{}: {} requests, {} bytes; p50 {} us, p99 {} us, p99.9 {} us; waited p99 {} us, sent p99 {} us", api.name,
            metrics_.requests(key), metrics_.bytes_in(key), microseconds(times->busy.percentile(0.5)),
            microseconds(times->busy.percentile(0.99)), microseconds(times->busy.percentile(0.999)),
            microseconds(times->waited.percentile(0.99)), microseconds(times->sent.percentile(0.99))));
    }
    for (const WaitingRequest& waiting : waiting_requests(now)) {
        lines.push_back(waiting.reason);
    }
    return lines;
}

std::vector<WaitingRequest> Dispatcher::waiting_requests(Instant now) const {
    std::vector<WaitingRequest> waiting = produce_.waiting_requests(now);
    std::ranges::move(fetcher_.waiting_requests(now), std::back_inserter(waiting));
    return waiting;
}

void Dispatcher::on_bad_frame_size(const Client& client, std::int32_t size) {
    refuse(client, "a frame claims " + std::to_string(size) + " bytes");
}

bool Dispatcher::refuse(const Client& client, std::string_view why) {
    metrics_.on_bad_request();
    broker_.observations->refusals.add_or_count(
        {.at = wall_clock(), .subject = std::string(why), .client_id = {}, .host = client.host});
    if (const auto suppressed = bad_requests_.take(std::chrono::steady_clock::now())) {
        request_log.warn("{} is cut off: {} ({} such lines left out)", client.host, why, *suppressed);
    }
    return false;
}

void Dispatcher::on_tick(Instant now) {
    produce_.expire(now);
    fetcher_.forget_gone();
}

}  // namespace mamba::broker
