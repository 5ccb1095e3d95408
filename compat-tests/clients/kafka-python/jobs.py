"""The jobs with kafka-python."""

import collections
import contextlib
import hashlib
import threading
import time

from kafka import (ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer,
                   OffsetAndMetadata, OffsetSpec, TopicPartition)
from kafka.admin import ConfigResource
from kafka.errors import (FencedInstanceIdError, InvalidTopicError, MessageSizeTooLargeError,
                          OffsetOutOfRangeError, TopicAlreadyExistsError)

from job import (BOOTSTRAP, PREFIX, Deadline, Ownership, broker_control, expect, expect_equal,
                 expect_numbered, name, run, wait_for)

# A rebalance that is complete while no poll() waits for it is lost: the assignment is never taken, and there are no
# heartbeats any more. With long polls that does not happen.
POLL_MS = 5000

admin = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)


def create(topic, partitions=1, configs=None):
    admin.create_topics({topic: {"num_partitions": partitions, "replication_factor": 1, "configs": configs or {}}})


@contextlib.contextmanager
def topic(suffix, partitions=1):
    created = name(suffix)
    create(created, partitions)
    admin.wait_for_topics([created], timeout_ms=30000)
    yield created
    with KafkaAdminClient(bootstrap_servers=BOOTSTRAP) as fresh:  # `admin` refuses for a while after a restart
        fresh.delete_topics([created])


