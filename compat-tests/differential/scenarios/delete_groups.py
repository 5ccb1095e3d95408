"""DeleteGroups: only groups without members go, and their offsets with them."""

from members import Member, joining, stable_group
from scenario import every_version


def delete(side, *groups):
    side.request("DeleteGroups", groups_names=list(groups))


@every_version("DeleteGroups")
def groups_that_are_not_there(side):
    delete(side, side.fresh("absent"))
    delete(side, "")
    delete(side, "ü", side.fresh("absent"), "x" * 300)
    delete(side)


@every_version("DeleteGroups")
def in_every_state(side):
    group = side.fresh("group")
    a, b = Member(side, group, "a"), Member(side, group, "b")
    a.join()
    delete(side, group)
    a.sync({a: b"mine"})
    delete(side, group)
    joined = b.start_join()
    a.await_rebalance()
    delete(side, group)
    a.join()
    joined()
    a.leave()
    delete(side, group)
    b.leave()
    delete(side, group)
    delete(side, group)
    side.request("DescribeGroups", groups=[group])
    a.heartbeat()
    a.join()


@every_version("DeleteGroups")
def several_groups(side):
    first, a = stable_group(side, "a")
    second, b = stable_group(side, "b")
    third, c = stable_group(side, "c")
    a.leave()
    c.leave()
    delete(side, first, second, side.fresh("absent"), third, first, "")
    side.request("DescribeGroups", groups=[first, second, third])


@every_version("DeleteGroups")
def a_group_that_only_has_offsets(side):
    topic, group = side.create_topic(), side.fresh("group")
    offset = {"partition_index": 0, "committed_offset": 5}
    side.ask("OffsetCommit", 9, group_id=group, topics=[{"name": topic, "partitions": [offset]}])
    delete(side, group)
    side.request("OffsetFetch", 9, groups=[{"group_id": group, "topics": None}])
    side.request("DescribeGroups", groups=[group])
    delete(side, group)


@every_version("DeleteGroups")
def a_group_nobody_has_joined_yet(side):
    group = side.fresh("group")
    given = side.ask("JoinGroup", 9, **joining(group))["member_id"]
    delete(side, group)
    side.request("DescribeGroups", groups=[group])
    side.request("JoinGroup", 9, **joining(group, member_id=given))


@every_version("DeleteGroups")
def a_group_made_again(side):
    group, a = stable_group(side, "a")
    a.leave()
    delete(side, group)
    b = Member(side, group, "b")
    b.join()
    b.sync({b: b"mine"})
    side.request("DescribeGroups", groups=[group])
