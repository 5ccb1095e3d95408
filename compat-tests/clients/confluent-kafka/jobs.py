"""The jobs with confluent-kafka. Versions from 1.9 on: what only newer ones offer is asked for first."""

import collections
import contextlib
import hashlib
import threading
import time

import confluent_kafka
from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import RESOURCE_TOPIC, AdminClient, ConfigResource, NewPartitions, NewTopic

from job import (BOOTSTRAP, PREFIX, VERSION, Deadline, Ownership, Unsupported, broker_control, expect,
                 expect_equal, expect_numbered, name, run, wait_for)

OLD = VERSION.startswith("1.")
admin = AdminClient({"bootstrap.servers": BOOTSTRAP})


def done(futures):
    for future in futures.values():
        future.result(60)


def error_code(futures):
    """The error code of a single answer, None when it is good."""
    try:
        done(futures)
    except KafkaException as failure:
        return failure.args[0].code()


@contextlib.contextmanager
def topic(suffix, partitions=1, **config):
    created = name(suffix)
    done(admin.create_topics([NewTopic(created, partitions, 1, config=config)]))
    yield created
    done(admin.delete_topics([created]))


def configuration(**settings):
    """Settings as keyword arguments: linger_ms is linger.ms."""
    return {"bootstrap.servers": BOOTSTRAP} | {key.replace("_", "."): value for key, value in settings.items()}


class Sender:
    """A producer that counts what was acknowledged and keeps what failed. With one request in flight it keeps
    the order also when the first ones are sent again: a new topic is not served at once."""

    def __init__(self, **settings):
        self.producer = Producer(configuration(**{"acks": "all", "linger_ms": 50, "max_in_flight": 1} | settings))
        self.acknowledged = 0
        self.errors = []

    def on_delivery(self, error, message):
        if error:
            self.errors.append(error)
        else:
            self.acknowledged += 1

    def send(self, topic, value, **record):
        self.producer.produce(topic, value, on_delivery=self.on_delivery, **record)
        self.producer.poll(0)

    def flush(self):
        expect_equal("the number of records not sent", self.producer.flush(90), 0)
        expect(not self.errors, f"{len(self.errors)} records failed: {self.errors[:1]}")


def send_all(topic, values, **settings):
    sender = Sender(**settings)
    for value in values:
        sender.send(topic, value)
    sender.flush()


def consumer(group, **settings):
    return Consumer(configuration(group_id=name(group), auto_offset_reset="earliest", **settings))


def read(source, count, what="a record"):
    """`count` records, as they come."""
    messages, deadline = [], Deadline()
    while len(messages) < count:
        message = source.poll(0.2)
        if message is None:
            deadline.check(f"{what} ({len(messages)} of {count})")
        elif message.error() is None:
            messages.append(message)
        elif message.error().code() != KafkaError.COORDINATOR_LOAD_IN_PROGRESS:  # told, and tried again
            raise KafkaException(message.error())
    return messages


@contextlib.contextmanager
def reading(source):
    try:
        yield source
    finally:
        source.close()


class Member:
    """A member of a group that reads in a thread of its own until it leaves."""

    def __init__(self, label, subscription, group, ownership, **settings):
        self.label, self.ownership = label, ownership
        self.values = []
        self.assignments = []
        self.errors = []
        self.leaving = threading.Event()
        self.consumer = consumer(group, **settings)
        self.consumer.subscribe(subscription, on_assign=self.on_assign, on_revoke=self.on_revoke)
        self.thread = threading.Thread(target=self.read_on, daemon=True)
        self.thread.start()

    def on_assign(self, _, partitions):
        assigned = sorted((one.topic, one.partition) for one in partitions)
        self.assignments.append(assigned)
        self.ownership.assign(self.label, assigned)

    def on_revoke(self, *_):
        self.ownership.revoke(self.label)

    def read_on(self):
        while not self.leaving.is_set():
            message = self.consumer.poll(0.1)
            if message is None:
                continue
            if message.error():
                self.errors.append(message.error().str())
            else:
                self.values.append(message.value())
        self.consumer.close()

    def leave(self):
        self.leaving.set()
        self.thread.join(30)
        expect(not self.thread.is_alive(), f"{self.label} does not close within 30 s")


def watermarks(source, topic, partition):
    return source.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)


