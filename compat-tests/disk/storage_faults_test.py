#!/usr/bin/env python3
"""Disks that fill up or fail, and crashes in the middle of storage calls: what was acknowledged is
there after a restart, what was not is never half there, and the other log dir serves on.

    storage_faults_test.py --broker PROGRAM [unittest arguments]

Needs root, mount and strace.
"""

import functools
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "harness"), str(HERE.parent / "hostile")]
from broker import CANNOT_RUN, Broker, eventually, is_oracle  # noqa: E402
from wire import batch, frame, produce_error, produce_frame, record, string  # noqa: E402

PROGRAM = ""
MIB = 1024 * 1024
FETCH, OFFSET_COMMIT, OFFSET_FETCH, FIND_COORDINATOR = 1, 8, 9, 10
CREATE_TOPICS, DELETE_TOPICS, DELETE_RECORDS, DESCRIBE_LOG_DIRS = 19, 20, 21, 35
KAFKA_STORAGE_ERROR = 56
BATCH_HEADER = 61
FLUSH_SETTING = "log.flush.on.acks.all"


@functools.cache
def batch_of(number, size=100):
    """A batch of one record, whose value is `number`, then filling."""
    return batch(payload=record(f"{number:08d}".encode() + b"x" * (size - 8)))


class Reader:
    """Takes an answer apart, one field after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        values = struct.unpack_from(">" + layout, self.data, self.at)
        self.at += struct.calcsize(">" + layout)
        return values[0] if len(values) == 1 else values

    def raw(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def string(self):
        return self.raw(self.take("h")).decode()


class Client:
    """One connection; a request at a time."""

    def __init__(self, broker):
        self.connection = socket.create_connection(("127.0.0.1", broker.port), timeout=10)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.connection.close()

    def ask(self, request):
        """The answer after its length; ConnectionError when the broker is gone."""
        self.connection.sendall(request)
        data = b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">i", data[:4])[0]:
            part = self.connection.recv(1 << 20)
            if not part:
                raise ConnectionError("closed")
            data += part
        return data[4:]

    def create_topic(self, name, partitions=1):
        body = struct.pack(">i", 1) + string(name.encode()) + struct.pack(">ihii", partitions, 1, 0, 0)
        answer = Reader(self.ask(frame(CREATE_TOPICS, 2, body + struct.pack(">ib", 5000, 0))))
        answer.take("iii")
        answer.string()
        return answer.take("h")

    def delete_topic(self, name):
        body = struct.pack(">i", 1) + string(name.encode()) + struct.pack(">i", 5000)
        answer = Reader(self.ask(frame(DELETE_TOPICS, 1, body)))
        answer.take("iii")
        answer.string()
        return answer.take("h")

    def delete_records(self, topic, before):
        body = struct.pack(">i", 1) + string(topic.encode()) + struct.pack(">iiqi", 1, 0, before, 5000)
        answer = Reader(self.ask(frame(DELETE_RECORDS, 1, body)))
        answer.take("ii")
        answer.take("i")
        answer.string()
        return answer.take("iiqh")[3]

    def produce(self, topic, number, size=100):
        """The error code for a batch of one record."""
        return produce_error(self.ask(produce_frame(topic.encode(), batch_of(number, size))))

    def commit(self, group, topic, offset):
        self.ask(frame(FIND_COORDINATOR, 1, string(group.encode()) + b"\0"))
        body = string(group.encode()) + struct.pack(">i", -1) + string(b"") + struct.pack(">qi", -1, 1)
        body += string(topic.encode()) + struct.pack(">iiq", 1, 0, offset) + string(b"")
        answer = Reader(self.ask(frame(OFFSET_COMMIT, 2, body)))
        answer.take("ii")
        answer.string()
        return answer.take("iih")[2]

    def committed(self, group, topic):
        """The committed offset, -1 when there is none."""
        self.ask(frame(FIND_COORDINATOR, 1, string(group.encode()) + b"\0"))
        body = string(group.encode()) + struct.pack(">i", 1) + string(topic.encode())
        answer = Reader(self.ask(frame(OFFSET_FETCH, 1, body + struct.pack(">ii", 1, 0))))
        answer.take("ii")
        answer.string()
        return answer.take("iiq")[2]

    def log_dirs(self):
        """The error code of each log dir."""
        answer = Reader(self.ask(frame(DESCRIBE_LOG_DIRS, 1, struct.pack(">i", -1))))
        answer.take("ii")
        found = {}
        for _ in range(answer.take("i")):
            error = answer.take("h")
            found[answer.string()] = error
            for _ in range(answer.take("i")):
                answer.string()
                for _ in range(answer.take("i")):
                    answer.take("iqqb")
        return found

    def fetch(self, topic, offset):
        """(error, records' bytes) from `offset` on."""
        body = struct.pack(">iiiibi", -1, 0, 1, 8 * MIB, 0, 1) + string(topic.encode())
        body += struct.pack(">iiqi", 1, 0, offset, 8 * MIB)
        answer = Reader(self.ask(frame(FETCH, 4, body)))
        answer.take("iii")
        answer.string()
        _, _, error, _, _ = answer.take("iihqq")
        answer.raw(max(0, answer.take("i")) * 16)
        return error, answer.raw(max(0, answer.take("i")))

    def read_all(self, topic):
        """The numbers of all records; fails on anything that is not a whole, sound batch."""
        numbers, offset = [], 0
        while True:
            error, data = self.fetch(topic, offset)
            assert error == 0, f"fetch of {topic} at {offset}: error {error}"
            if not data:
                return numbers
            before = offset
            while len(data) >= 12:
                base, length = struct.unpack(">qi", data[:12])
                if len(data) < 12 + length:
                    break  # cut by the limit of the answer
                assert base == offset, f"{topic}: offset {base} where {offset} comes next"
                value = data[BATCH_HEADER:12 + length]
                at = value.index(b"x") - 8
                number = int(value[at:at + 8])
                size = len(value) - at - 1
                assert batch_of(number, size)[17:] == data[17:12 + length], f"record {number} is torn"
                numbers.append(number)
                offset, data = base + 1, data[12 + length:]
            assert offset > before, f"{topic}: half a batch is served at {offset}"


def inject(what, *paths):
    """The strace command line that makes calls fail; the tracer is no parent of the broker."""
    command = ["strace", "-f", "-qq", "-o", "/dev/null"]
    for path in paths:
        command += ["-P", str(path)]
    return command + ["-e", "trace=" + what.partition(":")[0], "-e", "inject=" + what]


class Fault:
    """Makes storage calls of a running broker fail, as long as it is open."""

    def __init__(self, broker, what, *paths):
        self.strace = subprocess.Popen(inject(what, *paths) + ["-p", str(broker.process.pid)],
                                       stderr=subprocess.DEVNULL)
        tasks = pathlib.Path(f"/proc/{broker.process.pid}/task")

        def traced():
            return all("TracerPid:\t0\n" not in (task / "status").read_text()
                       for task in tasks.iterdir())

        assert eventually(traced), "strace does not attach"

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.strace.terminate()
        self.strace.wait()


class Disk(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="mamba-disk-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.small, self.large = self.root / "small", self.root / "large"
        self.small.mkdir()
        self.large.mkdir()

    def start(self, settings=None, launcher=(), dirs=None):
        broker = Broker(PROGRAM, settings, dirs or [self.small, self.large])
        broker.launcher = list(launcher)
        self.addCleanup(broker.__exit__)
        broker.start()
        return broker

    def topics(self, client):
        """A topic in each of the two log dirs: (in small, in large)."""
        self.assertEqual([client.create_topic(name) for name in ("one", "two")], [0, 0])
        one = eventually(lambda: [d for d in (self.small, self.large) if (d / "one-0").is_dir()])
        return ("one", "two") if one[0] == self.small else ("two", "one")

    def crash(self, broker):
        broker.process.kill()
        broker.process.wait()

    def assert_kept(self, found, acknowledged, attempted):
        """All that was acknowledged is there, nothing twice, in order, and nothing made up."""
        self.assertEqual(found, sorted(set(found)))
        self.assertEqual(set(acknowledged) - set(found), set(), "acknowledged records are lost")
        self.assertLessEqual(set(found), set(attempted))

    def fill(self, client, topic, first, size):
        """Produces until an error; (acknowledged numbers, the error)."""
        for number in range(first, first + 100000):
            error = client.produce(topic, number, size)
            if error:
                return list(range(first, number)), error
        self.fail("the disk does not fill up")

    def test_full_disk_refuses_serves_on_and_recovers(self):
        size = 96 * 1024
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", self.small], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.small])
        broker = self.start({"log.segment.bytes": str(4 * MIB), "log.index.size.max.bytes": "65536"})
        with Client(broker) as client:
            on_small, on_large = self.topics(client)
            kept, error = self.fill(client, on_small, 0, size)
            self.assertEqual(error, KAFKA_STORAGE_ERROR)
            self.assertEqual(client.read_all(on_small), kept)
            self.assertEqual(client.produce(on_large, 1), 0)
            self.assertEqual(client.read_all(on_large), [1])
            subprocess.run(["mount", "-o", "remount,size=48m", self.small], check=True)
            first = kept[-1] + 2
            more, error = self.fill(client, on_small, first, size)
            self.assertGreater(len(more), 10, "more space, and no use of it")
            kept += more
            self.assertEqual(client.read_all(on_small), kept)
        self.crash(broker)
        broker.start()
        with Client(broker) as client:
            self.assert_kept(client.read_all(on_small), kept, range(first + 100000))
            self.assertEqual(client.read_all(on_large), [1])
            self.assertEqual(client.produce(on_large, 2), 0)

    def test_a_failing_flush_takes_its_log_dir_offline_and_acknowledges_nothing(self):
        broker = self.start({FLUSH_SETTING: "true"})
        with Client(broker) as client:
            on_small, on_large = self.topics(client)
            self.assertEqual([client.produce(on_small, n) for n in range(20)], [0] * 20)
            file = self.small / f"{on_small}-0" / f"{0:020}.log"
            with Fault(broker, "fdatasync,fsync,syncfs:error=EIO", file):
                self.assertEqual(client.produce(on_small, 20), KAFKA_STORAGE_ERROR)
                self.assertEqual(client.produce(on_small, 21), KAFKA_STORAGE_ERROR)
            self.assertEqual(client.produce(on_small, 22), KAFKA_STORAGE_ERROR)
            self.assertEqual(client.log_dirs(), {str(self.small): KAFKA_STORAGE_ERROR, str(self.large): 0})
            self.assertEqual([client.produce(on_large, n) for n in range(5)], [0] * 5)
        self.crash(broker)
        broker.start()
        with Client(broker) as client:
            self.assert_kept(client.read_all(on_small), range(20), range(21))
            self.assertEqual(client.read_all(on_large), list(range(5)))
            self.assertEqual(client.produce(on_small, 23), 0)

    def test_a_write_that_fails_takes_its_log_dir_offline(self):
        broker = self.start()
        with Client(broker) as client:
            on_small, on_large = self.topics(client)
            file = self.small / f"{on_small}-0" / f"{0:020}.log"
            kept = [n for n in range(3) if client.produce(on_small, n) == 0]
            with Fault(broker, "pwritev,pwrite64,write,writev:error=EIO:when=1", file):
                self.assertEqual(client.produce(on_small, 10), KAFKA_STORAGE_ERROR)
            # The disk would take writes again, but is no longer trusted.
            self.assertTrue(eventually(lambda: client.log_dirs()[str(self.small)] == KAFKA_STORAGE_ERROR))
            self.assertEqual(client.produce(on_small, 11), KAFKA_STORAGE_ERROR)
            self.assertEqual([client.produce(on_large, n) for n in range(5)], [0] * 5)
            self.assertEqual(client.read_all(on_large), list(range(5)))
        self.crash(broker)
        broker.start()
        with Client(broker) as client:
            self.assert_kept(client.read_all(on_small), kept, range(11))
            self.assertEqual(client.produce(on_small, 12), 0)

    def test_a_full_disk_is_told_and_leaves_no_half_batch(self):
        broker = self.start()
        with Client(broker) as client:
            on_small, _ = self.topics(client)
            kept, number = [], 0
            file = self.small / f"{on_small}-0" / f"{0:020}.log"
            for nth in (1, 2, 5):
                with Fault(broker, f"pwritev,pwrite64,write,writev:error=ENOSPC:when={nth}", file):
                    errors = []
                    for _ in range(nth * 2 + 1):
                        errors.append(client.produce(on_small, number))
                        if errors[-1] == 0:
                            kept.append(number)
                        number += 1
                self.assertIn(KAFKA_STORAGE_ERROR, errors, f"a full disk at write {nth} is not told")
                self.assertLessEqual(set(errors), {0, KAFKA_STORAGE_ERROR})
                self.assertEqual(client.read_all(on_small), kept)
        self.crash(broker)
        broker.start()
        with Client(broker) as client:
            self.assert_kept(client.read_all(on_small), kept, range(number))

    def test_damage_in_flushed_records_stays_uncut_over_restarts(self):
        broker = self.start()
        with Client(broker) as client:
            topic, _ = self.topics(client)
            self.assertEqual([client.produce(topic, n) for n in range(20)], [0] * 20)
        checkpoint = self.small / "recovery-point-offset-checkpoint"
        self.crash(broker)
        broker.start()  # stores how far recovery has flushed, without waiting for the interval
        self.assertTrue(eventually(
            lambda: checkpoint.exists() and f"{topic} 0 20\n" in checkpoint.read_text(), 5))
        self.crash(broker)
        file = self.small / f"{topic}-0" / f"{0:020}.log"
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        for _ in range(3):
            before = checkpoint.stat().st_ino
            broker.start()
            self.assertTrue(eventually(lambda: checkpoint.stat().st_ino != before, 5))
            with Client(broker) as client:
                self.assertNotEqual(client.produce(topic, 20), 0)
            self.crash(broker)
            self.assertEqual(file.read_bytes(), bytes(data))

    def test_a_missing_segment_takes_its_partition_offline_and_no_other(self):
        # D11: what is behind the hole is not served as if nothing were missing.
        broker = self.start({"log.segment.bytes": str(MIB)})
        with Client(broker) as client:
            topic, other = self.topics(client)
            self.assertEqual([client.produce(topic, number, 700_000) for number in range(4)], [0] * 4)
            self.assertEqual(client.produce(other, 0), 0)
        self.assertEqual(broker.stop(), 0)
        segments = sorted((self.small / f"{topic}-0").glob("*.log"))
        self.assertEqual(len(segments), 4)
        for file in segments[1].parent.glob(segments[1].stem + ".*"):
            file.unlink()
        for _ in range(2):  # after a clean stop, and after a crash
            broker.start()
            with Client(broker) as client:
                self.assertEqual(client.produce(topic, 4), KAFKA_STORAGE_ERROR)
                self.assertEqual(client.produce(other, 1), 0)
            self.assertIn("are missing, between two segments", broker.output())
            self.crash(broker)

    def test_a_topic_created_anew_does_not_begin_where_the_deleted_one_did(self):
        broker = self.start()
        with Client(broker) as client:
            topic, _ = self.topics(client)
            self.assertEqual([client.produce(topic, n) for n in range(20)], [0] * 20)
            self.assertEqual(client.delete_records(topic, 15), 0)
        self.crash(broker)
        broker.start()
        for _ in range(2):
            with Client(broker) as client:
                self.assertEqual(client.delete_topic(topic), 0)
                self.assertEqual(client.create_topic(topic), 0)
                self.assertEqual([client.produce(topic, n) for n in range(5)], [0] * 5)
                self.assertEqual(client.read_all(topic), list(range(5)))
            self.crash(broker)
            broker.start()
            with Client(broker) as client:
                self.assertEqual(client.read_all(topic), list(range(5)))

    def script(self, broker, done):
        """Produces, commits and deletes until the broker is gone; notes in `done` what it said."""
        with Client(broker) as client:
            for name in ("kept", "gone"):
                if client.create_topic(name) == 0:
                    done["created"].add(name)
            for number in range(40):
                done["attempted"] = number
                if client.produce("kept", number, 40000) == 0:
                    done["acknowledged"].append(number)
                client.produce("gone", number)
                if number % 10 == 9 and client.commit("group", "kept", number) == 0:
                    done["committed"] = number
            client.delete_topic("gone")

    def test_a_crash_at_any_storage_call_loses_nothing_acknowledged(self):
        settings = {"log.segment.bytes": str(MIB), FLUSH_SETTING: "true",
                    "log.index.size.max.bytes": "4096"}
        # Counted in each thread; the first calls are the start's own.
        points = [("pwritev,pwrite64", n) for n in (1, 17, 50, 60, 70, 90, 120)]
        points += [("fdatasync,fsync,syncfs", n) for n in (1, 9, 16, 20, 25, 35, 45)]
        points += [("rename,renameat,renameat2", n) for n in (1, 2, 3)] + [("unlink,unlinkat", 1)]
        died = 0
        for calls, nth in points:
            with self.subTest(calls=calls, nth=nth):
                died += self.crash_at(settings, calls, nth)
        self.assertGreater(died, len(points) // 2, "too few of the crashes happened")

    def crash_at(self, settings, calls, nth):
        data = self.root / f"crash-{calls.partition(',')[0]}-{nth}"
        broker = Broker(PROGRAM, settings, [data])
        broker.launcher = inject(f"{calls}:signal=SIGKILL:when={nth}") + ["-D"]
        done = {"created": set(), "acknowledged": [], "attempted": -1, "committed": None}
        try:
            try:
                broker.start()
                self.script(broker, done)
            except (OSError, RuntimeError):
                pass  # the point of it
            died = eventually(lambda: not broker.running(), 0.2)
            self.crash(broker)
            broker.launcher = []
            broker.start()
            with Client(broker) as client:
                if "kept" in done["created"]:
                    self.assert_kept(client.read_all("kept"), done["acknowledged"],
                                     range(done["attempted"] + 1))
                    self.assertEqual(client.produce("kept", 50), 0)
                if done["committed"] is not None:
                    self.assertGreaterEqual(client.committed("group", "kept"), done["committed"])
            # A checkpoint that is being written this moment is no stray.
            self.assertTrue(eventually(lambda: not any(f.suffix in (".tmp", ".swap")
                                                       for f in data.rglob("*")), 5))
            return died
        finally:
            broker.__exit__()


if __name__ == "__main__":
    at = sys.argv.index("--broker")
    PROGRAM = sys.argv[at + 1]
    del sys.argv[at:at + 2]
    if is_oracle() or os.geteuid() != 0 or not all(map(shutil.which, ("mount", "strace"))):
        print("needs root, mount and strace, and our broker: skipped")
        sys.exit(CANNOT_RUN)
    unittest.main()
