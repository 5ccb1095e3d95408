#include "admin-ui/produce_lane.h"

#include <pthread.h>

#include "admin-ui/asking.h"

namespace mamba::admin {
namespace {

constexpr protocol::MessageVersion version = 12;  // the last that names topics; 13 gives their ids
constexpr std::int16_t acks_all = -1;
constexpr auto expiry_interval = std::chrono::milliseconds(100);

}  // namespace

// Where the turn leaves its answer.
class ProduceLane::Answers final : public broker::AnswerQueue {
public:
    std::future<broker::Answer> future() { return promise_.get_future(); }

    void answer(std::uint64_t, broker::Answer answer) override { promise_.set_value(std::move(answer)); }
    void skip(std::uint64_t, broker::Answer) override {}
    void close_connection(const char*) override {}
    bool is_gone() const override { return false; }

private:
    std::promise<broker::Answer> promise_;
};

ProduceLane::ProduceLane(broker::Broker& broker)
    : turn_(*broker.partitions, *broker.observations, *this), thread_([this] { run(); }) {}

ProduceLane::~ProduceLane() { stop(); }

void ProduceLane::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ProduceLane::post(Task task) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
    }
    wake_.notify_all();
}

void ProduceLane::run_at(broker::Instant when, Task task) { timed_.emplace(when, std::move(task)); }

void ProduceLane::run() {
    pthread_setname_np(pthread_self(), "console-produce");
    std::vector<Task> tasks;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, expiry_interval, [this] { return stopping_ || !tasks_.empty(); });
            if (stopping_) return;
            tasks.swap(tasks_);
        }
        for (Task& task : tasks) task();
        tasks.clear();
        const auto now = std::chrono::steady_clock::now();
        while (!timed_.empty() && timed_.begin()->first <= now) timed_.extract(timed_.begin()).mapped()();
        turn_.expire(now);
    }
}

std::expected<protocol::ProduceResponse, ApiError> ProduceLane::produce(const Request& visitor,
                                                                        const std::string& topic,
                                                                        std::vector<OutgoingBatch> batches) {
    protocol::ProduceRequest request;
    request.acks = acks_all;
    request.timeout_ms = ask_timeout_ms;
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    for (const OutgoingBatch& batch : batches) {
        auto& partition = data.partition_data.emplace_back();
        partition.index = batch.partition.value;
        partition.records = BytesView(batch.batch);
    }
    protocol::Writer out;
    request.encode(out, version);
    Bytes frame = out.take();

    const broker::Client client = client_of(visitor);
    const auto answers = std::make_shared<Answers>();
    std::future<broker::Answer> answer = answers->future();
    // The turn writes into the frame and is done with it, as with the client, once it has committed.
    std::promise<bool> taken;
    std::future<bool> was_taken = taken.get_future();
    post([&, slot = broker::ReplySlot(answers, 0)]() mutable {
        const broker::RequestContext context{.client = client,
                                             .client_id = client.client_id,
                                             .version = version,
                                             .received = std::chrono::steady_clock::now(),
                                             .now = wall_clock()};
        const bool good = turn_.on_request(frame, frame, context, 0, std::move(slot));
        turn_.commit(context.now);
        taken.set_value(good);
    });
    try {
        if (!was_taken.get()) return std::unexpected(ApiError{.message = "these records cannot be stored"});
        if (answer.wait_for(ask_time_max) != std::future_status::ready) {
            return std::unexpected(kafka_error(ErrorCode::request_timed_out));
        }
        const Bytes bytes = answer.get().bytes;
        constexpr std::size_t frame_header_bytes = 4 + 4 + 1;  // size, correlation id, no tags
        protocol::Reader in(BytesView(bytes).subspan(frame_header_bytes));
        protocol::ProduceResponse response;
        response.decode(in, version);
        return response;
    } catch (const std::future_error&) {  // dropped: the broker stops
        return std::unexpected(kafka_error(ErrorCode::broker_not_available, "the broker is stopping"));
    }
}

}  // namespace mamba::admin
