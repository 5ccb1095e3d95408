#!/usr/bin/env python3
"""Clients whose machine vanishes without a word: no reset, no end, no acknowledgement any more.

    half_open_test.py --broker PROGRAM [unittest arguments]

The clients are in a network namespace of their own whose cable, a veth pair, is cut. Exit code 77
where this process may not make one (root and iproute2 are needed).
"""

import contextlib
import ctypes
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from broker import CANNOT_RUN, Broker, eventually, free_port, is_oracle  # noqa: E402
from wire import (METADATA, Joined, create_topic_frame, find_coordinator_frame, fetch_frame, frame,  # noqa: E402
                  join_frame, receive, sync_frame)

PROGRAM = ""
NETWORK = None
CLONE_NEWNET = 0x40000000
BROKER_ADDRESS, CLIENT_ADDRESS = "10.213.0.1", "10.213.0.2"
# Kafka closes a connection that waits for its answer for IDLE_MS, too.
IDLE_MS, SESSION_MS = 6_000, 2_000


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def enter_new_network():
    """This thread, and what it starts from now on, has a network of its own; a descriptor of it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace can be made")
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def enter_network(descriptor):
    ctypes.CDLL(None).setns(descriptor, CLONE_NEWNET)


class Network:
    """Where the broker and the tests are, where the clients are, and the cable between."""

    def __init__(self):
        self.clients = enter_new_network()
        self.own = enter_new_network()
        ip("link", "set", "lo", "up")
        ip("link", "add", "cable", "type", "veth", "peer", "name", "clients",
           "netns", f"/proc/{os.getpid()}/fd/{self.clients}")
        ip("address", "add", f"{BROKER_ADDRESS}/24", "dev", "cable")
        ip("link", "set", "cable", "up")
        with self.at_the_clients():
            ip("address", "add", f"{CLIENT_ADDRESS}/24", "dev", "clients")

    @contextlib.contextmanager
    def at_the_clients(self):
        enter_network(self.clients)
        try:
            yield
        finally:
            enter_network(self.own)

    def plug_in(self):
        with self.at_the_clients():
            ip("link", "set", "clients", "up")

    def cut(self):
        with self.at_the_clients():
            ip("link", "set", "clients", "down")


class HalfOpen(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker(PROGRAM, {"connections.max.idle.ms": str(IDLE_MS),
                                      "group.min.session.timeout.ms": "1000"})
        listener = f"PLAINTEXT://0.0.0.0:{cls.broker.port}"
        cls.broker.settings["advertised.listeners"] = f"PLAINTEXT://{cls.broker.bootstrap}"
        if is_oracle():
            controller = f"127.0.0.1:{free_port()}"
            listener += f",CONTROLLER://{controller}"
            cls.broker.settings["controller.quorum.voters"] = f"1@{controller}"
        cls.broker.settings["listeners"] = listener
        cls.broker.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.broker.__exit__()

    def setUp(self):
        NETWORK.plug_in()

    def tearDown(self):
        self.assertTrue(self.broker.serves(10), "another client is not served")

    def connect(self, address="127.0.0.1"):
        connection = socket.create_connection((address, self.broker.port), timeout=20)
        self.addCleanup(connection.close)
        return connection

    def connect_client(self):
        with NETWORK.at_the_clients():
            return self.connect(BROKER_ADDRESS)

    def ask(self, connection, request):
        connection.sendall(request)
        answer = receive(connection)
        self.assertIsNotNone(answer, "closed instead of answered")
        return answer

    def test_sockets_of_vanished_clients_are_freed(self):
        self.ask(self.connect(), create_topic_frame(b"quiet"))
        self.assertTrue(eventually(lambda: not self.broker_connections()))
        metadata = frame(METADATA, 1, struct.pack(">i", -1))
        for _ in range(13):
            idle, halfway, waiting, unread = (self.connect_client() for _ in range(4))
            self.ask(idle, metadata)
            halfway.sendall(metadata[:9])
            waiting.sendall(fetch_frame(b"quiet", wait_ms=3_000))
            unread.sendall(metadata * 50)
        self.assertTrue(eventually(lambda: self.broker_connections() == 52))
        NETWORK.cut()
        self.assertTrue(eventually(lambda: not self.broker_connections()),
                        f"{self.broker_connections()} sockets of vanished clients are still open")

    def broker_connections(self):
        """How many connections the broker's port has, other than listening and ended ones."""
        port, established = f":{self.broker.port:04X}", "01"
        lines = pathlib.Path("/proc/thread-self/net/tcp").read_text().splitlines()[1:]
        lines += pathlib.Path("/proc/thread-self/net/tcp6").read_text().splitlines()[1:]
        return sum(line.split()[1].endswith(port) and line.split()[3] == established for line in lines)

    def test_vanished_member_of_a_group_expires(self):
        group = b"left-behind"

        def join(connection):
            joined = Joined(self.ask(connection, join_frame(group, session_ms=SESSION_MS)))
            return joined if joined.error == 0 else None

        def coordinator_is_known():
            answer = self.ask(self.connect(), find_coordinator_frame(group))
            return struct.unpack(">h", answer[4:6])[0] == 0

        self.assertTrue(eventually(coordinator_is_known))
        gone = self.connect_client()
        first = eventually(lambda: join(gone))
        self.assertTrue(first, "a group of one is not formed")
        self.ask(gone, sync_frame(group, first))
        NETWORK.cut()
        # The rebalance that this begins waits for the vanished member: a minute, or its session.
        second = join(self.connect())
        self.assertIsNotNone(second)
        self.assertEqual(second.members, [second.member])
        self.assertGreater(second.generation, first.generation)


def make_network():
    """The network, or why there is none."""
    if os.geteuid() != 0:
        return None, "needs root for a network namespace"
    if shutil.which("ip") is None:
        return None, "needs ip (Debian: iproute2)"
    try:
        return Network(), None
    except (OSError, subprocess.CalledProcessError) as error:
        return None, f"cannot make a network namespace here: {error}"


if __name__ == "__main__":
    position = sys.argv.index("--broker")
    PROGRAM = sys.argv[position + 1]
    del sys.argv[position:position + 2]
    NETWORK, reason = make_network()
    if NETWORK is None:
        print(f"half_open_test: {reason}")
        sys.exit(CANNOT_RUN)
    unittest.main(verbosity=2)
