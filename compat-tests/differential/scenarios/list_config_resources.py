"""ListConfigResources (KIP-1142): which resources have, or may have, settings."""

from scenario import every_version
from scenarios.alter_configs import BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC


def set_config(side, kind, name, key, value):
    side.ask("IncrementalAlterConfigs", resources=[{"resource_type": kind, "resource_name": name, "configs": [
        {"name": key, "config_operation": 0, "value": value}]}])


@every_version("ListConfigResources", alone=True)
def each_kind(side):
    topic, group, metrics = side.create_topic(), side.fresh("group"), side.fresh("metrics")
    set_config(side, GROUP, group, "consumer.session.timeout.ms", "50000")
    set_config(side, CLIENT_METRICS, metrics, "interval.ms", "1000")
    own = {topic, group, metrics, "1"}  # others stem from other scenarios

    def own_resources(*kinds):
        answer = side.ask("ListConfigResources", resource_types=list(kinds))
        answer["config_resources"] = [listed for listed in answer["config_resources"] if listed["resource_name"] in own]
        return answer
    side.until(lambda: metrics in str(own_resources(CLIENT_METRICS)), "the last resource to come")
    for kinds in ([TOPIC], [BROKER], [BROKER_LOGGER], [CLIENT_METRICS], [GROUP], [], [BROKER, TOPIC, BROKER]):
        side.record(f"resources of {kinds}", own_resources(*kinds))


@every_version("ListConfigResources", since=1)
def unknown_kinds(side):
    for kinds in ([0], [1], [3], [64], [-1], [127], [BROKER, 3], [3, 5]):
        side.request("ListConfigResources", resource_types=kinds)
