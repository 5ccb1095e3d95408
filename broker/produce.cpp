#include "broker/produce.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <utility>

#include "broker/encode_answer.h"
#include "broker/metadata/cluster_image.h"
#include "broker/observations.h"
#include "broker/partitions.h"

namespace mamba::broker {
namespace {

const Logger log_log = logger("mamba.log");

using protocol::ProduceRequest;
using protocol::ProduceResponse;
using PartitionAnswer = ProduceResponse::PartitionProduceResponse;

constexpr std::int16_t acks_none = 0;
constexpr std::int16_t acks_leader = 1;
constexpr std::int16_t acks_all = -1;
// A request's timeout bounds the wait for other replicas; the flush of our own log gets at least this.
constexpr std::chrono::milliseconds flush_wait_min{1000};
// The one client that may write to internal topics.
constexpr std::string_view admin_client_id = "__admin_client";

void refuse(PartitionAnswer& answer, ErrorCode code, std::string message = {}) {
    answer.error_code = to_wire(code);
    answer.base_offset = -1;
    answer.log_append_time_ms = -1;
    answer.log_start_offset = -1;
    if (!message.empty()) answer.error_message = std::move(message);
}

// Kafka's answer to a refused partition names its log start, except where any client must expect it.
bool tells_log_start(ErrorCode code) {
    switch (code) {
        case ErrorCode::unknown_topic_or_partition:
        case ErrorCode::not_leader_or_follower:
        case ErrorCode::message_too_large:
        case ErrorCode::record_list_too_large:
        case ErrorCode::corrupt_message:
        case ErrorCode::kafka_storage_error:
        case ErrorCode::unsupported_compression_type:
            return false;
        default:
            return true;
    }
}

// Kafka then refuses the whole request, when it names no transactional id.
bool has_transactional_batch(const ProduceRequest& request) {
    for (const auto& topic : request.topic_data) {
        for (const auto& data : topic.partition_data) {
            if (!data.records) continue;
            const auto batch = protocol::RecordBatchView::parse(*data.records);
            if (batch && batch->is_transactional()) return true;
        }
    }
    return false;
}

std::string subject_of(std::string_view topic, const Uuid& topic_id, std::int32_t partition) {
    return (topic.empty() ? topic_id.to_string() : std::string(topic)) + "-" + std::to_string(partition);
}

}  // namespace

// One request until it is answered. Results come from the turn and, for acks all, from whoever
// commits; `open_` counts those that are missing, the turn itself included.
class ProduceTurn::Pending final : public CommitListener, public std::enable_shared_from_this<Pending> {
public:
    Pending(ProduceTurn& turn, ReplySlot slot, std::int16_t acks, const RequestContext& context,
            std::int32_t correlation_id, Instant deadline)
        : client(context.client),
          client_id(context.client_id),
          turn_(turn),
          slot_(std::move(slot)),
          acks_(acks),
          version_(context.version),
          correlation_id_(correlation_id),
          deadline_(deadline) {}

    // Who asks. The one lives in the connection, so only while that is not gone; the other in its
    // buffer, so only until the turn ends.
    const Client& client;
    const std::string_view client_id;

    ProduceResponse response;
    std::vector<PartitionAnswer*> answers;  // into `response`, in request order
    RequestTopics topics;
    std::unique_ptr<std::atomic<bool>[]> committed;

    std::int16_t acks() const { return acks_; }
    Instant deadline() const { return deadline_; }
    // Everything is staged: from here on answers[i] stays where it is.
    void prepare() {
        open_.store(static_cast<std::uint32_t>(answers.size()) + 1, std::memory_order_relaxed);
        if (acks_ == acks_all) committed = std::make_unique<std::atomic<bool>[]>(answers.size());
    }

    void on_commit(std::uint32_t tag, ErrorCode code) override {
        // The flag is written before the count falls, so that whoever ends the wait sees it.
        if (code != ErrorCode::none) failed_with_.store(to_wire(code), std::memory_order_relaxed);
        committed[tag].store(code == ErrorCode::none, std::memory_order_relaxed);
        complete(1);
    }
    // `count` partitions need no further wait.
    void complete(std::uint32_t count) {
        if (open_.fetch_sub(count, std::memory_order_acq_rel) != count) return;
        if (turn_.executor_.is_this_thread()) {
            turn_.finish(*this);
        } else {
            turn_.executor_.post([self = shared_from_this()] { self->turn_.finish(*self); });
        }
    }

