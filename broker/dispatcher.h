// Takes a received frame to the handler of its API. One per io thread.
//
// The table of what is served is here and nowhere else: ApiVersions advertises exactly that.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "broker/activity.h"
#include "broker/answer.h"
#include "broker/executor.h"
#include "broker/fetch.h"
#include "broker/frame_handler.h"
#include "broker/logging.h"
#include "broker/produce.h"
#include "broker/request.h"
#include "broker/request_metrics.h"
#include "broker/slow_requests.h"

namespace mamba::broker {

struct Broker;

class Dispatcher final : public FrameHandler {
public:
    Dispatcher(Broker& broker, Executor& executor);
    ~Dispatcher() override;

    bool on_frame(std::span<std::byte> frame, ReplySlot slot, Client& client, Instant received) override;
    // Appends what the turn's produce requests have staged.
    void end_turn() override;
    void on_sent(const ServedRequest& request) override;
    void on_bad_frame_size(const Client& client, std::int32_t size) override;

    // Answers parked fetches at once: the broker stops.
    void finish_waiting() { fetcher_.finish_all(); }
    // Housekeeping of what waits; called about every 100 ms.
    void on_tick(Instant now);

    const RequestMetrics& metrics() const { return metrics_; }
    const SlowRequests& slow_requests() const { return slow_; }
    // Times by API, and what every parked request waits for, in lines for people. On the thread.
    std::vector<std::string> describe(Instant now) const;
    // What every parked request waits for. On the thread.
    std::vector<WaitingRequest> waiting_requests(Instant now) const;

private:
    struct Call;
    bool dispatch(Call& call);
    template <class Request, class Handler>
    bool serve(Call& call, Handler handler);
    template <class Response>
    static Reply<Response> reply_to(const Call& call, ReplySlot slot);
    bool refuse(const Client& client, std::string_view why);

    Broker& broker_;
    Executor& executor_;
    ProduceTurn produce_;
    Fetcher fetcher_;
    RequestMetrics metrics_;
    SlowRequests slow_;
    RateLimited bad_requests_;
};

}  // namespace mamba::broker
