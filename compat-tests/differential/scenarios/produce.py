"""Produce: what is appended, and what is refused with which error."""

import gzip
import time
import uuid

from records import (CONTROL, GZIP, LOG_APPEND_TIME, LZ4, NOW, SNAPPY, TRANSACTIONAL, ZSTD, batch,
                     old_message_set, record)
from scenario import every_version, newest_version, refused_versions
from wire import APIS, NO_UUID

NO_TOPIC = uuid.UUID(int=0x1234)


def topic_data(topic, topic_id, *partitions):
    return {"name": topic, "topic_id": topic_id,
            "partition_data": [{"index": index, "records": records} for index, records in partitions]}


def produce(side, topic, records, partition=0, acks=-1, timeout_ms=10000, **fields):
    topic_id = side.topic_id(topic)
    return side.request("Produce", acks=acks, timeout_ms=timeout_ms,
                        topic_data=[topic_data(topic, topic_id, (partition, records))], **fields)


def fetch(side, topic, partition=0):
    """What the partition holds now, recorded."""
    return side.request("Fetch", max_wait_ms=0, min_bytes=0, topics=[
        {"topic": topic, "topic_id": side.topic_id(topic), "partitions": [
            {"partition": partition, "fetch_offset": 0, "partition_max_bytes": 1 << 20}]}])


def refused(side, *batches, **configs):
    """Each of `batches` alone, and what the partition holds afterwards."""
    topic = side.create_topic(**configs)
    for data in batches:
        produce(side, topic, data)
    fetch(side, topic)


@every_version("Produce")
def one_record_after_another(side):
    topic = side.create_topic(partitions=2)
    for partition in (0, 1, 0):
        produce(side, topic, batch([record(b"value", b"key", [(b"h", b"1"), (b"h", None)])]), partition)
    fetch(side, topic)


@every_version("Produce")
def acknowledgements(side):
    topic = side.create_topic()
    for acks in (-1, 1, 2, -2, 32767, -32768):
        produce(side, topic, batch(), acks=acks)
    topic_id = side.topic_id(topic)
    side.tell("Produce", acks=0, timeout_ms=10000, topic_data=[topic_data(topic, topic_id, (0, batch([b"silent"])))])
    produce(side, topic, batch([b"after"]))
    fetch(side, topic)


@every_version("Produce")
def failures_without_acknowledgement_close_the_connection(side):
    topic = side.create_topic()
    side.tell("Produce", acks=0, timeout_ms=10000, topic_data=[
        topic_data(topic, side.topic_id(topic), (0, batch(crc=1)))])
    side.request("ApiVersions", 0)  # None, or an answer


@every_version("Produce")
def unknown_topics_and_partitions(side):
    topic = side.create_topic(partitions=2)
    topic_id, absent = side.topic_id(topic), side.fresh("absent")
    for name, its_id in ((absent, NO_TOPIC), ("", NO_UUID), ("not/legal", NO_TOPIC)):
        side.request("Produce", acks=-1, timeout_ms=10000, topic_data=[topic_data(name, its_id, (0, batch()))])
    for partition in (2, -1, 2**31 - 1):
        produce(side, topic, batch(), partition)
    side.request("Produce", acks=-1, timeout_ms=10000, topic_data=[
        topic_data(absent, NO_TOPIC, (0, batch()), (1, batch())),
        topic_data(topic, topic_id, (1, batch()), (5, batch()))])


@every_version("Produce")
def a_topic_that_was_deleted(side):
    topic = side.create_topic()
    topic_id = side.topic_id(topic)
    side.ask("DeleteTopics", topics=[{"name": topic}], timeout_ms=10000)
    side.until(lambda: side.topic_id(topic) == NO_UUID, "the topic to be gone")
    side.request("Produce", acks=-1, timeout_ms=10000, topic_data=[topic_data(topic, topic_id, (0, batch()))])


@every_version("Produce")
def empty_collections(side):
    topic = side.create_topic()
    topic_id = side.topic_id(topic)
    for acks in (-1, 1):
        side.request("Produce", acks=acks, timeout_ms=10000, topic_data=[])
        side.request("Produce", acks=acks, timeout_ms=10000, topic_data=[topic_data(topic, topic_id)])