def produce_codecs():
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        with topic(codec, 3) as target, reading(consumer(codec)) as source:
            headers = [("codec", codec.encode()), ("empty", b"")]
            sender = Sender(compression_type=codec)
            for number in range(500):
                sender.send(target, f"value-{number}" * 5, key=f"key-{number % 20}", headers=headers)
            sender.flush()
            source.subscribe([target])
            by_key = collections.defaultdict(list)
            for message in read(source, 500, f"a {codec} record"):
                expect_equal(f"the headers with {codec}", message.headers(), headers)
                by_key[message.key().decode()].append(message.value().decode())
            for key in range(20):
                expect_equal(f"what key-{key} has with {codec}", by_key[f"key-{key}"],
                             [f"value-{number}" * 5 for number in range(key, 500, 20)])


def group_of_three():
    with topic("t", 6) as target:
        ownership = Ownership()
        members = [Member(f"member {number}", [target], "g", ownership, auto_commit_interval_ms=500)
                   for number in range(3)]
        labels = [member.label for member in members]
        sender = Sender()

        def send(first, end):
            for number in range(first, end):
                sender.send(target, str(number), key=str(number))
            sender.producer.poll(0.1)

        wait_for(lambda: ownership.covers(labels, 6), "a generation of three")
        send(0, 1000)
        wait_for(lambda: all(member.values for member in members), "a record for each of three")

        leaver = threading.Thread(target=members[0].leave)
        leaver.start()
        send(1000, 2000)
        leaver.join()
        wait_for(lambda: ownership.covers(labels[1:], 6), "a generation of two")

        members.append(Member("member 3", [target], "g", ownership, auto_commit_interval_ms=500))
        send(2000, 3000)
        sender.flush()
        wait_for(lambda: ownership.covers(labels[1:] + ["member 3"], 6), "a generation with a new member")
        wait_for(lambda: len({value for member in members for value in member.values}) == 3000,
                 "every record")
        for member in members[1:]:
            member.leave()
        expect(ownership.conflict is None, ownership.conflict)
        with reading(consumer("g")) as source:
            for committed in source.committed([TopicPartition(target, number) for number in range(6)], 30):
                expect_equal(f"the offset committed for partition {committed.partition}", committed.offset,
                             watermarks(source, target, committed.partition)[1])


def static_members():
    with topic("t", 4) as target:
        ownership = Ownership()

        def member(label, instance):
            return Member(label, [target], "g", ownership, group_instance_id=instance,
                          session_timeout_ms=30000)

        one, two = member("one", name("one")), member("two", name("two"))
        wait_for(lambda: ownership.covers(["one", "two"], 4), "a generation of two")
        had, rebalances = two.assignments[-1], len(one.assignments)

        two.leave()  # a static member's close does not leave the group
        back = member("two", name("two"))
        wait_for(lambda: back.assignments, "the assignment of the member that came back")
        expect_equal("what the member has that came back", back.assignments, [had])
        expect_equal("the other's number of rebalances", len(one.assignments), rebalances)

        usurper = member("usurper", name("two"))
        wait_for(lambda: any("fenced" in error for error in back.errors),
                 "the fencing of the first of two with the same id")
        wait_for(lambda: usurper.assignments, "the second's assignment")
        for left in (one, back, usurper):
            left.leave()


def committed_after_restart(source, partitions):
    """Asks again while the group's coordinator is on its way: a retriable error, which the library hands on."""
    def ask():
        try:
            return source.committed(partitions, 30)
        except KafkaException as failure:
            if not failure.args[0].retriable():
                raise
    return wait_for(ask, "what was committed")


def commit_resume():
    with topic("t", 2) as target:
        sender = Sender()
        for number in range(200):
            sender.send(target, str(number), partition=number % 2)
        sender.flush()
        with reading(consumer("g", enable_auto_commit=False)) as source:
            source.subscribe([target])
            next_offsets = {message.partition(): message.offset() + 1 for message in read(source, 100)}
            more = {} if OLD else {"metadata": "half"}
            source.commit(offsets=[TopicPartition(target, partition, offset, **more)
                                   for partition, offset in next_offsets.items()], asynchronous=False)
        broker_control("restart")
        with reading(consumer("g", enable_auto_commit=False)) as source:
            if not OLD:
                for committed in committed_after_restart(source, [TopicPartition(target, one) for one in next_offsets]):
                    expect_equal("the committed metadata", committed.metadata, "half")
            source.subscribe([target])
            resumed = collections.defaultdict(list)
            for message in read(source, 100):
                resumed[message.partition()].append(message.offset())
            for partition in range(2):
                expect_equal(f"what was read of partition {partition} after the restart", resumed[partition],
                             list(range(next_offsets.get(partition, 0), 100)))
    return "without metadata: cannot be given" if OLD else None


