#include "log/transaction_index.h"

#include "protocol/byte_order.h"

namespace mamba::log {

std::expected<std::vector<AbortedTransaction>, Error> read_transaction_index(
    Storage& storage, const std::string& path) {
    using protocol::load_be;
    const auto bytes = read_file(storage, path, transaction_index_bytes_max);
    if (!bytes) return std::unexpected(bytes.error());
    std::vector<AbortedTransaction> aborted;
    for (std::size_t at = 0; bytes->size() - at >= transaction_index_entry_bytes;
         at += transaction_index_entry_bytes) {
        const std::byte* entry = bytes->data() + at;
        if (load_be<std::int16_t>(entry) != 0) {
            return std::unexpected(Error{.kind = ErrorKind::corrupt,
                                         .message = path + " has an entry of an unknown version"});
        }
        aborted.push_back({.producer_id = ProducerId(load_be<std::int64_t>(entry + 2)),
                           .first_offset = Offset(load_be<std::int64_t>(entry + 10)),
                           .last_offset = Offset(load_be<std::int64_t>(entry + 18)),
                           .last_stable_offset = Offset(load_be<std::int64_t>(entry + 26))});
    }
    return aborted;
}

}  // namespace mamba::log
