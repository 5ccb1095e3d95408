// mambactl produce: each line of the input becomes a record.
#pragma once

#include <istream>
#include <vector>

#include "protocol/compression.h"
#include "tools/mambactl/session.h"

namespace mamba::ctl {

struct ProduceOptions {
    std::string topic;
    std::optional<std::string> key_separator;  // what stands before it is the key
    std::vector<std::string> headers;          // key=value, given to every record
    std::optional<std::int32_t> partition;     // instead of the key's
    protocol::CompressionType codec = protocol::CompressionType::none;
    int acks = -1;
};

// Records are sent when a batch is full or the input ends. Tells how many on stderr.
Outcome produce(Session& session, const ProduceOptions& options, std::istream& input);

}  // namespace mamba::ctl
