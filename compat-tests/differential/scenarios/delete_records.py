"""DeleteRecords: how far the log start offset moves."""

from records import batch
from scenario import every_version, newest_version
from wire import NO_UUID


def delete(side, topic, *offsets, timeout_ms=10000):
    """Deletes before offsets[i] in partition i."""
    return side.request("DeleteRecords", timeout_ms=timeout_ms, topics=[{"name": topic, "partitions": [
        {"partition_index": index, "offset": offset} for index, offset in enumerate(offsets)]}])


def earliest_and_latest(side, topic):
    for timestamp in (-2, -1):
        side.request("ListOffsets", replica_id=-1, topics=[{"name": topic, "partitions": [
            {"partition_index": 0, "timestamp": timestamp}]}])


@every_version("DeleteRecords")
def step_by_step_to_the_end(side):
    topic = side.create_topic()
    for _ in range(2):
        side.produce(topic, batch([b"value"] * 10))
    for offset in (0, 5, 3, 10, 15, 20, 20):
        delete(side, topic, offset)
        earliest_and_latest(side, topic)


@every_version("DeleteRecords")
def beyond_the_end(side):
    topic = side.create_topic()
    delete(side, topic, 1)
    side.produce(topic, batch([b"value"] * 3))
    for offset in (4, 2**62, 2**63 - 1):
        delete(side, topic, offset)
    earliest_and_latest(side, topic)


@every_version("DeleteRecords")
def to_the_high_watermark(side):
    topic = side.create_topic(partitions=2)
    side.produce(topic, batch([b"value"] * 4))
    delete(side, topic, -1, -1)
    earliest_and_latest(side, topic)


@every_version("DeleteRecords")
def negative_offsets(side):
    topic = side.create_topic()
    side.produce(topic)
    for offset in (-2, -(2**63)):
        delete(side, topic, offset)
    earliest_and_latest(side, topic)


@every_version("DeleteRecords")
def unknown_topics_and_partitions(side):
    topic = side.create_topic()
    delete(side, side.fresh("absent"), 0)
    delete(side, "", 0)
    delete(side, topic, 0, 0)
    for partition in (-1, 2**31 - 1):
        side.request("DeleteRecords", timeout_ms=1000, topics=[{"name": topic, "partitions": [
            {"partition_index": partition, "offset": 0}]}])


@every_version("DeleteRecords")
def several_partitions_one_of_them_out_of_range(side):
    topic = side.create_topic(partitions=3)
    for partition in range(3):
        side.produce(topic, batch([b"value"] * 4), partition=partition)
    delete(side, topic, 1, 9, 4)


@every_version("DeleteRecords")
def empty_collections(side):
    topic = side.create_topic()
    side.request("DeleteRecords", timeout_ms=1000, topics=[])
    side.request("DeleteRecords", timeout_ms=1000, topics=[{"name": topic, "partitions": []}])


@every_version("DeleteRecords")
def the_same_partition_twice(side):
    topic = side.create_topic()
    side.produce(topic, batch([b"value"] * 10))
    for first, second in ((2, 4), (8, 6)):
        side.request("DeleteRecords", timeout_ms=1000, topics=[{"name": topic, "partitions": [
            {"partition_index": 0, "offset": first}, {"partition_index": 0, "offset": second}]}])
    earliest_and_latest(side, topic)


@every_version("DeleteRecords")
def topics_whose_cleanup_is_not_deletion(side):
    for policy in ("compact", "compact,delete"):
        topic = side.create_topic(cleanup_policy=policy)
        delete(side, topic, 0)


@every_version("DeleteRecords")
def internal_topics(side):
    side.request("DeleteRecords", timeout_ms=1000, topics=[{"name": "__consumer_offsets", "partitions": [
        {"partition_index": 0, "offset": 0}]}])


@every_version("DeleteRecords")
def timeouts(side):
    topic = side.create_topic()
    side.produce(topic, batch([b"value"] * 3))
    for offset, timeout_ms in ((1, 0), (2, -1), (3, 2**31 - 1)):
        delete(side, topic, offset, timeout_ms=timeout_ms)


@newest_version("DeleteRecords")
def a_topic_that_was_deleted(side):
    topic = side.create_topic()
    side.ask("DeleteTopics", topics=[{"name": topic}], timeout_ms=10000)
    side.until(lambda: side.topic_id(topic) == NO_UUID, "the topic to be gone")
    delete(side, topic, 0)
