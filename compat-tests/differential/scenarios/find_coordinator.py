"""FindCoordinator: on a single node always this one, for what may have a coordinator."""

from scenario import every_version

GROUP, SHARE = 0, 2


def find(side, *keys, key_type=GROUP):
    """Each of `keys`, the older versions one at a time."""
    if side.version >= 4:
        return side.request("FindCoordinator", key_type=key_type, coordinator_keys=list(keys))
    return [side.request("FindCoordinator", key_type=key_type, key=key) for key in keys]


@every_version("FindCoordinator")
def of_groups(side):
    find(side, side.fresh("group"))
    find(side, side.fresh("group"), side.fresh("group"))
    find(side, "")


@every_version("FindCoordinator", since=4)
def of_nothing_and_of_the_same_twice(side):
    group = side.fresh("group")
    find(side)
    find(side, group, group)


@every_version("FindCoordinator", since=1)
def of_unknown_kinds(side):
    for key_type in (3, 99, -1):
        find(side, side.fresh("key"), key_type=key_type)


@every_version("FindCoordinator", since=1)
def of_share_partitions_whose_key_is_malformed(side):
    for key in (side.fresh("key"), "group:notauuid:0", ""):
        find(side, key, key_type=SHARE)
