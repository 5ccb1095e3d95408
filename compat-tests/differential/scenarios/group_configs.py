"""Settings of groups (resource type 32): IncrementalAlterConfigs and DescribeConfigs."""

from scenario import newest_version
from scenarios.alter_configs import GROUP, record_configs

SET, DELETE, APPEND, SUBTRACT = range(4)


def alter(side, group, *changes, validate_only=False):
    """`changes` are (name, operation, value)."""
    side.request("IncrementalAlterConfigs", validate_only=validate_only, resources=[
        {"resource_type": GROUP, "resource_name": group, "configs": [
            {"name": name, "config_operation": operation, "value": value} for name, operation, value in changes]}])


def describe(side, group, *names):
    side.request("DescribeConfigs", include_synonyms=True, resources=[
        {"resource_type": GROUP, "resource_name": group, "configuration_keys": list(names) or None}])


def timeout_of(side, group):
    (answer,) = side.ask("DescribeConfigs", resources=[
        {"resource_type": GROUP, "resource_name": group, "configuration_keys": None}])["results"]
    values = [config["value"] for config in answer["configs"] if config["name"] == "consumer.session.timeout.ms"]
    return values[0] if values else None


@newest_version("DescribeConfigs")
def of_a_group_that_is_not_there(side):
    describe(side, side.fresh("absent"))
    describe(side, "")
    describe(side, side.fresh("absent"), "consumer.session.timeout.ms", "nonsense")


@newest_version("IncrementalAlterConfigs")
def set_and_delete(side):
    group = side.fresh("group")
    alter(side, group, ("consumer.session.timeout.ms", SET, "50000"), validate_only=True)
    describe(side, group, "consumer.session.timeout.ms")
    alter(side, group, ("consumer.session.timeout.ms", SET, "50000"))
    record_configs(side, GROUP, group, "50000", "consumer.session.timeout.ms")
    alter(side, group, ("consumer.session.timeout.ms", DELETE, None))
    side.until(lambda: timeout_of(side, group) in (None, "45000"), "the timeout to be the broker's again")
    describe(side, group)


@newest_version("IncrementalAlterConfigs")
def what_is_wrong(side):
    group = side.fresh("group")
    for change in (("nonsense", SET, "1"), ("consumer.session.timeout.ms", SET, "x"),
                   ("consumer.session.timeout.ms", SET, "1"), ("consumer.session.timeout.ms", SET, "-1"),
                   ("consumer.heartbeat.interval.ms", SET, "60000"), ("share.auto.offset.reset", SET, "nonsense"),
                   ("consumer.session.timeout.ms", APPEND, "1"), ("consumer.session.timeout.ms", SET, None)):
        alter(side, group, change)
    alter(side, "", ("consumer.session.timeout.ms", SET, "50000"))
    describe(side, group)
