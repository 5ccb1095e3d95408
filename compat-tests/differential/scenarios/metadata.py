"""Metadata: brokers, topics by name and id, and who may do what."""

import uuid

from scenario import every_version, newest_version
from wire import NO_UUID

STRANGE_ID = uuid.UUID("11111111-2222-4333-8444-555555555555")


def named(*names):
    return [{"name": name} for name in names]


@every_version("Metadata")
def by_name(side):
    names = [side.create_topic(), side.create_topic(partitions=3)]
    side.request("Metadata", topics=named(*names))
    side.request("Metadata", topics=named(*reversed(names)), allow_auto_topic_creation=False)


@every_version("Metadata")
def authorized_operations(side):
    name = side.create_topic()
    for of_cluster in (False, True):
        for of_topics in (False, True):
            side.request("Metadata", topics=named(name, side.fresh(), "a b"),
                         include_cluster_authorized_operations=of_cluster,
                         include_topic_authorized_operations=of_topics)


@every_version("Metadata")
def names_that_are_not_there(side):
    for creates in (True, False):
        side.request("Metadata", topics=named(side.fresh(), "", "a b", "..", "x" * 250, side.fresh()),
                     allow_auto_topic_creation=creates)
        side.request("Metadata", topics=named("__transaction_state", "__share_group_state", "__cluster_metadata",
                                              "__remote_log_metadata"), allow_auto_topic_creation=creates)


@every_version("Metadata")
def the_same_twice(side):
    name, unknown = side.create_topic(), side.fresh()
    side.request("Metadata", topics=named(name, unknown, name, unknown, "a b", "a b"))


@every_version("Metadata", since=1)
def no_topics(side):
    side.request("Metadata", topics=[])
    side.request("Metadata", topics=[], include_cluster_authorized_operations=True)


@every_version("Metadata", alone=True)
def all_topics(side):
    names = {side.create_topic(), side.create_topic(partitions=2), "__consumer_offsets"}
    answer = side.ask("Metadata", topics=None if side.version else [], include_topic_authorized_operations=True)
    answer["topics"] = [topic for topic in answer["topics"] if topic["name"] in names]
    side.record("own topics of all", answer)


@every_version("Metadata", since=12)
def by_id(side):
    names = [side.create_topic(), side.create_topic(partitions=2)]
    ids = [side.topic_id(name) for name in names]
    side.request("Metadata", topics=[{"name": None, "topic_id": ids[0]}, {"name": None, "topic_id": ids[1]}])
    side.request("Metadata", topics=[{"name": None, "topic_id": STRANGE_ID}],
                 include_topic_authorized_operations=True)
    side.request("Metadata", topics=[{"name": None, "topic_id": STRANGE_ID}, {"name": None, "topic_id": ids[0]},
                                     {"name": None, "topic_id": ids[0]}])


@every_version("Metadata", since=10)
def names_and_ids_mixed(side):
    name, other = side.create_topic(), side.create_topic()
    topic_id = side.topic_id(name)
    for topics in ([(name, topic_id)], [(name, STRANGE_ID)], [(side.fresh(), topic_id)],
                   [(name, NO_UUID), (None, topic_id)], [(other, NO_UUID), (None, topic_id)],
                   [(None, STRANGE_ID), (other, NO_UUID)], [(None, topic_id)]):
        side.request("Metadata", topics=[{"name": a_name, "topic_id": an_id} for a_name, an_id in topics])


@every_version("Metadata", since=10)
def neither_name_nor_id(side):
    side.request("Metadata", topics=[{"topic_id": NO_UUID, "name": None}])


@every_version("Metadata")
def a_topic_that_was_deleted_and_made_again(side):
    name = side.create_topic(partitions=2)
    side.ask("DeleteTopics", topics=[{"name": name}], timeout_ms=10000)
    side.until(lambda: side.topic_id(name) == NO_UUID, "the topic to be gone")
    side.request("Metadata", topics=named(name), allow_auto_topic_creation=False)
    side.create_topic(name=name)
    side.request("Metadata", topics=named(name))


@newest_version("Metadata")
def with_an_unknown_tagged_field(side):
    side.request("Metadata", topics=[], unknown_tags={99: b"future"})


@every_version("Metadata")
def an_internal_topic(side):
    side.request("Metadata", topics=named("__consumer_offsets"), include_topic_authorized_operations=True)