    bool answered() const { return !slot_; }
    void note_appended(Instant at) { appended_at_ = at; }

    // What it waits for; nothing when nobody waits any more.
    std::optional<WaitingRequest> describe(Instant now) const {
        if (answered() || slot_.is_gone() || !committed) return std::nullopt;
        std::size_t open = 0;
        std::string first;
        std::size_t index = 0;
        for (const auto& topic : response.responses) {
            for (const PartitionAnswer& answer : topic.partition_responses) {
                const bool is_committed = committed[index++].load(std::memory_order_relaxed);
                if (is_committed || answer.error_code != 0) continue;
                if (open++ == 0) first = subject_of(topic.name, topic.topic_id, answer.index);
            }
        }
        if (open == 0) return std::nullopt;
        const std::string others = open == 1 ? "" : fmt::format(" and {} more partitions", open - 1);
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - now).count();
        return WaitingRequest{
            .api = "Produce",
            .kind = "PRODUCE",
            .client_id = client.client_id,
            .connection_id = client.connection_id,
            .group = {},
            .reason = fmt::format("Produce (acks=all) by '{}' to {}{} waits for the flush, {} ms left",
                                  escape(client.client_id), escape(first), others, std::max<std::int64_t>(left, 0)),
            .since = appended_at_,
            .deadline = deadline_};
    }
    void answer() {
        if (answered()) return;
        if (acks_ == acks_all) mark_uncommitted();
        Answer encoded = acks_ == acks_none ? Answer{.api_key = ProduceResponse::api_key, .version = version_}
                                            : encode_answer(response, version_, correlation_id_);
        for (const PartitionAnswer* one : answers) {
            if (encoded.error == ErrorCode::none) encoded.error = ErrorCode{one->error_code};
        }
        if (acks_ == acks_all) encoded.parked = appended_at_;
        if (!response.responses.empty()) {
            encoded.topic = std::move(response.responses.front().name);
            encoded.topic_id = response.responses.front().topic_id;
        }
        encoded.topics = std::move(topics);
        if (acks_ != acks_none) return slot_.answer(std::move(encoded));
        // There is no other way to tell a client that wants no answer.
        if (encoded.error != ErrorCode::none) {
            slot_.close_connection("a record was refused and the client asked for no answer");
        }
        slot_.skip(std::move(encoded));
    }

private:
    void mark_uncommitted() {
        const ErrorCode failure{failed_with_.load(std::memory_order_relaxed)};
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (answers[i]->error_code != 0 || committed[i].load(std::memory_order_relaxed)) continue;
            refuse(*answers[i], failure == ErrorCode::none ? ErrorCode::request_timed_out : failure);
        }
    }

    ProduceTurn& turn_;
    ReplySlot slot_;
    const std::int16_t acks_;
    const protocol::MessageVersion version_;
    const std::int32_t correlation_id_;
    const Instant deadline_;
    Instant appended_at_{};
    std::atomic<std::uint32_t> open_{0};
    std::atomic<std::int16_t> failed_with_{0};
};

ProduceTurn::ProduceTurn(Partitions& partitions, Observations& observations, Executor& executor)
    : partitions_(partitions), observations_(observations), executor_(executor) {}
ProduceTurn::~ProduceTurn() = default;

