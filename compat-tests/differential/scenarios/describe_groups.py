"""DescribeGroups: groups of the classic protocol in every state."""

from members import Member, protocols, stable_group, subscription
from scenario import every_version


def describe(side, *groups, **fields):
    side.request("DescribeGroups", groups=list(groups), **fields)


@every_version("DescribeGroups", texts=True)
def groups_that_are_not_there(side):
    describe(side, side.fresh("absent"))
    describe(side, "")
    describe(side, "ü", side.fresh("absent"), "x" * 300)
    describe(side)


@every_version("DescribeGroups", texts=True, since=3)
def authorized_operations(side):
    group, _ = stable_group(side, "a")
    describe(side, group, side.fresh("absent"), "", include_authorized_operations=True)
    describe(side, group, include_authorized_operations=False)
    describe(side, include_authorized_operations=True)


@every_version("DescribeGroups")
def in_every_state(side):
    group = side.fresh("group")
    a = Member(side, group, "a", protocols=protocols("range", "sticky", metadata=subscription("one")))
    b = Member(side, group, "b", protocols=protocols("sticky", "range", metadata=subscription("two")))
    a.join()
    describe(side, group)
    a.sync({a: b"mine"})
    describe(side, group)
    joined = b.start_join()
    a.await_rebalance()
    describe(side, group)
    a.join()
    joined()
    describe(side, group)
    a.sync({a: b"a's"})
    describe(side, group)
    b.leave()
    describe(side, group)
    a.leave()
    describe(side, group)
    side.ask("DeleteGroups", groups_names=[group])
    describe(side, group)


@every_version("DescribeGroups")
def members_of_all_kinds(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    describe(side, group)
    group, a = stable_group(side, "ü")
    describe(side, group)
    group, a = stable_group(side, "")
    describe(side, group)
    group, a = stable_group(side, "a", protocol_type="connect", protocols=protocols("sessioned", metadata=b"\0\1"))
    describe(side, group)


@every_version("DescribeGroups")
def several_groups(side):
    first, _ = stable_group(side, "a")
    second, _ = stable_group(side, "b")
    describe(side, second, side.fresh("absent"), first, second)


@every_version("DescribeGroups")
def a_group_that_only_has_offsets(side):
    topic, group = side.create_topic(), side.fresh("group")
    side.ask("OffsetCommit", 9, group_id=group, topics=[
        {"name": topic, "partitions": [{"partition_index": 0, "committed_offset": 5}]}])
    describe(side, group)


@every_version("DescribeGroups")
def a_group_nobody_has_joined_yet(side):
    group = side.fresh("group")
    side.ask("JoinGroup", 9, group_id=group, session_timeout_ms=60000, protocol_type="consumer",
             protocols=protocols("range"))
    describe(side, group)


@every_version("DescribeGroups")
def a_new_client_takes_over_a_static_member(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    Member(side, group, "another", group_instance_id="i-b").join()
    describe(side, group)
