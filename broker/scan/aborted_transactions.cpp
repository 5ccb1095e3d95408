#include "broker/scan/aborted_transactions.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include "log/segment_files.h"

namespace mamba::broker {
namespace {

auto order_of(const log::AbortedTransaction& aborted) { return std::tuple(aborted.producer_id, aborted.first_offset); }

}  // namespace

std::expected<AbortedTransactions, log::Error> AbortedTransactions::read(Partition& partition) {
    const auto [storage, directory] =
        partition.with_log([](log::PartitionLog& log) { return std::pair(&log.storage(), log.directory()); });
    const auto entries = storage->list(directory);
    if (!entries) return std::unexpected(entries.error());
    AbortedTransactions result;
    for (const log::DirectoryEntry& entry : *entries) {
        if (!log::parse_offset_file_name(entry.name, log::suffix::transaction_index)) continue;
        auto aborted = log::read_transaction_index(*storage, directory + "/" + entry.name);
        if (!aborted && aborted.error().kind == log::ErrorKind::not_found) continue;  // retention was faster
        if (!aborted) return std::unexpected(std::move(aborted.error()));
        std::ranges::move(*aborted, std::back_inserter(result.sorted_));
    }
    std::ranges::sort(result.sorted_, {}, order_of);
    return result;
}

bool AbortedTransactions::contain(ProducerId producer, Offset offset) const {
    const auto behind = std::ranges::upper_bound(sorted_, std::tuple(producer, offset), {}, order_of);
    if (behind == sorted_.begin()) return false;
    const log::AbortedTransaction& last = *std::prev(behind);
    return last.producer_id == producer && last.last_offset >= offset;
}

}  // namespace mamba::broker