bool ProduceTurn::on_request(std::span<std::byte> frame, BytesView body, const RequestContext& context,
                             std::int32_t correlation_id, ReplySlot slot) {
    protocol::Reader in(body);
    ProduceRequest request;
    request.decode(in, context.version);
    if (!in.ok()) return false;

    const Duration patience = std::max(std::chrono::milliseconds(request.timeout_ms), flush_wait_min);
    const auto pending = std::make_shared<Pending>(*this, std::move(slot), request.acks, context, correlation_id,
                                                   context.received + patience);
    std::size_t partitions = 0;
    pending->response.responses.reserve(request.topic_data.size());
    for (const auto& topic : request.topic_data) {
        if (topic.partition_data.empty()) continue;  // as in Kafka's answers
        auto& answer = pending->response.responses.emplace_back();
        answer.name = topic.name;
        answer.topic_id = topic.topic_id;
        answer.partition_responses.resize(topic.partition_data.size());
        partitions += topic.partition_data.size();
    }
    pending->answers.reserve(partitions);
    for (auto& topic : pending->response.responses) {
        for (auto& answer : topic.partition_responses) pending->answers.push_back(&answer);
    }
    pending->prepare();
    pending_.push_back(pending);

    const bool acks_known = request.acks == acks_none || request.acks == acks_leader || request.acks == acks_all;
    const bool may_be_transactional = request.transactional_id || !has_transactional_batch(request);
    const log::BatchOrigin origin =
        context.version < 7 ? log::BatchOrigin::client_before_zstd : log::BatchOrigin::client;
    std::uint32_t index = 0;
    for (const auto& topic : request.topic_data) {
        for (const auto& data : topic.partition_data) {
            PartitionAnswer& answer = *pending->answers[index];
            answer.index = data.index;
            const PartitionIndex partition_index(data.index);
            std::shared_ptr<Partition> partition = context.version >= 13
                                                       ? partitions_.find(topic.topic_id, partition_index)
                                                       : partitions_.find(topic.name, partition_index);
            if (!may_be_transactional) {
                refuse(answer, ErrorCode::transactional_id_authorization_failed);
            } else if (!acks_known) {
                refuse(answer, ErrorCode::invalid_required_acks);
            } else if (!partition) {
                refuse(answer, context.version >= 13 ? partitions_.why_missing(topic.topic_id, partition_index)
                                                     : partitions_.why_missing(topic.name, partition_index));
            } else if (is_internal_topic(partition->name().topic) && context.client_id != admin_client_id) {
                refuse(answer, ErrorCode::invalid_topic_exception);
            } else if (partition->failed()) {
                refuse(answer, partition->failure());
            } else if (!data.records || data.records->empty()) {
                refuse(answer, ErrorCode::invalid_record,
                       "A produce request must hold one record batch per partition.");
            } else {
                const BytesView view = *data.records;
                const auto records = frame.subspan(static_cast<std::size_t>(view.data() - frame.data()), view.size());
                stage(pending, index, std::move(partition), records, origin, context.now);
            }
            if (answer.error_code != 0) {
                observations_.refusals.add_or_count({.at = context.now,
                                                     .api_key = static_cast<std::int16_t>(protocol::ApiKey::produce),
                                                     .error = ErrorCode{answer.error_code},
                                                     .subject = subject_of(topic.name, topic.topic_id, data.index),
                                                     .client_id = std::string(context.client_id),
                                                     .host = context.client.host});
            }
            ++index;
        }
    }
    return true;
}

void ProduceTurn::stage(const std::shared_ptr<Pending>& pending, std::uint32_t index,
                        std::shared_ptr<Partition> partition, std::span<std::byte> records, log::BatchOrigin origin,
                        Timestamp now) {
    const std::shared_ptr<const PartitionSettings> settings = partition->settings();
    auto valid = log::validate_batch(records, settings->rules, origin, partition->name(), now, compression_);
    PartitionAnswer& answer = *pending->answers[index];
    if (!valid) {
        // Clients have words of their own for a batch that is too large, and show them when there are none.
        const bool in_own_words = valid.error().code != ErrorCode::message_too_large;
        refuse(answer, valid.error().code, in_own_words ? std::move(valid.error().message) : std::string());
        if (!valid.error().is_no_batch && tells_log_start(valid.error().code)) {
            answer.log_start_offset = partition->log_start_offset().value;
        }
        for (auto& error : valid.error().record_errors) {
            ProduceResponse::BatchIndexAndErrorMessage& told = answer.record_errors.emplace_back();
            told.batch_index = error.batch_index;
            told.batch_index_error_message = std::move(error.message);
        }
        return;
    }
    if (valid->view().is_transactional()) {
        return refuse(answer, ErrorCode::invalid_txn_state, "This broker does not serve transactions.");
    }
    if (valid->view().has_producer_id() && valid->view().base_sequence() == 0) {  // its first in this partition
        observations_.producer_clients.note(valid->view().producer_id(), {.client_id = std::string(pending->client_id),
                                                                          .host = pending->client.host,
                                                                          .principal = pending->client.principal});
    }
    pending->topics.of(partition->topic_id()).in += valid->bytes.size();
    Staged& staged = staged_for(std::move(partition));
    staged.requests.push_back({.batch = valid->bytes, .outcome = {}});
    staged.waits.push_back(pending->acks() == acks_all ? CommitWait{pending, index} : CommitWait{});
    staged.targets.push_back({pending.get(), index});
    if (!valid->rebuilt.empty()) rebuilt_.push_back(std::move(valid->rebuilt));
}

