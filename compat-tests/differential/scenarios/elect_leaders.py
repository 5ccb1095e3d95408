"""ElectLeaders (KIP-460): preferred and unclean elections."""

from scenario import every_version

PREFERRED, UNCLEAN = 0, 1


def elect(side, kind, *topics):
    """`topics` are (name, partitions)."""
    return side.request("ElectLeaders", election_type=kind, timeout_ms=10000, topic_partitions=[
        {"topic": name, "partitions": list(partitions)} for name, partitions in topics])


@every_version("ElectLeaders", texts=True)
def leaders_that_are_fine(side):
    name = side.create_topic(partitions=3)
    for kind in (PREFERRED, UNCLEAN):
        elect(side, kind, (name, [0]))
        elect(side, kind, (name, [2, 0, 1]))
        elect(side, kind, (name, []))


@every_version("ElectLeaders", texts=True)
def unknown_partitions(side):
    name = side.create_topic()
    for kind in (PREFERRED, UNCLEAN):
        elect(side, kind, (side.fresh(), [0]))
        elect(side, kind, (name, [1]))
        elect(side, kind, (name, [-1]))
        elect(side, kind, ("", [0]))
        elect(side, kind, (name, [0, 1]))


@every_version("ElectLeaders", texts=True)
def no_topics(side):
    for kind in (PREFERRED, UNCLEAN):
        elect(side, kind)


@every_version("ElectLeaders", since=1, texts=True)
def unknown_kinds(side):
    name = side.create_topic()
    for kind in (2, -1, 127):
        elect(side, kind, (name, [0]), (side.fresh(), [0]))
        side.request("ElectLeaders", election_type=kind, topic_partitions=None)
        elect(side, kind)


@every_version("ElectLeaders", texts=True)
def the_same_twice(side):
    name = side.create_topic(partitions=2)
    elect(side, PREFERRED, (name, [0, 0]))
    elect(side, PREFERRED, (name, [0]), (name, [1]))
    elect(side, PREFERRED, (name, [0]), (name, [0]))


@every_version("ElectLeaders", alone=True)
def everywhere(side):
    name = side.create_topic(partitions=2)
    for kind in (PREFERRED, UNCLEAN):
        answer = side.ask("ElectLeaders", election_type=kind, topic_partitions=None, timeout_ms=10000)
        answer["replica_election_results"] = [result for result in answer["replica_election_results"]
                                              if result["topic"] == name]
        side.record(f"own topics of election {kind}", answer)


@every_version("ElectLeaders")
def no_time(side):
    name = side.create_topic()
    for timeout_ms in (0, -1, -(1 << 31)):
        for topics in ([{"topic": name, "partitions": [0]}, {"topic": side.fresh(), "partitions": [0, 1]}], [], None):
            side.request("ElectLeaders", timeout_ms=timeout_ms, topic_partitions=topics)