@every_version("Produce")
def no_records(side):
    # Null records are left out: Kafka 4.3 never answers them.
    refused(side, b"", batch([]), batch([], last_offset_delta=0), batch([], last_offset_delta=-1, count=-1))


@every_version("Produce")
def null_and_empty_values(side):
    topic = side.create_topic()
    produce(side, topic, batch([record(None), record(b""), record(b"", b""), record(None, b"key")]))
    fetch(side, topic)


@every_version("Produce")
def several_batches(side):
    refused(side, batch() + batch(), batch([b"1", b"2"]), batch() + batch(crc=1), batch() + b"more")


@every_version("Produce")
def several_partitions_one_of_them_bad(side):
    topic = side.create_topic(partitions=3)
    side.request("Produce", acks=-1, timeout_ms=10000, topic_data=[topic_data(
        topic, side.topic_id(topic), (2, batch([b"two"])), (0, batch(crc=7)), (1, batch([b"one"])))])
    for partition in range(3):
        fetch(side, topic, partition)


@every_version("Produce")
def the_same_partition_twice(side):
    topic = side.create_topic()
    topic_id = side.topic_id(topic)
    side.request("Produce", acks=-1, timeout_ms=10000, topic_data=[
        topic_data(topic, topic_id, (0, batch([b"one"])), (0, batch([b"two"])))])
    side.request("Produce", acks=-1, timeout_ms=10000, topic_data=[
        topic_data(topic, topic_id, (0, batch([b"three"]))), topic_data(topic, topic_id, (0, batch([b"four"])))])
    fetch(side, topic)


@every_version("Produce")
def corrupt_batches(side):
    good = batch()
    refused(side, batch(crc=0), good[:-1], good[:30], good[:11], good[:12], b"x",
            batch(length=10), batch(length=-1), batch(length=2**31 - 1), batch(length=0), batch(length=49))


@every_version("Produce")
def corrupt_records(side):
    body = b"\0\0\0\x01\x0avalue\0"
    refused(side, batch(payload=b"\x16" + body), batch(payload=b"\x18" + body), batch(payload=b"\x01" + body),
            batch(payload=b""), batch(payload=b"\xff" * 12), batch(payload=b"\x16" + body[:4] + b"\x7f" + body[5:]),
            batch(payload=b"\x16" + body[:-1] + b"\x01"), batch(payload=b"\x16" + body[:-1] + b"\x02"))


@every_version("Produce")
def other_formats(side):
    refused(side, old_message_set(magic=0), old_message_set(magic=1), batch(magic=3), batch(magic=1),
            batch(magic=0), batch(magic=-1), batch(magic=127))


@every_version("Produce")
def counts_that_lie(side):
    refused(side, batch(count=2), batch(count=0), batch(count=-1), batch([b"1", b"2"], count=1),
            batch([b"1", b"2"], count=1, last_offset_delta=0), batch(last_offset_delta=1),
            batch(last_offset_delta=-1), batch([b"1", b"2"], last_offset_delta=0),
            batch(last_offset_delta=2**31 - 1), batch(count=2**31 - 1))


@every_version("Produce")
def offset_deltas_that_lie(side):
    refused(side, batch([record(offset_delta=1)]), batch([record(offset_delta=-1)]),
            batch([record(offset_delta=0), record(offset_delta=0)]),
            batch([record(offset_delta=1), record(offset_delta=0)]),
            batch([record(offset_delta=0), record(offset_delta=2)]),
            batch([record(offset_delta=0), record(offset_delta=2)], last_offset_delta=2))


@every_version("Produce")
def compressed_batches_that_lie(side):
    refused(side, batch(codec=GZIP), batch(codec=GZIP, count=2), batch(codec=GZIP, count=0),
            batch(codec=GZIP, last_offset_delta=3), batch(codec=GZIP, crc=1))