ProduceTurn::Staged& ProduceTurn::staged_for(std::shared_ptr<Partition> partition) {
    for (std::size_t i = 0; i < staged_used_; ++i) {
        if (staged_[i].partition == partition) return staged_[i];
    }
    if (staged_used_ == staged_.size()) staged_.emplace_back();
    Staged& staged = staged_[staged_used_++];
    staged.partition = std::move(partition);
    return staged;
}

void ProduceTurn::commit(Timestamp now) {
    if (pending_.empty()) return;
    for (std::size_t s = 0; s < staged_used_; ++s) {
        Staged& staged = staged_[s];
        const auto appended = staged.partition->append(staged.requests, now, staged.waits);
        if (!appended) tell_of_failure(staged.partition->name(), appended.error());
        for (std::size_t i = 0; i < staged.requests.size(); ++i) {
            const log::AppendOutcome& outcome = staged.requests[i].outcome;
            if (outcome.error != ErrorCode::none || outcome.duplicate) {
                observe(staged.targets[i], *staged.partition, staged.requests[i], now);
            }
            PartitionAnswer& answer = *staged.targets[i].pending->answers[staged.targets[i].index];
            if (outcome.error != ErrorCode::none) {
                refuse(answer, outcome.error, appended ? std::string() : appended.error().message);
                if (tells_log_start(outcome.error)) answer.log_start_offset = outcome.log_start_offset.value;
            } else {
                answer.base_offset = outcome.base_offset.value;
                answer.log_append_time_ms = outcome.log_append_time.value;
                answer.log_start_offset = outcome.log_start_offset.value;
            }
        }
        staged.partition.reset();
        staged.requests.clear();
        staged.waits.clear();
        staged.targets.clear();
    }
    staged_used_ = 0;
    rebuilt_.clear();
    const Instant appended = std::chrono::steady_clock::now();
    for (const auto& pending : pending_) {
        pending->note_appended(appended);
        std::uint32_t settled = 1;  // the turn itself
        for (const PartitionAnswer* answer : pending->answers) {
            if (pending->acks() != acks_all || answer->error_code != 0) ++settled;
        }
        waiting_.emplace(pending.get(), pending);
        pending->complete(settled);
    }
    pending_.clear();
}

// A full disk fails every append of every client: a few lines tell as much as all of them.
void ProduceTurn::tell_of_failure(const TopicPartition& partition, const log::Error& error) {
    const auto suppressed = failed_appends_.take(std::chrono::steady_clock::now());
    if (!suppressed) return;
    log_log.error("{}-{}: append failed: {} ({} such lines left out)", partition.topic, partition.partition.value,
                  error.message, *suppressed);
}

// A batch that did not simply continue its producer's last one, or could not be stored.
void ProduceTurn::observe(const Target& target, const Partition& partition, const log::AppendRequest& request,
                          Timestamp now) {
    const auto batch = protocol::RecordBatchView::parse(request.batch);
    if (!batch || batch->producer_id() == no_producer_id) return;
    observations_.producers.add_or_count({.at = now,
                                          .partition = partition.name(),
                                          .producer_id = batch->producer_id(),
                                          .epoch = batch->producer_epoch(),
                                          .first_sequence = batch->base_sequence(),
                                          .error = request.outcome.error,
                                          .client_id = std::string(target.pending->client_id),
                                          .host = target.pending->client.host});
}

void ProduceTurn::finish(Pending& pending) {
    const auto node = waiting_.extract(&pending);  // keeps it until the answer is out
    pending.answer();
}

std::vector<WaitingRequest> ProduceTurn::waiting_requests(Instant now) const {
    std::vector<WaitingRequest> all;
    for (const auto& [key, pending] : waiting_) {
        if (auto waiting = pending->describe(now)) all.push_back(std::move(*waiting));
    }
    return all;
}

void ProduceTurn::expire(Instant now) {
    std::vector<std::shared_ptr<Pending>> late;
    for (const auto& [key, pending] : waiting_) {
        if (pending->deadline() <= now) late.push_back(pending);
    }
    for (const auto& pending : late) finish(*pending);
}

}  // namespace mamba::broker
