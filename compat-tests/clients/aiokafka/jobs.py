"""The jobs with aiokafka."""

import asyncio
import collections
import contextlib
import hashlib
import re
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (InvalidTopicError, MessageSizeTooLargeError, OffsetOutOfRangeError,
                             TopicAlreadyExistsError, for_code)

from job import (BOOTSTRAP, PREFIX, Deadline, Ownership, broker_control, expect, expect_equal,
                 expect_numbered, name, run)


@contextlib.asynccontextmanager
async def admin_client():
    admin = AIOKafkaAdminClient(bootstrap_servers=BOOTSTRAP)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def create(admin, topic, partitions=1, configs=None):
    """The error's class, None when the topic was created."""
    answer = await admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs or {})])
    code = answer.topic_errors[0][1]
    return for_code(code) if code else None


async def describe(admin, topic):
    return (await admin.describe_topics([topic]))[0]


async def until(condition, what):
    """Waits for a condition, which may be a coroutine function."""
    deadline = Deadline()
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return
        deadline.check(what)
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def topic(suffix, partitions=1):
    created = name(suffix)
    async with admin_client() as admin:
        expect_equal("the error of creating a topic", await create(admin, created, partitions), None)

        async def is_led():
            found = (await describe(admin, created))["partitions"]
            return len(found) == partitions and all(one["leader"] >= 0 for one in found)
        await until(is_led, "a leader of each partition")
        yield created
        await admin.delete_topics([created])


def producer(**settings):
    return AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all", **settings)


async def send_all(topic, values, partition_count=None, **settings):
    async with producer(**settings) as sender:
        await asyncio.gather(*[await sender.send(topic, value, partition=partition_count and number % partition_count)
                               for number, value in enumerate(values)])


def numbered(count):
    return [str(number).encode() for number in range(count)]


def consumer(group, *topics, **settings):
    return AIOKafkaConsumer(*topics, bootstrap_servers=BOOTSTRAP, group_id=name(group),
                            auto_offset_reset="earliest", **settings)


async def read(source, count, what="a record"):
    """`count` records, as they come."""
    records, deadline = [], Deadline()
    while len(records) < count:
        for batch in (await source.getmany(timeout_ms=200, max_records=count - len(records))).values():
            records += batch
        deadline.check(f"{what} ({len(records)} of {count})")
    return records


class Member(ConsumerRebalanceListener):
    """A member of a group that reads in a task of its own until it leaves."""

    def __init__(self, label, group, ownership, topics=(), pattern=None, **settings):
        self.label, self.ownership = label, ownership
        self.values = []
        self.assignments = []
        self.consumer = consumer(group, **settings)
        self.consumer.subscribe(topics=topics, pattern=pattern, listener=self)
        self.task = asyncio.create_task(self.read_on())

    def on_partitions_assigned(self, assigned):
        self.assignments.append(sorted(assigned))
        self.ownership.assign(self.label, assigned)

    def on_partitions_revoked(self, revoked):
        self.ownership.revoke(self.label)

    async def read_on(self):
        async with self.consumer:
            async for record in self.consumer:
                self.values.append(record.value)

    async def leave(self):
        """Stops the consumer: the loop over its records ends then, and with it the task."""
        self.ownership.revoke(self.label)
        await asyncio.wait_for(self.consumer.stop(), 30)
        await asyncio.wait_for(self.task, 30)


async def produce_codecs():
    for codec in (None, "gzip", "snappy", "lz4", "zstd"):
        headers = [("codec", str(codec).encode()), ("empty", b"")]
        async with (topic(codec or "none", 3) as target, producer(compression_type=codec, linger_ms=5) as sender,
                    consumer(codec or "none", target) as source):
            sent = [await sender.send(target, b"value-%d" % number * 5, key=b"key-%d" % (number % 20), headers=headers)
                    for number in range(500)]
            await asyncio.gather(*sent)
            by_key = collections.defaultdict(list)
            for record in await read(source, 500, f"a {codec} record"):
                expect_equal(f"the headers with {codec}", list(record.headers), headers)
                by_key[record.key].append(record.value)
            for key in range(20):
                expect_equal(f"what key-{key} has with {codec}", by_key[b"key-%d" % key],
                             [b"value-%d" % number * 5 for number in range(key, 500, 20)])


