"""kafka-consumer-groups, kafka-groups, kafka-share-groups and kafka-streams-application-reset."""

import re

VIEWS = ((), ("--offsets",), ("--members",), ("--members", "--verbose"), ("--state",), ("--state", "--verbose"),
         ("--offsets", "--verbose"))


def _group_that_read(kafka, group, topic):
    """An empty group that has read 6 records of each of two partitions."""
    kafka.topic(topic, 2)
    kafka.produce_in_turn(topic, *map(str, range(12)))
    kafka.consume(topic, 12, "--from-beginning", "--group", group, unordered=True)


def groups_empty(kafka):
    _group_that_read(kafka, "idle", "read")
    tool = "consumer-groups"
    kafka.run(tool, "--list", unordered=True)
    for options in (("--state",), ("--state", "Stable,Empty"), ("--state", "Stable"), ("--type",),
                    ("--type", "classic"), ("--type", "consumer"), ("--type", "wrong"), ("--state", "--type")):
        kafka.run(tool, "--list", *options, unordered=True)
    for view in VIEWS:
        kafka.run(tool, "--describe", "--group", "idle", *view, unordered=True)
        kafka.run(tool, "--describe", "--group", "missing", *view)
    kafka.run(tool, "--describe", "--all-groups", unordered=True)
    kafka.run(tool, "--describe", "--all-groups", "--state", unordered=True)
    kafka.run(tool, "--validate-regex", "(")
    for options in ((), ("--consumer",), ("--share",), ("--streams",), ("--group-type", "classic"),
                    ("--group-type", "consumer"), ("--protocol", "consumer"), ("--protocol", "other")):
        kafka.run("groups", "--list", *options, unordered=True)
    kafka.run("share-groups", "--list")


def groups_active(kafka):
    _group_that_read(kafka, "busy", "watched")
    tool = ("consumer-groups", "--group", "busy")
    with kafka.running("console-consumer", "--topic", "watched", "--group", "busy",
                       "--command-property", "client.id=watcher"):
        kafka.run(*tool, "--describe", "--state", until="Stable")
        for view in VIEWS:
            kafka.run(*tool, "--describe", *view, unordered=True)
        kafka.run("consumer-groups", "--list", "--state", "Stable")
        kafka.run(*tool, "--delete")
        kafka.run(*tool, "--delete-offsets", "--topic", "watched")
        kafka.run(*tool, "--reset-offsets", "--topic", "watched", "--to-earliest", "--execute")
        kafka.run(*tool, "--reset-offsets", "--topic", "watched", "--to-earliest", "--dry-run")
    kafka.run(*tool, "--describe", "--state", until="Empty")


def groups_active_static(kafka):
    kafka.topic("held", 2)
    tool = ("consumer-groups", "--group", "static")
    with kafka.running("console-consumer", "--topic", "held", "--group", "static", "--command-property",
                       "group.instance.id=one", "--command-property", "partition.assignment.strategy="
                       "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"):
        kafka.run(*tool, "--describe", "--state", until="Stable")
        kafka.run(*tool, "--describe", "--members", "--verbose")
    kafka.run(*tool, "--describe", "--members")  # a static member does not leave


