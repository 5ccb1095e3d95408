// What a produce load sends.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "protocol/compression.h"

namespace mamba::load {

struct ProducePlan {
    std::string topic = "bench";
    int partitions = 1;
    int connections = 1;
    int in_flight = 5;  // requests without an answer, on each connection
    int record_bytes = 1000;
    int key_bytes = 0;
    int records_per_batch = 1;
    int partitions_per_request = 1;
    int acks = -1;
    protocol::CompressionType codec = protocol::CompressionType::none;
    bool idempotent = false;
    std::uint64_t requests = 0;  // how many are measured
    double rate = 0;             // requests a second, sent at fixed times; 0: as fast as answered
    std::chrono::milliseconds warm_up{0};  // the same load beforehand, not measured
};

}  // namespace mamba::load
