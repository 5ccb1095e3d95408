// The records of __consumer_offsets that classic groups write and read.
//
//     key := record type  int16, fields      value := version  int16, fields; null is a tombstone
//
// A 4.3 broker writes GroupMetadataValue 3 and OffsetCommitValue 4 (1 when a client asked for an
// expiry of its own). Keys of types 0 and 1 both name a committed offset. Types of groups that we
// do not serve are skipped by the reader, never an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/messages/group_metadata_value.h"
#include "protocol/messages/offset_commit_value.h"
#include "protocol/types.h"

namespace mamba::broker {

struct CoordinatorRecord {
    Bytes key;
    std::optional<Bytes> value;  // none: a tombstone

    friend bool operator==(const CoordinatorRecord&, const CoordinatorRecord&) = default;
};

struct CommittedOffset {
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;
    std::string metadata;
    Timestamp committed_at = no_timestamp;
    Timestamp expires_at = no_timestamp;  // from OffsetCommit 2-4; none: the broker's retention
    Uuid topic_id;                        // zero when not known

    friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};

CoordinatorRecord group_metadata_record(std::string_view group,
                                        const protocol::GroupMetadataValue& value);
CoordinatorRecord group_tombstone(std::string_view group);
CoordinatorRecord offset_commit_record(std::string_view group, std::string_view topic,
                                       PartitionIndex partition, const CommittedOffset& offset);
CoordinatorRecord offset_tombstone(std::string_view group, std::string_view topic,
                                   PartitionIndex partition);

struct GroupMetadataRecord {
    std::string group;
    std::optional<protocol::GroupMetadataValue> value;
};
struct OffsetCommitRecord {
    std::string group;
    TopicPartition partition;
    std::optional<CommittedOffset> value;
};
struct SkippedRecord {};  // of a type or version that is not ours to read, or malformed

using ParsedRecord = std::variant<SkippedRecord, GroupMetadataRecord, OffsetCommitRecord>;

// Total: any bytes give one of the three. No `value` means a tombstone.
ParsedRecord parse_record(BytesView key, std::optional<BytesView> value);

}  // namespace mamba::broker
