"""DescribeTopicPartitions (KIP-966): topics in order of their names, a page of partitions at a time."""

from scenario import every_version


def describe(side, *names, limit=2000, cursor=None):
    """`cursor` is (topic, partition)."""
    return side.request("DescribeTopicPartitions", topics=[{"name": name} for name in names],
                        response_partition_limit=limit,
                        cursor=cursor and {"topic_name": cursor[0], "partition_index": cursor[1]})


@every_version("DescribeTopicPartitions")
def some_topics(side):
    names = [side.create_topic(partitions=3), side.create_topic()]
    describe(side, *names)
    describe(side, *reversed(names), names[0])


@every_version("DescribeTopicPartitions")
def topics_that_are_not_there(side):
    name = side.create_topic()
    for others in ([], ["a b"], ["x" * 250], [".."]):
        describe(side, *others, side.fresh(), name, side.fresh())
    describe(side, side.fresh())


@every_version("DescribeTopicPartitions")
def a_page_at_a_time(side):
    names = [side.create_topic(partitions=count) for count in (3, 1, 4)]
    for limit in (1, 2, 3, 4, 5, 7, 8):
        cursor = None
        for _ in range(9):
            answer = describe(side, *names, limit=limit, cursor=cursor)
            following = answer["next_cursor"]
            if following is None:
                break
            cursor = following["topic_name"], following["partition_index"]


@every_version("DescribeTopicPartitions")
def pages_with_unknown_topics(side):
    names = [side.fresh(), side.create_topic(partitions=2), side.fresh(), side.create_topic(partitions=2), side.fresh()]
    for limit in (1, 2, 3, 4):
        describe(side, *names, limit=limit)
        describe(side, *names, limit=limit, cursor=(names[1], 1))
        describe(side, *names, limit=limit, cursor=(names[2], 0))


@every_version("DescribeTopicPartitions")
def limits_that_make_no_sense(side):
    name = side.create_topic(partitions=3)
    for limit in (0, -1, -(1 << 31), (1 << 31) - 1):
        describe(side, name, limit=limit)


@every_version("DescribeTopicPartitions")
def cursors_that_make_no_sense(side):
    names = [side.create_topic(partitions=2), side.create_topic(partitions=2)]
    for topic, partition in ((names[0], -1), (names[0], 2), (names[0], 7), (names[1], 1), (names[1], 2), ("", 0),
                             ("a", 0), ("zzz", 0), (side.fresh(), 0), (f"{names[0]}x", 1), (side.fresh(), -1)):
        describe(side, *names, cursor=(topic, partition))


@every_version("DescribeTopicPartitions", alone=True)
def all_topics(side):
    names = [side.create_topic(partitions=2), side.create_topic()]
    for cursor in (None, (names[0], 1), (names[1], 0)):
        answer = side.ask("DescribeTopicPartitions", cursor=cursor and {"topic_name": cursor[0],
                                                                        "partition_index": cursor[1]})
        side.record(f"own topics from {cursor}", [topic for topic in answer["topics"] if topic["name"] in names])


@every_version("DescribeTopicPartitions")
def more_than_the_broker_lists_at_once(side):
    name = side.create_topic(partitions=8)
    for limit in (5, 6, 7, 8, 2000):
        describe(side, name, limit=limit)
    describe(side, name, limit=7, cursor=(name, 1))
    describe(side, name, limit=7, cursor=(name, 2))


@every_version("DescribeTopicPartitions")
def an_internal_topic(side):
    describe(side, "__consumer_offsets", "__transaction_state", "__cluster_metadata", "__share_group_state")
