"""ListGroups: all groups, or those of some states and types. Only the groups that a scenario made are compared."""

from members import Member, protocols, stable_group
from scenario import every_version

STATES = ("Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead")
TYPES = ("classic", "consumer", "share", "streams")


def list_groups(side, **filters):
    answer = side.ask("ListGroups", **filters)
    own = side.fresh("").rpartition("-")[0].rpartition("-")[0]
    answer["groups"] = [group for group in answer["groups"] if group["group_id"].startswith(own)]
    side.record(f"ListGroups {filters}", answer)


def groups_in_all_states(side):
    topic = side.create_topic()
    stable_group(side, "a")
    stable_group(side, "a", protocol_type="connect", protocols=protocols("sessioned", metadata=b""))
    _, left = stable_group(side, "a")
    left.leave()
    Member(side, side.fresh("completing"), "a").join()
    _, a = stable_group(side, "a")
    b = Member(side, a.group, "b")
    b.start_join()
    a.await_rebalance()
    side.ask("JoinGroup", 9, **a.fields | {"group_id": side.fresh("pending")})
    side.ask("OffsetCommit", 9, group_id=side.fresh("simple"), topics=[
        {"name": topic, "partitions": [{"partition_index": 0, "committed_offset": 5}]}])


@every_version("ListGroups")
def all_groups(side):
    groups_in_all_states(side)
    list_groups(side)


@every_version("ListGroups", since=4)
def of_some_states(side):
    groups_in_all_states(side)
    for state in STATES:
        list_groups(side, states_filter=[state])
    for states in (["stable"], ["STABLE", "empty"], ["Stable", "Empty", "Stable"], ["Nonsense"], [""],
                   ["Nonsense", "Stable"],
                   ["Assigning"], ["Reconciling"], ["NotReady"], ["Unknown"], [" Stable "]):
        list_groups(side, states_filter=states)


@every_version("ListGroups", since=5)
def of_some_types(side):
    groups_in_all_states(side)
    for kind in TYPES:
        list_groups(side, types_filter=[kind])
    for kinds in (["Classic"], ["CLASSIC", "share"], ["nonsense"], [""], ["nonsense", "classic"], ["unknown"],
                  ["classic", "classic"], [" classic "]):
        list_groups(side, types_filter=kinds)
    list_groups(side, states_filter=["Stable"], types_filter=["classic"])
    list_groups(side, states_filter=["Stable"], types_filter=["consumer"])
    list_groups(side, states_filter=["Nonsense"], types_filter=["nonsense"])


@every_version("ListGroups")
def a_deleted_group(side):
    _, a = stable_group(side, "a")
    a.leave()
    list_groups(side)
    side.ask("DeleteGroups", groups_names=[a.group])
    list_groups(side)
