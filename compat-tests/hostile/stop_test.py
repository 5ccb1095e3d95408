#!/usr/bin/env python3
"""A stop by SIGTERM under load: whoever has a record in the log afterwards has had an answer for it,
and no client, however it behaves, holds the stop up.

    stop_test.py --broker PROGRAM [unittest arguments]
"""

import pathlib
import select
import signal
import socket
import struct
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from broker import Broker, eventually  # noqa: E402
from wire import (LIST_OFFSETS, MIB, Joined, batch, create_topic_frame, fetch_frame, find_coordinator_frame,  # noqa: E402
                  frame, join_frame, produce_error, produce_frame, receive, record, string)

PROGRAM = ""
STOP_MAX = 8.0  # seconds: 2 for answers, half a one for clients to close, the rest for a busy machine
LATEST = -1


class Pipeline(threading.Thread):
    """Sends batches of one record without awaiting answers, as fast as they go; counts the answers."""

    def __init__(self, port, topic):
        super().__init__(daemon=True)
        self.request = produce_frame(topic, batch())
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.connection.setblocking(False)
        self.sent = self.stored = self.refused = 0
        self.reset = False

    def run(self):
        unsent, received = self.request * 8, b""
        while True:
            writable = [self.connection] if self.sent - self.stored < 2000 else []
            readable, writable, _ = select.select([self.connection], writable, [], 30)
            if not readable and not writable:
                return
            try:
                if readable:
                    part = self.connection.recv(65536)
                    if not part:
                        break
                    received = self.take_answers(received + part)
                if writable:
                    size = self.connection.send(unsent)
                    self.sent += size / len(self.request)
                    unsent = unsent[size:] or self.request * 8
            except BlockingIOError:
                continue
            except ConnectionError:
                self.reset = True
                break
        self.connection.close()

    def take_answers(self, data):
        while len(data) >= 4 and len(data) >= 4 + (size := struct.unpack(">i", data[:4])[0]):
            if produce_error(data[4:4 + size]) == 0:
                self.stored += 1
            else:
                self.refused += 1
            data = data[4 + size:]
        return data


class Stop(unittest.TestCase):
    def setUp(self):
        self.broker = self.enterContext(Broker(PROGRAM, {"num.network.threads": "2"}))

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.broker.port), timeout=30)
        self.addCleanup(connection.close)
        return connection

    def ask(self, request, connection=None):
        connection = connection or self.connect()
        connection.sendall(request)
        answer = receive(connection)
        self.assertIsNotNone(answer, "closed instead of answered")
        return answer

    def topic(self, name):
        answer = self.ask(create_topic_frame(name))
        self.assertEqual(struct.unpack(">h", answer[14 + len(name):16 + len(name)])[0], 0)

    def records_in(self, topic):
        body = struct.pack(">ii", -1, 1) + string(topic) + struct.pack(">iiq", 1, 0, LATEST)
        answer = self.ask(frame(LIST_OFFSETS, 1, body))
        error, _, offset = struct.unpack(">hqq", answer[-18:])
        self.assertEqual(error, 0)
        return offset

    def stop(self):
        begin = time.monotonic()
        self.assertEqual(self.broker.stop(), 0)
        self.assertLess(time.monotonic() - begin, STOP_MAX)

    def test_every_record_in_the_log_was_answered(self):
        topics = [f"pipeline-{number}".encode() for number in range(4)]
        for topic in topics:
            self.topic(topic)
        before = dict.fromkeys(topics, 0)
        for round_number in range(4):
            pipelines = [Pipeline(self.broker.port, topic) for topic in topics]
            for pipeline in pipelines:
                pipeline.start()
            self.assertTrue(eventually(lambda: all(one.stored > 200 for one in pipelines)))
            self.stop()
            for pipeline in pipelines:
                pipeline.join(30)
                self.assertFalse(pipeline.is_alive())
                self.assertFalse(pipeline.reset, "the connection was reset, not closed in order")
            self.broker.start()
            for topic, pipeline in zip(topics, pipelines):
                stored = self.records_in(topic) - before[topic]
                before[topic] += stored
                self.assertEqual(stored, pipeline.stored, f"round {round_number}: sent {pipeline.sent:.0f}, "
                                 f"answered {pipeline.stored}, refused {pipeline.refused}")

    def test_parked_requests_are_answered(self):
        self.topic(b"parked")
        fetcher = self.connect()
        fetcher.sendall(fetch_frame(b"parked", wait_ms=60_000))
        # A second member holds the first one's rebalance open.
        self.assertTrue(eventually(lambda: self.ask(find_coordinator_frame(b"group"))[4:6] == b"\0\0"))
        first, second = self.connect(), self.connect()
        self.assertTrue(eventually(lambda: Joined(self.ask(join_frame(b"group"), first)).error == 0))
        second.sendall(join_frame(b"group"))
        self.assertTrue(eventually(lambda: self.waits("JoinGroup") and self.waits("Fetch by")))
        self.stop()
        self.assertIsNotNone(receive(fetcher))
        self.assertEqual(Joined(receive(second)).error, 16)  # NOT_COORDINATOR
        for connection in (fetcher, first, second):
            self.assertIsNone(receive(connection))

    def waits(self, what):
        """The broker tells by SIGUSR1 of what waits."""
        seen = len(self.broker.output())
        self.broker.process.send_signal(signal.SIGUSR1)
        return eventually(lambda: what in self.broker.output()[seen:], 1.0)

    def test_clients_that_take_nothing_do_not_hold_it_up(self):
        self.topic(b"large")
        for _ in range(8):
            self.assertEqual(produce_error(self.ask(produce_frame(b"large", batch(payload=record(bytes(MIB // 2)))))), 0)
        for _ in range(10):
            self.connect().sendall(fetch_frame(b"large", wait_ms=0) * 50)
        for _ in range(100):
            self.connect()  # idle, and never closed
        self.stop()


if __name__ == "__main__":
    position = sys.argv.index("--broker")
    PROGRAM = sys.argv[position + 1]
    del sys.argv[position:position + 2]
    unittest.main(verbosity=2)
