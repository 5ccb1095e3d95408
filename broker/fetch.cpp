#include "broker/fetch.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <utility>

#include "broker/encode_answer.h"
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
          bytes_min_(std::max(request.min_bytes, 0)),
          bytes_max_(std::clamp(request.max_bytes, 0, fetcher.limits_.answer_bytes_max)),
          deadline_(context.received + std::chrono::milliseconds(std::max(request.max_wait_ms, 0))),
          client_id_(context.client_id),
          session_(std::move(begun)) {
        partitions_.reserve(session_.targets.size());
        for (const FetchTarget& target : session_.targets) {
            partitions_.push_back(version_ >= 13 ? fetcher.partitions_.find(target.topic->id, target.partition)
                                                 : fetcher.partitions_.find(target.topic->name, target.partition));
        }
    }

    void start(Instant now) {
        look();
        if (is_enough() || now >= deadline_) return finish();
        fetcher_.waiting_.insert(shared_from_this());
        fetcher_.executor_.run_at(deadline_, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (self && self->slot_) {
                self->look();
                self->finish();
            }
        });
        wait_for_news();
    }

    void on_news() override {
        if (told_.exchange(true, std::memory_order_acq_rel)) return;
        fetcher_.executor_.post([self = shared_from_this()] {
            self->told_.store(false, std::memory_order_release);
            self->look_again();
        });
    }

    std::string describe(Instant now) const {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - now).count();
        return "Fetch by '" + client_id_ + "' on " + std::to_string(partitions_.size()) + " partitions waits for " +
               std::to_string(bytes_min_) + " bytes, has " + std::to_string(bytes_found_) + ", " +
               std::to_string(std::max<std::int64_t>(left, 0)) + " ms left";
    }

private:
    void look_again() {
        if (!slot_) return;
        look();
        if (is_enough()) return finish();
        wait_for_news();
    }

    // Registers with every partition; looks once more when one moved on meanwhile.
    void wait_for_news() {
        for (std::size_t i = 0; i < partitions_.size(); ++i) {
            if (!partitions_[i]->await_news(reads_[i].high_watermark, weak_from_this())) {
                on_news();
                return;
            }
        }
    }

    void look() {
        reads_.assign(partitions_.size(), {});
        bytes_found_ = 0;
        any_error_ = partitions_.empty();
        auto left = static_cast<std::size_t>(bytes_max_);
        for (std::size_t i = 0; i < partitions_.size(); ++i) {
            const FetchTarget& target = session_.targets[i];
            Partition::Read& read = reads_[i];
            if (!partitions_[i]) {
                read.error = version_ >= 13 ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
            } else if (is_follower_) {
                read.error = ErrorCode::not_leader_or_follower;  // nobody follows this broker
            } else {
                const std::size_t wanted = std::min(left, static_cast<std::size_t>(std::max(target.bytes_max, 0)));
                // The first partition with records gives at least a whole batch, so that a consumer
                // with small limits gets on. Source: KIP-74.
                read = partitions_[i]->read(target.offset, target.current_leader_epoch, wanted, bytes_found_ == 0);
            }
            bytes_found_ += read.slice.length;
            left -= std::min(left, read.slice.length);
            any_error_ |= read.error != ErrorCode::none;
        }
    }

    bool is_enough() const { return any_error_ || bytes_found_ >= static_cast<std::size_t>(bytes_min_); }

    void finish() {
        fetcher_.waiting_.erase(shared_from_this());
        std::vector<log::FileSlice> cold;
        for (std::size_t i = 0; i < reads_.size(); ++i) {
            const Partition::Read& read = reads_[i];
            if (read.slice.length == 0 || read.recent || is_in_page_cache(read.slice)) continue;
            partitions_[i]->count_cold_read(read.slice.length);
            cold.push_back(read.slice);
        }
        if (cold.empty()) return answer();
        fetcher_.workers_.submit([self = shared_from_this(), cold = std::move(cold)] {
            for (const log::FileSlice& slice : cold) read_into_page_cache(slice);
            self->fetcher_.executor_.post([self] { self->answer(); });
        });
    }

    void answer() {
        if (!slot_) return;
        const std::vector<bool> included = news_for_client();
        FetchResponse response;
        response.session_id = session_.session_id;
        std::vector<log::FileSlice> slices;
        const FetchTopic* last_topic = nullptr;
        for (std::size_t i = 0; i < reads_.size(); ++i) {
            if (session_.incremental && !included[i]) continue;
            const FetchTarget& target = session_.targets[i];
            if (target.topic.get() != last_topic) {
                last_topic = target.topic.get();
                auto& topic = response.responses.emplace_back();
                topic.topic = last_topic->name;
                topic.topic_id = last_topic->id;
            }
            const Partition::Read& read = reads_[i];
            auto& answer = response.responses.back().partitions.emplace_back();
            answer.partition_index = target.partition.value;
            answer.error_code = to_wire(read.error);
            answer.high_watermark = read.high_watermark.value;
            answer.last_stable_offset = read.high_watermark.value;
            answer.log_start_offset = read.log_start.value;
            if (read_committed_ && read.error == ErrorCode::none) {
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
        slot_.answer(encode_answer(response, version_, correlation_id_, std::move(slices)));
    }

    std::vector<bool> news_for_client() {
        if (session_.session_id == 0) return {};
        std::vector<FetchNews> news;
        news.reserve(reads_.size());
        for (const Partition::Read& read : reads_) {
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
    const std::int32_t bytes_min_;
    const std::int32_t bytes_max_;
    const Instant deadline_;
    const std::string client_id_;
    const FetchSessionCache::Begun session_;
    std::vector<std::shared_ptr<Partition>> partitions_;  // side by side with session_.targets
    std::vector<Partition::Read> reads_;                  // likewise, as of the last look
    std::size_t bytes_found_ = 0;
    bool any_error_ = false;
    std::atomic<bool> told_{false};
};

Fetcher::Fetcher(Partitions& partitions, FetchSessions& sessions, WorkerPool& workers, Executor& executor,
                 FetchLimits limits)
    : partitions_(partitions), sessions_(sessions), workers_(workers), executor_(executor), limits_(limits) {}

Fetcher::~Fetcher() = default;

void Fetcher::on_request(const FetchRequest& request, const RequestContext& context, std::int32_t correlation_id,
                         ReplySlot slot) {
    FetchSessionCache::Begun begun;
    {
        const std::lock_guard lock(sessions_.mutex);
        begun = sessions_.cache.begin(request, context.version, context.received, random_session_id());
    }
    if (begun.error != ErrorCode::none) {
        FetchResponse response;
        response.error_code = to_wire(begun.error);
        return slot.answer(encode_answer(response, context.version, correlation_id));
    }
    const auto waiting = std::make_shared<Waiting>(*this, request, context, correlation_id, std::move(slot),
                                                   std::move(begun));
    waiting->start(std::chrono::steady_clock::now());
}

std::vector<std::string> Fetcher::describe_waiting(Instant now) const {
    std::vector<std::string> lines;
    lines.reserve(waiting_.size());
    for (const auto& waiting : waiting_) lines.push_back(waiting->describe(now));
    return lines;
}

}  // namespace mamba::broker
