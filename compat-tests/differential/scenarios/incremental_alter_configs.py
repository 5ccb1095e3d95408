"""IncrementalAlterConfigs (KIP-339): single settings are set, deleted, appended to and subtracted from."""

from scenario import every_version, newest_version
from scenarios.alter_configs import (BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC, UNKNOWN,
                                     record_configs)

SET, DELETE, APPEND, SUBTRACT = range(4)


def resource(kind, name, *edits):
    return {"resource_type": kind, "resource_name": name,
            "configs": [{"name": key, "config_operation": operation, "value": value}
                        for operation, key, value in edits]}


def alter(side, *resources, validate_only=False):
    return side.request("IncrementalAlterConfigs", resources=list(resources), validate_only=validate_only)


@every_version("IncrementalAlterConfigs", texts=True)
def set_and_delete(side):
    name = side.create_topic(retention_ms=5, segment_ms=7)
    alter(side, resource(TOPIC, name, (SET, "segment.ms", "8"), (DELETE, "retention.ms", None)))
    record_configs(side, TOPIC, name, "8", "segment.ms", "retention.ms")
    alter(side, resource(TOPIC, name, (DELETE, "segment.ms", "7"), (DELETE, "segment.bytes", None)))
    record_configs(side, TOPIC, name, "604800000", "segment.ms", "retention.ms")
    alter(side, resource(TOPIC, name))


@every_version("IncrementalAlterConfigs", texts=True)
def append_and_subtract(side):
    name = side.create_topic()
    for operation, value, after in (
            (APPEND, "compact", "delete,compact"), (APPEND, "compact", "delete,compact"),
            (SUBTRACT, "delete", "compact"), (SUBTRACT, "delete", "compact"),
            (APPEND, "delete,compact", "compact,delete"), (SUBTRACT, "compact", "delete")):
        alter(side, resource(TOPIC, name, (operation, "cleanup.policy", value)))
        record_configs(side, TOPIC, name, after, "cleanup.policy")
    throttled = "leader.replication.throttled.replicas"
    for operation, value, after in ((APPEND, "0:1,1:1", "0:1,1:1"), (SUBTRACT, "0:1", "1:1"),
                                    (SUBTRACT, "1:1", "")):
        alter(side, resource(TOPIC, name, (operation, throttled, value)))
        record_configs(side, TOPIC, name, after, throttled)


@every_version("IncrementalAlterConfigs")
def wrong_appends(side):
    name = side.create_topic()
    for operation in (APPEND, SUBTRACT):
        for key, value in (("retention.ms", "1"), ("cleanup.policy", None), ("cleanup.policy", "x"),
                           ("cleanup.policy", ""), ("no.such.key", "1"), ("cleanup.policy", "delete"),
                           ("cleanup.policy", "compact,,"), ("compression.type", "gzip")):
            alter(side, resource(TOPIC, name, (operation, key, value)), validate_only=True)
        alter(side, resource(BROKER, "1", (operation, "log.retention.ms", "1")), validate_only=True)
        alter(side, resource(BROKER, "1", (operation, "no.such.key", "1")), validate_only=True)
        alter(side, resource(BROKER, "1", (operation, "log.cleanup.policy", "compact")), validate_only=True)
        alter(side, resource(GROUP, side.fresh(), (operation, "consumer.session.timeout.ms", "1")), validate_only=True)


@every_version("IncrementalAlterConfigs", texts=True)
def wrong_edits(side):
    name = side.create_topic(retention_ms=5)
    for edits in ([(SET, "retention.ms", "x")], [(SET, "retention.ms", None)], [(SET, "no.such.key", "1")],
                  [(DELETE, "no.such.key", None)], [(SET, "", "")], 
                  [(SET, "retention.ms", "1"), (SET, "retention.ms", "2")],
                  [(SET, "retention.ms", "1"), (DELETE, "retention.ms", None)],
                  [(SET, "segment.ms", None), (SET, "segment.bytes", None)],
                  [(SET, "retention.ms", "1"), (SET, "segment.ms", "x")],
                  [(SET, "min.compaction.lag.ms", "2"), (SET, "max.compaction.lag.ms", "1")]):
        alter(side, resource(TOPIC, name, *edits))
        alter(side, resource(TOPIC, name, *edits), validate_only=True)
    record_configs(side, TOPIC, name, "5", "retention.ms", "segment.ms")


