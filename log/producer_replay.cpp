#include "log/producer_replay.h"

#include <optional>

#include "protocol/byte_order.h"
#include "protocol/record.h"

namespace mamba::log {

namespace {

using protocol::load_be;

// A marker's key is version int16, type int16 (0: abort, 1: commit); its value starts with version
// int16, coordinator epoch int32. Source: KIP-98, "Control Messages".
constexpr std::int16_t marker_abort = 0;
constexpr std::int16_t marker_commit = 1;

std::optional<EndTransactionMarker> marker_of(const protocol::RecordBatchView& batch) {
    if (batch.codec() != protocol::CompressionType::none) return std::nullopt;
    protocol::RecordReader reader(batch.records(), batch.record_count());
    const auto record = reader.next();
    if (!record || !record->key || record->key->size() < 4 || !record->value ||
        record->value->size() < 6) {
        return std::nullopt;
    }
    const auto type = load_be<std::int16_t>(record->key->data() + 2);
    if (type != marker_abort && type != marker_commit) return std::nullopt;
    return EndTransactionMarker{
        .producer_id = batch.producer_id(),
        .epoch = batch.producer_epoch(),
        .coordinator_epoch = load_be<std::int32_t>(record->value->data() + 2),
        .commit = type == marker_commit,
        .offset = batch.base_offset(),
        .timestamp = batch.max_timestamp()};
}

}  // namespace

ProducerBatch producer_batch_of(const protocol::RecordBatchView& batch) noexcept {
    return {.producer_id = batch.producer_id(),
            .epoch = batch.producer_epoch(),
            .first_sequence = batch.base_sequence(),
            .last_sequence = batch.last_sequence(),
            .first_offset = batch.base_offset(),
            .last_offset = batch.last_offset(),
            .max_timestamp = batch.max_timestamp(),
            .transactional = batch.is_transactional()};
}

ProducerBatch producer_batch_of(const BatchHeader& header) noexcept {
    return {.producer_id = header.producer_id,
            .epoch = header.producer_epoch,
            .first_sequence = header.base_sequence,
            .last_sequence = header.base_sequence < 0
                                 ? -1
                                 : sequence_after(header.base_sequence, header.last_offset_delta),
            .first_offset = header.base_offset,
            .last_offset = header.last_offset(),
            .max_timestamp = header.max_timestamp,
            .transactional = header.is_transactional()};
}

void apply_to_producers(const protocol::RecordBatchView& batch, ProducerState& producers) {
    if (!batch.has_producer_id()) return;
    if (!batch.is_control()) {
        producers.update(producer_batch_of(batch));
    } else if (const auto marker = marker_of(batch)) {
        producers.end_transaction(*marker);
    }
}

}  // namespace mamba::log
