"""kafka-configs and kafka-client-metrics."""

import re


def _alter(kafka, entity, option, value):
    kafka.run("configs", *entity, "--alter", option, value)


def configs_of_topics(kafka):
    kafka.topic("set")
    entity = ("--entity-type", "topics", "--entity-name", "set")
    describe = ("configs", *entity, "--describe")
    _alter(kafka, entity, "--add-config", "retention.ms=777000,segment.bytes=2097152")
    kafka.run(*describe, until="retention.ms=777000", unordered=True)
    kafka.run(*describe, "--all", unordered=True)
    _alter(kafka, entity, "--add-config", "cleanup.policy=[compact,delete]")
    kafka.run(*describe, until="cleanup.policy", unordered=True)
    _alter(kafka, entity, "--delete-config", "retention.ms")
    _alter(kafka, entity, "--delete-config", "retention.ms")
    _alter(kafka, entity, "--delete-config", "no.such.config")
    file = kafka.file("set.properties", "retention.ms=888000\nflush.messages=100\n")
    kafka.run("configs", *entity, "--alter", "--add-config-file", file)
    kafka.run(*describe, until="888000", unordered=True)
    for wrong in ("segment.bytes=x", "segment.bytes=1", "retention.ms=-7", "no.such.config=1", "cleanup.policy=burn",
                  "compression.type=zip", "message.timestamp.type=never", "min.cleanable.dirty.ratio=2"):
        _alter(kafka, entity, "--add-config", wrong)
    kafka.run("configs", "--topic", "set", "--describe", unordered=True)
    missing = ("--entity-type", "topics", "--entity-name", "missing")
    kafka.run("configs", *missing, "--describe")
    _alter(kafka, missing, "--add-config", "retention.ms=1000")
    kafka.run("configs", "--entity-type", "topics", "--describe", unordered=True)


def configs_of_brokers(kafka):
    entity = ("--entity-type", "brokers", "--entity-name", 1)
    default = ("--entity-type", "brokers", "--entity-default")
    _alter(kafka, entity, "--add-config", "message.max.bytes=2000000")
    kafka.run("configs", *entity, "--describe", until="message.max.bytes=2000000 sensitive", unordered=True)
    _alter(kafka, default, "--add-config", "message.max.bytes=1500000,log.retention.ms=86400000")
    kafka.run("configs", *default, "--describe", until="log.retention.ms", unordered=True)
    kafka.run("configs", *entity, "--describe", until="1500000", unordered=True)
    kafka.run("configs", "--entity-type", "brokers", "--describe", unordered=True)
    kafka.run("configs", "--broker-defaults", "--describe", unordered=True)
    kafka.run("configs", "--broker", 1, "--describe", "--all", unordered=True)
    for wrong in ("node.id=2", "log.dirs=/nowhere", "message.max.bytes=-5", "log.retention.ms=soon",
                  "no.such.config=1"):
        _alter(kafka, entity, "--add-config", wrong)
        _alter(kafka, default, "--add-config", wrong)
    _alter(kafka, entity, "--delete-config", "message.max.bytes")
    _alter(kafka, default, "--delete-config", "message.max.bytes,log.retention.ms")
    kafka.run("configs", *default, "--describe", without="log.retention.ms", unordered=True)


def configs_of_groups(kafka):
    entity = ("--entity-type", "groups", "--entity-name", "a-group")
    _alter(kafka, entity, "--add-config", "consumer.session.timeout.ms=50000")
    kafka.run("configs", *entity, "--describe", until="timeout.ms=50000 sensitive", unordered=True)
    kafka.run("configs", *entity, "--describe", "--all", unordered=True)
    kafka.run("configs", "--entity-type", "groups", "--describe", unordered=True)
    for wrong in ("consumer.session.timeout.ms=1", "consumer.session.timeout.ms=x", "no.such.config=1"):
        _alter(kafka, entity, "--add-config", wrong)
    _alter(kafka, entity, "--delete-config", "consumer.session.timeout.ms")
    kafka.run("configs", "--group", "a-group", "--describe", without="50000", unordered=True)
    kafka.run("configs", "--group", "never-heard-of", "--describe", unordered=True)


def configs_of_broker_loggers(kafka):
    entity = ("--entity-type", "broker-loggers", "--entity-name", 1)
    logger = re.compile(r"^\s*(\S+)=(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b", re.M)

    def levels(output):
        """The loggers have each broker's own names."""
        return "\n".join(sorted({logger.sub("LOGGER=LEVEL", line) for line in output.splitlines()}))

    name = logger.search(kafka.run("configs", *entity, "--describe", keep=levels))[1]
    kafka.hide(name, "SOME-LOGGER")
    _alter(kafka, entity, "--add-config", f"{name}=ERROR")
    kafka.run("configs", *entity, "--describe", until=f"{name}=ERROR", keep=levels)
    _alter(kafka, entity, "--delete-config", name)
    _alter(kafka, entity, "--add-config", "no.such.logger=INFO")
    _alter(kafka, entity, "--add-config", f"{name}=LOUD")


def client_metrics(kafka):
    tool = ("client-metrics", "--name", "watch")
    kafka.run(*tool, "--alter", "--metrics", "org.apache.kafka.producer.", "--interval", 30000,
              "--match", "client_software_name=.*")
    kafka.run(*tool, "--describe", until="30000", unordered=True)
    kafka.run("client-metrics", "--list", until="watch")
    kafka.run("client-metrics", "--describe", unordered=True)
    kafka.run("configs", "--client-metrics", "watch", "--describe", unordered=True)
    for wrong in (("--interval", 1), ("--match", "no.such=1"), ("--match", "client_id=(")):
        kafka.run(*tool, "--alter", *wrong)
    kafka.run(*tool, "--delete")
    kafka.run("client-metrics", "--list", without="watch")


SCENARIOS = [configs_of_topics, configs_of_brokers, configs_of_groups, configs_of_broker_loggers,
             client_metrics]
