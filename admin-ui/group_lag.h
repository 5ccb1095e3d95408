// How far a group is behind, in records and in seconds.
//
// In records: from what it has committed to the high watermark. In seconds: since the first record
// that it has not consumed was appended. The broker remembers appends of the last quarter of an hour
// to the second; of older records the timestamp of their batch is read from the log, once for each
// committed offset, since an offset that does not move costs nothing the second time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "broker/broker.h"

namespace mamba::admin {

struct PartitionLag {
    Offset log_start;
    Offset end;  // the high watermark
    std::int64_t records = 0;
    std::optional<std::int64_t> ms;  // nothing: not known, or too many to look up at once
};

// Looks lags up, and remembers what it had to read. Not thread-safe.
class LagLookup {
public:
    explicit LagLookup(broker::Broker& broker) : broker_(broker) {}

    // Allows so many more reads of the disk; who looks at one group only need not care.
    void begin(std::size_t reads_max) { reads_left_ = reads_max; }
    // Forgets what has not been asked for since the last end().
    void end();

    // Nothing when the partition is not here. `committed` may lie before the log start: what is gone
    // is not there to be consumed, but Kafka's tools count it, and so do we.
    std::optional<PartitionLag> find(const TopicPartition& partition, std::int64_t committed, Timestamp now);

private:
    struct Read {
        Timestamp at;
        std::uint64_t round = 0;
    };
    std::optional<Timestamp> appended_at(broker::Partition& partition, Offset offset);

    broker::Broker& broker_;
    std::size_t reads_left_ = 1000;
    std::uint64_t round_ = 0;
    std::map<std::pair<TopicPartition, Offset>, Read> read_;
};

}  // namespace mamba::admin
