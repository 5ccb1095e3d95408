#include "broker/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <utility>

#include "broker/encode_answer.h"
#include "broker/logging.h"
#include "broker/observations.h"
#include "broker/page_cache.h"
#include "broker/partitions.h"

namespace mamba::broker {
namespace {

using protocol::FetchRequest;
using protocol::FetchResponse;

std::int32_t random_session_id() {
    thread_local std::mt19937 source{std::random_device{}()};
    return static_cast<std::int32_t>(std::uniform_int_distribution<std::int32_t>(1)(source));
}

// Any epoch below zero stands for none here, unlike in other requests.
LeaderEpoch known_epoch(const FetchTarget& target) { return std::max(target.current_leader_epoch, no_leader_epoch); }

}  // namespace

// One request from its first look to its answer.
class Fetcher::Waiting final : public ReadListener, public std::enable_shared_from_this<Waiting> {
public:
    Waiting(Fetcher& fetcher, const FetchRequest& request, const RequestContext& context, std::int32_t correlation_id,
            ReplySlot slot, FetchSessionCache::Begun begun)
        : fetcher_(fetcher),
          slot_(std::move(slot)),
          version_(context.version),
          correlation_id_(correlation_id),
          is_follower_(request.replica_id >= 0 || request.replica_state.replica_id >= 0),
          read_committed_(request.isolation_level == 1),
          bytes_max_(std::clamp(request.max_bytes, 0, fetcher.limits_.answer_bytes_max)),
          // No wait for more than the answer may hold.
          bytes_min_(std::clamp(request.min_bytes, 0, bytes_max_)),
          received_(context.now),
          deadline_(context.received + std::chrono::milliseconds(std::max(request.max_wait_ms, 0))),
          client_id_(context.client_id),
          host_(context.client.host),
          connection_id_(context.client.connection_id),
          session_(std::move(begun)) {
        partitions_.reserve(session_.targets.size());
        for (const FetchTarget& target : session_.targets) {
            partitions_.push_back(version_ >= 13 ? fetcher.partitions_.find(target.topic->id, target.partition)
                                                 : fetcher.partitions_.find(target.topic->name, target.partition));
        }
    }

    void start(Instant now) {
        is_last_look_ = now >= deadline_;
        look();
    }

    void note_positions(std::vector<FetchedFrom>& into) const {
        if (is_follower_) return;
        into.clear();
        const std::size_t count = std::min(partitions_.size(), FetchedFrom::partitions_max);
        for (std::size_t i = 0; i < count; ++i) {
            const FetchTarget& target = session_.targets[i];
            if (partitions_[i]) into.push_back({partitions_[i]->topic_id(), target.partition, target.offset});
        }
    }

    // Answers with what there is.
    void on_deadline() {
        unpark();
        is_last_look_ = true;
        if (!is_looking_) look();
    }

    bool is_gone() const { return slot_.is_gone(); }
    // Nobody waits any more.
    void forget() { is_parked_ = false; }

    void on_news() override {
        if (told_.exchange(true, std::memory_order_acq_rel)) return;
        fetcher_.executor_.post([self = shared_from_this()] {
            self->told_.store(false, std::memory_order_release);
            self->look_again();
        });
    }

    WaitingRequest describe(Instant now) const {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - now).count();
        return {.api = "Fetch",
                .kind = "FETCH",
                .client_id = client_id_,
                .connection_id = connection_id_,
                .group = {},
                .reason = fmt::format("Fetch by '{}' on {} waits for {} bytes, has {}, {} ms left", escape(client_id_),
                                      what(), bytes_min_, found_.bytes, std::max<std::int64_t>(left, 0)),
                .since = parked_at_,
                .deadline = deadline_};
    }

private:
    // What one look over all partitions has found.
    struct Look {
        std::vector<Partition::Read> reads;  // side by side with session_.targets
        std::size_t bytes = 0;
        bool any_error = false;
        bool any_on_older_segment = false;
        bool is_cold = false;  // the disk has to be asked: nothing else counts
    };

