// What has been acknowledged, and the comparison of it with what the broker holds.
//
// Because the producers are idempotent and no record of theirs is given up, the counters that a
// producer has in a partition must be 0, 1, 2 ... in offset order: a gap is a loss, a repeated
// one a duplicate, a smaller one a reordering. What is acknowledged must be among them.
//
// Thread-safe: producers and group members write to it while the main thread verifies.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "compat-tests/harness/client.h"

namespace mamba::compat {

class Ledger {
public:
    explicit Ledger(std::vector<TopicPartition> partitions) : partitions_(std::move(partitions)) {}

    // A producer's record was acknowledged.
    void acknowledged(int producer, const TopicPartition& place, std::int64_t counter);
    // The group's offset of a partition was acknowledged.
    void committed(const TopicPartition& place, std::int64_t next);
    // Anything that must never happen, told by whoever saw it.
    void violation(std::string what);

    // Reads what is new since the last call (everything, if `from_start`) and compares.
    void verify(const std::string& bootstrap, bool from_start);
    // Asks the coordinator for the group's offsets and compares with what it acknowledged.
    void verify_commits(const std::string& bootstrap, const std::string& group);

    std::int64_t acknowledged_count() const;
    std::int64_t verified_count() const { return verified_; }
    std::vector<std::string> violations() const;

private:
    using Series = std::pair<int, TopicPartition>;  // the records of one producer in one partition

    void check(const Record& record);
    void read_partition(const std::string& bootstrap, const TopicPartition& place);

    const std::vector<TopicPartition> partitions_;
    std::map<TopicPartition, std::int64_t> next_offset_;  // to verify; main thread only
    std::map<Series, std::int64_t> next_counter_;         // to be found; main thread only
    std::int64_t verified_ = 0;

    mutable std::mutex mutex_;
    std::map<Series, std::int64_t> acknowledged_;  // one past the highest counter
    std::int64_t acknowledged_count_ = 0;
    Offsets committed_;
    std::vector<std::string> violations_;
};

}  // namespace mamba::compat