def producer(**settings):
    return contextlib.closing(KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all", **settings))


def acknowledged(sent):
    """Waits for what `send` returned; the first failure is raised."""
    for record in sent:
        record.get(timeout=90)


def send_all(topic, values, partition_count=None, **settings):
    with producer(**settings) as sender:
        acknowledged([sender.send(topic, value, partition=partition_count and number % partition_count)
                      for number, value in enumerate(values)])


def numbered(count):
    return [str(number).encode() for number in range(count)]


def consumer(group, *topics, **settings):
    return KafkaConsumer(*topics, bootstrap_servers=BOOTSTRAP, group_id=name(group),
                         auto_offset_reset="earliest", **settings)


def read(source, count, what="a record"):
    """`count` records, as they come."""
    records, deadline = [], Deadline()
    while len(records) < count:
        for batch in source.poll(timeout_ms=POLL_MS, max_records=count - len(records)).values():
            records += batch
        deadline.check(f"{what} ({len(records)} of {count})")
    return records


class Member(ConsumerRebalanceListener):
    """A member of a group that reads in a thread of its own until it leaves."""

    def __init__(self, label, group, ownership, topics=(), pattern=None, **settings):
        self.label, self.ownership = label, ownership
        self.values = []
        self.assignments = []
        self.error = None
        self.leaving = threading.Event()
        self.consumer = consumer(group, **settings)
        self.consumer.subscribe(topics=topics, pattern=pattern, listener=self)
        self.thread = threading.Thread(target=self.read_on, daemon=True)
        self.thread.start()

    def on_partitions_assigned(self, assigned):
        self.assignments.append(sorted(assigned))
        self.ownership.assign(self.label, assigned)

    def on_partitions_revoked(self, revoked):
        self.ownership.revoke(self.label)

    def read_on(self):
        try:
            while not self.leaving.is_set():
                for batch in self.consumer.poll(timeout_ms=POLL_MS).values():
                    self.values += [record.value for record in batch]
        except Exception as error:
            self.error = error
        self.ownership.revoke(self.label)
        self.consumer.close()

    def has_read(self, *values):
        if self.error is not None:
            raise self.error
        return set(values) <= set(self.values)

    def leave(self, *others):
        for one in (self, *others):
            one.leaving.set()
        for one in (self, *others):
            one.thread.join(30)
            expect(not one.thread.is_alive(), f"{one.label} does not close within 30 s")


def produce_codecs():
    for codec in (None, "gzip", "snappy", "lz4", "zstd"):
        headers = [("codec", str(codec).encode()), ("empty", b"")]
        with topic(codec or "none", 3) as target, producer(compression_type=codec, linger_ms=5) as sender:
            acknowledged([sender.send(target, b"value-%d" % number * 5, key=b"key-%d" % (number % 20), headers=headers)
                          for number in range(500)])
            by_key = collections.defaultdict(list)
            with consumer(codec or "none", target) as source:
                for record in read(source, 500, f"a {codec} record"):
                    expect_equal(f"the headers with {codec}", list(record.headers), headers)
                    by_key[record.key].append(record.value)
            for key in range(20):
                expect_equal(f"what key-{key} has with {codec}", by_key[b"key-%d" % key],
                             [b"value-%d" % number * 5 for number in range(key, 500, 20)])


def group_of_three():
    with topic("t", 6) as target, producer(linger_ms=5) as sender:
        ownership = Ownership()

        def member(number):
            return Member(f"member {number}", "g", ownership, [target], auto_commit_interval_ms=500)

        members = [member(number) for number in range(3)]
        labels = [one.label for one in members]

        def send(first, end):
            return [sender.send(target, str(number).encode(), key=str(number).encode())
                    for number in range(first, end)]

        wait_for(lambda: ownership.covers(labels, 6), "a generation of three")
        sent = send(0, 1000)
        wait_for(lambda: all(one.values for one in members), "a record for each of three")

        leaver = threading.Thread(target=members[0].leave)
        leaver.start()
        sent += send(1000, 2000)
        leaver.join()
        wait_for(lambda: ownership.covers(labels[1:], 6), "a generation of two")

        members.append(member(3))
        sent += send(2000, 3000)
        acknowledged(sent)
        wait_for(lambda: ownership.covers(labels[1:] + ["member 3"], 6), "a generation with a new member")
        wait_for(lambda: len({value for one in members for value in one.values}) == 3000, "every record")
        members[1].leave(*members[2:])
        expect(ownership.conflict is None, ownership.conflict)
        partitions = [TopicPartition(target, number) for number in range(6)]
        with consumer("g") as source:
            expect_equal("the committed offsets", {one: source.committed(one) for one in partitions},
                         source.end_offsets(partitions))


def static_members():
    with topic("t", 4) as target:
        ownership = Ownership()

        def member(label, instance):
            return Member(label, "g", ownership, [target], group_instance_id=instance, session_timeout_ms=30000,
                          heartbeat_interval_ms=1000)

        one, two = member("one", name("one")), member("two", name("two"))
        wait_for(lambda: ownership.covers(["one", "two"], 4), "a generation of two")
        had, rebalances = two.assignments[-1], len(one.assignments)

        two.leave()  # a static member's close does not leave the group
        back = member("two", name("two"))
        wait_for(lambda: back.assignments, "the assignment of the member that came back")
        expect_equal("what the member has that came back", back.assignments, [had])
        expect_equal("the other's number of rebalances", len(one.assignments), rebalances)

        usurper = member("usurper", name("two"))
        wait_for(lambda: back.error, "the fencing of the first of two with the same id")
        expect(isinstance(back.error, FencedInstanceIdError), f"the first was told {back.error!r}")
        wait_for(lambda: usurper.assignments, "the second's assignment")
        one.leave(back, usurper)


def commit_resume():
    with topic("t", 2) as target:
        send_all(target, numbered(200), partition_count=2)
        with consumer("g", target, enable_auto_commit=False) as source:
            next_offsets = {TopicPartition(target, record.partition): record.offset + 1 for record in read(source, 100)}
            source.commit({one: OffsetAndMetadata(offset, "half", -1) for one, offset in next_offsets.items()})
        broker_control("restart")
        with consumer("g", target, enable_auto_commit=False) as source:
            for one, offset in next_offsets.items():
                committed = source.committed(one, metadata=True)
                expect_equal("what is committed", (committed.offset, committed.metadata), (offset, "half"))
            resumed = collections.defaultdict(list)
            for record in read(source, 100):
                resumed[record.partition].append(record.offset)
        for number in range(2):
            expect_equal(f"what was read of partition {number} after the restart", resumed[number],
                         list(range(next_offsets.get(TopicPartition(target, number), 0), 100)))


def seek_by_time():
    hour = 3_600_000
    first = int(time.time() * 1000) - 10 * hour
    with topic("t") as target, producer() as sender, consumer("g") as source:
        acknowledged([sender.send(target, str(number).encode(), timestamp_ms=first + number * hour)
                      for number in range(10)])
        partition = TopicPartition(target, 0)
        source.assign([partition])
        found = source.offsets_for_times({partition: first + 4 * hour + hour // 2})[partition]
        expect_equal("what is found half an hour after record 4", (found.offset, found.timestamp),
                     (5, first + 5 * hour))
        source.seek(partition, found.offset)
        expect_equal("the first record read there", read(source, 1)[0].value, b"5")
        expect_equal("what is found after the last",
                     source.offsets_for_times({partition: first + 10 * hour})[partition], None)


def idempotent_restart():
    with topic("t", 3) as target, producer(enable_idempotence=True, linger_ms=5) as sender:
        def send(first, end, pause=0.0):
            for number in range(first, end):
                sent.append(sender.send(target, str(number).encode(), partition=number % 3))
                time.sleep(pause)

        sent = []
        send(0, 1000)
        for command, first in (("restart", 1000), ("kill", 3000)):
            broker = threading.Thread(target=broker_control, args=[command])
            broker.start()
            send(first, first + 2000, pause=0.001)
            broker.join()
        acknowledged(sent)
        numbers = collections.defaultdict(list)
        with consumer("g", target) as source:
            for record in read(source, 5000):
                numbers[record.partition].append(int(record.value))
            partitions = [TopicPartition(target, number) for number in range(3)]
            expect_equal("the sum of end offsets", sum(source.end_offsets(partitions).values()), 5000)
        expect_numbered(numbers, 5000)


def pattern_subscription():
    with topic("p-1") as one, topic("p-2") as two, topic("other") as other:
        member = Member("member", "g", Ownership(), pattern=f"^{PREFIX}-p-.*", metadata_max_age_ms=500)
        send_all(other, [b"not to be seen"])
        send_all(one, [b"one"])
        send_all(two, [b"two"])
        wait_for(lambda: member.has_read(b"one", b"two"), "the records of two topics")
        with topic("p-3") as later:
            send_all(later, [b"three"])
            wait_for(lambda: member.has_read(b"three"), "the record of a topic made later")
            member.leave()
    expect_equal("what was read", sorted(member.values), [b"one", b"three", b"two"])


def topic_admin():
    target = name("t")
    create(target, 3, {"retention.ms": "3600000"})

    def description():
        return admin.describe_topics([target])[0]

    def retention():
        return admin.describe_configs([ConfigResource("topic", target)])["topic"][target]["retention.ms"]["value"]

    def error_of(*wrong):
        try:
            create(*wrong)
        except Exception as error:
            return type(error)

    wait_for(lambda: target in admin.list_topics(), "the topic in the list")
    wait_for(lambda: len(description()["partitions"]) == 3, "a description with 3 partitions")
    expect_equal("retention.ms", retention(), "3600000")
    admin.alter_configs([ConfigResource("topic", target, {"retention.ms": "7200000"})])
    wait_for(lambda: retention() == "7200000", "the altered config")
    admin.create_partitions({target: 6})
    wait_for(lambda: len(description()["partitions"]) == 6, "a description with 6 partitions")
    expect_equal("the error of creating it again", error_of(target), TopicAlreadyExistsError)
    expect_equal("the error of an illegal name", error_of(name("a b")), InvalidTopicError)
    admin.delete_topics([target])
    wait_for(lambda: description()["error_code"] == 3, "UNKNOWN_TOPIC_OR_PARTITION for the deleted topic")


def group_admin():
    group = name("g")
    with topic("t", 2) as target:
        send_all(target, numbered(100), partition_count=2)
        partitions = [TopicPartition(target, number) for number in range(2)]
        with consumer("g", target, enable_auto_commit=False, client_id=name("client")) as member:
            read(member, 100)
            member.commit({partitions[0]: OffsetAndMetadata(30, "", -1), partitions[1]: OffsetAndMetadata(45, "", -1)})
            expect(group in [one["group_id"] for one in admin.list_groups()], "the group is not in the list")
            described = admin.describe_groups([group])[group]
            expect_equal("the group's state", described["group_state"], "Stable")
            expect_equal("its members", [one["client_id"] for one in described["members"]], [name("client")])
            assigned = described["members"][0]["member_assignment"]["assigned_partitions"]
            expect_equal("the member's assignment", [(one["topic"], sorted(one["partitions"])) for one in assigned],
                         [(target, [0, 1])])
            committed = admin.list_group_offsets({group: None})[group]
            ends = admin.list_partition_offsets({one: OffsetSpec.LATEST for one in partitions})
            expect_equal("the lag", [ends[one].offset - committed[one].offset for one in partitions], [20, 5])
            expect_equal("the error of deleting an active group", admin.delete_groups([group]),
                         {group: "NonEmptyGroupError"})
        admin.delete_group_offsets(group, partitions)
        expect_equal("the offsets left", admin.list_group_offsets({group: None})[group], {})
        expect_equal("what deleting the group gives", admin.delete_groups([group]), {group: "OK"})
        expect(group not in [one["group_id"] for one in admin.list_groups()], "the deleted group is still listed")


def delete_records():
    with topic("t") as target:
        send_all(target, numbered(100))
        partition = TopicPartition(target, 0)
        admin.delete_records({partition: 60})
        with consumer("g", target) as source:
            expect_equal("the earliest offset", source.beginning_offsets([partition]), {partition: 60})
            expect_equal("the offsets read", [record.offset for record in read(source, 40)], list(range(60, 100)))
        try:
            admin.delete_records({partition: 101})
        except OffsetOutOfRangeError:
            return
        raise AssertionError("records beyond the end were deleted")


def large_records():
    values = [hashlib.shake_256(bytes([number])).digest(1_000_000) for number in range(20)]
    with topic("t") as target, producer(max_request_size=3_000_000) as sender, consumer("g", target) as source:
        acknowledged([sender.send(target, value) for value in values])
        for sent, record in zip(values, read(source, 20)):
            expect(sent == record.value, f"the record at offset {record.offset} is not what was sent")
        try:
            sender.send(target, b"x" * 2_000_000).get(timeout=60)
        except MessageSizeTooLargeError:
            return
        raise AssertionError("a record of 2,000,000 bytes was taken")


def thousand_partitions():
    with topic("t", 1000) as target, consumer("g", target) as source:
        send_all(target, numbered(3000), partition_count=1000, linger_ms=5)
        numbers = collections.defaultdict(list)
        for record in read(source, 3000):
            numbers[record.partition].append(int(record.value))
        expect_numbered(numbers, 3000)
        expect_equal("the number of partitions read", len(numbers), 1000)
        expect_equal("the number of partitions described",
                     len(admin.describe_topics([target])[0]["partitions"]), 1000)


run(globals())
