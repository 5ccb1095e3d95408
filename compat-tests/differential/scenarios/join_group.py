"""JoinGroup: who is let into a group, and what leaders and followers are told."""

from members import LONG_MS, Member, join_all, joining, protocols, stable_group, subscription
from scenario import every_version


def join(side, group, member_id="", **fields):
    return side.request("JoinGroup", member_id=member_id, **joining(group, **fields))


def describe(side, group):
    side.request("DescribeGroups", groups=[group])


@every_version("JoinGroup")
def alone(side):
    a = Member(side, side.fresh("group"), "a")
    a.join()
    describe(side, a.group)
    a.sync({a: b"mine"})
    describe(side, a.group)


@every_version("JoinGroup")
def without_a_group_id(side):
    join(side, "")
    join(side, "", member_id="somebody")
    join(side, "", session_timeout_ms=0)


@every_version("JoinGroup")
def bad_session_timeouts(side):
    for timeout in (0, 99, -1, -(2**31), 1_800_001, 2**31 - 1):
        join(side, side.fresh("group"), session_timeout_ms=timeout)
        join(side, side.fresh("group"), member_id="somebody", session_timeout_ms=timeout)


@every_version("JoinGroup")
def session_timeouts_at_the_limits(side):
    for timeout in (100, 1_800_000):
        join(side, side.fresh("group"), session_timeout_ms=timeout)


@every_version("JoinGroup")
def an_unknown_member(side):
    absent = side.fresh("group")
    join(side, absent, member_id="nobody")
    describe(side, absent)
    group, a = stable_group(side, "a")
    join(side, group, member_id="nobody")
    join(side, group, member_id="nobody", session_timeout_ms=1)
    a.heartbeat()
    a.leave()
    join(side, group, member_id=a.id)


@every_version("JoinGroup", since=4)
def the_first_of_two_steps(side):
    """KIP-394: the id that the broker gives is asked for once, and belongs to nobody in particular."""
    group = side.fresh("group")
    first = join(side, group)
    describe(side, group)
    other = join(side, group)
    describe(side, group)
    join(side, group, member_id=first["member_id"], protocol_type="connect")
    describe(side, group)
    join(side, group, member_id="nobody")
    joined = side.client("another client").start("JoinGroup", **joining(group, member_id=first["member_id"]))
    side.ask("LeaveGroup", 5, group_id=group, members=[{"member_id": other["member_id"]}])
    joined.answer()
    describe(side, group)


@every_version("JoinGroup", since=5)
def the_first_of_two_steps_with_an_instance_id_in_the_second(side):
    group = side.fresh("group")
    first = join(side, group)
    join(side, group, member_id=first["member_id"], group_instance_id="static")
    join(side, group, member_id="nobody", group_instance_id="static")
    describe(side, group)


@every_version("JoinGroup")
def no_protocols(side):
    for member_id in ("", "somebody"):
        group = side.fresh("group")
        join(side, group, member_id, protocols=[])
        join(side, group, member_id, protocol_type="")
        join(side, group, member_id, protocol_type="", protocols=[])
        describe(side, group)


@every_version("JoinGroup")
def protocols_that_do_not_match_the_groups(side):
    group, a = stable_group(side, "a", protocols=protocols("range", "roundrobin"))
    b = Member(side, group, "b")
    for wrong in ({"protocol_type": "connect"}, {"protocol_type": ""}, {"protocols": protocols("sticky")},
                  {"protocols": []}, {"protocols": protocols("Range")}):
        join(b.side, group, **wrong)
        join(b.side, group, member_id="nobody", **wrong)
        join(a.side, group, member_id=a.id, **wrong)
    a.heartbeat()
    describe(side, group)


@every_version("JoinGroup")
def a_member_id_of_two_steps_with_wrong_protocols(side):
    group, a = stable_group(side, "a")
    b = Member(side, group, "b")
    joined = b.start_join()
    a.await_rebalance()
    join(b.side, group, member_id=b.id or "nobody", protocols=protocols("sticky"))
    a.join(protocols=protocols("range", "sticky"))
    joined()


@every_version("JoinGroup")
def an_empty_group_takes_another_protocol_type(side):
    group, a = stable_group(side, "a")
    a.leave()
    describe(side, group)
    b = Member(side, group, "b", protocol_type="connect", protocols=protocols("sessioned", metadata=b"x"))
    b.join()
    b.sync({b: b"work"})
    describe(side, group)


@every_version("JoinGroup")
def leader_and_followers(side):
    group = side.fresh("group")
    a = Member(side, group, "a", protocols=protocols("range", "sticky", metadata=subscription("one")))
    b = Member(side, group, "b", protocols=protocols("sticky", "range", metadata=subscription("two")))
    c = Member(side, group, "c", protocols=protocols("sticky", metadata=b"\0"))
    a.join()
    joined = b.start_join()
    a.await_rebalance()
    describe(side, group)
    a.join()
    joined()
    join_all(c, a, b)
    describe(side, group)


@every_version("JoinGroup")
def most_votes_choose_the_protocol(side):
    group = side.fresh("group")
    a = Member(side, group, "a", protocols=protocols("range", "sticky", "roundrobin"))
    b = Member(side, group, "b", protocols=protocols("other", "sticky", "range"))
    c = Member(side, group, "c", protocols=protocols("sticky", "range", "another"))
    a.join()
    join_all(b, a)
    join_all(c, a, b)


