"""Fetch without a session: what is read, how much of it, and what is refused."""

import uuid

from records import GZIP, batch, record
from scenario import every_version, newest_version
from wire import APIS, NO_UUID

NO_TOPIC = uuid.UUID(int=0x1234)
WHOLE = 1 << 20


def partition(index=0, offset=0, max_bytes=WHOLE, **fields):
    return {"partition": index, "fetch_offset": offset, "partition_max_bytes": max_bytes} | fields


def topic_of(side, topic, *partitions):
    return {"topic": topic, "topic_id": side.topic_id(topic), "partitions": list(partitions)}


def fetch(side, *topics, **fields):
    return side.request("Fetch", **{"max_wait_ms": 0, "min_bytes": 0, "topics": list(topics)} | fields)


def read(side, topic, *partitions, **fields):
    return fetch(side, topic_of(side, topic, *partitions or [partition()]), **fields)


@every_version("Fetch")
def an_empty_partition(side):
    read(side, side.create_topic())


@every_version("Fetch")
def records_from_each_offset(side):
    topic = side.create_topic()
    side.produce(topic, batch([record(b"1", b"k", [(b"h", b"v")]), b"2", b"3"]))
    side.produce(topic, batch([b"4"]))
    for offset in range(5):
        read(side, topic, partition(offset=offset))


@every_version("Fetch")
def offsets_out_of_range(side):
    topic = side.create_topic()
    for offset in (1, -1, 2**63 - 1):
        read(side, topic, partition(offset=offset))
    side.produce(topic)
    side.produce(topic)
    for offset in (2, 3, -2, -(2**63)):
        read(side, topic, partition(offset=offset))
    side.ask("DeleteRecords", timeout_ms=10000, topics=[{"name": topic, "partitions": [
        {"partition_index": 0, "offset": 1}]}])
    for offset in (0, 1, 2):
        read(side, topic, partition(offset=offset))


@every_version("Fetch")
def unknown_topics_and_partitions(side):
    topic = side.create_topic(partitions=2)
    fetch(side, {"topic": side.fresh("absent"), "topic_id": NO_TOPIC, "partitions": [partition()]})
    fetch(side, {"topic": "", "topic_id": NO_UUID, "partitions": [partition()]})
    for index in (2, -1, 2**31 - 1):
        read(side, topic, partition(index))
    read(side, topic, partition(0), partition(5))
    fetch(side, topic_of(side, topic, partition(0)),
          {"topic": side.fresh("absent"), "topic_id": NO_TOPIC, "partitions": [partition(), partition(1)]})


@every_version("Fetch", since=9)
def leader_epochs(side):
    topic = side.create_topic()
    side.produce(topic)
    for epoch in (-1, 0, 1, 9, -2):
        read(side, topic, partition(current_leader_epoch=epoch))


@every_version("Fetch", since=12)
def last_fetched_epochs(side):
    topic = side.create_topic()
    side.produce(topic)
    side.produce(topic)
    for epoch, offset in ((-1, 1), (0, 1), (0, 2), (-2, 1)):
        read(side, topic, partition(offset=offset, last_fetched_epoch=epoch))


@every_version("Fetch", since=12)
def last_fetched_epochs_of_the_future(side):
    topic = side.create_topic()
    side.produce(topic)
    for epoch in (1, 5):
        read(side, topic, partition(offset=1, last_fetched_epoch=epoch))


@every_version("Fetch")
def as_a_replica(side):
    topic = side.create_topic()
    side.produce(topic)
    for replica_id in (-1, -2):
        read(side, topic, replica_id=replica_id)


@every_version("Fetch")
def limits_of_a_partition(side):
    topic = side.create_topic()
    for number in range(4):
        side.produce(topic, batch([b"%d" % number * 200]))
    size = len(batch([b"0" * 200]))
    for limit in (0, 1, size - 1, size, size + 1, 2 * size, 2 * size + 30, 10 * size):
        read(side, topic, partition(max_bytes=limit))


@every_version("Fetch")
def limits_of_an_answer(side):
    topic = side.create_topic(partitions=3)
    for index in range(3):
        side.produce(topic, batch([b"%d" % index * 200]), partition=index)
    size = len(batch([b"0" * 200]))
    for limit in (0, 1, size, size + 10, 2 * size, 2 * size + 1, 3 * size):
        read(side, topic, *map(partition, range(3)), max_bytes=limit)


