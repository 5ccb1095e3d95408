"""OffsetCommit: by members and by clients of their own, by name and (version 10) by topic id."""

import uuid

from members import Member, join_all, protocols, stable_group
from scenario import every_version
from wire import NO_UUID


def topic_of(side, name, *partitions, topic_id=None):
    """`partitions` are dicts of their fields, or the index of one that is fine."""
    return {"name": name, "topic_id": side.topic_id(name) if topic_id is None else topic_id,
            "partitions": [partition if isinstance(partition, dict) else at(partition) for partition in partitions]}


def at(partition, offset=100, metadata="", leader_epoch=-1):
    return {"partition_index": partition, "committed_offset": offset, "committed_leader_epoch": leader_epoch,
            "committed_metadata": metadata}


def commit(side, group, *topics, **fields):
    return side.request("OffsetCommit", **{"group_id": group, "topics": list(topics)} | fields)


def commit_as(member, *topics, **changes):
    return commit(member.side, member.group, *topics, **{
        "generation_id_or_member_epoch": member.generation, "member_id": member.id,
        "group_instance_id": member.fields.get("group_instance_id")} | changes)


def fetch(side, group):
    side.request("OffsetFetch", 9, groups=[{"group_id": group, "topics": None}])


@every_version("OffsetCommit")
def without_a_group(side):
    topic, other = side.create_topic(partitions=3), side.create_topic()
    group = side.fresh("group")
    commit(side, group, topic_of(side, topic, 0, at(2, 7, "note", 3)), topic_of(side, other, at(0, 0)))
    fetch(side, group)
    side.request("DescribeGroups", groups=[group])
    commit(side, group, topic_of(side, topic, at(0, 50), at(1, 2**63 - 1, None)))
    fetch(side, group)


@every_version("OffsetCommit")
def offsets_of_all_kinds(side):
    topic, group = side.create_topic(), side.fresh("group")
    for offset in (0, 1, -1, -2, -(2**63), 2**63 - 1):
        commit(side, group, topic_of(side, topic, at(0, offset)))
        fetch(side, group)
    for epoch in (0, 1, 2**31 - 1, -1, -2, -(2**31)):
        commit(side, group, topic_of(side, topic, at(0, 5, leader_epoch=epoch)))
        fetch(side, group)


@every_version("OffsetCommit", alone=True)
def group_ids_of_all_kinds(side):
    topic = side.create_topic()
    for group in ("", " ", "ü", "x" * 300):
        commit(side, group, topic_of(side, topic, 0))
        commit(side, group, topic_of(side, topic, 0), generation_id_or_member_epoch=1, member_id="a")
    side.ask("DeleteGroups", groups_names=["", " ", "ü", "x" * 300])


@every_version("OffsetCommit")
def unknown_topics_and_partitions(side):
    topic, group = side.create_topic(partitions=2), side.fresh("group")
    absent = side.fresh("absent")
    commit(side, group, topic_of(side, absent, 0, 1, topic_id=uuid.UUID(int=7)))
    commit(side, group, topic_of(side, topic, 2, -1, 2**31 - 1))
    side.request("DescribeGroups", groups=[group])
    commit(side, group, topic_of(side, topic, 0, 9, 1), topic_of(side, absent, 0, topic_id=uuid.UUID(int=7)))
    fetch(side, group)


@every_version("OffsetCommit")
def topic_names_that_are_not_allowed(side):
    group = side.fresh("group")
    for name in ("", "a/b", "..", "x" * 250):
        commit(side, group, topic_of(side, name, 0, topic_id=NO_UUID))
    fetch(side, group)


@every_version("OffsetCommit", since=10)
def topic_ids_that_name_nothing(side):
    group, topic = side.fresh("group"), side.create_topic()
    commit(side, group, topic_of(side, "", 0, topic_id=NO_UUID), topic_of(side, "", 0, 1, topic_id=uuid.UUID(int=9)),
           topic_of(side, topic, 0, 5))
    fetch(side, group)


@every_version("OffsetCommit")
def nothing_at_all(side):
    topic, group = side.create_topic(), side.fresh("group")
    commit(side, group)
    commit(side, group, topic_of(side, topic))
    commit(side, group, topic_of(side, side.fresh("absent"), topic_id=uuid.UUID(int=7)))
    side.request("DescribeGroups", groups=[group])
    commit(side, group, generation_id_or_member_epoch=1, member_id="nobody")
    commit(side, "")
    commit(side, "", topic_of(side, topic))


@every_version("OffsetCommit")
def the_same_twice(side):
    topic, group = side.create_topic(partitions=2), side.fresh("group")
    commit(side, group, topic_of(side, topic, at(0, 1), at(0, 2)))
    fetch(side, group)
    commit(side, group, topic_of(side, topic, at(0, 3)), topic_of(side, topic, at(0, 4), at(1, 5)))
    fetch(side, group)
    commit(side, group, topic_of(side, topic, at(0, 3)), topic_of(side, topic, at(9, 4)))


@every_version("OffsetCommit")
def metadata_that_is_too_large(side):
    topic, group = side.create_topic(partitions=3), side.fresh("group")
    for letter, count in (("x", 4096), ("x", 4097), ("ü", 4096), ("ü", 4097), ("\U0001f600", 2048),
                          ("\U0001f600", 2049)):
        commit(side, group, topic_of(side, topic, at(0, 1, letter * count), at(1, 2, "fine")))
    fetch(side, group)
    commit(side, side.fresh("group"), topic_of(side, topic, at(0, 1, "x" * 5000)))


