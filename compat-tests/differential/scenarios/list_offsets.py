"""ListOffsets: offsets by time, and the special times below zero."""

from records import NOW, batch, record
from scenario import every_version

LATEST, EARLIEST, MAX_TIMESTAMP, EARLIEST_LOCAL, LATEST_TIERED, EARLIEST_PENDING_UPLOAD = range(-1, -7, -1)
SPECIAL = (LATEST, EARLIEST, MAX_TIMESTAMP, EARLIEST_LOCAL, LATEST_TIERED, EARLIEST_PENDING_UPLOAD)


def list_offset(side, topic, timestamp, partition=0, current_leader_epoch=-1, **fields):
    return side.request("ListOffsets", **{"replica_id": -1, "topics": [{"name": topic, "partitions": [
        {"partition_index": partition, "current_leader_epoch": current_leader_epoch, "timestamp": timestamp}]}]}
        | fields)


@every_version("ListOffsets")
def special_times_of_an_empty_partition(side):
    topic = side.create_topic()
    for timestamp in SPECIAL:
        list_offset(side, topic, timestamp)


@every_version("ListOffsets")
def special_times(side):
    topic = side.create_topic()
    side.produce(topic, batch([record(timestamp_delta=delta) for delta in (0, 900, 30)]))
    side.produce(topic, batch([b"later"], base_timestamp=NOW + 500))
    for timestamp in (*SPECIAL, -7, -100, -(2**63)):
        list_offset(side, topic, timestamp)


@every_version("ListOffsets")
def by_time(side):
    topic = side.create_topic()
    side.produce(topic, batch([record(timestamp_delta=delta) for delta in (0, 10, 5, 10)]))
    side.produce(topic, batch([record(timestamp_delta=delta) for delta in (3, 20)]))
    for timestamp in (0, NOW - 1, NOW, NOW + 1, NOW + 5, NOW + 10, NOW + 11, NOW + 20, NOW + 21, 2**63 - 1):
        list_offset(side, topic, timestamp)


@every_version("ListOffsets")
def unknown_topic_and_partition(side):
    topic = side.create_topic(partitions=2)
    list_offset(side, side.fresh("absent"), LATEST)
    for partition in (2, -1, 2**31 - 1):
        list_offset(side, topic, LATEST, partition=partition)
    list_offset(side, "", LATEST)


@every_version("ListOffsets", since=4)
def leader_epochs(side):
    topic = side.create_topic()
    for epoch in (-1, 0, 1, 7, -2):
        list_offset(side, topic, LATEST, current_leader_epoch=epoch)


@every_version("ListOffsets")
def as_other_replicas(side):
    topic = side.create_topic()
    for replica in (-2, 0, 1, 5):
        list_offset(side, topic, LATEST, replica_id=replica)


@every_version("ListOffsets", since=2)
def isolation_levels(side):
    topic = side.create_topic()
    side.produce(topic)
    for isolation_level in (0, 1):
        list_offset(side, topic, LATEST, isolation_level=isolation_level)
        list_offset(side, topic, NOW, isolation_level=isolation_level)


@every_version("ListOffsets", since=2)
def isolation_levels_that_do_not_exist(side):
    topic = side.create_topic()
    for isolation_level in (2, -1):
        list_offset(side, topic, LATEST, isolation_level=isolation_level)


@every_version("ListOffsets")
def empty_collections(side):
    topic = side.create_topic()
    side.request("ListOffsets", replica_id=-1, topics=[])
    side.request("ListOffsets", replica_id=-1, topics=[{"name": topic, "partitions": []}])


@every_version("ListOffsets")
def the_same_partition_twice(side):
    topic = side.create_topic(partitions=2)
    wanted = {"partition_index": 1, "timestamp": LATEST}
    side.request("ListOffsets", replica_id=-1, topics=[{"name": topic, "partitions": [wanted, wanted]}])
    side.request("ListOffsets", replica_id=-1, topics=[{"name": topic, "partitions": [wanted]},
                                                       {"name": topic, "partitions": [wanted]}])


@every_version("ListOffsets")
def after_records_were_deleted(side):
    topic = side.create_topic()
    for step in range(3):
        side.produce(topic, batch([b"value"], base_timestamp=NOW + step))
    side.ask("DeleteRecords", timeout_ms=10000, topics=[{"name": topic, "partitions": [
        {"partition_index": 0, "offset": 2}]}])
    for timestamp in (LATEST, EARLIEST, EARLIEST_LOCAL, LATEST_TIERED, 0, NOW, NOW + 1, NOW + 2, NOW + 3):
        list_offset(side, topic, timestamp)


@every_version("ListOffsets", since=7)
def largest_timestamp_of_a_deleted_record(side):
    topic = side.create_topic()
    for later in (50, 0):
        side.produce(topic, batch(base_timestamp=NOW + later))
    side.ask("DeleteRecords", timeout_ms=10000, topics=[{"name": topic, "partitions": [
        {"partition_index": 0, "offset": 1}]}])
    list_offset(side, topic, MAX_TIMESTAMP)


@every_version("ListOffsets")
def of_a_topic_with_log_append_time(side):
    topic = side.create_topic(message_timestamp_type="LogAppendTime")
    side.produce(topic)
    for timestamp in (MAX_TIMESTAMP, NOW, 2**62):
        list_offset(side, topic, timestamp)