@every_version("Fetch")
def negative_limits(side):
    topic = side.create_topic()
    side.produce(topic)
    read(side, topic, partition(max_bytes=-1))
    read(side, topic, max_bytes=-1)


@every_version("Fetch")
def min_bytes_that_are_there(side):
    topic = side.create_topic()
    side.produce(topic)
    for min_bytes in (0, 1, 50, -1):
        read(side, topic, min_bytes=min_bytes, max_wait_ms=20_000)


@every_version("Fetch")
def min_bytes_that_do_not_come(side):
    topic = side.create_topic()
    side.produce(topic)
    for max_wait_ms in (0, 30, -1):
        read(side, topic, min_bytes=10_000, max_wait_ms=max_wait_ms)
        read(side, topic, partition(offset=1), min_bytes=1, max_wait_ms=max_wait_ms)


@every_version("Fetch")
def a_wait_that_a_record_ends(side):
    topic = side.create_topic()
    waiting = side.start("Fetch", max_wait_ms=20_000, min_bytes=1, topics=[topic_of(side, topic, partition())])
    side.produce(topic, batch([b"news"]))
    waiting.answer()


@every_version("Fetch")
def an_error_ends_a_wait_at_once(side):
    topic = side.create_topic()
    read(side, topic, partition(), partition(9), min_bytes=1, max_wait_ms=20_000)
    read(side, topic, partition(offset=5), min_bytes=1, max_wait_ms=20_000)


@every_version("Fetch")
def no_partitions_at_all(side):
    topic = side.create_topic()
    fetch(side, min_bytes=1, max_wait_ms=30)
    fetch(side, {"topic": topic, "topic_id": side.topic_id(topic), "partitions": []}, min_bytes=1, max_wait_ms=30)


@every_version("Fetch")
def the_same_partition_twice(side):
    topic = side.create_topic()
    side.produce(topic)
    read(side, topic, partition(), partition())
    fetch(side, topic_of(side, topic, partition()), topic_of(side, topic, partition()))
    read(side, topic, partition(), partition(offset=1))


@every_version("Fetch")
def isolation_levels(side):
    topic = side.create_topic()
    side.produce(topic)
    for isolation_level in (0, 1):
        read(side, topic, isolation_level=isolation_level)
        read(side, topic, partition(offset=1), isolation_level=isolation_level)
        read(side, topic, partition(offset=7), isolation_level=isolation_level)


@every_version("Fetch")
def compressed_batches(side):
    topic = side.create_topic()
    side.produce(topic, batch([b"x" * 100, b"y" * 100], codec=GZIP))
    for offset in (0, 1, 2):
        read(side, topic, partition(offset=offset))


@every_version("Fetch")
def times_set_by_the_broker(side):
    topic = side.create_topic(message_timestamp_type="LogAppendTime")
    side.produce(topic, batch([b"1", b"2"]))
    side.produce(topic, batch([b"3"], codec=GZIP))
    read(side, topic)


@every_version("Fetch", since=11)
def racks(side):
    topic = side.create_topic()
    side.produce(topic)
    read(side, topic, rack_id="nowhere")


@every_version("Fetch")
def a_topic_that_was_deleted(side):
    topic = side.create_topic()
    topic_id = side.topic_id(topic)
    side.ask("DeleteTopics", topics=[{"name": topic}], timeout_ms=10000)
    side.until(lambda: side.topic_id(topic) == NO_UUID, "the topic to be gone")
    fetch(side, {"topic": topic, "topic_id": topic_id, "partitions": [partition()]})


@every_version("Fetch", since=12)
def cluster_ids(side):
    topic = side.create_topic()
    for cluster_id in ("another", ""):
        read(side, topic, cluster_id=cluster_id)


@newest_version("Fetch")
def versions_that_are_not_served(side):
    frame = APIS["Fetch"].frame(18, {})
    for version in (0, 3, 19, -1):
        side.raw(frame[:2] + version.to_bytes(2, "big", signed=True) + frame[4:], f"version {version}")


@newest_version("Fetch")
def requests_nobody_knows(side):
    frame = APIS["Fetch"].frame(18, {})
    for key in (4, 5, 6, 7, 56, 58, 99, 1000, -1):
        side.raw(key.to_bytes(2, "big", signed=True) + frame[2:], f"api {key}")
    for size in (0, 1, 7, 8, 9, len(frame) - 1):
        side.raw(frame[:size], f"{size} bytes")
    side.raw(frame + b"\0", "a byte too many")