@every_version("IncrementalAlterConfigs")
def wrong_resources(side):
    name = side.create_topic()
    for kind, resource_name in ((TOPIC, side.fresh()), (TOPIC, ""), (TOPIC, "a b"), (UNKNOWN, "x"), (1, "x"), (127, ""),
                                (-1, ""), (BROKER, "2"), (BROKER, "x"), (BROKER, "-1"), (BROKER, "01"), (GROUP, ""),
                                (CLIENT_METRICS, ""), (BROKER_LOGGER, "2"), (BROKER_LOGGER, ""), (BROKER_LOGGER, "x")):
        alter(side, resource(kind, resource_name))
        alter(side, resource(kind, resource_name, (SET, "retention.ms", "1")), resource(TOPIC, name))
        alter(side, resource(kind, resource_name, (SET, "x", None)), validate_only=True)


@every_version("IncrementalAlterConfigs", texts=True)
def only_validated(side):
    name = side.create_topic(retention_ms=5)
    alter(side, resource(TOPIC, name, (SET, "retention.ms", "6")), resource(TOPIC, side.fresh(), (SET, "x", "y")),
          validate_only=True)
    record_configs(side, TOPIC, name, "5", "retention.ms")


@every_version("IncrementalAlterConfigs", texts=True)
def the_same_twice(side):
    twice, once = side.create_topic(retention_ms=5), side.create_topic(retention_ms=6)
    alter(side, resource(TOPIC, twice, (SET, "retention.ms", "7")), resource(TOPIC, once, (SET, "retention.ms", "8")),
          resource(TOPIC, twice, (SET, "segment.ms", "9")))
    record_configs(side, TOPIC, once, "8", "retention.ms")
    record_configs(side, TOPIC, twice, "5", "retention.ms", "segment.ms")
    alter(side)


@every_version("IncrementalAlterConfigs", texts=True, alone=True)
def brokers(side):
    for name in ("1", ""):
        alter(side, resource(BROKER, name, (SET, "log.retention.ms", "123456")), validate_only=True)
        alter(side, resource(BROKER, name, (SET, "log.retention.ms", "123456"), (SET, "no.such.key", "1")))
        record_configs(side, BROKER, "1", "123456", "log.retention.ms", "no.such.key")
        side.request("DescribeConfigs", include_synonyms=True, resources=[
            {"resource_type": BROKER, "resource_name": "", "configuration_keys": None}])
        alter(side, resource(BROKER, name, (APPEND, "log.cleanup.policy", "compact")))
        record_configs(side, BROKER, "1", "delete,compact", "log.cleanup.policy")
        alter(side, resource(BROKER, name, (DELETE, "log.retention.ms", None), (DELETE, "no.such.key", None),
                             (DELETE, "log.cleanup.policy", None)))
        record_configs(side, BROKER, "1", "delete", "log.cleanup.policy", "log.retention.ms", "no.such.key")


