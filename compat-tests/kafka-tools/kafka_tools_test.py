#!/usr/bin/env python3
"""Apache Kafka's own command-line tools, unmodified, against the broker.

    kafka_tools_test.py --broker PROGRAM [unittest arguments]
"""

import itertools
import json
import pathlib
import re
import sys
import unittest

from tools import Tools

from broker import Broker

PROGRAM = ""


class KafkaTools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tools = Tools()
        cls.broker = Broker(PROGRAM)
        cls.broker.__enter__()
        cls.numbers = itertools.count()

    @classmethod
    def tearDownClass(cls):
        cls.broker.__exit__()
        cls.tools.close()

    def run_tool(self, name, *arguments, stdin=""):
        return self.tools.run(name, "--bootstrap-server", self.broker.bootstrap, *arguments,
                              stdin=stdin)

    def ok(self, name, *arguments, stdin=""):
        status, output = self.run_tool(name, *arguments, stdin=stdin)
        self.assertEqual(status, 0, output)
        return output

    def topic(self, partitions=1, *configs):
        name = f"tools-{next(self.numbers)}"
        more = [word for config in configs for word in ("--config", config)]
        self.ok("topics", "--create", "--topic", name, "--partitions", partitions, *more)
        return name

    def produce(self, topic, lines, *arguments):
        return self.ok("console-producer", "--topic", topic, *arguments,
                       stdin="".join(line + "\n" for line in lines))

    def consume(self, topic, count, *arguments):
        output = self.ok("console-consumer", "--topic", topic, "--max-messages", count,
                         "--timeout-ms", 20000, *arguments)
        talk = ("Processed a total", "The consumer rebalance protocol")
        return [line for line in output.splitlines() if not line.startswith(talk)]

    def test_topics(self):
        name = self.topic(3, "retention.ms=1234567")
        self.assertIn(name, self.ok("topics", "--list").split())
        text = self.ok("topics", "--describe", "--topic", name)
        self.assertRegex(text, rf"Topic: {name}\s+TopicId: \S{{22}}\s+PartitionCount: 3")
        self.assertIn("retention.ms=1234567", text)
        self.assertEqual(len(re.findall(r"Leader: 1\s+Replicas: 1\s+Isr: 1", text)), 3)
        status, text = self.run_tool("topics", "--create", "--topic", name)
        self.assertEqual(status, 1)
        self.assertIn("already exists", text)
        self.ok("topics", "--alter", "--topic", name, "--partitions", 5)
        self.assertIn("PartitionCount: 5", self.ok("topics", "--describe", "--topic", name))
        self.ok("topics", "--delete", "--topic", name)
        self.assertNotIn(name, self.ok("topics", "--list").split())

    def test_configs_of_topic(self):
        name = self.topic()
        entity = ("--entity-type", "topics", "--entity-name", name)
        self.ok("configs", *entity, "--alter", "--add-config", "retention.ms=777,segment.bytes=2097152")
        text = self.ok("configs", *entity, "--describe")
        self.assertIn("retention.ms=777", text)
        self.assertIn("segment.bytes=2097152", text)
        self.ok("configs", *entity, "--alter", "--delete-config", "retention.ms")
        self.assertNotIn("retention.ms=777", self.ok("configs", *entity, "--describe"))
        status, text = self.run_tool("configs", *entity, "--alter", "--add-config", "segment.bytes=x")
        self.assertEqual(status, 1, text)

    def test_configs_of_broker(self):
        entity = ("--entity-type", "brokers", "--entity-name", "1")
        self.ok("configs", *entity, "--alter", "--add-config", "message.max.bytes=2000000")
        self.assertIn("message.max.bytes=2000000", self.ok("configs", *entity, "--describe"))
        self.assertIn("offsets.topic.num.partitions=3", self.ok("configs", *entity, "--describe", "--all"))
        self.ok("configs", *entity, "--alter", "--delete-config", "message.max.bytes")
        default = ("--entity-type", "brokers", "--entity-default")
        self.ok("configs", *default, "--alter", "--add-config", "log.retention.ms=86400000")
        self.assertIn("log.retention.ms=86400000", self.ok("configs", *default, "--describe"))
        self.ok("configs", *default, "--alter", "--delete-config", "log.retention.ms")

    def test_configs_of_group(self):
        entity = ("--entity-type", "groups", "--entity-name", "some-group")
        self.ok("configs", *entity, "--alter", "--add-config", "consumer.session.timeout.ms=50000")
        self.assertIn("consumer.session.timeout.ms=50000", self.ok("configs", *entity, "--describe"))

    def test_configs_of_broker_loggers(self):
        entity = ("--entity-type", "broker-loggers", "--entity-name", "1")
        text = self.ok("configs", *entity, "--describe")
        logger = re.search(r"^\s*(\S+)=(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b", text, re.M)
        self.assertIsNotNone(logger, text)
        self.ok("configs", *entity, "--alter", "--add-config", f"{logger[1]}=ERROR")
        self.assertIn(f"{logger[1]}=ERROR", self.ok("configs", *entity, "--describe"))

    def test_console_clients(self):
        name = self.topic()
        self.produce(name, ["h1:a,h2:b\tkey1\tvalue1", "h1:c\tkey2\tvalue2"],
                     "--reader-property", "parse.key=true", "--reader-property", "parse.headers=true")
        lines = self.consume(name, 2, "--from-beginning", "--group", "console-group",
                             "--formatter-property", "print.key=true",
                             "--formatter-property", "print.headers=true",
                             "--formatter-property", "print.offset=true")
        self.assertEqual(lines, ["Offset:0\th1:a,h2:b\tkey1\tvalue1", "Offset:1\th1:c\tkey2\tvalue2"])
        self.produce(name, ["plain"])
        self.assertEqual(self.consume(name, 1, "--group", "console-group"), ["plain"])
        for codec in ("gzip", "snappy", "lz4", "zstd"):
            self.produce(name, [codec], "--compression-codec", codec)
        self.assertEqual(self.consume(name, 4, "--partition", 0, "--offset", 3),
                         ["gzip", "snappy", "lz4", "zstd"])

    def test_consumer_groups(self):
        name = self.topic()
        self.produce(name, [str(number) for number in range(10)])
        self.consume(name, 10, "--from-beginning", "--group", "lag-group")
        self.assertIn("lag-group", self.ok("consumer-groups", "--list").split())
        self.assertRegex(self.ok("consumer-groups", "--list", "--state"), r"lag-group\s+Empty")
        text = self.ok("consumer-groups", "--describe", "--group", "lag-group")
        self.assertRegex(text, rf"lag-group\s+{name}\s+0\s+(\S+\s+)?10\s+10\s+0\b")
        text = self.ok("consumer-groups", "--group", "lag-group", "--topic", name,
                       "--reset-offsets", "--to-offset", 4, "--execute")
        self.assertRegex(text, rf"{name}\s+0\s+4")
        text = self.ok("consumer-groups", "--describe", "--group", "lag-group", "--offsets")
        self.assertRegex(text, rf"lag-group\s+{name}\s+0\s+(\S+\s+)?4\s+10\s+6\b")
        self.assertIn("Empty", self.ok("consumer-groups", "--describe", "--group", "lag-group", "--state"))
        self.ok("consumer-groups", "--delete-offsets", "--group", "lag-group", "--topic", name)
        self.ok("consumer-groups", "--delete", "--group", "lag-group")
        self.assertNotIn("lag-group", self.ok("consumer-groups", "--list").split())

    def test_get_offsets_and_delete_records(self):
        name = self.topic()
        self.produce(name, [str(number) for number in range(10)])
        self.assertIn(f"{name}:0:10", self.ok("get-offsets", "--topic", name))
        file = self.broker.folder / "delete.json"
        file.write_text(json.dumps({"version": 1, "partitions": [
            {"topic": name, "partition": 0, "offset": 4}]}))
        self.assertIn("low_watermark: 4", self.ok("delete-records", "--offset-json-file", file))
        self.assertIn(f"{name}:0:4", self.ok("get-offsets", "--topic", name, "--time", "earliest"))
        self.assertIn(f"{name}:0:10", self.ok("get-offsets", "--topic", name, "--time", "latest"))
        self.assertRegex(self.ok("get-offsets", "--topic", name, "--time", "max-timestamp"),
                         rf"{name}:0:\d")

    def test_log_dirs(self):
        name = self.topic(2)
        self.produce(name, ["x" * 1000])
        text = self.ok("log-dirs", "--describe", "--topic-list", name)
        described = json.loads(next(line for line in text.splitlines() if line.startswith("{")))
        broker = described["brokers"][0]
        self.assertEqual(broker["broker"], 1)
        folder = broker["logDirs"][0]
        self.assertIsNone(folder["error"])
        self.assertEqual(pathlib.Path(folder["logDir"]).resolve(), self.broker.data.resolve())
        sizes = {entry["partition"]: entry["size"] for entry in folder["partitions"]}
        self.assertEqual(set(sizes), {f"{name}-0", f"{name}-1"})
        self.assertGreater(sum(sizes.values()), 1000)

    def test_cluster_and_api_versions(self):
        status, text = self.tools.run("cluster", "cluster-id", "--bootstrap-server", self.broker.bootstrap)
        self.assertEqual(status, 0, text)
        self.assertRegex(text, r"Cluster ID: \S{22}")
        text = self.ok("broker-api-versions")
        self.assertRegex(text, r"127\.0\.0\.1:\d+ \(id: 1 rack: \S+ isFenced: false\)")
        self.assertRegex(text, r"Produce\(0\): 0 to 13")
        self.assertRegex(text, r"Fetch\(1\): 4 to 1\d")

    def test_leader_election_and_reassignments(self):
        name = self.topic()
        status, text = self.run_tool("leader-election", "--election-type", "preferred", "--topic",
                                     name, "--partition", 0)
        self.assertEqual(status, 0, text)
        text = self.ok("reassign-partitions", "--list")
        self.assertIn("No partition reassignments found", text)

    def test_verifiable_clients(self):
        name = self.topic(2)
        server = ("--bootstrap-server", self.broker.bootstrap, "--topic", name)
        status, text = self.tools.run_alone("verifiable-producer", *server, "--max-messages", 200)
        self.assertEqual(status, 0, text)
        events = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(sum(event["name"] == "producer_send_success" for event in events), 200)
        status, text = self.tools.run_alone(
            "verifiable-consumer", *server, "--group-id", "verifiable", "--max-messages", 200,
            "--reset-policy", "earliest")
        self.assertEqual(status, 0, text)
        events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        self.assertEqual(sum(event["count"] for event in events
                             if event["name"] == "records_consumed"), 200)
        self.assertTrue(any(event["name"] == "offsets_committed" and event["success"]
                            for event in events))

    def test_performance_clients(self):
        name = self.topic(3)
        status, text = self.tools.run(
            "producer-perf-test", "--topic", name, "--num-records", 20000, "--record-size", 100,
            "--throughput", -1, "--bootstrap-server", self.broker.bootstrap)
        self.assertEqual(status, 0, text)
        self.assertIn("20000 records sent", text)
        text = self.ok("consumer-perf-test", "--topic", name, "--num-records", 20000)
        self.assertRegex(text.splitlines()[-1], r", 20\d\d\d, ")


if __name__ == "__main__":
    position = sys.argv.index("--broker")
    PROGRAM = sys.argv[position + 1]
    del sys.argv[position:position + 2]
    unittest.main(verbosity=2)
