#include "log/producer_state.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "protocol/byte_order.h"
#include "protocol/crc32c.h"

namespace mamba::log {
namespace {

using protocol::load_be;
using protocol::store_be;

constexpr std::int16_t snapshot_version = 1;
constexpr std::size_t crc_at = 2;
constexpr std::size_t count_at = 6;
constexpr std::size_t header_bytes = 10;
constexpr std::size_t entry_bytes = 46;

// Undo entries that stay allocated between two stagings; more than that is an unusual burst.
constexpr std::size_t undo_kept_max = 16;

constexpr Offset no_offset{-1};

void set_epoch(ProducerState::Producer& producer, ProducerEpoch epoch) {
    if (producer.epoch == epoch) return;
    producer.epoch = epoch;
    producer.batch_count = 0;
    producer.batches = {};
}

void remember(ProducerState::Producer& producer, const ProducerState::Batch& batch) {
    if (producer.batch_count == ProducerState::batches_kept_max) {
        std::shift_left(producer.batches.begin(), producer.batches.end(), 1);
        --producer.batch_count;
    }
    producer.batches[producer.batch_count++] = batch;
}

ProducerState::Batch remembered(const ProducerBatch& batch) {
    return {.last_offset = batch.last_offset,
            .timestamp = batch.max_timestamp,
            .last_sequence = batch.last_sequence,
            .offset_delta = static_cast<std::int32_t>(batch.last_offset - batch.first_offset)};
}

bool follows(std::int32_t last_sequence, std::int32_t next_sequence) {
    if (last_sequence == std::numeric_limits<std::int32_t>::max()) return next_sequence == 0;
    return next_sequence == last_sequence + 1;
}

bool has_expired(const ProducerState::Producer& producer, Timestamp now,
                 std::int64_t expiration_ms) {
    if (producer.in_transaction()) return false;
    // A client chooses the timestamp, so the distance may not fit.
    std::int64_t age = 0;
    if (__builtin_sub_overflow(now.value, producer.last_timestamp.value, &age)) {
        return producer.last_timestamp < now;
    }
    return age >= expiration_ms;
}

ProducerState::Verdict refuse(ErrorCode code) {
    return {.kind = ProducerState::Verdict::Kind::refuse, .code = code};
}

std::unexpected<Error> corrupt(std::string reason) {
    return std::unexpected(
        Error{.kind = ErrorKind::corrupt, .message = "producer snapshot: " + std::move(reason)});
}

void put_entry(std::byte* at, ProducerId id, const ProducerState::Producer& producer) {
    const ProducerState::Batch last = producer.batch_count == 0
                                          ? ProducerState::Batch{}
                                          : producer.batches[producer.batch_count - 1U];
    store_be(at, id.value);
    store_be(at + 8, producer.epoch.value);
    store_be(at + 10, last.last_sequence);
    store_be(at + 14, last.last_offset.value);
    store_be(at + 22, last.offset_delta);
    store_be(at + 26, producer.last_timestamp.value);
    store_be(at + 34, producer.coordinator_epoch);
    store_be(at + 38, producer.transaction_first_offset.value);
}

}  // namespace

ProducerState::Verdict ProducerState::check(const ProducerBatch& batch) const {
    assert(batch.producer_id.value >= 0);
    const Producer* producer = find(batch.producer_id);
    if (producer == nullptr) return {};  // rule 5

    if (batch.epoch == producer->epoch) {
        for (const Batch& kept : producer->kept()) {
            if (kept.last_sequence == batch.last_sequence &&
                kept.first_sequence() == batch.first_sequence) {
                return {.kind = Verdict::Kind::duplicate,
                        .first_offset = kept.first_offset(),
                        .last_offset = kept.last_offset,
                        .append_time = kept.timestamp};
            }
        }
    }
    if (batch.epoch < producer->epoch) return refuse(ErrorCode::invalid_producer_epoch);
    const std::int32_t last_sequence =
        batch.epoch == producer->epoch ? producer->last_sequence() : -1;
    // Who has written without an epoch is not held to a sequence, as in Kafka.
    const bool has_epoch = producer->epoch.value >= 0;
    if (has_epoch && !follows(last_sequence, batch.first_sequence)) {
        return refuse(ErrorCode::out_of_order_sequence_number);
    }
    if (producer->in_transaction() && !batch.transactional) {
        return refuse(ErrorCode::invalid_txn_state);
    }
    return {};
}

void ProducerState::update(const ProducerBatch& batch) {
    Producer& producer = touch(batch.producer_id);
    set_epoch(producer, batch.epoch);
    remember(producer, remembered(batch));
    producer.last_timestamp = batch.max_timestamp;
    if (batch.transactional && !producer.in_transaction()) {
        set_transaction(producer, batch.first_offset);
    }
}

void ProducerState::recall(const ProducerBatch& batch) {
    const auto found = producers_.find(batch.producer_id);
    if (found == producers_.end()) return;
    Producer& producer = found->second;
    if (batch.epoch != producer.epoch || producer.batch_count == 0 ||
        producer.batch_count == batches_kept_max) {
        return;
    }
    const Batch& oldest = producer.batches.front();
    if (batch.last_offset >= oldest.first_offset() ||
        !follows(batch.last_sequence, oldest.first_sequence())) {
        return;
    }
    std::shift_right(producer.batches.begin(), producer.batches.end(), 1);
    ++producer.batch_count;
    producer.batches.front() = remembered(batch);
}

ErrorCode ProducerState::check(const EndTransactionMarker& marker,
                               std::int16_t transaction_version) const {
    const Producer* producer = find(marker.producer_id);
    if (producer == nullptr) return ErrorCode::none;
    if (transaction_version >= 2) {
        const bool repeated = marker.epoch == producer->epoch &&
                              (!producer->in_transaction() ||
                               marker.epoch.value == std::numeric_limits<std::int16_t>::max());
        if (marker.epoch <= producer->epoch && !repeated) return ErrorCode::invalid_producer_epoch;
    } else if (marker.epoch < producer->epoch) {
        return ErrorCode::invalid_producer_epoch;
    }
    if (marker.coordinator_epoch < producer->coordinator_epoch) {
        return ErrorCode::transaction_coordinator_fenced;
    }
    return ErrorCode::none;
}

std::optional<CompletedTransaction> ProducerState::end_transaction(
    const EndTransactionMarker& marker) {
    Producer& producer = touch(marker.producer_id);
    std::optional<CompletedTransaction> completed;
    if (producer.in_transaction()) {
        completed = CompletedTransaction{.producer_id = marker.producer_id,
                                         .first_offset = producer.transaction_first_offset,
                                         .last_offset = marker.offset,
                                         .aborted = !marker.commit};
    }
    set_transaction(producer, no_offset);
    set_epoch(producer, marker.epoch);
    producer.coordinator_epoch = marker.coordinator_epoch;
    producer.last_timestamp = marker.timestamp;
    return completed;
}

void ProducerState::begin_staging() {
    assert(!staging_ && undo_.empty());
    staging_ = true;
}

void ProducerState::commit_staging() {
    assert(staging_);
    staging_ = false;
    undo_.clear();
    if (undo_.capacity() > undo_kept_max) undo_.shrink_to_fit();
}

void ProducerState::roll_back() {
    assert(staging_);
    // Newest first: the oldest entry of a producer is the state at begin_staging().
    for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
        const auto found = producers_.find(undo->id);
        assert(found != producers_.end());
        set_transaction(found->second, undo->before.transaction_first_offset);
        if (undo->known) {
            found->second = undo->before;
        } else {
            producers_.erase(found);
        }
    }
    commit_staging();
}