@every_version("Produce")
def compressed_records_that_are_not_what_the_header_says(side):
    refused(side, batch([b"1", b"2"], codec=GZIP, count=1, last_offset_delta=0),
            batch([record(offset_delta=1)], codec=GZIP),
            batch([record(offset_delta=1), record(offset_delta=0)], codec=GZIP),
            batch(codec=GZIP, payload=gzip.compress(b"", mtime=0)),
            batch(codec=GZIP, payload=gzip.compress(b"\xff" * 20, mtime=0)),
            batch(codec=GZIP, payload=b"no gzip"), batch(codec=GZIP, payload=b""),
            batch(codec=GZIP, payload=gzip.compress(b"\x16\0\0\0\x01\x0avalue\0", mtime=0)[:-9]),
            batch([record(timestamp_delta=50)], max_timestamp=NOW, codec=GZIP),
            *(batch(codec=codec, payload=b"nonsense") for codec in (SNAPPY, LZ4, ZSTD)))


@every_version("Produce")
def codecs_that_do_not_exist(side):
    refused(side, *(batch(codec=codec, payload=b"nonsense") for codec in (5, 6, 7)))


@every_version("Produce")
def headers(side):
    topic = side.create_topic()
    produce(side, topic, batch([record(headers=[(b"", b""), (b"k", None), (b"k", b"v")])]))
    produce(side, topic, batch([record(headers=[(None, b"v")])]))
    produce(side, topic, batch([record(headers=[(b"\xff\xfe", b"not utf-8")])]))
    fetch(side, topic)


@every_version("Produce")
def offsets_of_the_client_do_not_matter(side):
    topic = side.create_topic()
    for base_offset in (5, -1, 2**62):
        produce(side, topic, batch([b"1", b"2"], base_offset=base_offset, leader_epoch=9))
    fetch(side, topic)


@every_version("Produce")
def attributes(side):
    refused(side, batch(attributes=LOG_APPEND_TIME), batch(attributes=CONTROL), batch(attributes=TRANSACTIONAL),
            batch(attributes=64), batch(attributes=0x4000), batch(attributes=-0x8000),
            batch(attributes=TRANSACTIONAL, producer_id=5, producer_epoch=0, base_sequence=0),
            batch(attributes=CONTROL, producer_id=5, producer_epoch=0, base_sequence=0))


@every_version("Produce")
def too_large(side):
    topic = side.create_topic(max_message_bytes=1000)
    for size in (900, 1000, 2000):
        produce(side, topic, batch([b"x" * size]))
    produce(side, topic, batch([b"x" * 10_000], codec=GZIP))
    produce(side, topic, batch([b"x" * 800]) + batch([b"x" * 800]))
    produce(side, side.create_topic(), batch([b"x" * 110_000]))
    fetch(side, topic)


@every_version("Produce")
def the_limit_of_a_batch_to_the_byte(side):
    size = len(batch([b"x" * 500]))
    for limit in (size - 1, size, size + 1):
        produce(side, side.create_topic(max_message_bytes=limit), batch([b"x" * 500]))


@every_version("Produce")
def larger_than_a_segment(side):
    topic = side.create_topic(segment_bytes=1_048_576, max_message_bytes=3_000_000)
    produce(side, topic, batch([b"x" * 30_000]))
    produce(side, topic, batch([b"x" * 1_100_000]))


@every_version("Produce")
def log_append_time(side):
    topic = side.create_topic(message_timestamp_type="LogAppendTime")
    produce(side, topic, batch([record(timestamp_delta=5), record(timestamp_delta=-9)]))
    produce(side, topic, batch([b"1", b"2"], codec=GZIP))
    produce(side, topic, batch(base_timestamp=-1))
    fetch(side, topic)


@every_version("Produce")
def times_outside_the_limits(side):
    topic = side.create_topic(message_timestamp_before_max_ms=100_000, message_timestamp_after_max_ms=50_000)
    hour = 3_600_000
    now = int(time.time() * 1000)
    for at in (now - hour, now + hour, now, -1, 0, NOW):
        produce(side, topic, batch(base_timestamp=at))
    produce(side, topic, batch([record(), record(timestamp_delta=-hour), record(timestamp_delta=hour)],
                               base_timestamp=now, max_timestamp=now + hour))
    produce(side, topic, batch([record(), record(timestamp_delta=-hour)], base_timestamp=now, codec=GZIP))