def seek_by_time():
    hour = 3_600_000
    first = int(time.time() * 1000) - 10 * hour
    with topic("t") as target, reading(consumer("g")) as source:
        sender = Sender()
        for number in range(10):
            sender.send(target, str(number), timestamp=first + number * hour)
        sender.flush()

        def offset_at(timestamp):
            return source.offsets_for_times([TopicPartition(target, 0, timestamp)], timeout=30)[0].offset

        found = offset_at(first + 4 * hour + hour // 2)
        expect_equal("the offset half an hour after record 4", found, 5)
        source.assign([TopicPartition(target, 0, found)])
        message = read(source, 1)[0]
        expect_equal("the first record read there", message.value(), b"5")
        expect_equal("its time stamp", message.timestamp()[1], first + 5 * hour)
        expect_equal("the offset after the last", offset_at(first + 10 * hour), OFFSET_END)


def idempotent_restart():
    with topic("t", 3) as target, reading(consumer("g")) as source:
        sender = Sender(enable_idempotence=True, max_in_flight=5, delivery_timeout_ms=90000)

        def send(first, end, pause=0.0):
            for number in range(first, end):
                sender.send(target, str(number), partition=number % 3)
                sender.producer.poll(pause)

        send(0, 1000)
        for command, first in (("restart", 1000), ("kill", 3000)):
            broker = threading.Thread(target=broker_control, args=[command])
            broker.start()
            send(first, first + 2000, pause=0.001)
            broker.join()
        sender.flush()
        expect_equal("the number of acknowledged records", sender.acknowledged, 5000)

        source.subscribe([target])
        numbers = collections.defaultdict(list)
        for message in read(source, 5000):
            numbers[message.partition()].append(int(message.value()))
        expect_numbered(numbers, 5000)
        ends = [watermarks(source, target, partition)[1] for partition in range(3)]
        expect_equal("the sum of end offsets", sum(ends), 5000)


def pattern_subscription():
    with topic("p-1") as one, topic("p-2") as two, topic("other") as other:
        member = Member("member", [f"^{PREFIX}-p-.*"], "g", Ownership(), topic_metadata_refresh_interval_ms=500)
        send_all(other, ["not to be seen"])
        send_all(one, ["one"])
        send_all(two, ["two"])
        wait_for(lambda: {b"one", b"two"} <= set(member.values), "the records of two topics")
        with topic("p-3") as three:
            send_all(three, ["three"])
            wait_for(lambda: b"three" in member.values, "the record of the later topic")
            member.leave()
    expect_equal("what was read", sorted(member.values), [b"one", b"three", b"two"])


def topic_admin():
    target = name("t")
    done(admin.create_topics([NewTopic(target, 3, 1, config={"retention.ms": "3600000"})]))
    resource = ConfigResource(RESOURCE_TOPIC, target)

    def partitions():
        if OLD:
            found = admin.list_topics(target, timeout=30).topics[target]
            return KafkaException(found.error) if found.error else len(found.partitions)
        future = admin.describe_topics(confluent_kafka.TopicCollection([target]))[target]
        return future.exception(30) or len(future.result().partitions)

    def config(key):
        return admin.describe_configs([resource])[resource].result(30)[key].value

    wait_for(lambda: target in admin.list_topics(timeout=30).topics, "the topic in the list")
    wait_for(lambda: partitions() == 3, "a description with 3 partitions")
    expect_equal("retention.ms", config("retention.ms"), "3600000")

    if OLD:
        done(admin.alter_configs([ConfigResource(RESOURCE_TOPIC, target, set_config={"retention.ms": "7200000"})]))
    else:
        entry = confluent_kafka.admin.ConfigEntry(
            "retention.ms", "7200000", incremental_operation=confluent_kafka.admin.AlterConfigOpType.SET)
        done(admin.incremental_alter_configs(
            [ConfigResource(RESOURCE_TOPIC, target, incremental_configs=[entry])]))
    wait_for(lambda: config("retention.ms") == "7200000", "the altered config")

    done(admin.create_partitions([NewPartitions(target, 6)]))
    wait_for(lambda: partitions() == 6, "a description with 6 partitions")
    expect_equal("the error of creating it again", error_code(admin.create_topics([NewTopic(target, 1, 1)])),
                 KafkaError.TOPIC_ALREADY_EXISTS)
    expect_equal("the error of an illegal name", error_code(admin.create_topics([NewTopic(name("a b"), 1, 1)])),
                 KafkaError.TOPIC_EXCEPTION)
    done(admin.delete_topics([target]))

    def is_unknown():
        answer = partitions()
        return (isinstance(answer, KafkaException)
                and answer.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART)
    wait_for(is_unknown, "UNKNOWN_TOPIC_OR_PARTITION for the deleted topic")


def group_admin():
    with topic("t", 2) as target:
        sender = Sender()
        for number in range(100):
            sender.send(target, str(number), partition=number % 2)
        sender.flush()
        member = consumer("g", enable_auto_commit=False, client_id=name("client"))
        member.subscribe([target])
        read(member, 100)
        member.commit(offsets=[TopicPartition(target, 0, 30), TopicPartition(target, 1, 45)],
                      asynchronous=False)
        if OLD:
            group = admin.list_groups(name("g"), timeout=30)[0]
            expect_equal("the group's state", group.state, "Stable")
            expect_equal("its members", [one.client_id for one in group.members], [name("client")])
            committed = member.committed([TopicPartition(target, number) for number in range(2)], 30)
        else:
            listed = admin.list_consumer_groups().result(30).valid
            expect(name("g") in [group.group_id for group in listed], "the group is not in the list")
            group = admin.describe_consumer_groups([name("g")])[name("g")].result(30)
            expect_equal("the group's state", group.state.name, "STABLE")
            expect_equal("its members", [one.client_id for one in group.members], [name("client")])
            assigned = [(one.topic, one.partition) for one in group.members[0].assignment.topic_partitions]
            expect_equal("the member's assignment", sorted(assigned), [(target, 0), (target, 1)])
            request = confluent_kafka.ConsumerGroupTopicPartitions(name("g"))
            committed = (admin.list_consumer_group_offsets([request])[name("g")].result(30)
                         .topic_partitions)
        lag = {one.partition: watermarks(member, target, one.partition)[1] - one.offset
               for one in committed}
        expect_equal("the lag", lag, {0: 20, 1: 5})
        if not OLD:
            expect_equal("the error of deleting an active group",
                         error_code(admin.delete_consumer_groups([name("g")])), KafkaError.NON_EMPTY_GROUP)
        member.close()
        if OLD:
            return "without deleting: no such call"
        done(admin.delete_consumer_groups([name("g")]))
        listed = admin.list_consumer_groups().result(30).valid
        expect(name("g") not in [group.group_id for group in listed], "the deleted group is still listed")
        return "without deleting offsets: no such call"


def delete_records():
    if OLD:
        raise Unsupported("no deletion of records")
    with topic("t") as target, reading(consumer("g")) as source:
        send_all(target, map(str, range(100)))
        done(admin.delete_records([TopicPartition(target, 0, 60)]))
        expect_equal("the earliest offset", watermarks(source, target, 0), (60, 100))
        source.subscribe([target])
        expect_equal("the offsets read", [message.offset() for message in read(source, 40)],
                     list(range(60, 100)))
        expect_equal("the error beyond the end", error_code(admin.delete_records([TopicPartition(target, 0, 101)])),
                     KafkaError.OFFSET_OUT_OF_RANGE)


def large_records():
    with topic("t") as target, reading(consumer("g")) as source:
        values = [bytes([65 + number]) + hashlib.shake_256(bytes([number])).digest(999_999) for number in range(20)]
        send_all(target, values, message_max_bytes=3_000_000)
        source.subscribe([target])
        for sent, message in zip(values, read(source, 20)):
            expect(hashlib.sha256(sent).digest() == hashlib.sha256(message.value()).digest(),
                   f"the record at offset {message.offset()} is not what was sent")
        sender = Sender(message_max_bytes=3_000_000)
        sender.send(target, b"x" * 2_000_000)
        sender.producer.flush(60)
        expect_equal("what a record of 2,000,000 bytes meets", [error.code() for error in sender.errors],
                     [KafkaError.MSG_SIZE_TOO_LARGE])


def thousand_partitions():
    with topic("t", 1000) as target, reading(consumer("g")) as source:
        sender = Sender()
        for number in range(3000):
            sender.send(target, str(number), partition=number % 1000)
        sender.flush()
        source.subscribe([target])
        numbers = collections.defaultdict(list)
        for message in read(source, 3000):
            numbers[message.partition()].append(int(message.value()))
        expect_numbered(numbers, 3000)
        expect_equal("the number of partitions read", len(numbers), 1000)
        expect_equal("the number of partitions described",
                     len(admin.list_topics(target, timeout=30).topics[target].partitions), 1000)


run(globals())
