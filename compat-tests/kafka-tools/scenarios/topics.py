"""kafka-topics."""


def topics_create(kafka):
    kafka.topic("made", 3, "retention.ms=1234567", "cleanup.policy=compact,delete")
    create = ("topics", "--create", "--topic")
    kafka.run(*create, "made")
    kafka.run(*create, "made", "--if-not-exists")
    kafka.run(*create, "placed", "--replica-assignment", "1,1")
    kafka.run("topics", "--describe", "--topic", "placed", until="PartitionCount: 2")
    kafka.run(*create, "replicated", "--partitions", 2, "--replication-factor", 2)
    kafka.run(*create, "none", "--partitions", 0)
    kafka.run(*create, "defaults")
    kafka.run("topics", "--describe", "--topic", "defaults", until="PartitionCount: 1")
    kafka.run(*create, "with.dot")
    kafka.run("topics", "--describe", "--topic", "with.dot", until="PartitionCount: 1")
    kafka.run(*create, "with_dot")
    for illegal in ("not legal", "..", "x" * 250, "slash/ed"):
        kafka.run(*create, illegal)
    for config in ("no.such.config=1", "segment.bytes=few", "min.insync.replicas=0", "cleanup.policy=burn"):
        kafka.run(*create, "wrong", "--config", config)
    kafka.run("topics", "--list", unordered=True)


def topics_describe(kafka):
    kafka.topic("told-a", 3)
    kafka.topic("told-b", 1, "max.message.bytes=2000000", "retention.bytes=1000000")
    describe = ("topics", "--describe")
    output = kafka.run(*describe, "--topic", "told-a")
    topic_id = output.split("TopicId: ")[1].split()[0]
    kafka.run(*describe, "--topic-id", topic_id)
    kafka.run(*describe, "--topic-id", "AAAAAAAAAAAAAAAAAAAAAw")
    kafka.run(*describe, "--topic", "told-.*", unordered=True)
    kafka.run(*describe, "--topics-with-overrides", "--topic", "told-b")
    kafka.run(*describe, "--topic", "told-a", "--partition-size-limit-per-response", 2)
    for option in ("--under-replicated-partitions", "--unavailable-partitions",
                   "--under-min-isr-partitions", "--at-min-isr-partitions"):
        kafka.run(*describe, "--topic", "told-.*", option, unordered=True)
    kafka.run(*describe, "--topic", "missing")
    kafka.run(*describe, "--topic", "missing", "--if-exists")
    kafka.run("topics", "--list", "--topic", "told-.*")
    kafka.run("topics", "--list", "--topic", "missing")
    kafka.run("topics", "--list", "--exclude-internal", unordered=True)


def topics_alter(kafka):
    kafka.topic("grown")
    alter = ("topics", "--alter", "--topic")
    kafka.run(*alter, "grown", "--partitions", 5)
    kafka.run("topics", "--describe", "--topic", "grown", until="PartitionCount: 5")
    kafka.run(*alter, "grown", "--partitions", 7, "--replica-assignment", "1,1,1,1,1,1,1")
    kafka.run("topics", "--describe", "--topic", "grown", until="PartitionCount: 7")
    kafka.run(*alter, "grown", "--partitions", 7)
    kafka.run(*alter, "grown", "--partitions", 2)
    kafka.run(*alter, "grown", "--partitions", 8, "--replica-assignment", "1,1,1,1,1,1,1,9")
    kafka.run(*alter, "missing", "--partitions", 2)
    kafka.run(*alter, "missing", "--partitions", 2, "--if-exists")


def topics_delete(kafka):
    for name in ("gone", "gone-1", "gone-2"):
        kafka.topic(name)
    delete = ("topics", "--delete", "--topic")
    kafka.run(*delete, "gone")
    kafka.run("topics", "--describe", "--topic", "gone", until="does not exist")
    kafka.run(*delete, "gone-.*")
    kafka.run("topics", "--describe", "--topic", "gone-2", until="does not exist")
    kafka.run(*delete, "gone")
    kafka.run(*delete, "gone", "--if-exists")
    kafka.topic("gone")


SCENARIOS = [topics_create, topics_describe, topics_alter, topics_delete]
