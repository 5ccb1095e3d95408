#!/usr/bin/env python3
"""One format on disk, two brokers.

Kafka's DumpLogSegments reads every file that our broker wrote; a log dir that Kafka wrote opens in
our broker, which serves the same records at the same offsets.

    dump_log_test.py --broker PROGRAM [unittest arguments]
"""

import re
import shutil
import sys
import unittest

from tools import Tools

from broker import Broker, eventually, is_oracle

PROGRAM = ""
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
RECORDS = 40  # of each codec


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tools = Tools()

    @classmethod
    def tearDownClass(cls):
        cls.tools.close()

    def ok(self, broker, name, *arguments, stdin=""):
        status, output = self.tools.run(name, "--bootstrap-server", broker.bootstrap, *arguments,
                                        stdin=stdin)
        self.assertEqual(status, 0, output)
        return output

    def fill(self, broker):
        """The same keyed records in every codec, by an idempotent producer; small segments."""
        self.ok(broker, "topics", "--create", "--topic", "files", "--partitions", 1,
                "--config", "segment.bytes=1048576")
        for codec in CODECS:
            lines = "".join(f"{codec}-{i}\tvalue {i} of {codec} {'x' * 60_000}\n"
                            for i in range(RECORDS))
            self.ok(broker, "console-producer", "--topic", "files", "--compression-codec", codec,
                    "--reader-property", "parse.key=true",
                    "--command-property", "enable.idempotence=true", stdin=lines)

    def read(self, broker):
        """Every record as offset, time, key, value, as Kafka's console consumer sees it."""
        properties = [word for what in ("offset", "timestamp", "key")
                      for word in ("--formatter-property", f"print.{what}=true")]
        output = self.ok(broker, "console-consumer", "--topic", "files", "--partition", 0,
                         "--offset", "earliest", "--max-messages", RECORDS * len(CODECS),
                         "--timeout-ms", 20000, *properties)
        return [line for line in output.splitlines() if "Offset:" in line]

    def assert_all_there(self, records):
        keys = [re.search(r"\t(\w+-\d+)\t", line)[1] for line in records]
        self.assertEqual(keys, [f"{codec}-{i}" for codec in CODECS for i in range(RECORDS)])

    def dump(self, *arguments):
        status, output = self.tools.run("dump-log", *arguments)
        self.assertEqual(status, 0, output)
        for word in ("Found timestamp mismatch", "Index position", "do not match", "Exception",
                     "Mismatches in", "Skipping"):
            self.assertNotIn(word, output)
        return output

    def test_kafka_reads_every_file_of_the_broker(self):
        with Broker(PROGRAM) as broker:
            self.fill(broker)
            self.assert_all_there(self.read(broker))
            broker.stop()
            folder = broker.data / "files-0"
            segments = sorted(folder.glob("*.log"))
            self.assertGreater(len(segments), 1)
            text = "".join(self.dump("--deep-iteration", "--print-data-log", "--files", segment)
                           for segment in segments)
            self.assertEqual([int(found) for found in re.findall(r"^\| offset: (\d+)", text, re.M)],
                             list(range(RECORDS * len(CODECS))))
            self.assertNotIn("isvalid: false", text)
            for codec in CODECS:
                self.assertIn(f"compresscodec: {codec}", text)
            self.assertRegex(text, r"producerId: \d+ producerEpoch: 0")
            for kind in ("index", "timeindex", "snapshot"):
                files = sorted(folder.glob(f"*.{kind}"))
                self.assertTrue(files, f"no .{kind} file")
                for file in files:
                    if file.stat().st_size > 0:
                        self.dump("--files", file)
            # The dump of an index compares it with its segment.
            self.dump("--index-sanity-check", "--files", sorted(folder.glob("*.index"))[0])
            for name in ("partition.metadata", "leader-epoch-checkpoint"):
                self.assertTrue((folder / name).exists(), name)
            self.assertTrue((broker.data / "meta.properties").exists())

    @unittest.skipIf(is_oracle(), "needs both brokers")
    def test_log_dir_of_kafka_opens_in_the_broker(self):
        for unclean in (False, True):
            with self.subTest(unclean=unclean):
                with Broker(PROGRAM, oracle=True) as kafka:
                    self.fill(kafka)
                    expected = self.read(kafka)
                    kafka.process.kill() if unclean else kafka.stop()
                    kafka.process.wait()
                    ours = Broker(PROGRAM)
                    ours.data.mkdir()
                    for name in ("files-0", "meta.properties", "recovery-point-offset-checkpoint",
                                 "log-start-offset-checkpoint", "replication-offset-checkpoint",
                                 ".kafka_cleanshutdown"):
                        source = kafka.data / name
                        if source.is_dir():
                            shutil.copytree(source, ours.data / name)
                        elif source.exists():
                            shutil.copy2(source, ours.data / name)
                self.assert_all_there(expected)
                with ours:
                    self.assertTrue(eventually(
                        lambda: "files" in self.ok(ours, "topics", "--list").split()))
                    self.assertEqual(self.read(ours), expected)


if __name__ == "__main__":
    position = sys.argv.index("--broker")
    PROGRAM = sys.argv[position + 1]
    del sys.argv[position:position + 2]
    unittest.main(verbosity=2)