    // "orders-3", or "orders-3 and 11 more partitions".
    std::string what() const {
        const FetchTarget& first = session_.targets.front();  // one without partitions does not wait
        const std::string& topic = partitions_.front() ? partitions_.front()->name().topic : first.topic->name;
        std::string text = escape(topic) + "-" + std::to_string(first.partition.value);
        if (partitions_.size() > 1) text += fmt::format(" and {} more partitions", partitions_.size() - 1);
        return text;
    }

    void look_again() {
        if (!is_parked_) return;
        if (is_looking_) {
            is_told_while_looking_ = true;
        } else {
            look();
        }
    }

    // Where the disk has to be asked, a worker does.
    void look() {
        Look found = look_at_all(&Partition::read_cached);
        if (!found.is_cold) return on_look(std::move(found));
        is_looking_ = true;
        fetcher_.workers_.submit([self = shared_from_this()] {
            self->fetcher_.executor_.post(
                [self, found = self->look_at_all(&Partition::read)]() mutable {
                    self->is_looking_ = false;
                    self->on_look(std::move(found));
                });
        });
    }

    void on_look(Look found) {
        found_ = std::move(found);
        if (is_last_look_ || fetcher_.is_finishing_ || is_enough()) return finish();
        if (std::exchange(is_told_while_looking_, false)) return look();
        if (!is_parked_) park();
        wait_for_news();
    }

    void park() {
        place_ = fetcher_.waiting_.emplace(deadline_, shared_from_this());
        is_parked_ = true;
        parked_at_ = std::chrono::steady_clock::now();
        awaited_.assign(partitions_.size(), Offset(-1));
        fetcher_.arm_deadline();
    }
    void unpark() {
        if (!std::exchange(is_parked_, false)) return;
        fetcher_.waiting_.erase(place_);
        resumed_at_ = std::chrono::steady_clock::now();
    }

    // Registers with every partition that does not have us yet; looks once more when one moved on
    // meanwhile. A partition forgets a listener as its high watermark moves, and not before.
    void wait_for_news() {
        for (std::size_t i = 0; i < partitions_.size(); ++i) {
            if (std::exchange(awaited_[i], found_.reads[i].high_watermark) == found_.reads[i].high_watermark) continue;
            if (!partitions_[i]->await_news(found_.reads[i].high_watermark, weak_from_this())) {
                on_news();
                return;
            }
        }
    }

    // On any thread.
    Look look_at_all(Partition::Read (Partition::*read)(Offset, LeaderEpoch, std::size_t, bool)) const {
        Look look{.reads = std::vector<Partition::Read>(partitions_.size()), .any_error = partitions_.empty()};
        auto left = static_cast<std::size_t>(bytes_max_);
        for (std::size_t i = 0; i < partitions_.size() && !look.is_cold; ++i) {
            const FetchTarget& target = session_.targets[i];
            Partition::Read& found = look.reads[i];
            if (!partitions_[i]) {
                found.error = version_ >= 13 ? fetcher_.partitions_.why_missing(target.topic->id, target.partition)
                                             : fetcher_.partitions_.why_missing(target.topic->name, target.partition);
            } else if (is_follower_) {
                found.error = ErrorCode::not_leader_or_follower;  // nobody follows this broker
            } else {
                const std::size_t wanted = std::min(left, static_cast<std::size_t>(std::max(target.bytes_max, 0)));
                // The first partition with records gives at least a whole batch, so that a consumer
                // with small limits gets on. Source: KIP-74.
                found = (*partitions_[i].*read)(target.offset, known_epoch(target), wanted, look.bytes == 0);
            }
            look.bytes += found.slice.length;
            left -= std::min(left, found.slice.length);
            look.any_error |= found.error != ErrorCode::none;
            look.any_on_older_segment |= found.on_older_segment;
            look.is_cold |= found.cold;
        }
        return look;
    }

    // What lies in a segment that is not the last one gets no longer by waiting.
    bool is_enough() const {
        return found_.any_error || found_.any_on_older_segment ||
               found_.bytes >= static_cast<std::size_t>(bytes_min_);
    }

