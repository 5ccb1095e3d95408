#include "compat-tests/crash/ledger.h"

#include <algorithm>

#include "compat-tests/crash/payload.h"

namespace mamba::compat {
namespace {

constexpr std::size_t violations_max = 50;  // one fault often shows in every later record

std::string text_of(const TopicPartition& place) {
    return place.topic + "-" + std::to_string(place.partition);
}

}  // namespace

void Ledger::acknowledged(int producer, const TopicPartition& place, std::int64_t counter) {
    const std::lock_guard lock(mutex_);
    std::int64_t& next = acknowledged_[{producer, place}];
    next = std::max(next, counter + 1);
    ++acknowledged_count_;
}

void Ledger::committed(const TopicPartition& place, std::int64_t next) {
    const std::lock_guard lock(mutex_);
    std::int64_t& highest = committed_[place];
    highest = std::max(highest, next);
}

void Ledger::violation(std::string what) {
    const std::lock_guard lock(mutex_);
    if (violations_.size() < violations_max) violations_.push_back(std::move(what));
}

std::int64_t Ledger::acknowledged_count() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_count_;
}

std::vector<std::string> Ledger::violations() const {
    const std::lock_guard lock(mutex_);
    return violations_;
}

void Ledger::check(const Record& record) {
    const TopicPartition place{record.topic, record.partition};
    const std::string where = text_of(place) + "@" + std::to_string(record.offset);
    std::int64_t& next_offset = next_offset_[place];
    if (record.offset != next_offset) {
        violation(where + ": the record before it had offset " + std::to_string(next_offset - 1));
    }
    next_offset = record.offset + 1;
    ++verified_;

    const auto payload = Payload::decode(record.value.value_or(""));
    if (!payload) return violation(where + ": not a byte-exact record of ours");
    if (payload->place != place)
        return violation(where + ": belongs to " + text_of(payload->place));
    std::int64_t& next = next_counter_[{payload->producer, place}];
    if (payload->counter != next) {
        violation(where + ": producer " + std::to_string(payload->producer) + " has record " +
                  std::to_string(payload->counter) + " where " + std::to_string(next) +
                  " is due (" + (payload->counter > next ? "loss" : "repeat or reordering") + ")");
    }
    next = payload->counter + 1;
}

void Ledger::read_partition(const std::string& bootstrap, const TopicPartition& place) {
    Consumer consumer(bootstrap, {{"check.crcs", "true"}});
    std::int64_t end = -1;
    const bool answered = eventually([&] {
        const auto marks = watermarks(consumer.handle(), place.topic, place.partition);
        if (marks) end = marks->second;
        return marks.has_value();
    });
    if (!answered) return violation(text_of(place) + ": its end cannot be asked for");
    std::int64_t& next = next_offset_[place];
    if (end < next) {
        violation(text_of(place) + ": ends at " + std::to_string(end) + ", record " +
                  std::to_string(next - 1) + " had been read before");
    }
    if (end <= next) return;
    consumer.assign(place.topic, place.partition, next);
    const bool reached = eventually([&] {
        while (next < end) {
            const auto record = consumer.poll();
            if (!record) return false;
            check(*record);
        }
        return true;
    });
    if (!reached) {
        violation(text_of(place) + ": nothing to read at " + std::to_string(next) + " below " +
                  std::to_string(end));
    }
}

void Ledger::verify(const std::string& bootstrap, bool from_start) {
    if (from_start) {
        next_offset_.clear();
        next_counter_.clear();
        verified_ = 0;
    }
    std::map<Series, std::int64_t> due;  // acknowledged before the ends are asked for
    {
        const std::lock_guard lock(mutex_);
        due = acknowledged_;
    }
    for (const TopicPartition& place : partitions_) read_partition(bootstrap, place);
    for (const auto& [series, next] : due) {
        if (next_counter_[series] < next) {
            violation(text_of(series.second) + ": producer " + std::to_string(series.first) +
                      " was acknowledged up to " + std::to_string(next - 1) + ", found up to " +
                      std::to_string(next_counter_[series] - 1));
        }
    }
}

void Ledger::verify_commits(const std::string& bootstrap, const std::string& group) {
    Offsets due;
    {
        const std::lock_guard lock(mutex_);
        due = committed_;
    }
    Consumer observer(bootstrap, {{"group.id", group}});
    for (const auto& [place, next] : due) {
        const auto found = observer.committed(place.topic, place.partition);
        if (found.value_or(-1) < next) {
            violation(text_of(place) + ": commit of " + std::to_string(next) +
                      " was acknowledged, the coordinator has " +
                      (found ? std::to_string(*found) : std::string("none")));
        }
    }
}

}  // namespace mamba::compat