@every_version("OffsetCommit")
def members(side):
    topic = side.create_topic(partitions=2)
    group, a, b = stable_group(side, "a", "b")
    commit_as(a, topic_of(side, topic, 0))
    commit_as(b, topic_of(side, topic, at(1, 7, "b's")))
    commit_as(b, topic_of(side, topic, at(0, 8, "not b's")))
    fetch(side, group)


@every_version("OffsetCommit")
def members_and_generations_that_are_wrong(side):
    topic = side.create_topic()
    group, a = stable_group(side, "a")
    good = topic_of(side, topic, 0)
    for generation in (a.generation - 1, a.generation + 1, 0, -1, -2, 2**31 - 1):
        commit_as(a, good, generation_id_or_member_epoch=generation)
    for member in ("nobody", ""):
        commit_as(a, good, member_id=member)
        commit_as(a, good, member_id=member, generation_id_or_member_epoch=-1)
    fetch(side, group)
    for member, generation in (("a", 1), ("a", -1), ("", 1), ("", 0), ("a", -2)):
        commit(side, side.fresh("absent"), good, member_id=member, generation_id_or_member_epoch=generation)


@every_version("OffsetCommit")
def errors_of_a_whole_group_and_of_topics(side):
    topic, absent = side.create_topic(), side.fresh("absent")
    group, a = stable_group(side, "a")
    mixed = (topic_of(side, topic, 0, 5, at(0, 1, "x" * 5000)), topic_of(side, absent, 0, topic_id=uuid.UUID(int=7)))
    commit_as(a, *mixed, generation_id_or_member_epoch=17)
    commit_as(a, *mixed)
    commit_as(a, topic_of(side, topic, 5), generation_id_or_member_epoch=17)


@every_version("OffsetCommit")
def during_a_rebalance(side):
    topic = side.create_topic()
    group, a = stable_group(side, "a")
    b = Member(side, group, "b")
    good = topic_of(side, topic, 0)
    joined = b.start_join()
    a.await_rebalance()
    commit_as(a, good)
    commit_as(a, good, generation_id_or_member_epoch=a.generation + 1)
    a.join()
    joined()
    commit_as(a, good)
    commit_as(b, good)
    commit_as(a, good, generation_id_or_member_epoch=a.generation - 1)
    fetch(side, group)


@every_version("OffsetCommit")
def an_empty_group(side):
    topic = side.create_topic()
    group, a = stable_group(side, "a")
    a.leave()
    good = topic_of(side, topic, 0)
    commit_as(a, good)
    commit(side, group, good)
    commit(side, group, good, generation_id_or_member_epoch=a.generation + 1)
    commit(side, group, good, member_id=a.id)
    fetch(side, group)


@every_version("OffsetCommit")
def a_group_that_only_has_offsets(side):
    topic, group = side.create_topic(), side.fresh("group")
    good = topic_of(side, topic, 0)
    commit(side, group, good)
    commit(side, group, good, generation_id_or_member_epoch=0, member_id="a")
    commit(side, group, good, generation_id_or_member_epoch=1)
    commit(side, group, good, member_id="a")
    a = Member(side, group, "a")
    a.join()
    a.sync({a: b"mine"})
    commit(side, group, good)
    commit_as(a, topic_of(side, topic, at(0, 200)))
    fetch(side, group)


@every_version("OffsetCommit")
def groups_that_are_not_of_consumers(side):
    topic = side.create_topic()
    group, a = stable_group(side, "a", protocol_type="connect", protocols=protocols("sessioned", metadata=b""))
    commit(side, group, topic_of(side, topic, 0))
    commit_as(a, topic_of(side, topic, 0))
    fetch(side, group)


@every_version("OffsetCommit", since=7)
def instance_ids(side):
    topic = side.create_topic()
    group, a, b = stable_group(side, "a", "b", static=True)
    good = topic_of(side, topic, 0)
    commit_as(a, good)
    for wrong in ({"group_instance_id": None}, {"group_instance_id": "i-b"}, {"group_instance_id": "i-c"},
                  {"group_instance_id": ""}, {"member_id": "nobody"}, {"member_id": ""},
                  {"member_id": "", "generation_id_or_member_epoch": -1}, {"generation_id_or_member_epoch": -1},
                  {"member_id": "nobody", "generation_id_or_member_epoch": -1}):
        commit_as(a, good, **wrong)
    again = Member(side, group, "b", group_instance_id="i-b")
    again.join()
    commit_as(b, good)
    commit_as(again, good)
    fetch(side, group)


@every_version("OffsetCommit", until=4)
def retention_times(side):
    topic, group = side.create_topic(), side.fresh("group")
    for retention in (-1, 86_400_000, 2**63 - 1, -2):
        commit(side, group, topic_of(side, topic, 0), retention_time_ms=retention)
    fetch(side, group)


@every_version("OffsetCommit")
def a_topic_made_again(side):
    group, topic = side.fresh("group"), side.create_topic()
    commit(side, group, topic_of(side, topic, 0))
    before = side.topic_id(topic)
    side.ask("DeleteTopics", timeout_ms=10000, topics=[{"name": topic}])
    side.until(lambda: side.topic_id(topic) == NO_UUID, "the topic to be gone")
    side.create_topic(name=topic)
    commit(side, group, topic_of(side, topic, at(0, 7), topic_id=before))
    commit(side, group, topic_of(side, topic, at(0, 8)))
    fetch(side, group)
