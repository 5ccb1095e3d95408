// What has happened lately in this broker, beyond what counters tell: the console shows it, and
// `kill -USR1` writes it into the log. Nothing is decided by it.
//
//     events      what changed: topics, settings, groups, log dirs
//     producers   what the producer state had to say: repeats, gaps, fenced epochs
//     refusals    what clients asked for in vain
//
// The data path pays for these only where something is out of the ordinary.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/event_ring.h"
#include "broker/producer_clients.h"
#include "protocol/error_code.h"
#include "protocol/types.h"

namespace mamba::broker {

enum class EventKind : std::uint8_t {
    topic_created,
    topic_deleted,
    partitions_added,
    config_changed,
    group_rebalance_began,
    group_stable,
    group_empty,
    log_dir_offline,
};
std::string_view name_of(EventKind kind);

struct ClusterEvent {
    Timestamp at;
    EventKind kind{};
    std::string subject;  // the topic, the group, the path
    std::string detail;   // a sentence, or empty
};

// A batch that did not simply follow its producer's last one.
struct ProducerEvent {
    Timestamp at;  // of the newest
    TopicPartition partition;
    ProducerId producer_id;
    ProducerEpoch epoch;
    std::int32_t first_sequence = 0;
    ErrorCode error = ErrorCode::none;  // none: a repeat, answered with the offsets of its first append
    std::string client_id;
    std::string host;
    std::uint64_t count = 1;

    // Of the same producer, for the same reason.
    bool repeats(const ProducerEvent& earlier) const {
        return partition == earlier.partition && producer_id == earlier.producer_id && epoch == earlier.epoch &&
               error == earlier.error;
    }
};

struct RefusedRequest {
    Timestamp at;  // of the newest
    std::int16_t api_key = -1;
    ErrorCode error = ErrorCode::none;  // none: the connection was cut
    std::string subject;                // what it was about: a partition, or why the connection was cut
    std::string client_id;
    std::string host;
    std::uint64_t count = 1;

    bool repeats(const RefusedRequest& earlier) const {
        return api_key == earlier.api_key && error == earlier.error && subject == earlier.subject &&
               client_id == earlier.client_id && host == earlier.host;
    }
};

struct Observations {
    EventRing<ClusterEvent> events{1024};
    EventRing<ProducerEvent> producers{512};
    EventRing<RefusedRequest> refusals{512};
    ProducerClients producer_clients;

    // The newest of each, as lines for people; text of clients is escaped.
    std::vector<std::string> describe(std::size_t each_max) const;
};

}  // namespace mamba::broker