    // From here on nothing is looked up again; the answer may have to wait for the disk yet.
    void finish() {
        const auto self = shared_from_this();
        unpark();
        if (found_.any_error) observe_errors();
        std::vector<log::FileSlice> cold;
        for (std::size_t i = 0; i < found_.reads.size(); ++i) {
            const Partition::Read& read = found_.reads[i];
            if (read.slice.length == 0) continue;
            partitions_[i]->count_fetched(read.slice.length);
            if (read.recent || is_in_page_cache(read.slice)) continue;
            partitions_[i]->count_cold_read(read.slice.length);
            cold.push_back(read.slice);
        }
        if (cold.empty()) return answer();
        fetcher_.workers_.submit([self = shared_from_this(), cold = std::move(cold)] {
            for (const log::FileSlice& slice : cold) read_into_page_cache(slice);
            self->fetcher_.executor_.post([self] { self->answer(); });
        });
    }

    void observe_errors() const {
        for (std::size_t i = 0; i < found_.reads.size(); ++i) {
            if (found_.reads[i].error == ErrorCode::none) continue;
            const FetchTarget& target = session_.targets[i];
            const std::string topic = target.topic->name.empty() ? target.topic->id.to_string() : target.topic->name;
            fetcher_.observations_.refusals.add_or_count(
                {.at = received_,
                 .api_key = static_cast<std::int16_t>(protocol::ApiKey::fetch),
                 .error = found_.reads[i].error,
                 .subject = topic + "-" + std::to_string(target.partition.value),
                 .client_id = client_id_,
                 .host = host_});
        }
    }

    void answer() {
        const std::vector<bool> included = news_for_client();
        FetchResponse response;
        response.session_id = session_.session_id;
        std::vector<log::FileSlice> slices;
        const FetchTopic* last_topic = nullptr;
        for (std::size_t i = 0; i < found_.reads.size(); ++i) {
            if (session_.incremental && !included[i]) continue;
            const FetchTarget& target = session_.targets[i];
            if (last_topic == nullptr || *target.topic != *last_topic) {
                last_topic = target.topic.get();
                auto& topic = response.responses.emplace_back();
                topic.topic = last_topic->name;
                topic.topic_id = last_topic->id;
            }
            const Partition::Read& read = found_.reads[i];
            auto& answer = response.responses.back().partitions.emplace_back();
            answer.partition_index = target.partition.value;
            answer.error_code = to_wire(read.error);
            answer.high_watermark = read.high_watermark.value;
            answer.last_stable_offset = read.high_watermark.value;
            answer.log_start_offset = read.log_start.value;
            // None of a partition that does not exist is an empty list, as in Kafka's answers.
            if (!partitions_[i] || (read_committed_ && read.error == ErrorCode::none)) {
                answer.aborted_transactions.emplace();
            } else {
                answer.aborted_transactions.reset();
            }
            answer.records.spliced = static_cast<std::uint32_t>(read.slice.length);
            if (read.slice.length > 0) {
                answer.records.source = static_cast<std::uint32_t>(slices.size());
                slices.push_back(read.slice);
            }
        }
        Answer encoded = encode_answer(response, version_, correlation_id_, std::move(slices));
        for (const Partition::Read& read : found_.reads) {
            if (encoded.error == ErrorCode::none) encoded.error = read.error;
        }
        encoded.parked = parked_at_;
        encoded.resumed = resumed_at_;
        encoded.topics = bytes_by_topic();
        if (!response.responses.empty()) {
            encoded.topic = std::move(response.responses.front().topic);
            encoded.topic_id = response.responses.front().topic_id;
        }
        slot_.answer(std::move(encoded));
    }

    RequestTopics bytes_by_topic() const {
        RequestTopics topics;
        for (std::size_t i = 0; i < found_.reads.size(); ++i) {
            const std::size_t bytes = found_.reads[i].slice.length;
            if (bytes > 0) topics.of(partitions_[i]->topic_id()).out += bytes;
        }
        return topics;
    }

