// Which records of a partition belong to transactions that were aborted, from the files beside its segments.
#pragma once

#include <expected>
#include <vector>

#include "broker/partition.h"
#include "log/transaction_index.h"

namespace mamba::broker {

class AbortedTransactions {
public:
    // Of none.
    AbortedTransactions() = default;

    // Reads the disk, outside of the partition's mutex.
    static std::expected<AbortedTransactions, log::Error> read(Partition& partition);

    // True when the transaction that `producer` had open at `offset` was aborted.
    bool contain(ProducerId producer, Offset offset) const;

private:
    std::vector<log::AbortedTransaction> sorted_;  // by producer and first offset; one's do not overlap
};

}  // namespace mamba::broker
