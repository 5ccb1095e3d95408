"""OffsetFetch: one group up to version 7, then several; by name, from version 10 on by topic id."""

import uuid

from members import Member, stable_group
from scenario import every_version, newest_version
from wire import NO_UUID


def committed(side, *topics, group=None):
    """A group that has committed to all partitions of these topics."""
    group = group or side.fresh("group")
    answer = side.ask("OffsetCommit", 9, group_id=group, topics=[
        {"name": name, "partitions": [
            {"partition_index": index, "committed_offset": 10 + index, "committed_leader_epoch": index,
             "committed_metadata": f"note {index}"} for index in range(partitions)]}
        for name, partitions in topics])
    assert all(partition["error_code"] == 0 for topic in answer["topics"] for partition in topic["partitions"])
    return group


def asked(side, name, *partitions, topic_id=None):
    return {"name": name, "topic_id": side.topic_id(name) if topic_id is None else topic_id,
            "partition_indexes": list(partitions)}


def of_group(group, *topics, everything=False, **fields):
    return {"group_id": group, "topics": None if everything else list(topics)} | fields


def fetch(side, *groups, require_stable=False):
    """The first group alone in the old form."""
    first = groups[0] if groups else of_group("")
    old = first["topics"] and [{key: value for key, value in topic.items() if key != "topic_id"}
                               for topic in first["topics"]]
    if side.version_of("OffsetFetch") >= 8:
        return side.request("OffsetFetch", groups=list(groups), require_stable=require_stable)
    return side.request("OffsetFetch", group_id=first["group_id"], topics=old, require_stable=require_stable)


@every_version("OffsetFetch")
def some_partitions(side):
    topic, other = side.create_topic(partitions=3), side.create_topic()
    group = committed(side, (topic, 2), (other, 1))
    fetch(side, of_group(group, asked(side, topic, 0)))
    fetch(side, of_group(group, asked(side, topic, 2, 1, 0), asked(side, other, 0)))
    fetch(side, of_group(group, asked(side, topic, 7, -1, 0)))
    fetch(side, of_group(group, asked(side, topic, 0, 0), asked(side, topic, 0)))
    fetch(side, of_group(group, asked(side, topic)))
    fetch(side, of_group(group))


@every_version("OffsetFetch", since=2)
def everything(side):
    topic, other = side.create_topic(partitions=3), side.create_topic()
    group = committed(side, (topic, 3), (other, 1))
    fetch(side, of_group(group, everything=True))
    fetch(side, of_group(side.fresh("absent"), everything=True))
    _, a = stable_group(side, "a")
    fetch(side, of_group(a.group, everything=True))


@every_version("OffsetFetch")
def groups_that_are_not_there(side):
    topic = side.create_topic()
    fetch(side, of_group(side.fresh("absent"), asked(side, topic, 0, 5)))
    fetch(side, of_group("", asked(side, topic, 0)))
    fetch(side, of_group("ü", asked(side, topic, 0)))
    fetch(side, of_group(side.fresh("absent")))


@every_version("OffsetFetch")
def topics_that_are_not_there(side):
    topic = side.create_topic()
    group = committed(side, (topic, 1))
    for name in (side.fresh("absent"), "", "a/b", "x" * 250):
        fetch(side, of_group(group, asked(side, name, 0, 1, topic_id=uuid.UUID(int=7)), asked(side, topic, 0)))
    fetch(side, of_group(group, asked(side, side.fresh("absent"), topic_id=NO_UUID)))
    fetch(side, of_group(side.fresh("absent"), asked(side, side.fresh("absent"), 0, topic_id=uuid.UUID(int=7))))


@every_version("OffsetFetch", since=8)
def several_groups(side):
    topic, other = side.create_topic(partitions=2), side.create_topic()
    first, second = committed(side, (topic, 2)), committed(side, (other, 1), (topic, 1))
    fetch(side, of_group(first, asked(side, topic, 0)), of_group(second, everything=True),
          of_group(side.fresh("absent"), asked(side, topic, 0)), of_group("", asked(side, topic, 0)))
    fetch(side, of_group(first, everything=True), of_group(first, asked(side, topic, 1)))
    fetch(side)


@every_version("OffsetFetch", since=7)
def only_what_is_stable(side):
    topic = side.create_topic()
    group = committed(side, (topic, 1))
    fetch(side, of_group(group, asked(side, topic, 0)), require_stable=True)
    fetch(side, of_group(group, everything=True), require_stable=True)
    fetch(side, of_group(side.fresh("absent"), asked(side, topic, 0)), require_stable=True)


@every_version("OffsetFetch", since=9)
def members_and_epochs(side):
    """Members of the classic protocol need not tell who they are."""
    topic = side.create_topic()
    group, a = stable_group(side, "a")
    side.ask("OffsetCommit", 9, group_id=group, member_id=a.id, generation_id_or_member_epoch=a.generation,
             topics=[{"name": topic, "partitions": [{"partition_index": 0, "committed_offset": 5}]}])
    for member, epoch in ((None, -1), (a.id, a.generation), (a.id, -1), ("nobody", 1), ("nobody", -1), ("", 0),
                          (None, 5), (a.id, 17)):
        fetch(side, of_group(group, asked(side, topic, 0), member_id=member, member_epoch=epoch))
        fetch(side, of_group(side.fresh("absent"), asked(side, topic, 0), member_id=member, member_epoch=epoch))


@every_version("OffsetFetch")
def during_a_rebalance(side):
    topic = side.create_topic()
    group = committed(side, (topic, 1))
    a, b = Member(side, group, "a"), Member(side, group, "b")
    a.join()
    fetch(side, of_group(group, asked(side, topic, 0)))
    joined = b.start_join()
    a.await_rebalance()
    fetch(side, of_group(group, asked(side, topic, 0)))
    a.join()
    joined()
    fetch(side, of_group(group, asked(side, topic, 0)))


@every_version("OffsetFetch")
def a_deleted_topic(side):
    topic, other = side.create_topic(), side.create_topic()
    group = committed(side, (topic, 1), (other, 1))
    before = side.topic_id(topic)
    side.ask("DeleteTopics", timeout_ms=10000, topics=[{"name": topic}])
    side.until(lambda: side.topic_id(topic) == NO_UUID, "the topic to be gone")

    def is_forgotten():
        (answer,) = side.ask("OffsetFetch", 9, groups=[{"group_id": group, "topics": None}])["groups"]
        return len(answer["topics"]) == 1
    side.until(is_forgotten, "its offsets to be gone")
    fetch(side, of_group(group, asked(side, topic, 0, topic_id=before), asked(side, other, 0)))
    side.create_topic(name=topic)
    fetch(side, of_group(group, asked(side, topic, 0)))
    fetch(side, of_group(group, asked(side, topic, 0, topic_id=before)))


@newest_version("OffsetFetch")
def a_deleted_group(side):
    topic = side.create_topic()
    group = committed(side, (topic, 1))
    side.ask("DeleteGroups", groups_names=[group])
    fetch(side, of_group(group, asked(side, topic, 0)))
    fetch(side, of_group(group, everything=True))
