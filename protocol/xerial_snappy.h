// Snappy in the framing of Java's snappy library ("xerial"), as Kafka's Java clients write it.
//
//     stream := 0x82 "SNAPPY" 0x00
//               version     int32   1
//               compatible  int32   1, the oldest version that can read it
//               blocks, each: length int32, one raw snappy block of that many bytes
//
// Integers are big-endian. Other clients (librdkafka among them) write one raw block without any
// framing, so the reader takes both. Source: the framing as snappy-java 1.1 writes it.
#pragma once

#include <cstddef>
#include <expected>

#include "protocol/compression.h"
#include "protocol/types.h"

namespace mamba::protocol::xerial_snappy {

// Framed, in blocks of 32 KiB.
Bytes compress(BytesView input);

// Allocates for what the blocks claim only when that is within `limit` and possible for their size.
std::expected<Bytes, DecompressError> decompress(BytesView input, std::size_t limit);

}  // namespace mamba::protocol::xerial_snappy
