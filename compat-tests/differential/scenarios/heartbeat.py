"""Heartbeat: what a member is told of its group in every state."""

from members import Member, join_all, stable_group
from scenario import every_version


@every_version("Heartbeat")
def in_every_state(side):
    group = side.fresh("group")
    a, b = Member(side, group, "a"), Member(side, group, "b")
    a.join()
    a.heartbeat()
    a.sync({a: b"mine"})
    a.heartbeat()
    joined = b.start_join()
    a.await_rebalance()
    a.heartbeat()
    a.join()
    joined()
    a.heartbeat()
    b.heartbeat()
    a.leave()
    b.heartbeat()
    b.leave()
    a.heartbeat()
    b.heartbeat()
    b.heartbeat(generation_id=b.generation + 1)


@every_version("Heartbeat")
def groups_and_members_that_are_not_there(side):
    side.request("Heartbeat", group_id="", generation_id=1, member_id="a")
    side.request("Heartbeat", group_id=side.fresh("absent"), generation_id=1, member_id="a")
    _, a = stable_group(side, "a")
    a.heartbeat(member_id="nobody")
    a.heartbeat(member_id="")
    a.heartbeat(member_id="nobody", generation_id=17)
    a.heartbeat(member_id=a.id + "x")


@every_version("Heartbeat")
def wrong_generations(side):
    _, a = stable_group(side, "a")
    for generation in (a.generation - 1, a.generation + 1, 0, -1, -(2**31), 2**31 - 1):
        a.heartbeat(generation_id=generation)
    a.heartbeat()


@every_version("Heartbeat")
def a_member_whose_id_is_given_but_that_has_not_joined(side):
    group = side.fresh("group")
    given = side.ask("JoinGroup", 4, group_id=group, session_timeout_ms=60000, rebalance_timeout_ms=60000,
                     protocol_type="consumer", protocols=[{"name": "range", "metadata": b""}])["member_id"]
    for generation in (-1, 0, 1):
        side.request("Heartbeat", group_id=group, generation_id=generation, member_id=given)


@every_version("Heartbeat", since=3)
def instance_ids(side):
    _, a, b = stable_group(side, "a", "b", static=True)
    a.heartbeat()
    a.heartbeat(group_instance_id=None)
    a.heartbeat(group_instance_id="i-b")
    a.heartbeat(group_instance_id="i-c")
    a.heartbeat(group_instance_id="")
    a.heartbeat(member_id="nobody")
    a.heartbeat(member_id="")
    a.heartbeat(group_instance_id="i-b", generation_id=17)


@every_version("Heartbeat", since=3)
def a_fenced_member(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    again = Member(side, group, "b", group_instance_id="i-b")
    again.join()
    b.heartbeat()
    b.heartbeat(group_instance_id=None)
    again.heartbeat()


@every_version("Heartbeat", since=3)
def a_dynamic_member_with_an_instance_id(side):
    _, a = stable_group(side, "a")
    a.heartbeat(group_instance_id="i-a")


@every_version("Heartbeat")
def three_members(side):
    group, a, b, c = stable_group(side, "a", "b", "c")
    for member in (a, b, c):
        member.heartbeat()
    c.leave()
    a.heartbeat()
    b.heartbeat()
    c.heartbeat()
    join_all(a, b)
    a.heartbeat()
