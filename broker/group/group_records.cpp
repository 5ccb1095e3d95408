#include "broker/group/group_records.h"

#include "protocol/messages/group_metadata_key.h"
#include "protocol/messages/offset_commit_key.h"
#include "protocol/wire.h"

namespace mamba::broker {

namespace {

constexpr protocol::MessageVersion group_metadata_version = 3;
constexpr protocol::MessageVersion offset_commit_version = 4;
// The only version that carries an expiry.
constexpr protocol::MessageVersion offset_commit_version_with_expiry = 1;
constexpr std::int16_t legacy_offset_commit_type = 0;

template <class Key>
Bytes encode_key(const Key& key) {
    protocol::Writer out;
    out.int16(Key::record_type);
    key.encode(out, 0);
    return out.take();
}

template <class Value>
Bytes encode_value(const Value& value, protocol::MessageVersion version) {
    protocol::Writer out;
    out.int16(version);
    value.encode(out, version);
    return out.take();
}

// False when the version is unknown or the bytes are malformed.
template <class Value>
bool decode_value(BytesView bytes, Value& value) {
    protocol::Reader in(bytes);
    const protocol::MessageVersion version = in.int16();
    if (!in.ok() || version < Value::version_min || version > Value::version_max) return false;
    value.decode(in, version);
    return in.ok();
}

Bytes offset_key(std::string_view group, std::string_view topic, PartitionIndex partition) {
    protocol::OffsetCommitKey key;
    key.group = group;
    key.topic = topic;
    key.partition = partition.value;
    return encode_key(key);
}

Bytes group_key(std::string_view group) {
    protocol::GroupMetadataKey key;
    key.group = group;
    return encode_key(key);
}

ParsedRecord parse_offset(protocol::Reader& in, std::optional<BytesView> value) {
    protocol::OffsetCommitKey key;
    key.decode(in, 0);
    if (!in.ok()) return SkippedRecord{};
    OffsetCommitRecord record{.group = std::move(key.group),
                              .partition = {std::move(key.topic), PartitionIndex{key.partition}},
                              .value = std::nullopt};
    if (!value) return record;
    protocol::OffsetCommitValue decoded;
    if (!decode_value(*value, decoded)) return SkippedRecord{};
    record.value = CommittedOffset{.offset = decoded.offset,
                                   .leader_epoch = decoded.leader_epoch,
                                   .metadata = std::move(decoded.metadata),
                                   .committed_at = Timestamp{decoded.commit_timestamp},
                                   .expires_at = Timestamp{decoded.expire_timestamp},
                                   .topic_id = decoded.topic_id};
    return record;
}

ParsedRecord parse_group(protocol::Reader& in, std::optional<BytesView> value) {
    protocol::GroupMetadataKey key;
    key.decode(in, 0);
    if (!in.ok()) return SkippedRecord{};
    GroupMetadataRecord record{.group = std::move(key.group), .value = std::nullopt};
    if (!value) return record;
    protocol::GroupMetadataValue decoded;
    if (!decode_value(*value, decoded)) return SkippedRecord{};
    record.value = std::move(decoded);
    return record;
}

}  // namespace

CoordinatorRecord group_metadata_record(std::string_view group,
                                        const protocol::GroupMetadataValue& value) {
    return {.key = group_key(group), .value = encode_value(value, group_metadata_version)};
}

CoordinatorRecord group_tombstone(std::string_view group) {
    return {.key = group_key(group), .value = std::nullopt};
}

CoordinatorRecord offset_commit_record(std::string_view group, std::string_view topic,
                                       PartitionIndex partition, const CommittedOffset& offset) {
    protocol::OffsetCommitValue value;
    value.offset = offset.offset;
    value.leader_epoch = offset.leader_epoch;
    value.metadata = offset.metadata;
    value.commit_timestamp = offset.committed_at.value;
    value.expire_timestamp = offset.expires_at.value;
    value.topic_id = offset.topic_id;
    const auto version = offset.expires_at == no_timestamp ? offset_commit_version
                                                           : offset_commit_version_with_expiry;
    return {.key = offset_key(group, topic, partition), .value = encode_value(value, version)};
}

CoordinatorRecord offset_tombstone(std::string_view group, std::string_view topic,
                                   PartitionIndex partition) {
    return {.key = offset_key(group, topic, partition), .value = std::nullopt};
}

ParsedRecord parse_record(BytesView key, std::optional<BytesView> value) {
    protocol::Reader in(key);
    const std::int16_t type = in.int16();
    if (!in.ok()) return SkippedRecord{};
    if (type == legacy_offset_commit_type || type == protocol::OffsetCommitKey::record_type) {
        return parse_offset(in, value);
    }
    if (type == protocol::GroupMetadataKey::record_type) return parse_group(in, value);
    return SkippedRecord{};
}

}  // namespace mamba::broker