@every_version("IncrementalAlterConfigs")
def wrong_edits_of_brokers(side):
    for name in ("1", ""):
        for key, value in (("log.retention.ms", "x"), ("log.retention.ms", None), ("node.id", "1"), ("node.id", "2"),
                           ("log.dirs", "/nowhere"), ("num.partitions", "3"), ("process.roles", "broker"),
                           ("no.such.key", None), ("num.io.threads", "0"), ("num.io.threads", "100"),
                           ("num.io.threads", "1"), ("log.cleaner.threads", "0"), ("log.cleaner.threads", "x"),
                           ("log.cleanup.policy", "x"), ("compression.type", "x"), ("max.connections", "0"),
                           ("max.connections.per.ip", "0"), ("max.connections.per.ip.overrides", "a:b"),
                           ("max.connections.per.ip.overrides", "127.0.0.1:200"), ("ssl.keystore.location", "/nowhere"),
                           ("listener.name.plaintext.ssl.keystore.location", "/nowhere"),
                           ("remote.log.manager.expiration.thread.pool.size", "21"),
                           ("remote.log.manager.follower.thread.pool.size", "5"), ("remote.log.reader.threads", "1"),
                           ("log.cleaner.threads", "3"), ("num.network.threads", "100"),
                           ("message.max.bytes", "-1"), ("log.segment.bytes", "1"), ("log.roll.ms", "0"),
                           ("log.message.timestamp.type", "x"), ("min.insync.replicas", "0"),
                           ("leader.replication.throttled.rate", "-1"), ("metric.reporters", "no.such.Class"),
                           ("background.threads", "11"), ("num.replica.fetchers", "0"),
                           ("unclean.leader.election.enable", "x"), ("principal.builder.class", "x"),
                           ("log.retention.hours", "1"), ("log.retention.bytes", "x"),
                           ("remote.log.manager.copier.thread.pool.size", "1"),
                           ("group.consumer.session.timeout.ms", "1"), ("log.cleaner.dedupe.buffer.size", "1")):
            alter(side, resource(BROKER, name, (SET, key, value)), validate_only=True)
        for key in ("node.id", "no.such.key", "log.retention.ms"):
            alter(side, resource(BROKER, name, (DELETE, key, None)), validate_only=True)
        alter(side, resource(BROKER, name, (SET, "node.id", "1"), (SET, "log.dirs", "x"), (SET, "log.roll.ms", "0")),
              validate_only=True)


@every_version("IncrementalAlterConfigs", alone=True)
def limits_of_a_listener(side):
    for name in ("1", ""):
        for listener in ("plaintext", "PLAINTEXT", "nobody"):
            for setting in ("max.connections", "max.connection.creation.rate"):
                for value in ("0", "-1", "x", "1000", None):
                    alter(side, resource(BROKER, name, (SET, f"listener.name.{listener}.{setting}", value)),
                          validate_only=True)
    limits = [f"listener.name.{listener}.max.connections" for listener in ("plaintext", "nobody")]
    alter(side, resource(BROKER, "1", *((SET, limit, "1000") for limit in limits)))
    record_configs(side, BROKER, "1", "1000", *limits)
    alter(side, resource(BROKER, "1", *((DELETE, limit, None) for limit in limits)))
    own = [{"resource_type": BROKER, "resource_name": "1", "configuration_keys": limits}]
    side.until(lambda: not side.ask("DescribeConfigs", resources=own)["results"][0]["configs"], "no limit to be left")


@every_version("IncrementalAlterConfigs", texts=True, alone=True)
def loggers(side):
    for validate_only in (True, False):
        for edits in ([(SET, "root", "x")], [(SET, "root", None)], [(SET, "root", "off")], [(SET, "root", "OFF")],
                      [(DELETE, "root", None)], [(APPEND, "root", "INFO")], [(SUBTRACT, "root", "INFO")],
                      [(SET, "no.such.logger", "INFO")], [(DELETE, "no.such.logger", None)],
                      [(SET, "root", "INFO"), (SET, "root", "WARN")], [(SET, "root", "info")],
                      []):
            alter(side, resource(BROKER_LOGGER, "1", *edits), validate_only=validate_only)
    levels = {"resource_type": BROKER_LOGGER, "resource_name": "1", "configuration_keys": ["root"]}
    (before,) = side.ask("DescribeConfigs", resources=[levels])["results"][0]["configs"]
    for level in ("ERROR", "FATAL", "WARN"):
        alter(side, resource(BROKER_LOGGER, "1", (SET, "root", level)))
        side.request("DescribeConfigs", resources=[levels], include_synonyms=True)
    side.ask("IncrementalAlterConfigs", resources=[resource(BROKER_LOGGER, "1", (SET, "root", before["value"]))])