@every_version("Produce")
def odd_times(side):
    topic = side.create_topic()
    for at in (-1, -2, 0, -(2**63), 2**63 - 1):
        produce(side, topic, batch(base_timestamp=at))
    produce(side, topic, batch(max_timestamp=NOW + 1000))
    produce(side, topic, batch(max_timestamp=-1))
    produce(side, topic, batch([record(timestamp_delta=50)], max_timestamp=NOW))
    fetch(side, topic)


@every_version("Produce")
def compacted_topics_want_keys(side):
    refused(side, batch(), batch([record(b"v", b"k")]), batch([record(b"v", b"k"), record(b"v"), record(b"v")]),
            batch([record(b"v")], codec=GZIP), batch([record(None, b"")]), cleanup_policy="compact")


@every_version("Produce")
def a_topic_with_its_own_compression(side):
    for compression in ("gzip", "uncompressed", "producer"):
        topic = side.create_topic(compression_type=compression)
        produce(side, topic, batch([b"x" * 100]))
        produce(side, topic, batch([b"x" * 100], codec=GZIP))
        produce(side, topic, batch([b"x" * 100], count=2))
        answer = side.ask("Fetch", max_wait_ms=0, min_bytes=0, topics=[
            {"topic_id": side.topic_id(topic), "partitions": [
                {"partition": 0, "fetch_offset": 0, "partition_max_bytes": 1 << 20}]}])
        stored = answer["responses"][0]["partitions"][0]["records"]
        side.record(f"codecs stored with {compression}", stored_codecs(stored))


def stored_codecs(data):
    """The codec of each batch in `data`."""
    codecs = []
    while data:
        codecs.append(data[22] & 7)
        data = data[12 + int.from_bytes(data[8:12], "big"):]
    return codecs


@every_version("Produce")
def too_few_in_sync_replicas(side):
    topic = side.create_topic(min_insync_replicas=2)
    for acks in (1, 0x7FFF, -1):
        produce(side, topic, batch(), acks=acks)
    fetch(side, topic)


@every_version("Produce")
def transactional_ids(side):
    topic = side.create_topic()
    for transactional_id in ("", side.fresh("transaction")):
        produce(side, topic, batch(), transactional_id=transactional_id)
    fetch(side, topic)


@every_version("Produce")
def timeouts(side):
    topic = side.create_topic()
    for timeout_ms in (0, -1, 2**31 - 1):
        produce(side, topic, batch(), timeout_ms=timeout_ms)


@every_version("Produce")
def internal_topics(side):
    produce(side, "__consumer_offsets", batch())
    produce(side, "__consumer_offsets", batch([record(b"v", b"k")]), acks=1)


# Idempotent producers.

def sequence(producer_id, base_sequence, count=1, epoch=0, **fields):
    return batch([b"value"] * count, producer_id=producer_id, producer_epoch=epoch, base_sequence=base_sequence,
                 **fields)


def new_producer(side):
    return side.ask("InitProducerId", transactional_id=None)["producer_id"]


@every_version("Produce")
def sequences_in_order(side):
    topic, producer = side.create_topic(), new_producer(side)
    for base_sequence, count in ((0, 1), (1, 3), (4, 1)):
        produce(side, topic, sequence(producer, base_sequence, count))
    fetch(side, topic)


@every_version("Produce")
def duplicate_sequences(side):
    topic, producer = side.create_topic(), new_producer(side)
    for base_sequence in range(0, 14, 2):
        produce(side, topic, sequence(producer, base_sequence, 2))
    for base_sequence, count in ((12, 2), (4, 2), (2, 2), (0, 2), (13, 1), (12, 1), (10, 4), (12, 3)):
        produce(side, topic, sequence(producer, base_sequence, count))
    fetch(side, topic)


