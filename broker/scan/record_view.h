// One record as filters and expressions see it: views into the bytes of its batch.
#pragma once

#include <optional>

#include "protocol/compression.h"
#include "protocol/record.h"
#include "protocol/types.h"

namespace mamba::broker {

struct RecordView {
    PartitionIndex partition;
    Offset offset;
    Timestamp timestamp = no_timestamp;
    std::optional<BytesView> key;    // none: null
    std::optional<BytesView> value;  // none: null, a tombstone
    protocol::RecordHeaders headers;
    protocol::CompressionType codec = protocol::CompressionType::none;  // of its batch
    ProducerId producer_id = no_producer_id;
    bool transactional = false;
};

}  // namespace mamba::broker
