"""LeaveGroup: one member up to version 2, then several, static ones by instance id."""

from members import joining, stable_group
from scenario import every_version


def describe(side, group):
    side.request("DescribeGroups", groups=[group])


def leave(side, group, *members):
    """`members` are (member id, instance id); the first alone up to version 2."""
    return side.request("LeaveGroup", group_id=group, member_id=members[0][0] if members else "", members=[
        {"member_id": member_id, "group_instance_id": instance} for member_id, instance in members])


@every_version("LeaveGroup")
def one_member(side):
    group, a, b = stable_group(side, "a", "b")
    leave(side, group, (b.id, None))
    describe(side, group)
    b.heartbeat()
    a.heartbeat()
    leave(side, group, (b.id, None))
    leave(side, group, (a.id, None))
    describe(side, group)
    leave(side, group, (a.id, None))


@every_version("LeaveGroup")
def groups_and_members_that_are_not_there(side):
    leave(side, "", ("a", None))
    leave(side, "", ("", None))
    absent = side.fresh("absent")
    leave(side, absent, ("a", None))
    leave(side, absent, ("", None))
    describe(side, absent)
    group, a = stable_group(side, "a")
    leave(side, group, ("nobody", None))
    leave(side, group, ("", None))
    a.heartbeat()


@every_version("LeaveGroup")
def a_member_id_that_has_not_joined(side):
    group = side.fresh("group")
    given = side.ask("JoinGroup", 4, **joining(group))["member_id"]
    describe(side, group)
    leave(side, group, (given, None))
    leave(side, group, (given, None))
    describe(side, group)


@every_version("LeaveGroup")
def a_member_that_waits_to_join(side):
    group, a = stable_group(side, "a")
    b = side.client("b")
    joined = b.start("JoinGroup", 3, **joining(group))
    a.await_rebalance()
    described = side.request("DescribeGroups", groups=[group])["groups"][0]
    (waiting,) = [member["member_id"] for member in described["members"] if member["client_id"] == "b"]
    leave(side, group, (waiting, None))
    joined.answer()
    describe(side, group)
    a.heartbeat()
    a.join()


@every_version("LeaveGroup")
def the_one_that_all_wait_for(side):
    group, a, b = stable_group(side, "a", "b")
    joined = a.start_join()
    b.await_rebalance()
    leave(side, group, (b.id, None))
    joined()
    describe(side, group)


@every_version("LeaveGroup", since=3)
def several_members(side):
    group, a, b, c = stable_group(side, "a", "b", "c")
    leave(side, group, (b.id, None), ("nobody", None), (c.id, None), (b.id, None), ("", None))
    describe(side, group)
    leave(side, group)
    a.heartbeat()
    leave(side, group, (a.id, None), (a.id, None))
    describe(side, group)
    leave(side, group, (a.id, None), ("nobody", "i-x"))
    leave(side, group)
    leave(side, side.fresh("absent"), ("a", None), ("", "i-a"))
    leave(side, side.fresh("absent"))
    leave(side, "", ("a", None), ("b", None))


@every_version("LeaveGroup", since=3)
def static_members(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    leave(side, group, ("", "i-c"))
    leave(side, group, (a.id, "i-b"))
    leave(side, group, (a.id, "i-c"))
    leave(side, group, ("nobody", "i-a"))
    leave(side, group, ("nobody", None))
    a.heartbeat()
    describe(side, group)
    leave(side, group, ("", "i-b"))
    a.heartbeat()
    b.heartbeat()
    describe(side, group)
    leave(side, group, ("", "i-b"), (a.id, "i-a"))
    describe(side, group)


@every_version("LeaveGroup", since=3)
def static_members_without_their_instance_id(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    leave(side, group, (b.id, None))
    describe(side, group)
    leave(side, group, (a.id, None), (a.id, "i-a"))
    describe(side, group)


@every_version("LeaveGroup", since=3)
def a_dynamic_member_with_an_instance_id(side):
    group, a = stable_group(side, "a")
    leave(side, group, (a.id, "i-a"))
    describe(side, group)


@every_version("LeaveGroup", since=5)
def reasons(side):
    group, a, b = stable_group(side, "a", "b")
    side.request("LeaveGroup", group_id=group, members=[
        {"member_id": a.id, "reason": "the consumer is closed"}, {"member_id": b.id, "reason": "x" * 300},
        {"member_id": "nobody", "reason": ""}])
    describe(side, group)


@every_version("LeaveGroup", until=2)
def a_static_member_in_the_old_form(side):
    group, a = stable_group(side, "a", static=True)
    leave(side, group, (a.id, None))
    describe(side, group)