std::size_t ProducerState::expire(Timestamp now, std::int64_t expiration_ms) {
    assert(!staging_);
    return std::erase_if(producers_, [&](const auto& entry) {
        return has_expired(entry.second, now, expiration_ms);
    });
}

std::optional<Offset> ProducerState::first_undecided_offset() const {
    if (transactions_.empty()) return std::nullopt;
    return *transactions_.begin();
}

const ProducerState::Producer* ProducerState::find(ProducerId id) const {
    const auto found = producers_.find(id);
    return found == producers_.end() ? nullptr : &found->second;
}

void ProducerState::clear() {
    assert(!staging_);
    producers_.clear();
    transactions_.clear();
}

ProducerState::Producer& ProducerState::touch(ProducerId id) {
    const auto [found, is_new] = producers_.try_emplace(id);
    if (staging_ && (undo_.empty() || undo_.back().id != id)) {
        undo_.push_back({.id = id, .known = !is_new, .before = found->second});
    }
    return found->second;
}

void ProducerState::set_transaction(Producer& producer, Offset first_offset) {
    if (producer.in_transaction()) {
        transactions_.erase(transactions_.find(producer.transaction_first_offset));
    }
    producer.transaction_first_offset = first_offset;
    if (producer.in_transaction()) transactions_.insert(first_offset);
}