    std::vector<bool> news_for_client() {
        if (session_.session_id == 0) return {};
        std::vector<FetchNews> news;
        news.reserve(found_.reads.size());
        for (const Partition::Read& read : found_.reads) {
            news.push_back({read.slice.length > 0, read.error, read.high_watermark, read.log_start});
        }
        const std::lock_guard lock(fetcher_.sessions_.mutex);
        return fetcher_.sessions_.cache.finish(session_.session_id, session_.targets, news);
    }

    Fetcher& fetcher_;
    ReplySlot slot_;
    const protocol::MessageVersion version_;
    const std::int32_t correlation_id_;
    const bool is_follower_;
    const bool read_committed_;
    const std::int32_t bytes_max_;
    const std::int32_t bytes_min_;
    const Timestamp received_;
    const Instant deadline_;
    const std::string client_id_;
    const std::string host_;
    const std::uint64_t connection_id_;
    const FetchSessionCache::Begun session_;
    std::vector<std::shared_ptr<Partition>> partitions_;  // side by side with session_.targets
    Look found_;                                          // as of the last look
    std::vector<Offset> awaited_;  // side by side as well: the high watermark beyond which we are told; -1: none
    std::multimap<Instant, std::shared_ptr<Waiting>>::iterator place_;  // while is_parked_
    bool is_parked_ = false;
    Instant parked_at_{};   // zero: it never was
    Instant resumed_at_{};
    bool is_looking_ = false;    // a worker does
    bool is_told_while_looking_ = false;
    bool is_last_look_ = false;  // whatever it finds is the answer
    std::atomic<bool> told_{false};
};

Fetcher::Fetcher(Partitions& partitions, FetchSessions& sessions, Observations& observations, WorkerPool& workers,
                 Executor& executor, FetchLimits limits)
    : partitions_(partitions),
      sessions_(sessions),
      observations_(observations),
      workers_(workers),
      executor_(executor),
      limits_(limits) {}

Fetcher::~Fetcher() = default;

void Fetcher::on_request(const FetchRequest& request, const RequestContext& context, std::int32_t correlation_id,
                         ReplySlot slot, std::vector<FetchedFrom>& fetched) {
    FetchSessionCache::Begun begun;
    {
        const std::lock_guard lock(sessions_.mutex);
        begun = sessions_.cache.begin(request, context.version, context.received, random_session_id());
    }
    if (begun.error != ErrorCode::none) {
        FetchResponse response;
        response.error_code = to_wire(begun.error);
        slot.answer(encode_answer(response, context.version, correlation_id));
        return;
    }
    const auto waiting = std::make_shared<Waiting>(*this, request, context, correlation_id, std::move(slot),
                                                   std::move(begun));
    waiting->note_positions(fetched);
    waiting->start(std::chrono::steady_clock::now());
}

void Fetcher::finish_all() {
    is_finishing_ = true;
    while (!waiting_.empty()) {
        const std::shared_ptr<Waiting> waiting = waiting_.begin()->second;  // takes itself out
        waiting->on_deadline();
    }
}

std::vector<WaitingRequest> Fetcher::waiting_requests(Instant now) const {
    std::vector<WaitingRequest> all;
    all.reserve(waiting_.size());
    for (const auto& [deadline, waiting] : waiting_) all.push_back(waiting->describe(now));
    return all;
}

void Fetcher::arm_deadline() {
    if (waiting_.empty() || waiting_.begin()->first >= armed_for_) return;
    armed_for_ = waiting_.begin()->first;
    executor_.run_at(armed_for_, [this, when = armed_for_] {
        if (armed_for_ == when) armed_for_ = Instant::max();
        while (!waiting_.empty() && waiting_.begin()->first <= when) {
            const std::shared_ptr<Waiting> due = waiting_.begin()->second;  // takes itself out
            due->on_deadline();
        }
        arm_deadline();
    });
}

void Fetcher::forget_gone() {
    std::erase_if(waiting_, [](const auto& entry) {
        if (!entry.second->is_gone()) return false;
        entry.second->forget();
        return true;
    });
}

}  // namespace mamba::broker
