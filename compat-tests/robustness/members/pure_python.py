"""A member of a group by kafka-python: member GROUP TOPIC; tells each change, runs until it is killed."""

import os
import sys

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka.coordinator.assignors.range import RangePartitionAssignor


class Tell(ConsumerRebalanceListener):
    def on_partitions_assigned(self, assigned):
        print("assigned", len(assigned), flush=True)

    def on_partitions_revoked(self, revoked):
        print("revoked", flush=True)


consumer = KafkaConsumer(bootstrap_servers=os.environ["BOOTSTRAP"], group_id=sys.argv[1],
                         session_timeout_ms=6000, heartbeat_interval_ms=1000,
                         partition_assignment_strategy=[RangePartitionAssignor])
consumer.subscribe([sys.argv[2]], listener=Tell())
while True:
    consumer.poll(timeout_ms=60_000)  # a rebalance that outlives its poll() may be lost
