"""SyncGroup: how the leader's assignment reaches all."""

from members import Member, join_all, protocols, stable_group, sync_all
from scenario import every_version


def describe(side, group):
    side.request("DescribeGroups", groups=[group])


@every_version("SyncGroup")
def leader_and_follower(side):
    group = side.fresh("group")
    a, b = Member(side, group, "a"), Member(side, group, "b")
    a.join()
    join_all(b, a)
    waiting = b.start_sync()
    a.sync({a: b"a's", b: b"b's"})
    waiting()
    describe(side, group)


@every_version("SyncGroup")
def the_leader_first(side):
    group = side.fresh("group")
    a, b = Member(side, group, "a"), Member(side, group, "b")
    a.join()
    join_all(b, a)
    a.sync({a: b"a's", b: b"b's"})
    describe(side, group)
    b.sync()
    b.sync()
    a.sync()


@every_version("SyncGroup")
def what_an_assignment_may_lack(side):
    group = side.fresh("group")
    a, b, stranger = (Member(side, group, name) for name in ("a", "b", "stranger"))
    stranger.id = "stranger"
    a.join()
    join_all(b, a)
    waiting = b.start_sync()
    a.sync({a: b"", stranger: b"nobody's"})
    waiting()
    describe(side, group)


@every_version("SyncGroup")
def an_assignment_for_nobody(side):
    a = Member(side, side.fresh("group"), "a")
    a.join()
    a.sync()
    describe(side, a.group)


@every_version("SyncGroup")
def two_assignments_for_one(side):
    a = Member(side, side.fresh("group"), "a")
    a.join()
    a.side.request("SyncGroup", **a.identity(), generation_id=a.generation, protocol_type="consumer",
                   protocol_name="range", assignments=[{"member_id": a.id, "assignment": b"first"},
                                                       {"member_id": a.id, "assignment": b"second"}])


@every_version("SyncGroup")
def only_the_first_assignment_counts(side):
    group, a, b = stable_group(side, "a", "b")
    a.sync({a: b"other", b: b"other"})
    b.sync({a: b"b would like", b: b"this"})
    describe(side, group)


@every_version("SyncGroup")
def groups_and_members_that_are_not_there(side):
    side.request("SyncGroup", group_id="", generation_id=1, member_id="a", protocol_type="consumer",
                 protocol_name="range")
    side.request("SyncGroup", group_id=side.fresh("absent"), generation_id=1, member_id="a",
                 protocol_type="consumer", protocol_name="range")
    _, a = stable_group(side, "a")
    a.sync(member_id="nobody")
    a.sync(member_id="")
    a.sync(member_id="nobody", generation_id=17)
    a.sync()


@every_version("SyncGroup")
def wrong_generations(side):
    _, a = stable_group(side, "a")
    for generation in (a.generation - 1, a.generation + 1, 0, -1, -(2**31), 2**31 - 1):
        a.sync({a: b"other"}, generation_id=generation)
    a.sync()


@every_version("SyncGroup", since=5)
def wrong_protocols(side):
    _, a = stable_group(side, "a")
    for wrong in ({"protocol_type": "connect"}, {"protocol_name": "sticky"}, {"protocol_type": None},
                  {"protocol_name": None}, {"protocol_type": ""}, {"protocol_name": ""},
                  {"protocol_type": None, "protocol_name": None}, {"protocol_name": "Range"},
                  {"protocol_type": None, "generation_id": 17}, {"protocol_name": "sticky", "member_id": "nobody"},
                  {"protocol_name": "sticky", "generation_id": 17}, {"protocol_type": None, "group_id": ""}):
        a.sync(**wrong)
    a.sync()


@every_version("SyncGroup", since=3)
def instance_ids(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    a.sync()
    a.sync(group_instance_id=None)
    a.sync(group_instance_id="i-b")
    a.sync(group_instance_id="i-c")
    a.sync(group_instance_id="")
    a.sync(member_id="nobody")
    a.sync(member_id="")


@every_version("SyncGroup", since=3)
def a_fenced_member(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    again = Member(side, group, "b", group_instance_id="i-b")
    again.join()
    b.sync()
    again.sync()


@every_version("SyncGroup")
def during_a_rebalance(side):
    group, a = stable_group(side, "a")
    b = Member(side, group, "b")
    joined = b.start_join()
    a.await_rebalance()
    a.sync()
    a.sync({a: b"other"})
    a.join()
    joined()
    sync_all(a, b)


@every_version("SyncGroup")
def a_rebalance_ends_the_waiting(side):
    group = side.fresh("group")
    a, b, c = (Member(side, group, name) for name in "abc")
    a.join()
    join_all(b, a)
    waiting = b.start_sync()
    joined = c.start_join()
    waiting()
    a.await_rebalance()
    others = [a.start_join(), b.start_join()]
    for answer in (joined, *others):
        answer()
    sync_all(a, b, c)
    describe(side, group)


@every_version("SyncGroup")
def a_member_that_leaves_ends_the_waiting(side):
    group = side.fresh("group")
    a, b, c = (Member(side, group, name) for name in "abc")
    a.join()
    join_all(b, a)
    join_all(c, a, b)
    waiting = b.start_sync()
    c.leave()
    waiting()
    describe(side, group)


@every_version("SyncGroup")
def who_does_not_sync_in_time_is_out(side):
    group = side.fresh("group")
    a, b = (Member(side, group, name, rebalance_timeout_ms=3000) for name in "ab")
    a.join()
    join_all(b, a)
    waiting = b.start_sync()
    waiting()
    describe(side, group)
    b.join()
    a.sync({a: b"late"})
    b.sync({b: b"all"})
    describe(side, group)


@every_version("SyncGroup")
def after_all_have_left(side):
    group, a = stable_group(side, "a")
    a.leave()
    a.sync()
    a.sync(generation_id=a.generation + 1)
    describe(side, group)


@every_version("SyncGroup")
def groups_that_are_not_of_consumers(side):
    a = Member(side, side.fresh("group"), "a", protocol_type="connect", protocols=protocols("sessioned", metadata=b"m"))
    a.join()
    a.sync({a: b"tasks"})
    describe(side, a.group)
