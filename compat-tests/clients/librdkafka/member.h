// Members of a group, reading in threads of their own, and who of them owns what.
#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "consumer.h"
#include "environment.h"

namespace jobs {

using Assignment = std::set<std::pair<std::string, std::int32_t>>;

// Who of a group owns what. The eager protocol lets go of all before a new generation assigns, so
// no partition ever has two owners.
class Ownership {
public:
    void set(const std::string& member, Assignment assigned) {
        const std::scoped_lock lock(mutex_);
        for (const auto& [other, theirs] : owned_) {
            for (const auto& one : assigned) {
                if (other != member && theirs.contains(one)) conflict_ = member + " and " + other;
            }
        }
        owned_[member] = std::move(assigned);
    }

    // These members, all of them, own all `count` partitions.
    bool covers(const std::vector<std::string>& members, std::size_t count) {
        const std::scoped_lock lock(mutex_);
        std::size_t sum = 0;
        for (const auto& member : members) {
            if (owned_[member].empty()) return false;
            sum += owned_[member].size();
        }
        return sum == count;
    }

    void expect_no_conflict() {
        const std::scoped_lock lock(mutex_);
        expect(conflict_.empty(), conflict_ + " owned a partition at once");
    }

private:
    std::mutex mutex_;
    std::map<std::string, Assignment> owned_;
    std::string conflict_;
};

// A member of a group that reads in a thread of its own until it leaves.
class Member : RdKafka::RebalanceCb {
public:
    Member(std::string label, const std::string& subscription, Ownership& ownership,
           const Settings& settings = {})
        : label_(std::move(label)),
          ownership_(ownership),
          consumer_(make_consumer("g", settings, this)),
          thread_([this, subscription] { read_on(subscription); }) {}

    ~Member() override { leave(); }

    void leave() {
        leaving_ = true;
        if (thread_.joinable()) thread_.join();
    }

    std::set<std::string> values() {
        const std::scoped_lock lock(mutex_);
        return values_;
    }
    std::vector<Assignment> assignments() {
        const std::scoped_lock lock(mutex_);
        return assignments_;
    }
    bool is_fenced() const { return fenced_; }

private:
    void rebalance_cb(RdKafka::KafkaConsumer* consumer, RdKafka::ErrorCode event,
                      std::vector<RdKafka::TopicPartition*>& partitions) override {
        if (event != RdKafka::ERR__ASSIGN_PARTITIONS) {
            ownership_.set(label_, {});
            consumer->unassign();
            return;
        }
        Assignment assigned;
        for (const auto* one : partitions) assigned.emplace(one->topic(), one->partition());
        {
            const std::scoped_lock lock(mutex_);
            assignments_.push_back(assigned);
        }
        ownership_.set(label_, std::move(assigned));
        consumer->assign(partitions);
    }

    void read_on(const std::string& subscription) {
        consumer_->subscribe({subscription});
        while (!leaving_) {
            const std::unique_ptr<RdKafka::Message> message(consumer_->consume(100));
            if (message->err() == RdKafka::ERR_NO_ERROR) {
                const std::scoped_lock lock(mutex_);
                values_.emplace(static_cast<char*>(message->payload()), message->len());
            } else if (message->errstr().find("fenced") != std::string::npos) {
                fenced_ = true;
            }
        }
        consumer_->close();
    }

    std::string label_;
    Ownership& ownership_;
    std::atomic<bool> leaving_ = false;
    std::atomic<bool> fenced_ = false;
    std::mutex mutex_;
    std::set<std::string> values_;
    std::vector<Assignment> assignments_;
    std::unique_ptr<RdKafka::KafkaConsumer> consumer_;
    std::thread thread_;
};

}  // namespace jobs
