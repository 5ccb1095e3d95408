// Walks over the batches of a partition for a scan, forwards or backwards, one batch at a time.
//
// The log is asked, under the partition's mutex, only where a run of batches lies in a segment's file; their
// bytes are then read in chunks without it. A segment that is deleted meanwhile stays readable.
//
// Memory: up to two chunks; one batch that is larger (batch_bytes_max at most) from load() to skip().
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/partition.h"
#include "broker/scan/scanned_record.h"
#include "log/batch_scanner.h"
#include "log/log_position.h"

namespace mamba::broker {

// Why a partition cannot be read on.
struct ScanFailure {
    ErrorCode code = ErrorCode::none;
    std::string message;
};

struct WalkLimits {
    std::size_t chunk_bytes = 256 * 1024;
    std::size_t batch_bytes_max = 64 * 1024 * 1024;
};

class BatchWalk {
public:
    virtual ~BatchWalk() = default;

    // The next batch with records in [low, high); empty when there is none now. Reads the disk.
    virtual std::expected<std::optional<log::BatchHeader>, ScanFailure> peek(Offset low, Offset high) = 0;
    // All bytes of the batch that peek() has given, until skip(). May read the disk.
    virtual std::expected<BytesView, ScanFailure> load() = 0;
    // Goes on behind the batch that peek() has given.
    virtual void skip() = 0;
    // False only if `needle` is not among the bytes of the batch that load() has given.
    virtual bool may_contain(std::string_view needle) = 0;

    // What lies below is deleted, as of the last reading.
    Offset log_start() const { return log_start_; }

protected:
    BatchWalk(std::shared_ptr<Partition> partition, WalkLimits limits);

    // Keeps the bytes of buffer_ from `begin` on, and memory for little more than `wanted`.
    void keep_from(std::size_t begin, std::size_t wanted);
    // Reads `length` bytes at `position` of `file` to the end of buffer_.
    std::expected<void, ScanFailure> read(const log::StorageFile& file, std::int64_t position, std::size_t length);
    // Empty when the partition can be read.
    std::optional<ScanFailure> failure() const;
    ScanFailure corrupt(Offset offset) const;
    static ScanFailure failure_of(const log::Error& error) { return {error.code, error.message}; }

    const std::shared_ptr<Partition> partition_;
    const WalkLimits limits_;
    Offset log_start_{0};
    Bytes buffer_;
};

// The batch that holds an offset, and its records.
struct LoadedBatch {
    // Errors: offset_out_of_range outside of [log start, high watermark); invalid_record where no batch holds the
    // offset; corrupt_message when the records cannot be had; what reading gave otherwise.
    static std::expected<LoadedBatch, ScanFailure> find(const std::shared_ptr<Partition>& partition, Offset offset);

    protocol::RecordBatchView view() const { return *protocol::RecordBatchView::parse(bytes); }

    Bytes bytes;
    Bytes plain;        // used when it was compressed
    BytesView records;  // in one of the two: move this, never copy
    std::shared_ptr<const BatchFacts> facts;
};

// How much a batch of the partition may hold when decompressed: the produce path's limit.
std::size_t plain_bytes_max(const Partition& partition);

// From `from` on, oldest first. New records are seen.
std::unique_ptr<BatchWalk> walk_forwards(std::shared_ptr<Partition> partition, Offset from, WalkLimits limits);

// What lies before `end`, newest first.
std::unique_ptr<BatchWalk> walk_backwards(std::shared_ptr<Partition> partition, Offset end, WalkLimits limits);

}  // namespace mamba::broker
