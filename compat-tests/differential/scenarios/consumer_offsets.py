"""__consumer_offsets as a consumer reads it: the records that groups and commits leave there."""

import struct

from members import Member, join_all, protocols, stable_group, subscription, sync_all
from records import parse
from scenario import newest_version
from wire import MESSAGES, Reader

TOPIC, PARTITIONS = "__consumer_offsets", 50
OFFSET_COMMIT, GROUP_METADATA = 1, 2  # the type in front of a key
KEYS = {OFFSET_COMMIT: "OffsetCommitKey", GROUP_METADATA: "GroupMetadataKey"}
VALUES = {OFFSET_COMMIT: "OffsetCommitValue", GROUP_METADATA: "GroupMetadataValue"}


def partition_of(group):
    """Where Kafka keeps a group: String.hashCode()."""
    code = 0
    for unit in group:
        code = (code * 31 + ord(unit)) & 0xFFFFFFFF
    return (code & 0x7FFFFFFF) % PARTITIONS


def versioned(kind, data):
    """A record's key or value: a version (a key's is its type) and the message."""
    (version,) = struct.unpack(">h", data[:2])
    is_key = kind.endswith("Key")
    return {"version": version} | MESSAGES[kind].decode(Reader(data[2:]).data, 0 if is_key else version)


def read(side, group):
    """Records what the topic tells of `group`."""
    partition = partition_of(group)
    (topic,) = side.ask("Fetch", max_wait_ms=0, topics=[{"topic_id": side.topic_id(TOPIC), "partitions": [
        {"partition": partition, "fetch_offset": 0, "partition_max_bytes": 1 << 20}]}])["responses"]
    told = []
    for batch in parse(topic["partitions"][0]["records"] or b""):
        for record in batch["records"]:
            key = versioned(KEYS[struct.unpack(">h", record["key"][:2])[0]], record["key"])
            if key["group"] != group:
                continue
            value = record["value"] and versioned(VALUES[key["version"]], record["value"])
            told.append({"key": key, "value": value, "headers": record["headers"]} | {
                field: batch[field] for field in ("magic", "attributes", "producer_id", "producer_epoch",
                                                  "base_sequence", "leader_epoch")})
    side.record(f"records of {group}", told)


def commit(side, group, topic, version=9, **fields):
    side.request("OffsetCommit", version, group_id=group, topics=[{"name": topic, "partitions": [
        {"partition_index": index, "committed_offset": 10 + index, "committed_metadata": "note"}
        for index in range(2)]}], **fields)


@newest_version("Fetch")
def the_life_of_a_group(side):
    group = side.fresh("group")
    a = Member(side, group, "a", protocols=protocols("range", metadata=subscription("one")))
    b = Member(side, group, "b", protocols=protocols("range", "sticky", metadata=subscription("two")))
    a.join()
    read(side, group)
    a.sync({a: b"mine"})
    read(side, group)
    join_all(b, a)
    read(side, group)
    sync_all(a, b)
    b.leave()
    a.leave()
    read(side, group)
    side.request("DeleteGroups", groups_names=[group])
    read(side, group)


@newest_version("Fetch")
def static_members(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    Member(side, group, "another", group_instance_id="i-b", rebalance_timeout_ms=50000).join()
    read(side, group)


@newest_version("Fetch")
def a_group_that_is_refused_its_first_member(side):
    a = Member(side, side.fresh("group"), "a", protocol_type="")
    side.request("JoinGroup", **a.fields)
    read(side, a.group)


@newest_version("Fetch")
def a_group_nobody_has_joined_yet(side):
    a = Member(side, side.fresh("group"), "a")
    side.request("JoinGroup", **a.fields)
    read(side, a.group)


@newest_version("Fetch")
def commits(side):
    topic = side.create_topic(partitions=2)
    group = side.fresh("group")
    commit(side, group, topic)
    read(side, group)
    side.request("OffsetCommit", 10, group_id=group, topics=[{"topic_id": side.topic_id(topic), "partitions": [
        {"partition_index": 1, "committed_offset": 0, "committed_leader_epoch": 3, "committed_metadata": None}]}])
    read(side, group)
    side.request("OffsetDelete", group_id=group, topics=[{"name": topic, "partitions": [
        {"partition_index": 1}, {"partition_index": 0}]}])
    read(side, group)
    commit(side, group, topic)
    side.request("DeleteGroups", groups_names=[group])
    read(side, group)


@newest_version("Fetch")
def commits_of_a_member(side):
    topic = side.create_topic(partitions=2)
    group, a = stable_group(side, "a")
    commit(side, group, topic, member_id=a.id, generation_id_or_member_epoch=a.generation)
    read(side, group)


@newest_version("Fetch")
def a_retention_time(side):
    topic, group = side.create_topic(partitions=2), side.fresh("group")
    commit(side, group, topic, version=4, retention_time_ms=3_600_000)
    read(side, group)
