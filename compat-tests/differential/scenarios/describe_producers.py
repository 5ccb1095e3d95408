"""DescribeProducers: the producers that a partition knows."""

from records import batch
from scenario import every_version


def describe(side, topic, *partitions):
    return side.request("DescribeProducers", topics=[{"name": topic, "partition_indexes": list(partitions)}])


@every_version("DescribeProducers")
def none_at_all(side):
    topic = side.create_topic()
    describe(side, topic, 0)
    side.produce(topic)
    describe(side, topic, 0)


@every_version("DescribeProducers")
def after_each_batch(side):
    topic = side.create_topic()
    producer = side.ask("InitProducerId", transactional_id=None)["producer_id"]
    for epoch, base_sequence, count in ((0, 0, 1), (0, 1, 5), (1, 0, 2), (1, 2**31 - 1, 1)):
        data = batch([b"value"] * count, producer_id=producer, producer_epoch=epoch, base_sequence=base_sequence)
        side.ask("Produce", acks=-1, timeout_ms=10000, topic_data=[
            {"topic_id": side.topic_id(topic), "partition_data": [
            {"index": 0, "records": data}]}])
        describe(side, topic, 0)


@every_version("DescribeProducers")
def two_producers(side):
    topic = side.create_topic(partitions=2)
    for _ in range(2):
        producer = side.ask("InitProducerId", transactional_id=None)["producer_id"]
        side.produce(topic, batch(producer_id=producer, producer_epoch=0, base_sequence=0))
    describe(side, topic, 0, 1)


@every_version("DescribeProducers")
def unknown_topics_and_partitions(side):
    topic = side.create_topic()
    describe(side, side.fresh("absent"), 0)
    describe(side, "", 0)
    describe(side, "not/legal", 0)
    describe(side, topic, 0, 1, -1)


@every_version("DescribeProducers")
def empty_collections_and_duplicates(side):
    topic = side.create_topic()
    side.request("DescribeProducers", topics=[])
    describe(side, topic)
    describe(side, topic, 0, 0)
    side.request("DescribeProducers", topics=[{"name": topic, "partition_indexes": [0]}] * 2)