def groups_reset_offsets(kafka):
    _group_that_read(kafka, "moved", "moved-topic")
    tool = ("consumer-groups", "--group", "moved", "--reset-offsets")
    topic = ("--topic", "moved-topic")

    def reset(*options):
        return kafka.run(*tool, *options, unordered=True)

    for way in (("--to-earliest",), ("--to-latest",), ("--to-current",), ("--to-offset", 4), ("--to-offset", 100),
                ("--shift-by", -2), ("--shift-by", 2), ("--shift-by", -100),
                 ("--to-datetime", "2020-01-01T00:00:00.000"),
                ("--to-datetime", "2100-01-01T00:00:00.000"), ("--to-datetime", "noon"), ("--by-duration", "P1D"),
                ("--by-duration", "PT0S")):
        reset(*topic, *way, "--dry-run")
    reset(*topic, "--to-earliest")  # what it does without --dry-run and --execute
    reset("--topic", "moved-topic:1", "--to-offset", 3, "--execute")
    kafka.run("consumer-groups", "--group", "moved", "--describe", until=" 3 ", unordered=True)
    reset("--all-topics", "--to-offset", 2, "--execute")
    reset(*topic, "--shift-by", 1, "--execute")
    reset(*topic, "--to-current", "--execute")
    reset(*topic, "--by-duration", "P1D", "--execute")
    exported = kafka.run(*tool, *topic, "--to-offset", 5, "--export", "--dry-run", unordered=True)
    reset("--from-file", kafka.file("moved.csv", exported), "--execute")
    kafka.run("consumer-groups", "--group", "moved", "--describe", unordered=True)
    reset("--topic", "missing", "--to-earliest", "--execute")
    reset("--topic", "moved-topic:9", "--to-earliest", "--execute")
    kafka.run("consumer-groups", "--group", "unborn", "--reset-offsets", *topic, "--to-latest", "--execute",
              unordered=True)
    kafka.run("consumer-groups", "--describe", "--group", "unborn", unordered=True)
    kafka.run("consumer-groups", "--reset-offsets", "--all-groups", *topic, "--to-earliest", "--dry-run",
              unordered=True)


def groups_delete(kafka):
    _group_that_read(kafka, "leaving", "left")
    tool = ("consumer-groups", "--group", "leaving")
    kafka.run(*tool, "--delete-offsets", "--topic", "left:1")
    kafka.run(*tool, "--describe")
    kafka.run(*tool, "--delete-offsets", "--topic", "left")
    kafka.run(*tool, "--delete-offsets", "--topic", "missing")
    kafka.run("consumer-groups", "--group", "missing", "--delete-offsets", "--topic", "left")
    kafka.run(*tool, "--delete")
    kafka.run(*tool, "--delete")
    kafka.run("consumer-groups", "--delete", "--group", "missing", "--group", "moved", unordered=True)
    kafka.run("consumer-groups", "--list", unordered=True)


def streams_application_reset(kafka):
    """What Kafka Streams leaves behind: a group, and internal topics that begin with its name."""
    _group_that_read(kafka, "app", "app-input")
    kafka.topic("app-counts-changelog")
    kafka.topic("app-counts-repartition")
    reset = ("streams-application-reset", "--application-id", "app")
    kafka.run(*reset, "--input-topics", "app-input", "--dry-run", unordered=True)
    kafka.run(*reset, "--input-topics", "missing", unordered=True)
    kafka.run(*reset, "--input-topics", "app-input", "--to-offset", 2, unordered=True)
    kafka.run("topics", "--describe", "--topic", "app-counts-changelog", until="does not exist")
    kafka.run("topics", "--list", "--topic", "app-.*", unordered=True)
    kafka.run("consumer-groups", "--describe", "--group", "app", unordered=True)


def groups_on_disk(kafka):
    """What the group coordinator writes, read as Kafka's tools read it."""
    def last_of_each_key(output):
        records = re.findall(r'({"key":{.+?}},"value":)(null}|{.+?}}}(?={"key"|\[|$))', output, re.M)
        # The readers' own groups move meanwhile, the session of the static member may end.
        last = {key: value for key, value in records if not re.search('"(disk-reader-.*|static)"', key)}
        return "\n".join(key + value for key, value in last.items())

    for formatter in ("OffsetsMessageFormatter", "GroupMetadataMessageFormatter"):
        kafka.run("console-consumer", "--topic", "__consumer_offsets", "--from-beginning", "--timeout-ms", 5000,
                  # Its own commits would be news that keep it reading.
                  "--command-property", "enable.auto.commit=false",
                  "--group", f"disk-reader-{formatter}", "--formatter", f"org.apache.kafka.tools.consumer.{formatter}",
                  keep=last_of_each_key, unordered=True)


SCENARIOS = [groups_empty, groups_active, groups_active_static, groups_reset_offsets, groups_delete,
             streams_application_reset, groups_on_disk]
