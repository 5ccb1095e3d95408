"""Random sequences of requests: a seed is a list of steps, the same on both sides.

plan(seed) draws the steps; World carries them out on one side, and knows what a client would (member ids,
generations, sequences). A step draws nothing itself, so that a side cannot lead the other astray.
"""

import random

from records import GZIP, NONE, NOW, batch, record
from scenario import Scenario
from wire import MESSAGES

STEPS = 40
TOPICS = {"a": 3, "b": 1}  # and their partitions at the start
MEMBERS = ("ann", "ben", "cleo")
PRODUCERS = ("one", "two")
REBALANCE_IN_PROGRESS, MEMBER_ID_REQUIRED = 27, 79
TIMES = (-1, -2, NOW - 1, NOW, NOW + 3, NOW + 7, NOW + 1000)


def plan(seed):
    """The steps of `seed`: (name of a World's method, arguments)."""
    draw = random.Random(seed)

    def place():
        topic = draw.choice(list(TOPICS))
        return topic, draw.randrange(TOPICS[topic])
    makers = {
        "produce": (8, lambda: (*place(), draw.randint(1, 4), draw.choice((NONE, NONE, GZIP)), draw.randrange(10))),
        "produce_idempotent": (6, lambda: (*place(), draw.choice(PRODUCERS), draw.randint(1, 3),
                                           draw.choice(("next", "next", "next", "again", "gap", "old epoch")))),
        "new_epoch": (1, lambda: (draw.choice(PRODUCERS),)),
        "fetch": (5, lambda: (*place(), draw.randrange(12), draw.choice((50, 100, 300, 1 << 20)))),
        "begin_session": (1, lambda: ()),
        "fetch_session": (4, lambda: (*place(), draw.randrange(8), draw.choice((True, False)))),
        "list_offsets": (4, lambda: (*place(), draw.choice(TIMES))),
        "delete_records": (2, lambda: (*place(), draw.choice((-1, 0, 1, 2, 4, 8)))),
        "describe_producers": (1, place),
        "join": (4, lambda: (draw.choice(MEMBERS),)),
        "leave": (2, lambda: (draw.choice(MEMBERS),)),
        "heartbeat": (3, lambda: (draw.choice(MEMBERS), draw.choice((0, 0, -1, 1)))),
        "commit": (4, lambda: (draw.choice((*MEMBERS, "nobody")), *place(), draw.randrange(20),
                               draw.choice((0, 0, 0, -1)))),
        "fetch_offsets": (2, lambda: ()),
        "delete_offsets": (1, place),
        "describe_group": (1, lambda: ()),
        "delete_group": (1, lambda: ()),
        "create_again": (1, lambda: (place()[0],)),
        "add_partition": (1, lambda: (place()[0],)),
        "alter_config": (1, lambda: (place()[0],
                                     draw.choice(("file.delete.delay.ms", "max.message.bytes", "no.such.key")),
                                     draw.choice(("1000000", "-1", "x")))),
    }
    names, weights = list(makers), [weight for weight, _ in makers.values()]
    chosen = draw.choices(names, weights, k=STEPS)
    return [(name, makers[name][1]()) for name in chosen]


def sequence(seed):
    """The scenario of a seed."""
    steps = plan(seed)

    def carry_out(side):
        world = World(side)
        for name, arguments in steps:
            getattr(world, name)(*arguments)
    return Scenario(name=f"sequence.{seed}", function=carry_out, api="", versions=(0,), texts=False, alone=False)


def listing(seed):
    return "\n".join(f"  {number:2}. {name}{arguments}" for number, (name, arguments) in enumerate(plan(seed), 1))


