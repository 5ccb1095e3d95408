"""CreatePartitions: more partitions for a topic, and every reason to refuse them."""

from scenario import every_version


def grow(name, count, *replicas):
    """`replicas` are the brokers of each new partition; none lets the broker choose."""
    return {"name": name, "count": count,
            "assignments": [{"broker_ids": list(brokers)} for brokers in replicas] if replicas else None}


def create(side, *topics, validate_only=False):
    return side.request("CreatePartitions", topics=list(topics), timeout_ms=10000, validate_only=validate_only)


@every_version("CreatePartitions", texts=True)
def more(side):
    names = [side.create_topic(), side.create_topic(partitions=2)]
    create(side, grow(names[0], 3), grow(names[1], 3, [1]))
    for name in names:
        side.await_topic(name, partitions=3)
    side.request("Metadata", topics=[{"name": name} for name in names])


@every_version("CreatePartitions", texts=True)
def not_more(side):
    name = side.create_topic(partitions=3)
    for count in (3, 2, 0, -1, -(1 << 31)):
        create(side, grow(name, count))
        create(side, grow(name, count, [1]), validate_only=True)
    side.request("Metadata", topics=[{"name": name}])


@every_version("CreatePartitions", texts=True)
def only_validated(side):
    name = side.create_topic()
    create(side, grow(name, 4), validate_only=True)
    create(side, grow(name, 2, [1]), validate_only=True)
    create(side, grow(name, 2, [2]), grow(side.fresh(), 2), validate_only=True)
    side.request("Metadata", topics=[{"name": name}])


@every_version("CreatePartitions", texts=True)
def wrong_assignments(side):
    name = side.create_topic()
    for count, replicas in ((2, [[2]]), (2, [[]]), (2, [[1, 1]]), (2, [[1], [1]]), (3, [[1]]), (2, [[-1]]),
                            (2, [[1, 2]]), (4, [[1], [1], [2]])):
        create(side, grow(name, count, *replicas))
    create(side, {"name": name, "count": 2, "assignments": []})
    side.request("Metadata", topics=[{"name": name}])


@every_version("CreatePartitions", texts=True)
def unknown_topics(side):
    known = side.create_topic()
    create(side, grow(side.fresh(), 2), grow(known, 2), grow("a b", 2), grow("", 2), grow(side.fresh(), -1))
    side.await_topic(known, partitions=2)


@every_version("CreatePartitions", texts=True)
def the_same_twice(side):
    twice, once, unknown = side.create_topic(), side.create_topic(), side.fresh()
    create(side, grow(twice, 2), grow(once, 2), grow(twice, 3), grow(unknown, 2), grow(unknown, 2))
    side.await_topic(once, partitions=2)
    side.request("Metadata", topics=[{"name": twice}])


@every_version("CreatePartitions", texts=True)
def no_topics(side):
    create(side)
    create(side, validate_only=True)


@every_version("CreatePartitions")
def no_time(side):
    name = side.create_topic()
    for timeout_ms in (0, -1, -(1 << 31)):
        for topics in ([grow(name, 2), grow(side.fresh(), 2)], []):
            side.request("CreatePartitions", timeout_ms=timeout_ms, topics=topics)
    side.request("Metadata", topics=[{"name": name}])


@every_version("CreatePartitions", texts=True)
def internal_topics(side):
    create(side, grow("__consumer_offsets", 99), grow("__cluster_metadata", 2), validate_only=True)
