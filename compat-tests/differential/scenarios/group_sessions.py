"""Members that fall silent: sessions of two seconds end, and the group goes on without them."""

from members import Member, join_all, stable_group
from scenario import newest_version


def await_state(side, group, state):
    def is_there():
        (described,) = side.ask("DescribeGroups", groups=[group])["groups"]
        return described["group_state"] == state
    side.until(is_there, f"{group} to be {state}")
    side.request("DescribeGroups", groups=[group])


@newest_version("Heartbeat")
def the_only_member_falls_silent(side):
    group, a = stable_group(side, "a", session_timeout_ms=2000)
    await_state(side, group, "Empty")
    a.heartbeat()
    a.join()


@newest_version("Heartbeat")
def one_of_two_falls_silent(side):
    group, a = stable_group(side, "a")
    b = Member(side, group, "b", session_timeout_ms=2000)
    join_all(b, a)
    a.sync({a: b"a's", b: b"b's"})
    b.sync()
    a.await_rebalance()
    a.join()
    b.heartbeat()
    side.request("DescribeGroups", groups=[group])


@newest_version("Heartbeat")
def a_static_member_falls_silent(side):
    group, a = stable_group(side, "a", static=True, session_timeout_ms=2000)
    await_state(side, group, "Empty")
    a.heartbeat()
    again = Member(side, group, "a", group_instance_id="i-a")
    again.join()
