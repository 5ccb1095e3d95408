"""A member of a group by confluent-kafka: member GROUP TOPIC; tells each change, runs until it is killed."""

import os
import sys

from confluent_kafka import Consumer

consumer = Consumer({"bootstrap.servers": os.environ["BOOTSTRAP"], "group.id": sys.argv[1],
                     "session.timeout.ms": 6000, "heartbeat.interval.ms": 1000})
consumer.subscribe([sys.argv[2]],
                   on_assign=lambda _, assigned: print("assigned", len(assigned), flush=True),
                   on_revoke=lambda _, revoked: print("revoked", flush=True))
while True:
    consumer.poll(0.1)