class World:
    """What the clients of one side know while a sequence runs."""

    def __init__(self, side):
        self.side = side
        self.partitions = dict(TOPICS)
        self.names = {topic: side.create_topic(partitions=count) for topic, count in TOPICS.items()}
        self.ids = {topic: side.topic_id(name) for topic, name in self.names.items()}
        self.producers = {producer: Producer(side) for producer in PRODUCERS}
        self.group = side.fresh("group")
        self.members = {}  # by name, in the order of joining
        self.session = self.session_epoch = 0

    # Records.

    def append(self, topic, partition, data):
        (answer,) = self.side.request("Produce", acks=-1, timeout_ms=10000, topic_data=[
            {"topic_id": self.ids[topic], "partition_data": [{"index": partition, "records": data}]}])["responses"]
        return answer["partition_responses"][0]["error_code"]

    def produce(self, topic, partition, count, codec, later):
        entries = [record(b"v%d" % number, b"k", timestamp_delta=number) for number in range(count)]
        self.append(topic, partition, batch(entries, codec=codec, base_timestamp=NOW + later))

    def produce_idempotent(self, topic, partition, name, count, how):
        producer, place = self.producers[name], (topic, partition)
        sequence_next, last = producer.next.get(place, 0), producer.last.get(place)
        if how == "again" and last is not None:
            self.append(topic, partition, last)
            return
        data = batch([b"idempotent"] * count, producer_id=producer.id,
                     producer_epoch=producer.epoch - (how == "old epoch"),
                     base_sequence=sequence_next + (2 if how == "gap" else 0))
        if self.append(topic, partition, data) == 0 and how == "next":
            producer.next[place], producer.last[place] = sequence_next + count, data

    def new_epoch(self, name):
        self.producers[name].raise_epoch()

    def fetch(self, topic, partition, offset, max_bytes):
        self.side.request("Fetch", max_wait_ms=0, min_bytes=0, topics=[
            {"topic_id": self.ids[topic], "partitions": [
                {"partition": partition, "fetch_offset": offset, "partition_max_bytes": max_bytes}]}])

    def begin_session(self):
        topics = [{"topic_id": self.ids[topic], "partitions": [
            {"partition": index, "fetch_offset": 0, "partition_max_bytes": 1 << 20} for index in range(count)]}
            for topic, count in TOPICS.items()]
        answer = self.side.request("Fetch", max_wait_ms=0, min_bytes=0, session_id=self.session, session_epoch=0,
                                   topics=topics)
        self.session, self.session_epoch = answer["session_id"], 1

    def fetch_session(self, topic, partition, offset, forget):
        wanted = [{"topic_id": self.ids[topic], "partitions": [
            {"partition": partition, "fetch_offset": offset, "partition_max_bytes": 1 << 20}]}]
        forgotten = [{"topic_id": self.ids[topic], "partitions": [partition]}]
        answer = self.side.request("Fetch", max_wait_ms=0, min_bytes=0, session_id=self.session,
                                   session_epoch=self.session_epoch, topics=[] if forget else wanted,
                                   forgotten_topics_data=forgotten if forget else [])
        self.session_epoch += answer["error_code"] == 0

    def list_offsets(self, topic, partition, timestamp):
        self.side.request("ListOffsets", replica_id=-1, topics=[{"name": self.names[topic], "partitions": [
            {"partition_index": partition, "timestamp": timestamp}]}])

    def delete_records(self, topic, partition, offset):
        self.side.request("DeleteRecords", timeout_ms=10000, topics=[{"name": self.names[topic], "partitions": [
            {"partition_index": partition, "offset": offset}]}])

    def describe_producers(self, topic, partition):
        self.side.request("DescribeProducers", topics=[
            {"name": self.names[topic], "partition_indexes": [partition]}])

    # The group.

    def join(self, name):
        """`name` joins, or joins again; all others follow."""
        if name not in self.members:
            self.members[name] = Member(self.side.client(name), self.group, list(self.names.values()))
        self.members[name].subscribe_anew()
        self.rebalance(first=name)

    def leave(self, name):
        if name in self.members and self.members[name].leads and len(self.members) > 1:
            return  # whom Kafka would make the next leader is up to a hash table
        member = self.members.pop(name, None)
        who = member.id if member else "nobody"
        self.side.request("LeaveGroup", group_id=self.group, members=[{"member_id": who}])
        if member is not None and self.members:
            self.rebalance()

    def rebalance(self, first=None):
        """Brings all members into a new generation. Whoever is not `first` joins when the group says so."""
        joins = {}
        if first is not None:
            joins[first] = self.members[first].start_join()
        others = [name for name in self.members if name != first]
        for name in others:
            self.members[name].await_rebalance()
        for name in others:
            joins[name] = self.members[name].start_join()
        for name in sorted(joins):
            self.members[name].joined(joins[name].answer())
        everybody = [self.members[name].id for name in sorted(self.members)]
        syncs = {name: self.members[name].start_sync(everybody) for name in sorted(self.members)}
        for started in syncs.values():
            started.answer()

    def heartbeat(self, name, generation_shift):
        member = self.members.get(name)
        self.side.request("Heartbeat", group_id=self.group, member_id=member.id if member else "nobody",
                          generation_id=(member.generation if member else 1) + generation_shift)

    def commit(self, name, topic, partition, offset, generation_shift):
        member = self.members.get(name)
        self.side.request("OffsetCommit", group_id=self.group, member_id=member.id if member else "",
                          generation_id_or_member_epoch=member.generation + generation_shift if member else -1,
                          topics=[{"topic_id": self.ids[topic], "partitions": [
                              {"partition_index": partition, "committed_offset": offset,
                               "committed_metadata": f"by {name}"}]}])

    def fetch_offsets(self):
        self.side.request("OffsetFetch", groups=[{"group_id": self.group, "topics": None}])

    def delete_offsets(self, topic, partition):
        self.side.request("OffsetDelete", group_id=self.group, topics=[
            {"name": self.names[topic], "partitions": [{"partition_index": partition}]}])

    def describe_group(self):
        self.side.request("DescribeGroups", groups=[self.group])

    def delete_group(self):
        self.side.request("DeleteGroups", groups_names=[self.group])

    # Administration.

    def create_again(self, topic):
        self.side.request("CreateTopics", timeout_ms=10000, topics=[
            {"name": self.names[topic], "num_partitions": 1, "replication_factor": 1}])

    def add_partition(self, topic):
        self.partitions[topic] += 1
        self.side.request("CreatePartitions", timeout_ms=10000, topics=[
            {"name": self.names[topic], "count": self.partitions[topic], "assignments": None}])
        self.side.await_topic(self.names[topic], self.partitions[topic])

    def alter_config(self, topic, key, value):
        self.side.request("IncrementalAlterConfigs", resources=[
            {"resource_type": 2, "resource_name": self.names[topic], "configs": [
                {"name": key, "config_operation": 0, "value": value}]}])


