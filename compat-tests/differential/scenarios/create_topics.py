"""CreateTopics: what is made of a request, and every reason to refuse it."""

from scenario import every_version


def topic(name, partitions=1, replication_factor=1, assignments=(), configs=()):
    """`assignments` are (partition, brokers), `configs` (name, value)."""
    return {"name": name, "num_partitions": partitions, "replication_factor": replication_factor,
            "assignments": [{"partition_index": index, "broker_ids": list(brokers)}
                            for index, brokers in assignments],
            "configs": [{"name": key, "value": value} for key, value in configs]}


def by_hand(name, *assignments, partitions=-1, replication_factor=-1):
    return topic(name, partitions, replication_factor, assignments)


def create(side, *topics, validate_only=False):
    return side.request("CreateTopics", topics=list(topics), timeout_ms=10000, validate_only=validate_only)


def record_topics(side, *names):
    """How `names` look to the clients, once all of them serve."""
    for name in names:
        side.await_topic(name)
    side.request("Metadata", topics=[{"name": name} for name in names])


@every_version("CreateTopics", texts=True)
def defaults_and_given_counts(side):
    names = [side.fresh() for _ in range(4)]
    create(side, topic(names[0], -1, -1), topic(names[1], 3, -1), topic(names[2], -1, 1), topic(names[3], 5, 1))
    record_topics(side, *names)


@every_version("CreateTopics", texts=True)
def no_topics(side):
    create(side)
    create(side, validate_only=True)


@every_version("CreateTopics", texts=True)
def only_validated(side):
    name = side.fresh()
    create(side, topic(name, 3, 1, configs=[("retention.ms", "5")]), validate_only=True)
    create(side, topic(name, 3, 7), topic(side.fresh(), 0), topic("a b"), validate_only=True)
    side.request("Metadata", topics=[{"name": name}])


@every_version("CreateTopics", texts=True)
def assignments_by_hand(side):
    names = [side.fresh() for _ in range(2)]
    create(side, by_hand(names[0], (0, [1])), by_hand(names[1], (1, [1]), (0, [1]), (2, [1])))
    record_topics(side, *names)


@every_version("CreateTopics", texts=True)
def wrong_assignments_by_hand(side):
    for assignments in (
            [(0, [2])], [(0, [1, 1])], [(0, [])], [(0, [1]), (0, [1])], [(1, [1])], [(0, [1]), (2, [1])],
            [(-1, [1])], [(0, [-1])], [(0, [1]), (1, [1, 2])], [(0, [2, 1]), (1, [])]):
        create(side, by_hand(side.fresh(), *assignments))
        create(side, by_hand(side.fresh(), *assignments), validate_only=True)


@every_version("CreateTopics", texts=True)
def assignments_beside_counts(side):
    for partitions, factor in ((1, -1), (-1, 1), (1, 1), (2, -1), (0, -1), (-1, 0)):
        create(side, by_hand(side.fresh(), (0, [1]), partitions=partitions, replication_factor=factor))


@every_version("CreateTopics", texts=True)
def wrong_counts(side):
    for partitions in (0, -2, -(1 << 31)):
        create(side, topic(side.fresh(), partitions))
    for factor in (0, -2, 2, 3, 32767, -32768):
        create(side, topic(side.fresh(), 1, factor))
    create(side, topic(side.fresh(), 0, 0), topic(side.fresh(), -1, 2), topic(side.fresh(), 0, 2))


@every_version("CreateTopics", texts=True)
def too_many_partitions(side):
    create(side, topic(side.fresh(), 10001))
    create(side, topic(side.fresh(), (1 << 31) - 1))
    create(side, topic(side.fresh(), 6000), topic(side.fresh(), 4001))
    create(side, topic(side.fresh(), 10001), topic("a b"), topic(side.fresh(), 0), validate_only=True)
    create(side, topic(side.fresh(), 10000), topic(side.fresh(), -1), validate_only=True)


@every_version("CreateTopics", texts=True)
def illegal_names(side):
    for name in ("", ".", "..", "...", "a b", "a/b", "ü", "a:b", "a\0b", "*", "x" * 250, "x" * 249, " "):
        create(side, topic(name), validate_only=True)
    create(side, topic("", 0, 7), topic("..", 0, 7))


@every_version("CreateTopics", texts=True)
def names_that_collide(side):
    word = side.fresh()
    side.create_topic(name=f"{word}.a_b")
    create(side, topic(f"{word}_a.b"), topic(f"{word}.a.b"), topic(f"{word}.a-b"))
    create(side, topic(f"{word}.c_d"), topic(f"{word}_c.d"))
    record_topics(side, f"{word}.a-b")
    create(side, topic(f"{word}_a_b", 0), validate_only=True)


@every_version("CreateTopics", texts=True)
def internal_topics(side):
    create(side, topic("__cluster_metadata"), topic("__remote_log_metadata"), validate_only=True)
    create(side, topic("__transaction_state", 0), topic("__consumer_offsets", 0))


