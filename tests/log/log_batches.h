// Batches and logs as the tests of the log need them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fake_storage.h"
#include "log/partition_log.h"
#include "protocol/record_batch_builder.h"

namespace mamba::log {

inline constexpr std::string_view log_path = "/data/topic-0";

// One batch with these values, a millisecond apart from `first` on.
inline Bytes batch_of(const std::vector<std::string>& values, Timestamp first = Timestamp(1000),
                      protocol::BatchOptions options = {}) {
    protocol::RecordBatchBuilder builder(options);
    std::int64_t at = first.value;
    for (const std::string& value : values)
        builder.append(Timestamp(at++), std::nullopt, as_bytes(value));
    return builder.build();
}

inline Bytes idempotent_batch(std::int64_t producer, std::int16_t epoch, std::int32_t sequence,
                              const std::vector<std::string>& values) {
    protocol::BatchOptions options;
    options.producer_id = ProducerId(producer);
    options.producer_epoch = ProducerEpoch(epoch);
    options.base_sequence = sequence;
    return batch_of(values, Timestamp(1000), options);
}

// Appends one batch alone.
inline AppendOutcome append_one(PartitionLog& log, Bytes batch, LeaderEpoch epoch = LeaderEpoch(0),
                                Timestamp now = Timestamp(1000)) {
    AppendRequest request{batch, {}};
    (void)log.append(std::span(&request, 1), epoch, now);
    return request.outcome;
}

inline std::expected<void, Error> flush(PartitionLog& log, Storage& storage) {
    const FlushTicket ticket = log.begin_flush();
    if (auto flushed = ticket.run(storage); !flushed) {
        log.fail();
        return flushed;
    }
    log.finish_flush(ticket);
    return {};
}

inline std::unique_ptr<PartitionLog> open_log(Storage& storage, const LogConfig& config = {},
                                              PartitionLog::OpenOptions options = {}) {
    if (options.now == no_timestamp) options.now = Timestamp(1000);
    auto log = PartitionLog::open(storage, std::string(log_path), {"topic", PartitionIndex(0)},
                                  config, options);
    EXPECT_TRUE(log) << (log ? "" : log.error().message);
    return log ? std::move(*log) : nullptr;
}

inline Bytes bytes_of(const FileSlice& slice) {
    Bytes bytes(slice.length);
    if (slice.length > 0) {
        const auto read = slice.file->read(slice.position, bytes);
        EXPECT_TRUE(read && *read == slice.length);
    }
    return bytes;
}

// All batches from `from` to the end, one element each.
inline std::vector<Bytes> batches_from(PartitionLog& log, Offset from) {
    std::vector<Bytes> batches;
    while (from < log.end_offset()) {
        const auto read = log.reader().read(from, log.end_position(), 1U << 20, true);
        EXPECT_TRUE(read) << (read ? "" : read.error().message);
        if (!read || read->slice.length == 0) break;
        const Bytes bytes = bytes_of(read->slice);
        protocol::BatchCursor cursor(bytes);
        for (auto batch = cursor.next(); batch; batch = cursor.next()) {
            batches.emplace_back(batch->bytes().begin(), batch->bytes().end());
            from = batch->next_offset();
        }
        if (cursor.position() == 0) break;
    }
    return batches;
}

}  // namespace mamba::log
