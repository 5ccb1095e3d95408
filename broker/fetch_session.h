// Incremental fetch sessions (KIP-227): the broker remembers what a consumer fetches, so that a
// request names only changes and an answer only partitions with news.
//
//     request epoch     meaning
//     -1                no session; end the named one if there is any
//      0                a new session, in place of the named one if there is any
//      n                the n-th request of the session: changes to its partitions
//
// Held after every event:
//   1. a session's epoch is one more than that of the last request it accepted (after 2^31-1: 1);
//   2. there are at most `sessions_max` of them, with at most `bytes_max` of what they remember. A new
//      one replaces the least recently used when that is idle for `idle_min`, or else the smallest
//      when that is older than `idle_min` and smaller than the new one, or else is not made: the
//      client then fetches in full. One that outgrows the bound is ended, which says the same;
//   3. an answer leaves a partition out only if it has no records, no error, and the high watermark
//      and log start that the client was told last.
//
// Pure. Source: KIP-227, KIP-516 (topic ids); setting max.incremental.fetch.session.cache.slots. The
// bound on bytes is ours.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/request.h"
#include "protocol/error_code.h"
#include "protocol/messages/fetch.h"

namespace mamba::broker {

// A topic as the client named it: by name up to version 12, by id from 13 on.
struct FetchTopic {
    std::string name;
    Uuid id;

    friend bool operator==(const FetchTopic&, const FetchTopic&) = default;
};

// One partition that is to be read.
struct FetchTarget {
    std::shared_ptr<const FetchTopic> topic;
    PartitionIndex partition;
    Offset offset;
    LeaderEpoch current_leader_epoch = no_leader_epoch;
    std::int32_t bytes_max = 0;
};

// What decides whether a partition is in an incremental answer.
struct FetchNews {
    bool has_records = false;
    ErrorCode error = ErrorCode::none;
    Offset high_watermark{-1};
    Offset log_start{-1};
};

class FetchSessionCache {
public:
    struct Limits {
        std::size_t sessions_max = 1000;
        std::size_t bytes_max = std::size_t{128} << 20;  // half a million partitions, about
        Duration idle_min = std::chrono::minutes(2);
    };

    explicit FetchSessionCache(Limits limits) : limits_(limits) {}

    struct Begun {
        ErrorCode error = ErrorCode::none;  // of the whole request
        std::int32_t session_id = 0;        // 0: no session
        bool incremental = false;
        std::vector<FetchTarget> targets;   // in the order to read them
    };
    // `random_id` is taken for a new session unless it is 0 or in use.
    Begun begin(const protocol::FetchRequest& request, protocol::MessageVersion version, Instant now,
                std::int32_t random_id);

    // Marks which of the targets belong into an incremental answer, and remembers what is told.
    // `targets` and `news` go side by side. Partitions with records move to the end of the order,
    // so that a full answer does not starve the others.
    std::vector<bool> finish(std::int32_t session_id, std::span<const FetchTarget> targets,
                             std::span<const FetchNews> news);

    std::size_t size() const { return sessions_.size(); }
    std::size_t partitions() const { return partitions_; }
    std::size_t bytes() const { return bytes_; }

private:
    // Shares the topic with its target.
    struct Key {
        std::shared_ptr<const FetchTopic> topic;
        PartitionIndex partition;
        friend bool operator==(const Key& a, const Key& b) {
            return a.partition == b.partition && (a.topic == b.topic || *a.topic == *b.topic);
        }
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            return std::hash<Uuid>{}(key.topic->id) ^ (std::hash<std::string>{}(key.topic->name) * 31) ^
                   static_cast<std::size_t>(key.partition.value) * 0x9e3779b97f4a7c15u;
        }
    };
    struct Cached {
        FetchTarget target;
        Offset told_high_watermark{-1};
        Offset told_log_start{-1};
        bool must_tell = true;  // not answered yet, or answered with an error
    };
    struct Session {
        std::int32_t epoch = 1;  // that the next request must carry
        bool by_topic_id = false;
        Instant created;
        Instant used;
        std::size_t bytes = 0;
        std::list<Cached> order;
        std::unordered_map<Key, std::list<Cached>::iterator, KeyHash> index;
        std::list<std::int32_t>::iterator recency;
    };

    static Key key_of(const FetchTarget& target) { return {target.topic, target.partition}; }
    static std::size_t bytes_of(const FetchTarget& target);
    void update(Session& session, const std::vector<FetchTarget>& targets,
                const protocol::FetchRequest& request);
    void erase(std::int32_t id);
    bool make_room(std::size_t bytes, Instant now);
    std::optional<std::int32_t> evictable(std::size_t bytes, Instant now) const;

    Limits limits_;
    std::unordered_map<std::int32_t, Session> sessions_;
    std::list<std::int32_t> recency_;  // least recently used first
    std::size_t partitions_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace mamba::broker