@every_version("CreateTopics", texts=True)
def one_that_exists(side):
    name = side.create_topic()
    create(side, topic(name), topic(side.fresh(), 2))
    create(side, topic(name, 0, 7, configs=[("x", "y")]), validate_only=True)
    create(side, by_hand(name, (0, [3])))


@every_version("CreateTopics", texts=True)
def the_same_twice(side):
    twice, thrice, once = side.fresh(), side.fresh(), side.fresh()
    create(side, topic(twice), topic(once), topic(twice, 2), topic(thrice), topic(thrice), topic(thrice))
    record_topics(side, once)
    side.request("Metadata", topics=[{"name": twice}, {"name": thrice}])
    create(side, topic(once), topic(once))


@every_version("CreateTopics", texts=True)
def configs_of_the_new_topic(side):
    name = side.fresh()
    create(side, topic(name, configs=[("retention.ms", "5"), ("cleanup.policy", " compact , delete"),
                                      ("min.cleanable.dirty.ratio", "0.25"), ("preallocate", "TRUE"),
                                      ("compression.type", "zstd"), ("follower.replication.throttled.replicas", "")]))
    side.await_topic(name)
    side.request("DescribeConfigs", resources=[{"resource_type": 2, "resource_name": name,
                                                "configuration_keys": None}], include_synonyms=True)


@every_version("CreateTopics", texts=True)
def values_as_they_were_written(side):
    for key, value in (("retention.ms", " 5 "), ("retention.ms", "+5"), ("retention.ms", "007"),
                       ("preallocate", " False "),
                       ("min.cleanable.dirty.ratio", ".25"), ("min.cleanable.dirty.ratio", "1e-1"),
                       ("cleanup.policy", "delete, compact"), ("compression.type", " gzip ")):
        create(side, topic(side.fresh(), configs=[(key, value)]), validate_only=True)


@every_version("CreateTopics", texts=True)
def wrong_configs(side):
    for key, value in (
            ("retention.ms", "x"), ("retention.ms", ""), ("retention.ms", None), ("retention.ms", "-2"),
            ("retention.ms", "1.5"), ("retention.ms", "9223372036854775808"), ("no.such.key", "1"),
            ("no.such.key", None), ("", "1"), ("cleanup.policy", "x"), ("cleanup.policy", ""),
            ("cleanup.policy", "delete,delete"), ("cleanup.policy", "compact,,delete"), ("preallocate", "yes"),
            ("segment.bytes", "13"), ("segment.bytes", "1048575"), ("segment.ms", "0"),
            ("min.insync.replicas", "0"), ("min.cleanable.dirty.ratio", "1.1"),
            ("min.cleanable.dirty.ratio", "x"), ("compression.type", "brotli"),
            ("compression.gzip.level", "0"), ("compression.gzip.level", "10"), ("compression.lz4.level", "18"),
            ("compression.zstd.level", "23"), ("message.timestamp.type", "x"),
            ("message.timestamp.type", "createTime"), ("max.message.bytes", "-1"),
            ("local.retention.ms", "-3"), ("remote.storage.enable", "true"),
            ("remote.log.delete.on.disable", "true"), ("remote.log.copy.disable", "true"),
            ("message.format.version", "3.0"), ("message.downconversion.enable", "true"),
            ("leader.replication.throttled.replicas", "x"), ("leader.replication.throttled.replicas", "0:1,1:2"),
            ("leader.replication.throttled.replicas", "*"), ("file.delete.delay.ms", "-1"),
            ("flush.messages", "0"), ("index.interval.bytes", "-1"), ("segment.index.bytes", "3"),
            ("segment.jitter.ms", "-1"), ("unclean.leader.election.enable", "")):
        create(side, topic(side.fresh(), configs=[(key, value)]), validate_only=True)


@every_version("CreateTopics", texts=True)
def wrong_configs_beside_good_ones(side):
    create(side, topic(side.fresh(), configs=[("retention.ms", "5"), ("no.such.key", "1")]),
           topic(side.fresh(), configs=[("retention.ms", None), ("segment.ms", None)]), topic(side.fresh()),
           topic(side.fresh(), configs=[("retention.ms", "1"), ("retention.ms", "2")]),
           topic(side.fresh(), configs=[("min.compaction.lag.ms", "2"), ("max.compaction.lag.ms", "1")]),
           topic(side.fresh(), configs=[("local.retention.ms", "10"), ("retention.ms", "5")]),
           topic(side.fresh(), configs=[("local.retention.bytes", "10"), ("retention.bytes", "5")]),
           topic(side.fresh(), 0, configs=[("x", "y")]), validate_only=True)


@every_version("CreateTopics")
def no_time(side):
    names = [side.fresh(), side.fresh()]
    for timeout_ms in (0, -1, -(1 << 31)):
        for validate_only in (True, False):
            side.request("CreateTopics", timeout_ms=timeout_ms, validate_only=validate_only,
                         topics=[topic(names[0]), topic(names[1], 0), topic("a b")])
        side.request("CreateTopics", timeout_ms=timeout_ms)
    side.request("Metadata", topics=[{"name": names[0]}])
