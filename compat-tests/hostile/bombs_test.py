#!/usr/bin/env python3
"""Decompression bombs: refused at the limit of what one batch may hold, 64 MiB with the default
max.message.bytes, and the broker's memory never peaks by more than that and 16 MiB.

    bombs_test.py --broker PROGRAM [unittest arguments]
"""

import pathlib
import socket
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from broker import Broker, is_oracle  # noqa: E402
from bombs import CODECS, snappy, snappy_block, zstd  # noqa: E402
from wire import (LIST_OFFSETS, MIB, batch, create_topic_frame, frame, produce_error,  # noqa: E402
                  produce_frame, receive, string, varint)

PROGRAM = ""
LIMIT = 64 * MIB
SLACK = 16 * MIB
MESSAGE_TOO_LARGE, INVALID_RECORD = 10, 87
# As far as each format goes in a batch that max.message.bytes lets through.
BOMB_BYTES = {"gzip": 256 * MIB, "lz4": 160 * MIB, "zstd": 1024 * MIB}


def record_of_zeros(size):
    """(what precedes the zeros, how many) of a record whose value and header count are zeros."""
    body = b"\0\0\0\x01" + varint(size)
    return varint(len(body) + size + 1) + body, size + 1


def packed_batch(codec, size):
    number, pack = CODECS[codec]
    return batch(payload=pack(*record_of_zeros(size)), codec=number)


class Bombs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker(PROGRAM, {"num.network.threads": "2"})
        cls.broker.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.broker.__exit__()

    def setUp(self):
        self.connection = self.connect()

    def tearDown(self):
        self.assertTrue(self.broker.running(), "the broker ended")
        self.assertTrue(self.broker.serves(10), "another client is not served")

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.broker.port), timeout=60)
        self.addCleanup(connection.close)
        return connection

    def ask(self, request):
        self.connection.sendall(request)
        answer = receive(self.connection)
        self.assertIsNotNone(answer, "closed instead of answered")
        return answer

    def topic(self, compression):
        name = f"{self.id().rpartition('.')[2]}-{compression}".encode()
        answer = self.ask(create_topic_frame(name, [(b"compression.type", compression.encode())]))
        self.assertEqual(struct.unpack(">h", answer[14 + len(name):16 + len(name)])[0], 0)
        return name

    def produce(self, topic, data):
        return produce_error(self.ask(produce_frame(topic, data)))

    def status(self, field):
        lines = pathlib.Path(f"/proc/{self.broker.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024

    def begin_peak(self):
        pathlib.Path(f"/proc/{self.broker.process.pid}/clear_refs").write_text("5")  # forgets the peak
        self.before = self.status("VmRSS")

    def assert_peak_below(self, limit):
        if not is_oracle():  # the memory of a garbage collector says nothing
            grown = self.status("VmHWM") - self.before
            self.assertLess(grown, limit, f"resident memory peaked {grown // MIB} MiB higher")

    @unittest.skipIf(is_oracle(), "Kafka has no limit on what a batch decompresses to")
    def test_bombs_are_refused_where_the_topic_has_another_codec(self):
        for compression in ("uncompressed", "snappy"):
            topic = self.topic(compression)
            for codec, size in BOMB_BYTES.items():
                with self.subTest(f"{codec} to {compression}"):
                    bomb = packed_batch(codec, size)
                    self.begin_peak()
                    self.assertEqual(self.produce(topic, bomb), MESSAGE_TOO_LARGE)
                    self.assert_peak_below(LIMIT + SLACK)

    @unittest.skipIf(is_oracle(), "Kafka has no limit on what a batch decompresses to")
    def test_many_bombs_at_once_cost_one_limit_each_thread(self):
        topic = self.topic("uncompressed")
        request = produce_frame(topic, packed_batch("zstd", BOMB_BYTES["zstd"]))
        connections = [self.connect() for _ in range(16)]
        self.begin_peak()
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            self.assertEqual(produce_error(receive(connection)), MESSAGE_TOO_LARGE)
        self.assert_peak_below(2 * (LIMIT + SLACK))

    @unittest.skipIf(is_oracle(), "Kafka looks into every batch")
    def test_bombs_to_a_plain_topic_stay_packed(self):
        topic = self.topic("producer")
        bombs = [packed_batch(codec, size) for codec, size in BOMB_BYTES.items()]
        self.begin_peak()
        for bomb in bombs:
            self.assertEqual(self.produce(topic, bomb), 0)
        self.assert_peak_below(SLACK)
        # Only looking for a time goes into them, with the same limit; another thread each time.
        for time in (0, 1, 2):
            body = struct.pack(">ii", -1, 1) + string(topic) + struct.pack(">iiq", 1, 0, time)
            self.ask(frame(LIST_OFFSETS, 1, body))
        self.assert_peak_below(LIMIT + SLACK)

    def test_what_stays_below_the_limit_is_accepted(self):
        topic = self.topic("gzip")
        for codec in ("snappy", "lz4", "zstd"):
            with self.subTest(codec):
                self.begin_peak()
                self.assertEqual(self.produce(topic, packed_batch(codec, 20 * MIB)), 0)
                self.assert_peak_below(LIMIT + SLACK)

    def test_a_batch_that_outgrows_the_topic_is_refused(self):
        topic = self.topic("uncompressed")
        for codec in CODECS:
            with self.subTest(codec):
                self.assertEqual(self.produce(topic, packed_batch(codec, 20 * MIB)), MESSAGE_TOO_LARGE)

    def test_claimed_sizes_cost_no_memory(self):
        # A few bytes that claim to be 4 GiB: not believed, and never allocated.
        topic = self.topic("uncompressed")
        prefix, zeros = record_of_zeros(100)
        for what, codec, payload in (
                ("snappy", 2, snappy_block(prefix, zeros, claimed=2 ** 32 - 1)),
                ("snappy in Java's frame", 2, snappy(prefix, zeros, claimed=2 ** 32 - 1)),
                ("snappy, 2 GiB", 2, snappy(prefix, zeros, claimed=2 ** 31 - 1)),
                ("zstd", 4, zstd(prefix, zeros, claimed=2 ** 32))):
            with self.subTest(what):
                self.begin_peak()
                error = self.produce(topic, batch(payload=payload, codec=codec))
                if is_oracle():
                    self.assertNotEqual(error, 0)
                else:
                    self.assertIn(error, (MESSAGE_TOO_LARGE, INVALID_RECORD))
                self.assert_peak_below(SLACK)


if __name__ == "__main__":
    position = sys.argv.index("--broker")
    PROGRAM = sys.argv[position + 1]
    del sys.argv[position:position + 2]
    unittest.main(verbosity=2)
