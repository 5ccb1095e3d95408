// The aborted transactions of one segment; its .txnindex file. A segment without any has none.
//
// Layout, integers big-endian, in the order in which they were aborted:
//
//     entry := version             int16   0
//              producer_id         int64
//              first_offset        int64   of the transaction's records
//              last_offset         int64   of the marker that aborted it, which lies in this segment
//              last_stable_offset  int64   after the abort
//
// The layout is Kafka's. Nothing writes the file here yet; a log dir that Kafka wrote has them.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "log/error.h"
#include "log/storage.h"
#include "protocol/types.h"

namespace mamba::log {

struct AbortedTransaction {
    ProducerId producer_id;
    Offset first_offset;
    Offset last_offset;
    Offset last_stable_offset;

    friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
};

inline constexpr std::size_t transaction_index_entry_bytes = 34;
inline constexpr std::size_t transaction_index_bytes_max = 16UL * 1024 * 1024;

// All entries of the file; a torn one at its end is left out. Errors: not_found; corrupt for another
// version; what reading gave, a file above transaction_index_bytes_max included.
std::expected<std::vector<AbortedTransaction>, Error> read_transaction_index(
    Storage& storage, const std::string& path);

}  // namespace mamba::log
