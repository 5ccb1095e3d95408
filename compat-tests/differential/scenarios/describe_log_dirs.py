"""DescribeLogDirs (KIP-113, KIP-827): where the partitions lie, and how large they are."""

from records import batch
from scenario import every_version


@every_version("DescribeLogDirs")
def chosen_partitions(side):
    names = [side.create_topic(partitions=3), side.create_topic()]
    side.produce(names[0], batch([b"value"]), partition=1)
    side.produce(names[1], batch([b"a", b"b"]))
    for topics in ({names[0]: [0, 1, 2], names[1]: [0]}, {names[0]: [2, 1]}, {names[1]: [0, 0]}, {names[0]: []},
                   {names[0]: [0, 3, -1], side.fresh(): [0]}, {side.fresh(): [0, 1]}, {"": [0], "a b": [0]}, {}):
        side.request("DescribeLogDirs", topics=[{"topic": name, "partitions": partitions}
                                                for name, partitions in topics.items()])


@every_version("DescribeLogDirs")
def the_same_topic_twice(side):
    name = side.create_topic(partitions=2)
    side.request("DescribeLogDirs", topics=[{"topic": name, "partitions": [0]}, {"topic": name, "partitions": [1]}])


@every_version("DescribeLogDirs", alone=True)
def all_partitions(side):
    name = side.create_topic(partitions=2)
    side.produce(name, batch([b"value"]))
    answer = side.ask("DescribeLogDirs", topics=None)
    for log_dir in answer["results"]:
        log_dir["topics"] = [topic for topic in log_dir["topics"] if topic["name"] == name]
    side.record("own partitions of all", answer)
