#!/usr/bin/env python3
"""Members of one group joining and leaving in crowds: once they are quiet, all are in one generation,
and nobody waits for ever.

    churn_test.py --broker PROGRAM [--members N] [--rounds N]
"""

import argparse
import pathlib
import socket
import struct
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from broker import Broker, eventually  # noqa: E402
from wire import (Joined, find_coordinator_frame, heartbeat_frame, join_frame, leave_frame, receive,  # noqa: E402
                  sync_frame)

GROUP = b"churn"
HEARTBEAT_SECONDS = 0.2
QUIET_SECONDS_MAX = 30
UNKNOWN_MEMBER_ID = 25


class Member(threading.Thread):
    """A member that joins, and joins again whenever it is told to, until it leaves."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.id = b""
        self.settled = None  # the generation in which it has got its assignment
        self.leaving = threading.Event()
        self.failure = None
        self.start()

    def run(self):
        try:
            while not self.leaving.is_set():
                self.settled = None
                self.take_part()
            self.ask(leave_frame(GROUP, self.id))
        except (OSError, ValueError, struct.error) as failure:
            self.failure = failure
        finally:
            self.connection.close()

    def ask(self, request):
        self.connection.sendall(request)
        answer = receive(self.connection)
        if answer is None:
            raise ValueError("the broker closed a member's connection")
        return answer

    def take_part(self):
        """One generation, from joining to its end."""
        joined = Joined(self.ask(join_frame(GROUP, self.id, session_ms=10_000)))
        if joined.error != 0:
            if joined.error == UNKNOWN_MEMBER_ID:
                self.id = b""
            return
        self.id = joined.member
        answer = self.ask(sync_frame(GROUP, joined))
        error, length = struct.unpack(">hi", answer[8:14])
        if error != 0:
            return
        if answer[14:14 + length] != self.id:
            raise ValueError(f"{self.id} got the assignment {answer[14:14 + length]}")
        self.settled = joined.generation
        while not self.leaving.wait(HEARTBEAT_SECONDS):
            if struct.unpack(">h", self.ask(heartbeat_frame(GROUP, joined))[8:10])[0] != 0:
                return

    def leave(self):
        self.leaving.set()


def settle(members):
    """The generation that all have in common, or a sentence on why there is none."""
    def common():
        generations = {member.settled for member in members}
        return any(member.failure for member in members) or (len(generations) == 1 and None not in generations)

    eventually(common, QUIET_SECONDS_MAX)
    for member in members:
        if member.failure:
            return None, str(member.failure)
    generations = {member.settled for member in members}
    if len(generations) != 1 or None in generations:
        return None, f"after {QUIET_SECONDS_MAX} s of quiet the members are in generations {generations}"
    return generations.pop(), None


def coordinator_is_known(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(find_coordinator_frame(GROUP))
        return struct.unpack(">h", receive(connection)[4:6])[0] == 0


def churn(broker, options):
    if not eventually(lambda: coordinator_is_known(broker.port)):
        return "the group has no coordinator"
    members = [Member(broker.port) for _ in range(options.members)]
    generation, failure = settle(members)
    for number in range(options.rounds):
        if failure:
            return f"round {number}: {failure}"
        print(f"{len(members)} members are in generation {generation}", flush=True)
        leaving = members[::2]
        for member in leaving:
            member.leave()
        members = members[1::2] + [Member(broker.port) for _ in leaving]
        before = generation
        for member in leaving:
            member.join(60)
            if member.is_alive() or member.failure:
                return f"round {number}: a member cannot leave: {member.failure or 'it waits for ever'}"
        generation, failure = settle(members)
        if not failure and generation <= before:
            return f"round {number}: generation {generation} follows {before}"
    return failure


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", required=True, metavar="PROGRAM")
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with Broker(options.broker) as broker:
        failure = churn(broker, options)
    if failure:
        print(failure)
        return 1
    print(f"{options.members} members, {options.rounds} rounds of half of them leaving and as many joining")
    return 0


if __name__ == "__main__":
    sys.exit(main())
