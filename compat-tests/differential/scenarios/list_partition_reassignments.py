"""ListPartitionReassignments (KIP-455): nothing moves."""

from scenario import every_version


@every_version("ListPartitionReassignments", texts=True)
def nothing_moves(side):
    name = side.create_topic(partitions=2)
    for topics in (None, [], [(name, [0, 1])], [(name, [])], [(name, [0, 7, -1])], [(side.fresh(), [0])], [("", [0])],
                   [(name, [0]), (name, [0])]):
        side.request("ListPartitionReassignments", topics=topics and [
            {"name": topic, "partition_indexes": partitions} for topic, partitions in topics])
