"""Members of groups of the classic protocol, as the scenarios use them.

    a = Member(side, group, "a")        joins with the client id "a", on connections of its own
    a.join()                            in two steps (KIP-394) where the version asks for it; the answer is recorded
    pending = b.start_join()            parked until all have joined; pending() waits for the answer
    a.sync({a: b"one", b: b"two"})      as the leader

A member keeps its id, generation and protocol for its next requests; fields given to a method take precedence.
"""

import struct

from wire import MESSAGES

MEMBER_ID_REQUIRED = 79
REBALANCE_IN_PROGRESS = 27
LONG_MS = 60000  # a session or rebalance timeout that never passes here
FIRST_VERSION_IN_TWO_STEPS = 4  # of JoinGroup


def subscription(*topics, version=0):
    """The metadata of a consumer that wants `topics`."""
    message = MESSAGES["ConsumerProtocolSubscription"]
    return struct.pack(">h", version) + message.encode({"topics": list(topics)}, version)


def protocols(*names, metadata=subscription("any")):
    return [{"name": name, "metadata": metadata} for name in names]


def joining(group, **fields):
    """The fields of a JoinGroup that is fine."""
    return {"group_id": group, "session_timeout_ms": LONG_MS, "rebalance_timeout_ms": LONG_MS,
            "protocol_type": "consumer", "protocols": protocols("range")} | fields


class Member:
    def __init__(self, side, group, name, **fields):
        """`fields` are those of its JoinGroup requests that differ from joining()'s."""
        self.side, self.group, self.name = side.client(name), group, name
        self.fields = joining(group, **fields)
        self.id, self.generation, self.protocol_name = "", -1, None

    def start_join(self, **changes):
        """Sends JoinGroup; the function that waits for its answer."""
        fields = self.fields | changes
        if not self.id and self._needs_two_steps(fields):
            self.id = self.side.ask("JoinGroup", **fields)["member_id"]
        started = self.side.start("JoinGroup", **{"member_id": self.id} | fields)

        def joined():
            answer = started.answer()
            if answer["error_code"] == 0:
                self.id, self.generation = answer["member_id"], answer["generation_id"]
                self.protocol_name = answer["protocol_name"]
            return answer
        return joined

    def join(self, **changes):
        return self.start_join(**changes)()

    def start_sync(self, assignments=None, **changes):
        """`assignments` are by Member."""
        return self.side.start("SyncGroup", **self._syncing(assignments) | changes).answer

    def sync(self, assignments=None, **changes):
        return self.start_sync(assignments, **changes)()

    def heartbeat(self, **changes):
        return self.side.request("Heartbeat", **self.identity() | {"generation_id": self.generation} | changes)

    def await_rebalance(self):
        """Waits until the group asks this member to join again, and does not record it."""
        def is_rebalancing():
            beat = self.side.ask("Heartbeat", **self.identity(), generation_id=self.generation)
            return beat["error_code"] == REBALANCE_IN_PROGRESS
        self.side.until(is_rebalancing, f"{self.name} to be told of a rebalance")

    def leave(self):
        """Leaves, not recorded."""
        (left,) = self.side.ask("LeaveGroup", 5, group_id=self.group, members=[
            {"member_id": self.id, "group_instance_id": self.fields.get("group_instance_id")}])["members"]
        assert left["error_code"] == 0, f"{self.name} cannot leave: {left}"

    def identity(self):
        return {"group_id": self.group, "member_id": self.id,
                "group_instance_id": self.fields.get("group_instance_id")}

    def _needs_two_steps(self, fields):
        return (fields.get("group_instance_id") is None
                and self.side.version_of("JoinGroup") >= FIRST_VERSION_IN_TWO_STEPS)

    def _syncing(self, assignments):
        return self.identity() | {
            "generation_id": self.generation, "protocol_type": self.fields["protocol_type"],
            "protocol_name": self.protocol_name or self.fields["protocols"][0]["name"],
            "assignments": [{"member_id": member.id, "assignment": assignment}
                            for member, assignment in (assignments or {}).items()]}


def join_all(first, *others):
    """`first` joins, alone in asking for a rebalance; the others, members already, follow."""
    waiting = [first.start_join()]
    for other in others:
        other.await_rebalance()
        waiting.append(other.start_join())
    for answer in waiting:
        answer()


def sync_all(leader, *followers):
    """The leader assigns each member its own name."""
    waiting = [follower.start_sync() for follower in followers]
    leader.sync({member: member.name.encode() for member in (leader, *followers)})
    for answer in waiting:
        answer()


def stable_group(side, *names, static=False, **fields):
    """A stable group of members with these client ids, the first of them its leader: (group, *members).
    Static members have the instance ids "i-" and their name."""
    group, members = side.fresh("group"), []
    for name in names:
        newcomer = Member(side, group, name, **fields | ({"group_instance_id": f"i-{name}"} if static else {}))
        join_all(newcomer, *members)
        members.append(newcomer)
    sync_all(*members)
    return group, *members
