#!/usr/bin/env python3
"""Disks that fail: a full one, and one that cannot flush. What was acknowledged stays, what was not
is never half there, the client is told, and the other log dir goes on.

    disk_test.py --broker PROGRAM [unittest arguments]

Needs root (a tmpfs of its own), kcat and strace; without them it is skipped.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from broker import CANNOT_RUN, Broker, eventually  # noqa: E402

PROGRAM = ""
CHUNK_RECORDS = 500
RECORD_BYTES = 1000


def kcat(broker, *arguments, stdin="", check=False):
    command = ["kcat", "-b", broker.bootstrap, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=check)


def produce(broker, topic, lines):
    """True when the broker has acknowledged every line."""
    done = kcat(broker, "-P", "-t", topic, "-X", "acks=all", "-X", "message.timeout.ms=4000", "-X", "retries=0",
                stdin="".join(line + "\n" for line in lines))
    return done.returncode == 0 and "Delivery failed" not in done.stderr


def consume(broker, topic):
    return kcat(broker, "-C", "-t", topic, "-e", "-q", "-o", "beginning", check=True).stdout.splitlines()


def chunk(number):
    return [f"{number}.{i}:".ljust(RECORD_BYTES, "x") for i in range(CHUNK_RECORDS)]


class TwoDirs(unittest.TestCase):
    """A broker with two log dirs, and a topic in each."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mamba-disk-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.first = self.folder / "first"
        self.second = self.folder / "second"
        self.first.mkdir()
        self.second.mkdir()

    def start(self):
        # The metadata lies in the first log dir: the one that fails here is the second.
        broker = Broker(PROGRAM, {"log.dirs": f"{self.first},{self.second}", "auto.create.topics.enable": "true"})
        broker.__enter__()
        self.addCleanup(broker.__exit__)
        self.topics = {}
        for name in ("one", "two"):
            self.assertTrue(produce(broker, name, ["hello"]))
            for folder in (self.first, self.second):
                if (folder / f"{name}-0").exists():
                    self.topics[folder] = name
        self.assertEqual(len(self.topics), 2, "the topics are not spread over the dirs")
        return broker

    def assert_holds(self, broker, topic, acknowledged):
        """All acknowledged lines in their order, nothing twice, nothing torn."""
        lines = consume(broker, topic)
        self.assertEqual(len(lines), len(set(lines)))
        places = {line: place for place, line in enumerate(lines)}
        self.assertTrue(all(line in places for line in acknowledged), "an acknowledged record is missing")
        order = [places[line] for line in acknowledged]
        self.assertEqual(order, sorted(order))
        self.assertTrue(all(line == "hello" or len(line) == RECORD_BYTES for line in lines), "a torn record")


class FullDisk(TwoDirs):
    def setUp(self):
        super().setUp()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", self.second], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.second], check=False)

    def fill(self, broker):
        topic = self.topics[self.second]
        acknowledged = ["hello"]
        for number in range(100):
            if not produce(broker, topic, chunk(number)):
                return acknowledged
            acknowledged += chunk(number)
        self.fail("the disk does not fill up")

    def test_goes_on_when_space_is_back(self):
        broker = self.start()
        full, other = self.topics[self.second], self.topics[self.first]
        acknowledged = self.fill(broker)
        self.assertGreater(len(acknowledged), 5 * CHUNK_RECORDS)
        self.assertIn("append failed", broker.output())
        self.assert_holds(broker, full, acknowledged)
        self.assertTrue(produce(broker, other, ["still here"]), "the other log dir stands still")
        subprocess.run(["mount", "-o", "remount,size=64m", self.second], check=True)
        self.assertTrue(eventually(lambda: produce(broker, full, chunk(1000))))
        self.assert_holds(broker, full, acknowledged + chunk(1000))

    def test_killed_while_full(self):
        broker = self.start()
        full = self.topics[self.second]
        acknowledged = self.fill(broker)
        broker.process.kill()
        broker.process.wait()
        broker.start()
        self.assert_holds(broker, full, acknowledged)
        broker.process.kill()
        broker.process.wait()
        subprocess.run(["mount", "-o", "remount,size=64m", self.second], check=True)
        broker.start()
        self.assertTrue(produce(broker, full, chunk(1000)))
        self.assert_holds(broker, full, acknowledged + chunk(1000))


class FailedFlush(TwoDirs):
    def test_takes_its_dir_offline_and_acknowledges_nothing(self):
        broker = self.start()
        failing, other = self.topics[self.second], self.topics[self.first]
        acknowledged = ["hello"] + chunk(0)
        self.assertTrue(produce(broker, failing, chunk(0)))
        strace = subprocess.Popen(
            ["strace", "-f", "-qq", "-e", "trace=fdatasync,syncfs", "-e", "inject=fdatasync,syncfs:error=EIO:when=1",
             "-p", str(broker.process.pid)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            status = pathlib.Path(f"/proc/{broker.process.pid}/status")
            self.assertTrue(eventually(lambda: f"TracerPid:\t{strace.pid}" in status.read_text()))
            self.assertFalse(produce(broker, failing, chunk(1)), "acknowledged without a flush")
        finally:
            strace.terminate()
            strace.wait()
        self.assertIn("goes offline", broker.output())
        # A failed flush is never repeated: the dir stays offline although the disk is well again.
        self.assertFalse(produce(broker, failing, chunk(2)))
        self.assertTrue(produce(broker, other, ["still here"]), "the other log dir stands still")
        broker.process.kill()
        broker.process.wait()
        broker.start()
        self.assert_holds(broker, failing, acknowledged)
        self.assertTrue(produce(broker, failing, chunk(3)))


if __name__ == "__main__":
    if os.geteuid() != 0 or not shutil.which("kcat") or not shutil.which("strace"):
        print("SKIPPED (needs root, kcat and strace)")
        sys.exit(CANNOT_RUN)
    PROGRAM = sys.argv[sys.argv.index("--broker") + 1]
    del sys.argv[sys.argv.index("--broker"):sys.argv.index("--broker") + 2]
    unittest.main()
