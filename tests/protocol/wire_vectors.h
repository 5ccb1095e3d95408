// The messages that Apache Kafka's own classes wrote: tests/protocol/data/wire_vectors.bin.zst, made by
// compat-tests/wire-vectors/make.
//
//     vector := name_length uint8, name, version int16, size uint32, bytes     integers big-endian
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "protocol/wire.h"

namespace mamba::protocol::testing {

struct WireVector {
    std::string message;  // such as "FetchRequest"
    MessageVersion version = 0;
    Bytes bytes;
};

// Throws when the file cannot be read.
std::vector<WireVector> read_wire_vectors(const std::filesystem::path& path);

}  // namespace mamba::protocol::testing
