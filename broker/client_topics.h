// Which topics one client reads and writes, and where in their partitions it reads.
//
// Written by the connection's own thread. A request costs a look at the few topics that the client uses;
// those beyond topics_max are not told apart from none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/types.h"

namespace mamba::broker {

// Bytes of records, as they lie in the log.
struct TopicBytes {
    Uuid topic_id;
    std::uint64_t in = 0;   // produced
    std::uint64_t out = 0;  // fetched

    friend bool operator==(const TopicBytes&, const TopicBytes&) = default;
};

// Topics whose records one request brings or takes: nearly always one, which needs no storage of its own.
class RequestTopics {
public:
    // A request has a topic's partitions one after the other, mostly; a topic that comes again is there twice.
    TopicBytes& of(const Uuid& topic_id) {
        if (!first_) return first_.emplace(TopicBytes{.topic_id = topic_id});
        TopicBytes& last = others_.empty() ? *first_ : others_.back();
        return last.topic_id == topic_id ? last : others_.emplace_back(TopicBytes{.topic_id = topic_id});
    }

    template <class Visit>
    void each(Visit visit) const {
        if (first_) visit(*first_);
        for (const TopicBytes& one : others_) visit(one);
    }

private:
    std::optional<TopicBytes> first_;
    std::vector<TopicBytes> others_;
};

// The offset that a fetch has asked for: all before it has come through.
struct FetchedFrom {
    static constexpr std::size_t partitions_max = 1000;  // of one request; further ones are not remembered

    Uuid topic_id;
    PartitionIndex partition;
    Offset offset;

    friend bool operator==(const FetchedFrom&, const FetchedFrom&) = default;
};

class ClientTopics {
public:
    static constexpr std::size_t topics_max = 50;

    void add(const RequestTopics& of_request) {
        of_request.each([this](const TopicBytes& one) {
            const auto known = std::ranges::find(topics_, one.topic_id, &TopicBytes::topic_id);
            if (known != topics_.end()) {
                known->in += one.in;
                known->out += one.out;
            } else if (topics_.size() < topics_max) {
                topics_.push_back(one);
            }
        });
    }
    // Since it connected, by first use.
    const std::vector<TopicBytes>& all() const { return topics_; }

private:
    std::vector<TopicBytes> topics_;
};

}  // namespace mamba::broker
