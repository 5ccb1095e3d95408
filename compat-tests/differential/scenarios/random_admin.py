"""Random changes of a few topics and settings, seeded; the answers of the controller are compared.

DIFFERENTIAL_SEEDS in the environment says how many sequences there are.
"""

import os
import random

from scenario import newest_version
from scenarios.create_partitions import grow
from scenarios.create_topics import topic
from scenarios.incremental_alter_configs import APPEND, DELETE, GROUP, SET, SUBTRACT, TOPIC, resource
from wire import APIS

SEEDS = int(os.environ.get("DIFFERENTIAL_SEEDS", 20))
STEPS = 25
CONFIGS = [("retention.ms", "5"), ("retention.ms", "x"), ("retention.ms", None), ("cleanup.policy", "compact"),
           ("cleanup.policy", "delete,compact"), ("segment.bytes", "2000000"), ("segment.bytes", "1"),
           ("no.such.key", "1"), ("compression.type", "gzip"), ("min.compaction.lag.ms", "9"),
           ("max.compaction.lag.ms", "8"), ("min.insync.replicas", "2"), ("preallocate", "true"),
           ("leader.replication.throttled.replicas", "0:1,1:1")]


class Sequence:
    """The changes that one seed makes."""

    def __init__(self, side, seed):
        word = side.fresh()
        self.side, self.random = side, random.Random(seed)
        self.names = [f"{word}a", f"{word}.b", f"{word}_b", f"{word}c", "a b"]

    def run(self):
        changes = [self.create_topics, self.create_topics, self.delete_topics, self.create_partitions,
                   self.alter_configs, self.incremental_alter_configs, self.incremental_alter_configs]
        for _ in range(STEPS):
            self.random.choice(changes)()

    def maybe(self, probability=0.3):
        return self.random.random() < probability

    def name(self):
        return self.random.choice(self.names)

    def several(self, make):
        return [make() for _ in range(self.random.choice((1, 1, 1, 2, 3)))]

    def request(self, api, versions=None, **fields):
        self.side.request(api, self.random.choice(versions or APIS[api].versions), **fields)

    def replicas(self):
        return [self.random.choice((1, 1, 1, 1, 2, -1)) for _ in range(self.random.choice((1, 1, 1, 1, 0, 2)))]

    def new_topic(self):
        configs = [self.random.choice(CONFIGS) for _ in range(self.random.choice((0, 0, 1, 2)))]
        if self.maybe():
            indexes = range(self.random.choice((1, 2, 3)))
            assignments = [(self.random.choice((i, i, i, i, i + 1)), self.replicas()) for i in indexes]
            return topic(self.name(), -1, -1, assignments, configs)
        return topic(self.name(), self.random.choice((1, 2, 3, -1, 0)), self.random.choice((1, 1, 1, -1, 2, 0)),
                     configs=configs)

    def create_topics(self):
        self.request("CreateTopics", topics=self.several(self.new_topic), timeout_ms=10000, validate_only=self.maybe())

    def delete_topics(self):
        names = self.several(self.name)
        if self.maybe():
            self.request("DeleteTopics", [6], topics=[{"name": name} for name in names], timeout_ms=10000)
        else:
            self.request("DeleteTopics", [1, 2, 3, 4, 5], topic_names=names, timeout_ms=10000)

    def more_partitions(self):
        by_hand = self.several(self.replicas) if self.maybe() else []
        return grow(self.name(), self.random.randrange(1, 7), *by_hand)

    def create_partitions(self):
        self.request("CreatePartitions", topics=self.several(self.more_partitions), timeout_ms=10000,
                     validate_only=self.maybe())

    def alter_configs(self):  # of one resource: Kafka never answers when one is named twice
        configs = self.random.sample(CONFIGS, self.random.choice((0, 1, 2)))
        self.request("AlterConfigs", validate_only=self.maybe(), resources=[
            {"resource_type": TOPIC, "resource_name": self.name(),
             "configs": [{"name": key, "value": value} for key, value in configs]}])

    def edited(self):
        edits = [(self.random.choice((SET, SET, DELETE, APPEND, SUBTRACT)), *self.random.choice(CONFIGS))
                 for _ in range(self.random.choice((1, 1, 2, 3)))]
        return resource(self.random.choice((TOPIC, TOPIC, TOPIC, GROUP)), self.name(), *edits)

    def incremental_alter_configs(self):
        self.request("IncrementalAlterConfigs", resources=self.several(self.edited), validate_only=self.maybe())


def register(seed):
    def scenario(side):
        Sequence(side, seed).run()
    scenario.__name__, scenario.__module__ = f"seed_{seed}", __name__
    newest_version("CreateTopics")(scenario)


for number in range(SEEDS):
    register(number)
