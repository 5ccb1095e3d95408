"""AlterConfigs: all the settings of a resource are replaced by those of the request."""

from scenario import every_version

UNKNOWN, TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP = 0, 2, 4, 8, 16, 32

KEPT = [("min.insync.replicas", "1")]  # Kafka has set it for all brokers, and insists on it


def resource(kind, name, *configs):
    return {"resource_type": kind, "resource_name": name,
            "configs": [{"name": key, "value": value} for key, value in configs]}


def alter(side, *resources, validate_only=False):
    return side.request("AlterConfigs", resources=list(resources), validate_only=validate_only)


def record_configs(side, kind, name, expected, *keys):
    """The values of `keys`, once they are the `expected` ones on both sides."""
    asked = [{"resource_type": kind, "resource_name": name, "configuration_keys": list(keys)}]

    def has_come():
        answer = side.ask("DescribeConfigs", resources=asked)
        return [config["value"] for config in answer["results"][0]["configs"]
                if config["name"] == keys[0]] == [expected]
    side.until(has_come, f"{keys[0]} to be {expected}")
    side.request("DescribeConfigs", resources=asked, include_synonyms=True)


@every_version("AlterConfigs", texts=True)
def a_topic(side):
    name = side.create_topic(retention_ms=5, segment_ms=7)
    alter(side, resource(TOPIC, name, ("segment.ms", "8"), ("cleanup.policy", "compact")))
    record_configs(side, TOPIC, name, "8", "segment.ms", "retention.ms", "cleanup.policy")
    alter(side, resource(TOPIC, name))
    record_configs(side, TOPIC, name, "604800000", "segment.ms", "retention.ms", "cleanup.policy")


@every_version("AlterConfigs", texts=True)
def only_validated(side):
    name = side.create_topic(retention_ms=5)
    alter(side, resource(TOPIC, name, ("segment.ms", "8")), validate_only=True)
    alter(side, resource(TOPIC, name, ("segment.ms", "x")), resource(TOPIC, side.fresh()), validate_only=True)
    record_configs(side, TOPIC, name, "5", "retention.ms", "segment.ms")


@every_version("AlterConfigs", texts=True)
def wrong_configs(side):
    name = side.create_topic(retention_ms=5)
    for configs in ([("retention.ms", "x")], [("retention.ms", None)], [("no.such.key", "1")], [("", "")],
                    [("retention.ms", "1"), ("retention.ms", "2")], [("retention.ms", "1"), ("segment.ms", "x")],
                    [("segment.ms", None), ("segment.bytes", None)], [("x", None), ("retention.ms", "x")],
                    [("min.compaction.lag.ms", "2"), ("max.compaction.lag.ms", "1")]):
        alter(side, resource(TOPIC, name, *configs))
    record_configs(side, TOPIC, name, "5", "retention.ms", "segment.ms")


@every_version("AlterConfigs")
def wrong_resources(side):
    name = side.create_topic()
    for kind, resource_name in ((TOPIC, side.fresh()), (TOPIC, ""), (TOPIC, "a b"), (UNKNOWN, "x"), (1, "x"), (127, ""),
                                (-1, ""), (BROKER, "2"), (BROKER, "x"), (BROKER, "-1"), (GROUP, ""),
                                (CLIENT_METRICS, ""), (BROKER_LOGGER, "1"), (BROKER_LOGGER, "2"),
                                (BROKER_LOGGER, "")):
        alter(side, resource(kind, resource_name))
        alter(side, resource(kind, resource_name, ("retention.ms", "1")), resource(TOPIC, name))
        alter(side, resource(kind, resource_name, ("x", None)), validate_only=True)


@every_version("AlterConfigs", texts=True)
def no_resources(side):
    alter(side)
    alter(side, validate_only=True)


@every_version("AlterConfigs", alone=True)
def brokers(side):
    for name, kept in (("1", []), ("", KEPT)):
        new = [("log.retention.ms", "123456"), ("no.such.key", "1"), *kept]
        alter(side, resource(BROKER, name, *new), validate_only=True)
        alter(side, resource(BROKER, name, *new))
        record_configs(side, BROKER, "1", "123456", "log.retention.ms", "no.such.key")
        alter(side, resource(BROKER, name, ("log.retention.ms", "x"), *kept))
        alter(side, resource(BROKER, name, ("node.id", "1"), ("log.dirs", "/nowhere"), *kept))
        alter(side, resource(BROKER, name, ("log.retention.ms", None), *kept))
        alter(side, resource(BROKER, name, ("log.cleaner.threads", "2"), *kept))
        record_configs(side, BROKER, "1", "2", "log.cleaner.threads", "log.retention.ms")
        alter(side, resource(BROKER, name, *kept))
        record_configs(side, BROKER, "1", "1", "log.cleaner.threads", "log.retention.ms")
    side.ask("IncrementalAlterConfigs", resources=[{"resource_type": BROKER, "resource_name": "", "configs": [
        {"name": key, "config_operation": 1, "value": None} for key, _ in KEPT]}])


@every_version("AlterConfigs", texts=True)
def groups(side):
    group = side.fresh("group")
    alter(side, resource(GROUP, group, ("consumer.session.timeout.ms", "50000")))
    record_configs(side, GROUP, group, "50000", "consumer.session.timeout.ms")
    for configs in ([("no.such.key", "1")], [("consumer.session.timeout.ms", "x")],
                    [("consumer.session.timeout.ms", "1")], [("consumer.session.timeout.ms", "99999999")],
                    [("consumer.session.timeout.ms", None)], [("retention.ms", "1")]):
        alter(side, resource(GROUP, group, *configs))
    alter(side, resource(GROUP, group))
    record_configs(side, GROUP, group, "45000", "consumer.session.timeout.ms")


@every_version("AlterConfigs", texts=True)
def client_metrics(side):
    name = side.fresh("metrics")
    alter(side, resource(CLIENT_METRICS, name, ("interval.ms", "1000"), ("metrics", "a,b")), validate_only=True)
    for configs in ([("no.such.key", "1")], [("interval.ms", "x")], [("interval.ms", "1")], [("match", "x")]):
        alter(side, resource(CLIENT_METRICS, name, *configs), validate_only=True)
    alter(side, resource(CLIENT_METRICS, name, ("interval.ms", "1000"), ("metrics", "a,b")))
    record_configs(side, CLIENT_METRICS, name, "1000", "interval.ms", "metrics", "match")
    alter(side, resource(CLIENT_METRICS, name))
    record_configs(side, CLIENT_METRICS, name, "300000", "interval.ms", "metrics", "match")
