"""Groups that are full: both brokers are started with group.max.size=4."""

from members import Member, join_all, stable_group, sync_all
from scenario import every_version

FULL = "abcd"


def describe(side, group):
    side.request("DescribeGroups", groups=[group])


def parked(side, group, name):
    """A new member whose JoinGroup waits for others: what waits for its answer."""
    answer = Member(side, group, name).start_join()

    def is_member():
        (described,) = side.ask("DescribeGroups", groups=[group])["groups"]
        return name in [member["client_id"] for member in described["members"]]
    side.until(is_member, f"{name} to be a member")
    return answer


@every_version("JoinGroup")
def one_more_than_a_group_may_have(side):
    group, a, *others = stable_group(side, *FULL)
    late = Member(side, group, "late")
    late.join()
    late.join(member_id="nobody")
    describe(side, group)
    for member in (a, *others):
        member.heartbeat()
    join_all(a, *others)  # a full group may rebalance


@every_version("JoinGroup")
def a_place_that_becomes_free(side):
    group, a, b, c, d = stable_group(side, *FULL)
    late = Member(side, group, "late")
    late.join()
    d.leave()
    join_all(late, a, b, c)
    sync_all(a, b, c, late)
    describe(side, group)


@every_version("JoinGroup", since=1)
def newcomers_take_the_places_while_a_group_rebalances(side):
    group, a, b, c, d = stable_group(side, *FULL, rebalance_timeout_ms=3000)
    d.leave()
    waiting = [a.start_join()]
    waiting += [parked(side, group, name) for name in "xyz"]
    Member(side, group, "late").join()
    for member in (b, c):
        member.join()
    for answer in waiting:  # until the time is over that members have to join again
        answer()
    describe(side, group)


@every_version("JoinGroup", since=5)
def static_members_of_a_full_group(side):
    group, a, *others = stable_group(side, *FULL, static=True)
    again = Member(side, group, "a", group_instance_id="i-a")
    again.join()
    Member(side, group, "late", group_instance_id="i-late").join()
    describe(side, group)
    for member in (a, *others):
        member.heartbeat()