@every_version("JoinGroup")
def metadata_of_all_kinds(side):
    for metadata in (b"", b"\0", b"\xff\xff", b"\0\x63", subscription(), subscription("t", version=3)):
        a = Member(side, side.fresh("group"), "a", protocols=protocols("range", metadata=metadata))
        a.join()
        a.sync({a: metadata})
        describe(side, a.group)


@every_version("JoinGroup")
def a_leader_joins_again(side):
    group, a = stable_group(side, "a")
    a.join()
    a.join()
    a.sync({a: b"again"})
    a.join(protocols=protocols("sticky"))
    describe(side, group)


@every_version("JoinGroup")
def a_follower_joins_again(side):
    group, a, b = stable_group(side, "a", "b")
    b.join()
    describe(side, group)
    joined = b.start_join(protocols=protocols("range", metadata=subscription("another")))
    a.await_rebalance()
    a.join()
    joined()
    describe(side, group)


@every_version("JoinGroup")
def joining_again_before_the_assignment(side):
    group, a, b = stable_group(side, "a", "b")
    joined = b.start_join(protocols=protocols("range", metadata=b"new"))
    a.await_rebalance()
    a.join()
    joined()
    a.join()
    b.join(protocols=protocols("range", metadata=b"new"))
    joined = b.start_join(protocols=protocols("range", metadata=b"newer"))
    a.await_rebalance()
    a.join()
    joined()
    describe(side, group)


@every_version("JoinGroup")
def the_leader_leaves(side):
    group, a, b = stable_group(side, "a", "b")
    a.leave()
    b.heartbeat()
    describe(side, group)
    b.join()
    b.sync({b: b"all"})
    describe(side, group)


@every_version("JoinGroup")
def rebalance_timeouts_of_all_kinds(side):
    for timeout in (0, -1, -5, 1, 2**31 - 1):
        a = Member(side, side.fresh("group"), "a", rebalance_timeout_ms=timeout, session_timeout_ms=LONG_MS)
        a.join()


@every_version("JoinGroup", since=1)
def who_does_not_join_in_time_is_out(side):
    group, a, b = stable_group(side, "a", "b", rebalance_timeout_ms=3000, session_timeout_ms=LONG_MS)
    a.join()
    describe(side, group)
    b.heartbeat()
    a.sync({a: b"all"})
    describe(side, group)


@every_version("JoinGroup", since=8)
def reasons(side):
    for reason in (None, "", "because", "x" * 300):
        a = Member(side, side.fresh("group"), "a", reason=reason)
        a.join()
        join(side, side.fresh("group"), member_id="nobody", reason=reason)


@every_version("JoinGroup", since=5)
def static_member_alone(side):
    group, a = stable_group(side, "a", static=True)
    describe(side, group)
    a.join()
    describe(side, group)


@every_version("JoinGroup", since=5)
def a_static_follower_comes_back(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    again = Member(side, group, "b", group_instance_id="i-b")
    again.join()
    a.heartbeat()
    b.heartbeat()
    again.heartbeat()
    again.sync()
    b.sync()
    b.join(member_id=b.id)
    describe(side, group)


@every_version("JoinGroup", since=5)
def a_static_leader_comes_back(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    again = Member(side, group, "a", group_instance_id="i-a")
    again.join()
    again.sync()
    b.heartbeat()
    a.heartbeat()
    describe(side, group)


@every_version("JoinGroup", since=5)
def a_static_member_comes_back_with_other_metadata(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    changed = protocols("range", metadata=subscription("something", "else"))
    again = Member(side, group, "b", group_instance_id="i-b", protocols=changed)
    again.join()
    a.heartbeat()
    describe(side, group)


@every_version("JoinGroup", since=5)
def a_static_member_comes_back_and_the_protocol_changes(side):
    group = side.fresh("group")
    a = Member(side, group, "a", group_instance_id="i-a", protocols=protocols("range", "sticky"))
    a.join()
    a.sync({a: b"mine"})
    again = Member(side, group, "a", group_instance_id="i-a", protocols=protocols("sticky"))
    again.join()
    describe(side, group)


@every_version("JoinGroup", since=5)
def a_static_member_comes_back_during_a_rebalance(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    fenced = b.start_join(protocols=protocols("range", metadata=b"new"))
    a.await_rebalance()
    again = Member(side, group, "b", group_instance_id="i-b")
    joined = again.start_join()
    fenced()
    a.join()
    joined()
    describe(side, group)


@every_version("JoinGroup", since=5)
def a_static_member_comes_back_before_the_assignment(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    join_all(a, b)
    fenced = b.start_sync()
    a.heartbeat()
    again = Member(side, group, "b", group_instance_id="i-b")
    joined = again.start_join()
    fenced()
    a.await_rebalance()
    a.join()
    joined()
    describe(side, group)


@every_version("JoinGroup", since=5)
def instance_ids_that_do_not_fit(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    join(side, group, member_id=a.id, group_instance_id="i-b")
    join(side, group, member_id=a.id, group_instance_id="i-c")
    join(side, group, member_id="nobody", group_instance_id="i-a")
    join(side, group, member_id="nobody", group_instance_id="i-c")
    join(side, side.fresh("group"), member_id="nobody", group_instance_id="i-a")
    for instance in ("", "with space", "..", "ü", "x" * 250):
        join(side, side.fresh("group"), group_instance_id=instance)
    describe(side, group)


@every_version("JoinGroup", since=5)
def a_static_member_joins_without_its_instance_id(side):
    group, a, b = stable_group(side, "a", "b", static=True)
    b.join(group_instance_id=None)
    describe(side, group)
