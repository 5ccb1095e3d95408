"""OffsetDelete: refused for topics that a group's consumers are subscribed to."""

from members import Member, protocols, stable_group, subscription
from scenario import every_version


def commit(side, group, *topics, member=None):
    side.ask("OffsetCommit", 9, group_id=group, member_id=member.id if member else "",
             generation_id_or_member_epoch=member.generation if member else -1, topics=[
                 {"name": topic, "partitions": [{"partition_index": index, "committed_offset": 5}
                                                for index in range(2)]} for topic in topics])


def delete(side, group, *topics):
    """`topics` are (name, partition...)."""
    side.request("OffsetDelete", group_id=group, topics=[
        {"name": name, "partitions": [{"partition_index": index} for index in partitions]}
        for name, *partitions in topics])


def fetch(side, group):
    side.request("OffsetFetch", 9, groups=[{"group_id": group, "topics": None}])


@every_version("OffsetDelete")
def of_a_group_without_members(side):
    topic, other, group = side.create_topic(partitions=2), side.create_topic(partitions=2), side.fresh("group")
    commit(side, group, topic, other)
    delete(side, group, (topic, 0))
    fetch(side, group)
    delete(side, group, (topic, 0), (other, 1, 0), (topic, 1))
    fetch(side, group)
    side.request("DescribeGroups", groups=[group])
    delete(side, group, (topic, 0))


@every_version("OffsetDelete")
def topics_and_partitions_that_are_not_there(side):
    topic, group = side.create_topic(partitions=2), side.fresh("group")
    commit(side, group, topic)
    delete(side, group, (side.fresh("absent"), 0), (topic, 7, -1, 0))
    delete(side, group, ("", 0), ("a/b", 1))
    delete(side, group, (topic,), (side.fresh("absent"),))
    delete(side, group)
    delete(side, group, (topic, 1, 1))
    fetch(side, group)


@every_version("OffsetDelete")
def groups_that_are_not_there(side):
    topic = side.create_topic(partitions=2)
    for group in (side.fresh("absent"), ""):
        delete(side, group, (topic, 0))
        delete(side, group)
        delete(side, group, (topic, 7))
        delete(side, group, (side.fresh("absent"), 0), (topic, 0))


@every_version("OffsetDelete")
def subscribed_topics(side):
    topic, other = side.create_topic(partitions=2), side.create_topic(partitions=2)
    group, a = stable_group(side, "a", protocols=protocols("range", metadata=subscription(topic)))
    commit(side, group, topic, other, member=a)
    delete(side, group, (topic, 0, 1), (other, 0))
    fetch(side, group)
    a.leave()
    delete(side, group, (topic, 0))
    fetch(side, group)


@every_version("OffsetDelete")
def subscribed_topics_of_one_of_two(side):
    topic, other = side.create_topic(partitions=2), side.create_topic(partitions=2)
    group, a = stable_group(side, "a", protocols=protocols("range", metadata=subscription(topic)))
    b = Member(side, group, "b", protocols=protocols("range", metadata=subscription(other)))
    joined = b.start_join()
    a.await_rebalance()
    delete(side, group, (topic, 0), (other, 0))
    a.join()
    joined()
    delete(side, group, (topic, 0), (other, 0), (topic, 9))


@every_version("OffsetDelete")
def subscriptions_that_cannot_be_read(side):
    topic = side.create_topic(partitions=2)
    for metadata in (b"", b"\0", b"\xff\xff", b"\0\x63" + subscription("t")[2:], subscription()):
        group, a = stable_group(side, "a", protocols=protocols("range", metadata=metadata))
        commit(side, group, topic, member=a)
        delete(side, group, (topic, 0))


@every_version("OffsetDelete")
def groups_that_are_not_of_consumers(side):
    topic = side.create_topic(partitions=2)
    group, a = stable_group(side, "a", protocol_type="connect", protocols=protocols("sessioned", metadata=b""))
    commit(side, group, topic, member=a)
    delete(side, group, (topic, 0))
    delete(side, group, (side.fresh("absent"), 0))
    delete(side, group)
    a.leave()
    delete(side, group, (topic, 0))
    fetch(side, group)
