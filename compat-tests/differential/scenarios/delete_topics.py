"""DeleteTopics: by name and, from version 6 on, by id."""

import uuid

from scenario import every_version, newest_version
from wire import NO_UUID

STRANGE_ID = uuid.UUID("11111111-2222-4333-8444-555555555555")


def delete(side, *names):
    return side.request("DeleteTopics", topics=[{"name": name} for name in names], topic_names=list(names),
                        timeout_ms=10000)


def delete_states(side, *states):
    """`states` are (name or None, id)."""
    return side.request("DeleteTopics", timeout_ms=10000,
                        topics=[{"name": name, "topic_id": topic_id} for name, topic_id in states])


def await_absence(side, *names):
    for name in names:
        side.until(lambda: side.topic_id(name) == NO_UUID, f"{name} to go")


@every_version("DeleteTopics", texts=True)
def by_name(side):
    names = [side.create_topic(), side.create_topic(partitions=3)]
    delete(side, *names)
    await_absence(side, *names)
    delete(side, *names)
    side.request("Metadata", topics=[{"name": name} for name in names])


@every_version("DeleteTopics", texts=True)
def unknown_and_illegal_names(side):
    kept = side.create_topic()
    delete(side, side.fresh(), kept, "a b", "", "..", side.fresh())
    await_absence(side, kept)


@every_version("DeleteTopics", texts=True)
def no_topics(side):
    side.request("DeleteTopics", timeout_ms=10000)


@every_version("DeleteTopics", texts=True)
def the_same_name_twice(side):
    twice, once, unknown = side.create_topic(), side.create_topic(), side.fresh()
    delete(side, twice, once, twice, unknown, unknown)
    await_absence(side, once)
    side.request("Metadata", topics=[{"name": twice}])


@every_version("DeleteTopics", since=6, texts=True)
def by_id(side):
    names = [side.create_topic(), side.create_topic(partitions=2), side.create_topic()]
    ids = [side.topic_id(name) for name in names]
    delete_states(side, (None, ids[0]), (names[1], NO_UUID), (None, ids[2]))
    await_absence(side, *names)
    delete_states(side, (None, ids[0]))


@every_version("DeleteTopics", since=6, texts=True)
def unknown_ids(side):
    delete_states(side, (None, STRANGE_ID), (None, NO_UUID))
    delete_states(side, (None, NO_UUID), (None, NO_UUID))
    delete_states(side, (None, STRANGE_ID), (None, STRANGE_ID))


@every_version("DeleteTopics", since=6, texts=True)
def a_name_and_an_id(side):
    name = side.create_topic()
    topic_id = side.topic_id(name)
    delete_states(side, (name, topic_id))
    delete_states(side, (name, STRANGE_ID), (side.fresh(), topic_id))
    delete_states(side, (None, topic_id), (None, topic_id))
    delete_states(side, (None, topic_id), (name, NO_UUID))
    delete_states(side, (name, NO_UUID), (None, topic_id))


@every_version("DeleteTopics", texts=True)
def made_again(side):
    name = side.create_topic(partitions=2, retention_ms=5)
    side.produce(name)
    delete(side, name)
    await_absence(side, name)
    side.create_topic(name=name)
    side.request("Metadata", topics=[{"name": name}])
    side.request("ListOffsets", replica_id=-1, topics=[{"name": name, "partitions": [
        {"partition_index": index, "timestamp": -1} for index in (0, 1)]}])
    side.request("DescribeConfigs", resources=[{"resource_type": 2, "resource_name": name,
                                                "configuration_keys": ["retention.ms"]}])


@newest_version("DeleteTopics", texts=True)
def an_internal_topic(side):
    delete(side, "__cluster_metadata")


@every_version("DeleteTopics")
def no_time(side):
    name = side.create_topic()
    names = [name, side.fresh()]
    for timeout_ms in (0, -1, -(1 << 31)):
        side.request("DeleteTopics", topics=[{"name": each} for each in names], topic_names=names,
                     timeout_ms=timeout_ms)
        side.request("DeleteTopics", timeout_ms=timeout_ms)
    side.request("Metadata", topics=[{"name": name}])