class Producer:
    """An idempotent producer."""

    def __init__(self, side):
        self.side, self.epoch = side, 0
        self.id = side.ask("InitProducerId", transactional_id=None)["producer_id"]
        self.next, self.last = {}, {}  # by partition: the next sequence, the last batch

    def raise_epoch(self):
        self.epoch += 1
        self.next.clear()
        self.last.clear()


class Member:
    """A member of a group of the classic protocol."""

    def __init__(self, client, group, topics):
        self.client, self.group, self.topics = client, group, topics
        self.id, self.generation, self.leads = "", -1, False
        self.joins = 0

    def subscribe_anew(self):
        """With other user data, so that joining again is more than a question."""
        self.joins += 1

    def subscription(self):
        return b"\0\0" + MESSAGES["ConsumerProtocolSubscription"].encode(
            {"topics": self.topics, "user_data": b"%d" % self.joins}, 0)

    def join_fields(self):
        return {"group_id": self.group, "session_timeout_ms": 30000, "rebalance_timeout_ms": 30000,
                "member_id": self.id, "protocol_type": "consumer",
                "protocols": [{"name": "range", "metadata": self.subscription()}]}

    def start_join(self):
        if not self.id:
            answer = self.client.request("JoinGroup", **self.join_fields())
            assert answer["error_code"] == MEMBER_ID_REQUIRED, answer
            self.id = answer["member_id"]
        return self.client.start("JoinGroup", **self.join_fields())

    def joined(self, answer):
        self.generation, self.leads = answer["generation_id"], answer["leader"] == self.id

    def await_rebalance(self):
        self.client.until(lambda: self.client.ask(
            "Heartbeat", group_id=self.group, member_id=self.id,
            generation_id=self.generation)["error_code"] == REBALANCE_IN_PROGRESS, "the rebalance to begin")

    def start_sync(self, everybody):
        assignments = [{"member_id": member, "assignment": b"part %d" % place}
                       for place, member in enumerate(everybody)] if self.leads else []
        return self.client.start("SyncGroup", group_id=self.group, generation_id=self.generation,
                                 member_id=self.id, protocol_type="consumer", protocol_name="range",
                                 assignments=assignments)
