// A consumer group as it stood at one moment: for the console and the metrics, who look at copies so
// that no shard waits for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/group/group_records.h"

namespace mamba::broker {

struct GroupSnapshot {
    struct Member {
        std::string id;
        std::optional<std::string> instance_id;
        std::string client_id;
        std::string client_host;  // as Java writes an address, "/10.0.0.7"
        std::int32_t session_timeout_ms = 0;
        std::int32_t rebalance_timeout_ms = 0;
        Bytes assignment;    // ConsumerProtocolAssignment where the protocol type is "consumer"
        bool is_leader = false;
        bool is_waiting = false;  // for the others to join, or for its assignment
        Timestamp last_heard = no_timestamp;  // while it is waiting this is not known
    };
    struct Offset {
        TopicPartition partition;
        CommittedOffset committed;
    };

    std::string id;
    std::string type;   // as ListGroups has it: "classic"
    std::string state;  // Kafka's, such as "PreparingRebalance"
    Timestamp state_since = no_timestamp;
    std::int32_t generation = 0;
    std::string protocol_type;  // "consumer", or empty: nobody has ever joined
    std::string protocol;       // the assignor, empty until there is one
    std::vector<Member> members;  // in the order in which they joined
    std::vector<Offset> offsets;  // by topic and partition
};

}  // namespace mamba::broker
