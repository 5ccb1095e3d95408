#!/usr/bin/env python3
"""Clients that mean harm or are broken: each gets an error or a closed connection, everybody else
is served on, and the broker's memory stays bounded.

    hostile_test.py --broker PROGRAM [unittest arguments]
"""

import contextlib
import os
import pathlib
import resource
import select
import socket
import struct
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from broker import Broker, eventually, free_port, is_oracle  # noqa: E402
from wire import (API_VERSIONS, FETCH, METADATA, MIB, PRODUCE, batch, fetch_frame, frame, produce_error,  # noqa: E402
                  produce_frame, receive, record, string)

PROGRAM = ""
# What one hostile step may cost; a garbage-collected oracle has no such bound to speak of.
GROWTH_MAX = 64 * MIB if not is_oracle() else 1024 * MIB


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker(PROGRAM, {"auto.create.topics.enable": "true",
                                      "num.partitions": "1"})
        cls.broker.__enter__()
        cls.sockets = []

    @classmethod
    def tearDownClass(cls):
        cls.broker.__exit__()

    def setUp(self):
        self.before = self.broker.resident_bytes()

    def tearDown(self):
        for connection in self.sockets:
            connection.close()
        self.sockets.clear()
        self.assert_unharmed()

    def connect(self, timeout=20.0):
        connection = socket.create_connection(("127.0.0.1", self.broker.port), timeout=timeout)
        connection.settimeout(timeout)
        self.sockets.append(connection)
        return connection

    def assert_unharmed(self):
        self.assertTrue(self.broker.running(), "the broker ended")
        self.assertTrue(self.broker.serves(10), "another client is not served")
        grown = self.broker.resident_bytes() - self.before
        self.assertLess(grown, GROWTH_MAX, f"resident memory grew by {grown // MIB} MiB")

    def assert_closed(self, data, what):
        connection = self.connect()
        try:
            connection.sendall(data)
        except ConnectionError:
            return  # closed while we were still sending
        try:
            self.assertIsNone(receive(connection), what)
        except socket.timeout:
            self.fail(f"{what}: neither answered nor closed")

    def topic(self):
        name = self.id().rpartition(".")[2].encode()
        body = struct.pack(">i", 1) + string(name) + b"\x01"

        def exists():
            connection = self.connect()
            connection.sendall(frame(METADATA, 4, body))
            answer = receive(connection)
            # throttle, brokers (one: id, host, port, no rack), cluster id, controller, topics
            host = struct.unpack(">h", answer[16:18])[0]
            at = 18 + host + 4 + 2
            at += 2 + struct.unpack(">h", answer[at:at + 2])[0] + 4 + 4
            return struct.unpack(">h", answer[at:at + 2])[0] == 0

        self.assertTrue(eventually(exists))
        return name

    def test_wrong_frame_sizes_close_the_connection(self):
        for size in (-1, -2 ** 31, 2 ** 31 - 1, 100 * MIB + 1):
            for _ in range(25):
                self.assert_closed(struct.pack(">i", size) + b"\0" * 64, f"size {size}")
        self.assert_closed(struct.pack(">i", 0), "size 0")
        self.assert_closed(struct.pack(">i", 3) + b"\0\x12\0", "a frame shorter than its header")

    def test_other_protocols_on_the_port_are_closed(self):
        hello = bytes.fromhex("1603010200010001fc0303") + os.urandom(508)
        for _ in range(25):
            self.assert_closed(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP")
            self.assert_closed(hello, "TLS")
            self.assert_closed(b"SSH-2.0-OpenSSH_9.2\r\n", "SSH")

    def test_unknown_api_keys_close_the_connection(self):
        for key in (-1, 93, 999, 32767, -32768):
            self.assert_closed(frame(key, 0, b""), f"API key {key}")

    def test_unknown_versions_close_the_connection(self):
        for key, version in ((METADATA, 99), (METADATA, -1), (PRODUCE, 99), (FETCH, 32767)):
            self.assert_closed(frame(key, version, b"\0" * 32), f"API {key} version {version}")

    def test_unknown_version_of_api_versions_is_answered_in_version_0(self):
        connection = self.connect()
        connection.sendall(frame(API_VERSIONS, 99, b"\0"))  # a header without tagged fields
        answer = receive(connection)
        self.assertIsNotNone(answer)
        self.assertEqual(struct.unpack(">ih", answer[:6]), (7, 35))  # UNSUPPORTED_VERSION

    def test_counts_beyond_the_frame_close_the_connection(self):
        for count in (2 ** 31 - 1, 100_000_000, 1000):
            self.assert_closed(frame(METADATA, 1, struct.pack(">i", count)), f"{count} topics")
        self.assert_closed(frame(METADATA, 1, struct.pack(">ih", 1, 32767)), "a long string")
        # Flexible versions: compact array and tagged fields claim 2^32 elements.
        header_end = b"\0"
        self.assert_closed(frame(METADATA, 12, header_end + b"\xff\xff\xff\xff\x0f"), "topics")
        self.assert_closed(frame(METADATA, 12, b"\xff\xff\xff\xff\x0f"), "tagged fields")
        self.assert_closed(frame(METADATA, 12, b"\xff" * 12), "a varint without end")

    def test_truncated_requests_close_the_connection(self):
        whole = frame(METADATA, 1, struct.pack(">i", 1) + string(b"topic"))
        for size in range(8, len(whole) - 4):
            self.assert_closed(struct.pack(">i", size) + whole[4:4 + size], f"{size} bytes")

    def test_corrupt_batches_are_refused_by_name(self):
        topic = self.topic()
        connection = self.connect()
        for what, data, error in (
                ("good", batch(), 0), ("wrong CRC", batch(crc_change=1), 2),
                ("count too high", batch(records=2), 87), ("count huge", batch(records=2**31-1), 87),
                ("good again", batch(), 0)):
            with self.subTest(what):
                connection.sendall(produce_frame(topic, data))
                self.assertEqual(produce_error(receive(connection)), error)

    def test_batch_bytes_cut_short_never_reach_the_log(self):
        topic = self.topic()
        whole = batch()
        for size in range(1, len(whole), 5):
            connection = self.connect()
            connection.sendall(produce_frame(topic, whole[:size]))
            answer = receive(connection)
            if answer is not None:
                self.assertNotEqual(produce_error(answer), 0, f"{size} of {len(whole)} bytes")

    @unittest.skipIf(is_oracle(), "Kafka reserves the claimed size and runs out of memory")
    def test_claimed_sizes_take_no_memory(self):
        # X5: a hundred MiB claimed by each of many connections, four bytes sent.
        for _ in range(500):
            self.connect().sendall(struct.pack(">i", 100 * MIB))
        self.assert_unharmed()

    def test_slow_senders_hold_up_nobody(self):
        # X2: the size, the header and the body, a byte at a time, over many connections.
        whole = frame(METADATA, 1, struct.pack(">i", 0))
        slow = [self.connect() for _ in range(100)]
        for position in range(len(whole)):
            for connection in slow:
                connection.sendall(whole[position:position + 1])
            if position % 5 == 0:
                self.assertTrue(self.broker.serves(5))
        for connection in slow:
            self.assertIsNotNone(receive(connection))

    def test_client_that_never_reads_is_no_longer_read(self):
        # X7: requests whose answers nobody takes; the broker stops reading, memory stays bounded.
        connection = self.connect()
        connection.setblocking(False)
        requests = frame(METADATA, 1, struct.pack(">i", -1)) * 500
        sent, deadline = 0, time.monotonic() + 30
        while sent < 200 * MIB and time.monotonic() < deadline:
            if not select.select([], [connection], [], 2.0)[1]:
                break  # back-pressure: nothing is taken any more
            try:
                sent += connection.send(requests)
            except (BlockingIOError, ConnectionError):
                break
        self.assertLess(sent, 200 * MIB, "the broker reads on and on")
        self.assert_unharmed()

    def test_consumers_that_stop_reading_hold_up_nobody(self):
        # X1: fifty consumers ask for 50 MiB each and take none of it, until all sockets are full.
        topic = self.topic()
        producer = self.connect()
        for _ in range(8):
            producer.sendall(produce_frame(topic, batch(payload=record(os.urandom(500_000)))))
            self.assertEqual(produce_error(receive(producer)), 0)
        self.before = self.broker.resident_bytes()
        for _ in range(50):
            self.connect().sendall(fetch_frame(topic, wait_ms=0) * 50)
        consumer = self.connect()
        for _ in range(20):
            consumer.sendall(fetch_frame(topic, wait_ms=0))
            self.assertGreater(len(receive(consumer)), 500_000)
            self.assertTrue(self.broker.serves(5))
        self.assert_unharmed()

    def test_idle_connections_are_cheap(self):
        # Scaled to what the limit of open files allows, here and in the broker.
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        # The oracle's queue of 50 new connections would stretch ten thousand over minutes.
        count = min(1_000 if is_oracle() else 10_000, hard - 500)
        for _ in range(count):
            self.connect()
        self.assertTrue(eventually(lambda: self.broker.open_files() > count))
        self.assertTrue(self.broker.serves(10))
        grown = self.broker.resident_bytes() - self.before
        if not is_oracle():
            self.assertLess(grown / count, 16 * 1024, "resident bytes of an idle connection")
        for connection in self.sockets:
            connection.close()
        self.sockets.clear()
        self.assertTrue(eventually(lambda: self.broker.open_files() < 1000))

    def test_connections_that_break_in_a_request_leave_nothing_behind(self):
        before = self.broker.open_files()
        whole = frame(METADATA, 1, struct.pack(">i", -1))
        for number in range(500):
            connection = self.connect()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(whole[:1 + number % len(whole)])
            connection.close()  # a reset, not an orderly end
        self.assertTrue(eventually(lambda: self.broker.open_files() <= before + 10))

    def test_log_lines_come_at_a_bounded_rate(self):
        before = len(self.broker.output())
        for _ in range(2000):
            connection = socket.create_connection(("127.0.0.1", self.broker.port))
            connection.sendall(struct.pack(">i", -1))
            connection.close()
        self.assertTrue(self.broker.serves(10))
        if not is_oracle():
            self.assertLess(len(self.broker.output()) - before, 200_000)


class Limits(unittest.TestCase):
    """Limits on connections, each low enough to be reached here."""

    def start(self, settings, listeners=None, port=None):
        self.broker = Broker(PROGRAM, settings | ({"listeners": listeners} if listeners else {}))
        self.broker.port = port or self.broker.port
        self.enterContext(self.broker)

    def connect(self, port=None, source="127.0.0.1"):
        connection = socket.create_connection(("127.0.0.1", port or self.broker.port), timeout=20,
                                              source_address=(source, 0))
        self.addCleanup(connection.close)
        return connection

    def is_served(self, connection):
        try:
            connection.sendall(frame(API_VERSIONS, 0, b""))
        except ConnectionError:
            return False
        return receive(connection) is not None

    def answered(self, connections, seconds):
        """Those of `connections` that get an answer in that time; each has asked."""
        got, deadline = [], time.monotonic() + seconds
        while len(got) < len(connections) and (left := deadline - time.monotonic()) > 0:
            waiting = [connection for connection in connections if connection not in got]
            got += select.select(waiting, [], [], left)[0]
        return [connection for connection in got if receive(connection) is not None]

    def ask_over(self, count, **where):
        connections = [self.connect(**where) for _ in range(count)]
        for connection in connections:
            connection.sendall(frame(API_VERSIONS, 0, b""))
        return connections

    def test_a_full_broker_serves_the_next_one_when_one_has_gone(self):
        # X3. As in Kafka those beyond the limit wait; the listener between brokers knows no limit.
        internal = free_port()
        if is_oracle():  # its launcher has listeners of its own
            self.start({"max.connections": "20"})
        else:
            public = free_port()
            self.start({"max.connections": "20", "inter.broker.listener.name": "INTERNAL",
                        "listener.security.protocol.map": "INTERNAL:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
                       listeners=f"PLAINTEXT://127.0.0.1:{public},INTERNAL://127.0.0.1:{internal}", port=public)
        first = self.ask_over(20)
        self.assertEqual(len(self.answered(first, 20)), 20)
        late = self.ask_over(10)
        served = self.answered(late, 1.0)
        self.assertEqual(served, [], "more are served than may be")
        if not is_oracle():
            self.assertEqual(len(self.answered(self.ask_over(3, port=internal), 20)), 3)
        for connection in first:
            connection.close()
        self.assertEqual(len(self.answered(late, 20)), 10)

    @unittest.skipIf(is_oracle(), "its launcher has listeners of its own")
    def test_a_listener_may_have_a_limit_of_its_own(self):
        # X3. It holds for the listener between brokers too; the other one goes on.
        internal, public = free_port(), free_port()
        self.start({"listener.name.internal.max.connections": "5", "inter.broker.listener.name": "INTERNAL",
                    "listener.security.protocol.map": "INTERNAL:PLAINTEXT,PLAINTEXT:PLAINTEXT"},
                   listeners=f"PLAINTEXT://127.0.0.1:{public},INTERNAL://127.0.0.1:{internal}", port=public)
        first = self.ask_over(5, port=internal)
        self.assertEqual(len(self.answered(first, 20)), 5)
        late = self.ask_over(3, port=internal)
        self.assertEqual(self.answered(late, 1.0), [], "more are served than may be")
        self.assertEqual(len(self.answered(self.ask_over(20), 20)), 20)
        for connection in first:
            connection.close()
        self.assertEqual(len(self.answered(late, 20)), 3)

    def test_an_address_may_have_a_limit_of_its_own(self):
        # X3.
        self.start({"max.connections.per.ip": "50", "max.connections.per.ip.overrides": "127.0.0.2:5"})
        others = self.ask_over(10, source="127.0.0.2")
        self.assertEqual(len(self.answered(others, 20)), 5)
        self.assertEqual(len(self.answered(self.ask_over(40, source="127.0.0.3"), 20)), 40)

    def test_connections_that_come_too_fast_are_served_later(self):
        # X3. Ten a second, as a mean over ten seconds.
        self.start({"max.connection.creation.rate": "10"})
        begin = time.monotonic()
        connections = self.ask_over(140)
        self.assertEqual(len(self.answered(connections, 60)), 140)
        self.assertGreater(time.monotonic() - begin, 3.0)

    def test_one_address_gets_no_more_connections_than_allowed(self):
        # X3. The broker's start looks for an answer over a connection of its own; it may still count.
        self.start({"max.connections.per.ip": "20"})
        self.assertTrue(eventually(lambda: self.served_of_forty() == 20))
        self.assertTrue(eventually(lambda: self.broker.serves()), "nobody is served after they have gone")

    def served_of_forty(self):
        connections = [self.connect() for _ in range(40)]
        served = sum(self.is_served(connection) for connection in connections)
        for connection in connections:
            connection.close()
        return served

    def test_requests_that_are_never_finished_close_the_connection(self):
        # X2: the client stops in the size, the header or the body.
        self.start({"connections.max.idle.ms": "2000"})
        whole = frame(METADATA, 1, struct.pack(">i", -1))
        connections = {self.connect() for _ in range(60)}
        for number, connection in enumerate(connections):
            connection.sendall(whole[:1 + number % (len(whole) - 1)])
        self.assert_all_closed(connections, 30)

    @unittest.skipIf(is_oracle(), "Kafka lets a request take for ever")
    def test_requests_sent_too_slowly_close_the_connection(self):
        # X2: a byte a second is no idle connection, but a request has its time too.
        self.start({})
        whole = frame(METADATA, 1, struct.pack(">ih", 1, 200) + b"t" * 200)
        slow = {self.connect() for _ in range(20)}
        for position in range(len(whole) - 1):
            for connection in slow:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(whole[position:position + 1])
            closed = set(select.select(list(slow), [], [], 1.0)[0])  # a second, unless one is closed
            for connection in closed:
                self.assertIsNone(receive(connection))
            slow -= closed
            if not slow:
                return
            self.assertTrue(self.broker.serves(5))
        self.fail(f"{len(slow)} are still open")

    def assert_all_closed(self, connections, seconds):
        waiting, deadline = set(connections), time.monotonic() + seconds
        while waiting and (left := deadline - time.monotonic()) > 0:
            for connection in select.select(list(waiting), [], [], left)[0]:
                self.assertIsNone(receive(connection))
                waiting.remove(connection)
        self.assertFalse(waiting, "still open")


if __name__ == "__main__":
    position = sys.argv.index("--broker")
    PROGRAM = sys.argv[position + 1]
    del sys.argv[position:position + 2]
    unittest.main(verbosity=2)