@every_version("Produce")
def sequences_out_of_order(side):
    topic, producer = side.create_topic(), new_producer(side)
    for base_sequence in (0, 2, 1, 5, 2**31 - 1, 2):
        produce(side, topic, sequence(producer, base_sequence))
    fetch(side, topic)


@every_version("Produce")
def a_first_sequence_that_is_not_zero(side):
    topic, producer = side.create_topic(), new_producer(side)
    for base_sequence in (7, 8, 10):
        produce(side, topic, sequence(producer, base_sequence))


@every_version("Produce")
def sequences_wrap(side):
    topic, producer = side.create_topic(), new_producer(side)
    for base_sequence, count in ((2**31 - 2, 1), (2**31 - 1, 1), (0, 1), (1, 2)):
        produce(side, topic, sequence(producer, base_sequence, count))
    other = new_producer(side)
    for base_sequence, count in ((2**31 - 2, 3), (1, 1), (2**31 - 2, 3)):
        produce(side, topic, sequence(other, base_sequence, count))


@every_version("Produce")
def producer_epochs(side):
    topic, producer = side.create_topic(), new_producer(side)
    for epoch, base_sequence in ((1, 0), (0, 1), (1, 1), (2, 2), (2, 0), (1, 2), (3, 0), (3, 1), (32767, 0)):
        produce(side, topic, sequence(producer, base_sequence, epoch=epoch))
    fetch(side, topic)


@every_version("Produce")
def an_epoch_that_begins_out_of_order(side):
    topic, producer = side.create_topic(), new_producer(side)
    for epoch, base_sequence in ((0, 0), (1, 5), (1, 0), (0, 1)):
        produce(side, topic, sequence(producer, base_sequence, epoch=epoch))


@every_version("Produce")
def producers_that_nobody_made(side):
    topic = side.create_topic()
    for producer, epoch, base_sequence in ((987654321, 0, 0), (987654321, 0, 1), (987654322, 3, 4), (5, -1, 0),
                                           (6, 0, -1), (7, -1, -1), (-1, 0, 0), (-2, 0, 0), (-1, -1, 5)):
        produce(side, topic, sequence(producer, base_sequence, epoch=epoch))
    fetch(side, topic)


@every_version("Produce")
def several_batches_of_a_producer(side):
    topic, producer = side.create_topic(), new_producer(side)
    produce(side, topic, sequence(producer, 0) + sequence(producer, 1))
    produce(side, topic, sequence(producer, 0) + batch())
    fetch(side, topic)


@every_version("Produce")
def sequences_after_records_were_deleted(side):
    topic, producer = side.create_topic(), new_producer(side)
    for base_sequence in range(3):
        produce(side, topic, sequence(producer, base_sequence))
    side.ask("DeleteRecords", timeout_ms=10000, topics=[{"name": topic, "partitions": [
        {"partition_index": 0, "offset": 3}]}])
    for base_sequence in (2, 5, 3):
        produce(side, topic, sequence(producer, base_sequence))


@newest_version("Produce")
def versions_that_are_not_served(side):
    frame = APIS["Produce"].frame(3, {"acks": -1, "timeout_ms": 1000})
    for version in (0, 1, 2, 14, -1):
        side.raw(frame[:2] + version.to_bytes(2, "big", signed=True) + frame[4:], f"version {version}")


@refused_versions("Produce", 0, 2)
def versions_for_old_message_sets(side):
    """Advertised since librdkafka looks for version 0 before it compresses anything; who uses one is cut off."""
    topic = side.create_topic()
    for acks in (-1, 1, 0):
        for name, data in (("magic 0", old_message_set(magic=0)), ("magic 1", old_message_set(magic=1)),
                           ("magic 2", batch()), ("nothing", b"")):
            request = {"acks": acks, "timeout_ms": 10000, "topic_data": [topic_data(topic, NO_UUID, (0, data))]}
            answer = side.raw(APIS["Produce"].frame(side.version, request, drop=True), f"{name}, acks {acks}")
            assert answer is None, "it is served"
            fetch(side, topic)  # on a new connection
    side.raw(APIS["Produce"].frame(side.version, {}, drop=True)[:-1], "cut short")