@every_version("IncrementalAlterConfigs", texts=True)
def groups(side):
    group = side.fresh("group")
    alter(side, resource(GROUP, group, (SET, "consumer.session.timeout.ms", "50000"),
                         (SET, "share.auto.offset.reset", "earliest")))
    record_configs(side, GROUP, group, "50000", "consumer.session.timeout.ms", "share.auto.offset.reset")
    for operation, key, value in (
            (SET, "no.such.key", "1"), (SET, "consumer.session.timeout.ms", "x"),
            (SET, "consumer.session.timeout.ms", "1"),
            (SET, "consumer.session.timeout.ms", "99999999"), (SET, "consumer.session.timeout.ms", None),
            (SET, "consumer.heartbeat.interval.ms", "1"), (SET, "consumer.heartbeat.interval.ms", "999999"),
            (SET, "share.auto.offset.reset", "x"), (SET, "share.auto.offset.reset", "by_duration:PT1H"),
            (SET, "share.isolation.level", "x"), (SET, "share.record.lock.duration.ms", "1"),
            (SET, "streams.num.standby.replicas", "99"), (DELETE, "no.such.key", None)):
        alter(side, resource(GROUP, group, (operation, key, value)), validate_only=True)
    alter(side, resource(GROUP, group, (DELETE, "consumer.session.timeout.ms", None),
                         (DELETE, "share.auto.offset.reset", None)))
    record_configs(side, GROUP, group, "45000", "consumer.session.timeout.ms", "share.auto.offset.reset")


@every_version("IncrementalAlterConfigs", texts=True)
def client_metrics(side):
    name = side.fresh("metrics")
    alter(side, resource(CLIENT_METRICS, name, (SET, "interval.ms", "1000"), (SET, "metrics", "a,b")),
          validate_only=True)
    for key, value in (("no.such.key", "1"), ("interval.ms", "x"), ("interval.ms", "1"), ("match", "x")):
        alter(side, resource(CLIENT_METRICS, name, (SET, key, value)), validate_only=True)
    alter(side, resource(CLIENT_METRICS, name, (SET, "interval.ms", "1000"), (SET, "metrics", "a,b"),
                         (SET, "match", "client_id=x.*, client_software_name=a")))
    record_configs(side, CLIENT_METRICS, name, "1000", "interval.ms", "metrics", "match")
    for operation in (APPEND, SUBTRACT):
        alter(side, resource(CLIENT_METRICS, name, (operation, "metrics", "a")))
    for key, value in (("match", "client_id"), ("match", "client_id=a=b"), ("match", "client_id="), ("match", "who=x"),
                       ("match", "client_source_port=1,x"), ("match", " client_id =x"), ("match", ""), ("metrics", "*"),
                       ("metrics", ""), ("metrics", "a,,b"), ("interval.ms", "3600000"), ("interval.ms", "3600001")):
        alter(side, resource(CLIENT_METRICS, name, (SET, key, value)), validate_only=True)
    alter(side, resource(CLIENT_METRICS, name, *((DELETE, key, None) for key in ("interval.ms", "metrics", "match"))))
    record_configs(side, CLIENT_METRICS, name, "300000", "interval.ms", "metrics", "match")


@every_version("IncrementalAlterConfigs", texts=True)
def values_as_they_were_written(side):
    name = side.create_topic()
    for key, value, other in (
            ("retention.ms", " 5 ", "+5"), ("retention.ms", "007", "-1"), ("segment.ms", "0x10", "1e3"),
            ("segment.ms", "1L", "1_000"), ("preallocate", "TRUE", " False "), ("preallocate", "1", "t"),
            ("min.cleanable.dirty.ratio", ".25", "1e-1"), ("min.cleanable.dirty.ratio", "0.250", "1"),
            ("min.cleanable.dirty.ratio", "1e-4", "x"), ("cleanup.policy", " compact , delete ", "delete, compact"),
            ("cleanup.policy", "Delete", "delete,"), ("compression.type", "GZIP", " gzip "),
            ("message.timestamp.type", "logappendtime", " LogAppendTime"),
            ("leader.replication.throttled.replicas", " * ", " 0:1 , 1:1 "),
            ("leader.replication.throttled.replicas", "*,0:1", "0:-1"), ("max.message.bytes", "1.0", "2147483648"),
            ("retention.bytes", "-0", "9223372036854775807"), ("segment.bytes", "", " ")):
        for text in (value, other):
            alter(side, resource(TOPIC, name, (SET, key, text)))
            alter(side, resource(TOPIC, name, (SET, "file.delete.delay.ms", str(len(side.steps)))))
            record_configs(side, TOPIC, name, str(len(side.steps) - 1), "file.delete.delay.ms", key)


