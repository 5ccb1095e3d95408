"""OffsetForLeaderEpoch: where a leader epoch ends."""

from records import batch
from scenario import every_version


def end_of(side, topic, leader_epoch, current_leader_epoch=-1, partition=0, replica_id=-1):
    return side.request("OffsetForLeaderEpoch", replica_id=replica_id, topics=[{"topic": topic, "partitions": [
        {"partition": partition, "current_leader_epoch": current_leader_epoch, "leader_epoch": leader_epoch}]}])


@every_version("OffsetForLeaderEpoch")
def of_an_empty_partition(side):
    topic = side.create_topic()
    for epoch in (0, 1, -1, 2**31 - 1):
        end_of(side, topic, epoch)


@every_version("OffsetForLeaderEpoch")
def of_a_partition_with_records(side):
    topic = side.create_topic()
    side.produce(topic, batch([b"1", b"2"]))
    for epoch in (0, 1, 5, -1, -2):
        end_of(side, topic, epoch)


@every_version("OffsetForLeaderEpoch")
def current_leader_epochs(side):
    topic = side.create_topic()
    side.produce(topic)
    for current in (-1, 0, 1, 99, -2):
        end_of(side, topic, 0, current_leader_epoch=current)


@every_version("OffsetForLeaderEpoch")
def as_other_replicas(side):
    topic = side.create_topic()
    side.produce(topic)
    for replica_id in (-2, -1, 0, 1, 7):
        end_of(side, topic, 0, replica_id=replica_id)


@every_version("OffsetForLeaderEpoch")
def unknown_topics_and_partitions(side):
    topic = side.create_topic()
    end_of(side, side.fresh("absent"), 0)
    end_of(side, "", 0)
    for partition in (1, -1, 2**31 - 1):
        end_of(side, topic, 0, partition=partition)


@every_version("OffsetForLeaderEpoch")
def empty_collections_and_duplicates(side):
    topic = side.create_topic()
    wanted = {"partition": 0, "leader_epoch": 0}
    for topics in ([], [{"topic": topic, "partitions": []}], [{"topic": topic, "partitions": [wanted, wanted]}],
                   [{"topic": topic, "partitions": [wanted]}] * 2):
        side.request("OffsetForLeaderEpoch", replica_id=-1, topics=topics)


@every_version("OffsetForLeaderEpoch")
def after_records_were_deleted(side):
    topic = side.create_topic()
    side.produce(topic, batch([b"value"] * 4))
    side.ask("DeleteRecords", timeout_ms=10000, topics=[{"name": topic, "partitions": [
        {"partition_index": 0, "offset": 4}]}])
    for epoch in (0, 1):
        end_of(side, topic, epoch)
    side.produce(topic)
    end_of(side, topic, 0)