async def group_of_three():
    async with topic("t", 6) as target, producer(linger_ms=5) as sender:
        ownership = Ownership()

        def member(number):
            return Member(f"member {number}", "g", ownership, [target], auto_commit_interval_ms=500)

        members = [member(number) for number in range(3)]
        labels = [one.label for one in members]

        async def send(first, end):
            return [await sender.send(target, str(number).encode(), key=str(number).encode())
                    for number in range(first, end)]

        await until(lambda: ownership.covers(labels, 6), "a generation of three")
        sent = await send(0, 1000)
        await until(lambda: all(one.values for one in members), "a record for each of three")

        _, more = await asyncio.gather(members[0].leave(), send(1000, 2000))
        sent += more
        await until(lambda: ownership.covers(labels[1:], 6), "a generation of two")

        members.append(member(3))
        sent += await send(2000, 3000)
        await asyncio.gather(*sent)
        await until(lambda: ownership.covers(labels[1:] + ["member 3"], 6), "a generation with a new member")
        await until(lambda: len({value for one in members for value in one.values}) == 3000, "every record")
        for one in members[1:]:
            await one.leave()
        expect(ownership.conflict is None, ownership.conflict)
        partitions = [TopicPartition(target, number) for number in range(6)]
        async with consumer("g") as source:
            source.assign(partitions)
            expect_equal("the committed offsets", {one: await source.committed(one) for one in partitions},
                         await source.end_offsets(partitions))


async def static_members():
    async with topic("t", 4) as target:
        ownership = Ownership()

        def member(label, instance):
            return Member(label, "g", ownership, [target], group_instance_id=instance, session_timeout_ms=30000,
                          heartbeat_interval_ms=1000)

        one, two = member("one", name("one")), member("two", name("two"))
        await until(lambda: ownership.covers(["one", "two"], 4), "a generation of two")
        had, rebalances = two.assignments[-1], len(one.assignments)

        await two.leave()  # a static member's stop does not leave the group
        back = member("two", name("two"))
        await until(lambda: back.assignments, "the assignment of the member that came back")
        expect_equal("what the member has that came back", back.assignments, [had])
        expect_equal("the other's number of rebalances", len(one.assignments), rebalances)
        for left in (one, back):
            await left.leave()
    return "without fencing: its heartbeats name no instance, FENCED_INSTANCE_ID is unknown to it"


async def commit_resume():
    async with topic("t", 2) as target:
        await send_all(target, numbered(200), partition_count=2)
        async with consumer("g", target, enable_auto_commit=False) as source:
            next_offsets = {TopicPartition(target, record.partition): record.offset + 1
                            for record in await read(source, 100)}
            await source.commit({one: OffsetAndMetadata(offset, "half") for one, offset in next_offsets.items()})
        await asyncio.to_thread(broker_control, "restart")
        async with admin_client() as admin:
            async def is_committed():  # it takes the error "still loading" for no offsets
                committed = await admin.list_consumer_group_offsets(name("g"))
                return ({one: tuple(value) for one, value in committed.items()}
                        == {one: (offset, "half") for one, offset in next_offsets.items()})
            await until(is_committed, "what was committed")
        async with consumer("g", target, enable_auto_commit=False) as source:
            resumed = collections.defaultdict(list)
            for record in await read(source, 100):
                resumed[record.partition].append(record.offset)
        for number in range(2):
            expect_equal(f"what was read of partition {number} after the restart", resumed[number],
                         list(range(next_offsets.get(TopicPartition(target, number), 0), 100)))


