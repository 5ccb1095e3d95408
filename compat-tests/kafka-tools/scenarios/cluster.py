"""Tools that look at brokers, replicas and log dirs."""

import json
import re


def cluster(kafka):
    kafka.run("cluster", "cluster-id")
    kafka.run("cluster", "list-endpoints")
    kafka.run("cluster", "list-endpoints", "--include-fenced-brokers")
    kafka.run("broker-api-versions", unordered=True)


def _sorted_dirs(output):
    """The lines of talk, and the JSON with its partitions in order."""
    lines = []
    for line in output.splitlines():
        if line.startswith("{"):
            told = json.loads(line)
            for broker in told["brokers"]:
                for folder in broker["logDirs"]:
                    folder["partitions"].sort(key=lambda entry: entry["partition"])
            line = json.dumps(told, separators=(",", ":"))
        lines.append(line)
    return "\n".join(lines)


def log_dirs(kafka):
    kafka.topic("stored")
    kafka.produce("stored", "x" * 1000)
    kafka.run("log-dirs", "--describe", "--topic-list", "stored", keep=_sorted_dirs)
    kafka.run("log-dirs", "--describe", "--topic-list", "missing", keep=_sorted_dirs)
    kafka.run("log-dirs", "--describe", "--topic-list", "stored", "--broker-list", "1", keep=_sorted_dirs)
    kafka.run("log-dirs", "--describe", "--broker-list", "1,7", keep=_sorted_dirs)


def leader_election(kafka):
    kafka.topic("led", 2)
    for kind in ("preferred", "unclean"):
        elect = ("leader-election", "--election-type", kind)
        kafka.run(*elect, "--topic", "led", "--partition", 0)
        kafka.run(*elect, "--topic", "led", "--partition", 9)
        kafka.run(*elect, "--topic", "missing", "--partition", 0)
        partitions = {"partitions": [{"topic": "led", "partition": number} for number in (0, 1)]}
        kafka.run(*elect, "--path-to-json-file", kafka.file("led.json", json.dumps(partitions)), unordered=True)
        kafka.run(*elect, "--all-topic-partitions")


def reassign_partitions(kafka):
    kafka.topic("placed-here", 2)
    kafka.run("reassign-partitions", "--list")
    move = kafka.file("move.json", json.dumps({"version": 1, "topics": [{"topic": "placed-here"}]}))
    kafka.run("reassign-partitions", "--generate", "--topics-to-move-json-file", move, "--broker-list", "1")
    kafka.run("reassign-partitions", "--generate", "--topics-to-move-json-file", move, "--broker-list", "7")
    plan = {"version": 1, "partitions": [{"topic": "placed-here", "partition": 0, "replicas": [1]}]}
    kafka.run("reassign-partitions", "--verify", "--reassignment-json-file", kafka.file("plan.json", json.dumps(plan)))


def describe_producers(kafka):
    kafka.topic("written")
    kafka.produce("written", "one", "two")

    def table(output):
        """The producer's id and its last time stamp are of each run."""
        return re.sub(r"^\d+\s+(\d+\s+-?\d+\s+\d+)\s+\d{13}", r"ID \1 TIME", output, flags=re.M)

    kafka.run("transactions", "describe-producers", "--topic", "written", "--partition", 0, keep=table)
    kafka.run("transactions", "describe-producers", "--topic", "written", "--partition", 0,
              "--broker-id", 1, keep=table)


SCENARIOS = [cluster, log_dirs, leader_election, reassign_partitions, describe_producers]
