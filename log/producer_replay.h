// Turns batches into what the producer state takes in: on append, in recovery and after a
// truncation alike, so that they cannot disagree.
#pragma once

#include "log/batch_scanner.h"
#include "log/producer_state.h"
#include "protocol/record_batch.h"

namespace mamba::log {

ProducerBatch producer_batch_of(const protocol::RecordBatchView& batch) noexcept;
ProducerBatch producer_batch_of(const BatchHeader& header) noexcept;

// Takes in a batch that is part of the log: records of a producer, a transaction marker, or
// nothing.
void apply_to_producers(const protocol::RecordBatchView& batch, ProducerState& producers);

}  // namespace mamba::log