async def seek_by_time():
    hour = 3_600_000
    first = int(time.time() * 1000) - 10 * hour
    async with topic("t") as target, producer() as sender, consumer("g") as source:
        for number in range(10):
            await sender.send_and_wait(target, str(number).encode(), timestamp_ms=first + number * hour)
        partition = TopicPartition(target, 0)
        source.assign([partition])
        found = (await source.offsets_for_times({partition: first + 4 * hour + hour // 2}))[partition]
        expect_equal("what is found half an hour after record 4", (found.offset, found.timestamp),
                     (5, first + 5 * hour))
        source.seek(partition, found.offset)
        expect_equal("the first record read there", (await read(source, 1))[0].value, b"5")
        expect_equal("what is found after the last",
                     (await source.offsets_for_times({partition: first + 10 * hour}))[partition], None)


async def idempotent_restart():
    async with topic("t", 3) as target, producer(enable_idempotence=True, linger_ms=5) as sender:
        sent = []

        async def send(first, end, pause=0.0):
            for number in range(first, end):
                sent.append(await sender.send(target, str(number).encode(), partition=number % 3))
                await asyncio.sleep(pause)

        await send(0, 1000)
        for command, first in (("restart", 1000), ("kill", 3000)):
            await asyncio.gather(asyncio.to_thread(broker_control, command), send(first, first + 2000, pause=0.001))
        await asyncio.gather(*sent)
        numbers = collections.defaultdict(list)
        async with consumer("g", target) as source:
            for record in await read(source, 5000):
                numbers[record.partition].append(int(record.value))
            ends = await source.end_offsets([TopicPartition(target, number) for number in range(3)])
            expect_equal("the sum of end offsets", sum(ends.values()), 5000)
        expect_numbered(numbers, 5000)


async def pattern_subscription():
    async with topic("p-1") as one, topic("p-2") as two, topic("other") as other:
        member = Member("member", "g", Ownership(), pattern=f"^{re.escape(PREFIX)}-p-.*", metadata_max_age_ms=500)
        await send_all(other, [b"not to be seen"])
        await send_all(one, [b"one"])
        await send_all(two, [b"two"])
        await until(lambda: {b"one", b"two"} <= set(member.values), "the records of two topics")
        async with topic("p-3") as three:
            await send_all(three, [b"three"])
            await until(lambda: b"three" in member.values, "the record of the later topic")
            await member.leave()
    expect_equal("what was read", sorted(member.values), [b"one", b"three", b"two"])


async def topic_admin():
    target = name("t")

    async with admin_client() as admin:
        async def listed():
            return target in await admin.list_topics()

        async def has_partitions(count):
            return len((await describe(admin, target))["partitions"]) == count

        async def retention():
            answer = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, target)])
            _, _, _, _, entries = answer[0].resources[0]
            return {entry[0]: entry[1] for entry in entries}["retention.ms"]

        async def altered():
            return await retention() == "7200000"

        async def unknown():
            return (await describe(admin, target))["error_code"] == 3

        expect_equal("the error of creating it", await create(admin, target, 3, {"retention.ms": "3600000"}), None)
        await until(listed, "the topic in the list")
        await until(lambda: has_partitions(3), "a description with 3 partitions")
        expect_equal("retention.ms", await retention(), "3600000")
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, target, {"retention.ms": "7200000"})])
        await until(altered, "the altered config")
        await admin.create_partitions({target: NewPartitions(6)})
        await until(lambda: has_partitions(6), "a description with 6 partitions")
        expect_equal("the error of creating it again", await create(admin, target), TopicAlreadyExistsError)
        expect_equal("the error of an illegal name", await create(admin, name("a b")), InvalidTopicError)
        await admin.delete_topics([target])
        await until(unknown, "UNKNOWN_TOPIC_OR_PARTITION for the deleted topic")


async def group_admin():
    group = name("g")
    async with topic("t", 2) as target, admin_client() as admin:
        await send_all(target, numbered(100), partition_count=2)
        partitions = [TopicPartition(target, number) for number in range(2)]
        async with consumer("g", target, enable_auto_commit=False, client_id=name("client")) as member:
            await read(member, 100)
            await member.commit({partitions[0]: 30, partitions[1]: 45})
            expect(group in [one[0] for one in await admin.list_consumer_groups()], "the group is not in the list")
            described = (await admin.describe_consumer_groups([group]))[0].to_object()["groups"][0]
            expect_equal("the group's state", described["state"], "Stable")
            expect_equal("its members", [one["client_id"] for one in described["members"]], [name("client")])
            committed = await admin.list_consumer_group_offsets(group)
            ends = await member.end_offsets(partitions)
            expect_equal("the lag", [ends[one] - committed[one].offset for one in partitions], [20, 5])
    return "without deleting: no such call"


async def delete_records():
    async with topic("t") as target, admin_client() as admin:
        await send_all(target, numbered(100))
        partition = TopicPartition(target, 0)
        await admin.delete_records({partition: RecordsToDelete(60)})
        async with consumer("g", target) as source:
            expect_equal("the earliest offset", await source.beginning_offsets([partition]), {partition: 60})
            expect_equal("the offsets read", [record.offset for record in await read(source, 40)],
                         list(range(60, 100)))
        try:
            await admin.delete_records({partition: RecordsToDelete(101)})
        except OffsetOutOfRangeError:
            return
        raise AssertionError("records beyond the end were deleted")


async def large_records():
    values = [hashlib.shake_256(bytes([number])).digest(1_000_000) for number in range(20)]
    async with (topic("t") as target, producer(max_request_size=3_000_000) as sender,
                consumer("g", target) as source):
        for value in values:
            await sender.send_and_wait(target, value)
        for sent, record in zip(values, await read(source, 20)):
            expect(sent == record.value, f"the record at offset {record.offset} is not what was sent")
        try:
            await sender.send_and_wait(target, b"x" * 2_000_000)
        except MessageSizeTooLargeError:
            return
        raise AssertionError("a record of 2,000,000 bytes was taken")


async def thousand_partitions():
    async with topic("t", 1000) as target, admin_client() as admin, consumer("g", target) as source:
        await send_all(target, numbered(3000), partition_count=1000, linger_ms=5)
        numbers = collections.defaultdict(list)
        for record in await read(source, 3000):
            numbers[record.partition].append(int(record.value))
        expect_numbered(numbers, 3000)
        expect_equal("the number of partitions read", len(numbers), 1000)
        expect_equal("the number of partitions described", len((await describe(admin, target))["partitions"]), 1000)


run(globals(), lambda job: asyncio.run(job()))