@every_version("IncrementalAlterConfigs", texts=True, alone=True)
def topics_under_brokers(side):
    name = side.create_topic(segment_ms=7)
    for broker, value in (("", "1000"), ("1", "2000")):
        alter(side, resource(BROKER, broker, (SET, "log.retention.ms", value), (SET, "log.roll.ms", value),
                             (SET, "compression.type", "gzip")))
        record_configs(side, TOPIC, name, value, "retention.ms", "segment.ms", "compression.type")
        record_configs(side, BROKER, "1", value, "log.retention.ms", "log.roll.ms", "compression.type")
    for broker, value in (("1", "1000"), ("", "-1")):
        alter(side, resource(BROKER, broker, *((DELETE, key, None) for key in
                                               ("log.retention.ms", "log.roll.ms", "compression.type"))))
        record_configs(side, TOPIC, name, value, "retention.ms", "segment.ms", "compression.type")


@every_version("IncrementalAlterConfigs", texts=True, alone=True)
def settings_of_a_listener(side):
    keys = [f"listener.name.plaintext.{key}"
            for key in ("ssl.keystore.password", "ssl.keystore.location", "no.such.key")]
    alter(side, resource(BROKER, "1", *((SET, key, "x") for key in keys), (SET, "log.retention.ms", "77")))
    record_configs(side, BROKER, "1", "77", "log.retention.ms", *keys, "ssl.keystore.password")
    alter(side, resource(BROKER, "1", *((DELETE, key, None) for key in keys), (DELETE, "log.retention.ms", None)))
    record_configs(side, BROKER, "1", "-1", "log.retention.ms", *keys)


STRANGE_VALUES = ("", " ", "0", "-1", "-2", "1", "x", "+5", "1.5", "0.5", "100", "1048576", "2147483648",
                  "9223372036854775807", "true", " TRUE ", "a,b", "a,", ",", "*", "compact,compact",
                  "producer", "earliest")


def changeable_keys(side, kind, name):
    """Those that both have: without ours, and without what one of them sets differently."""
    described = side.ask("DescribeConfigs", resources=[
        {"resource_type": kind, "resource_name": name, "configuration_keys": None}])["results"][0]["configs"]
    left_out = "flush.on.acks.all", "log.flush.on.acks.all", "num.network.threads"
    return sorted(config["name"] for config in described
                  if not config["read_only"] and config["name"] not in left_out)


def alter_each(side, kind, name, keys, values):
    for key in keys:
        for value in values:
            alter(side, resource(kind, name, (SET, key, value)), validate_only=True)


@newest_version("IncrementalAlterConfigs", texts=True)
def strange_values_of_topics_and_groups(side):
    topic, group = side.create_topic(), side.fresh("group")
    alter_each(side, TOPIC, topic, changeable_keys(side, TOPIC, topic), STRANGE_VALUES)
    alter_each(side, GROUP, group, changeable_keys(side, GROUP, group), STRANGE_VALUES)


@newest_version("IncrementalAlterConfigs")
def strange_values_of_brokers(side):
    keys = changeable_keys(side, BROKER, "1")
    keys.remove("min.insync.replicas")  # Kafka has it for all brokers only
    # Some lists of Kafka have empty items; ours have none.
    values = [value for value in STRANGE_VALUES if not value.endswith(",")]
    for name in ("1", ""):
        alter_each(side, BROKER, name, keys, values)


@every_version("IncrementalAlterConfigs", texts=True)
def internal_topics(side):
    for key, value in (("cleanup.policy", "delete"), ("retention.ms", "5"), ("compression.type", "gzip"),
                       ("segment.bytes", "1")):
        alter(side, resource(TOPIC, "__consumer_offsets", (SET, key, value)),
              resource(TOPIC, "__cluster_metadata", (SET, key, value)), validate_only=True)
