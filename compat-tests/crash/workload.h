// The load under which the broker is killed: idempotent producers and a committing group, each in
// a thread of its own with a client of its own, all writing to one ledger.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "compat-tests/crash/ledger.h"

namespace mamba::compat {

class Workload {
public:
    struct Shape {
        std::string bootstrap;
        std::vector<TopicPartition> partitions;
        std::vector<std::string> topics;
        std::string group;
        int producers = 4;
        int members = 2;
        std::uint32_t seed = 0;
    };

    Workload(Shape shape, Ledger& ledger);
    ~Workload() { stop(); }
    Workload(const Workload&) = delete;
    Workload& operator=(const Workload&) = delete;

    // Producers send no more and wait for their last reports; members commit and leave.
    void stop();

    std::int64_t commits() const { return commits_; }
    std::int64_t consumed() const { return consumed_; }

private:
    void produce(int number);
    void consume();

    const Shape shape_;
    Ledger& ledger_;
    std::atomic<bool> producing_ = true;
    std::atomic<bool> consuming_ = true;
    std::atomic<std::int64_t> commits_ = 0;
    std::atomic<std::int64_t> consumed_ = 0;
    std::vector<std::thread> producers_;
    std::vector<std::thread> members_;
};

}  // namespace mamba::compat