Bytes ProducerState::snapshot() const {
    assert(!staging_);
    std::vector<ProducerId> ids;
    ids.reserve(producers_.size());
    for (const auto& [id, producer] : producers_) ids.push_back(id);
    std::ranges::sort(ids);

    Bytes bytes(header_bytes + ids.size() * entry_bytes);
    store_be(bytes.data(), snapshot_version);
    store_be(bytes.data() + count_at, static_cast<std::int32_t>(ids.size()));
    std::byte* at = bytes.data() + header_bytes;
    for (const ProducerId id : ids) {
        put_entry(at, id, *find(id));
        at += entry_bytes;
    }
    store_be(bytes.data() + crc_at, protocol::crc32c(BytesView(bytes).subspan(count_at)));
    return bytes;
}

std::expected<ProducerState, Error> ProducerState::load(BytesView bytes, Timestamp now,
                                                        std::int64_t expiration_ms) {
    if (bytes.size() < header_bytes) return corrupt("shorter than its header");
    if (load_be<std::int16_t>(bytes.data()) != snapshot_version) return corrupt("unknown version");
    if (load_be<std::uint32_t>(bytes.data() + crc_at) !=
        protocol::crc32c(bytes.subspan(count_at))) {
        return corrupt("wrong checksum");
    }
    const std::int64_t count = load_be<std::int32_t>(bytes.data() + count_at);
    const std::size_t body_bytes = bytes.size() - header_bytes;
    if (count < 0 || static_cast<std::uint64_t>(count) * entry_bytes != body_bytes) {
        return corrupt("its length does not fit its count");
    }

    ProducerState state;
    state.producers_.reserve(static_cast<std::size_t>(count));
    for (const std::byte* at = bytes.data() + header_bytes; at != bytes.data() + bytes.size();
         at += entry_bytes) {
        const ProducerId id(load_be<std::int64_t>(at));
        Producer producer;
        producer.epoch = ProducerEpoch(load_be<std::int16_t>(at + 8));
        producer.last_timestamp = Timestamp(load_be<std::int64_t>(at + 26));
        producer.coordinator_epoch = load_be<std::int32_t>(at + 34);
        const Offset transaction(load_be<std::int64_t>(at + 38));
        const Batch last{.last_offset = Offset(load_be<std::int64_t>(at + 14)),
                         .timestamp = producer.last_timestamp,
                         .last_sequence = load_be<std::int32_t>(at + 10),
                         .offset_delta = load_be<std::int32_t>(at + 22)};
        if (id.value < 0 || producer.epoch.value < 0) return corrupt("a negative producer");
        if (last.last_offset.value >= 0) {
            if (last.last_sequence < -1 || last.offset_delta < 0 || last.first_offset().value < 0) {
                return corrupt("a batch that cannot be");
            }
            remember(producer, last);
        }
        producer.transaction_first_offset = std::max(transaction, no_offset);
        if (has_expired(producer, now, expiration_ms)) continue;
        const auto [entry, is_new] = state.producers_.emplace(id, producer);
        if (!is_new) return corrupt("a producer twice");
        if (producer.in_transaction())
            state.transactions_.insert(producer.transaction_first_offset);
    }
    return state;
}

}  // namespace mamba::log
