"""DescribeConfigs: every key's value, source, type and flags, for each kind of resource."""

from scenario import every_version

UNKNOWN, TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP = 0, 2, 4, 8, 16, 32


def resource(kind, name, keys=None):
    return {"resource_type": kind, "resource_name": name, "configuration_keys": keys}


def describe(side, *resources, synonyms=False, documentation=False):
    return side.request("DescribeConfigs", resources=list(resources), include_synonyms=synonyms,
                        include_documentation=documentation)


@every_version("DescribeConfigs", texts=True)
def a_topic(side):
    name = side.create_topic()
    describe(side, resource(TOPIC, name))
    describe(side, resource(TOPIC, name), synonyms=True)


@every_version("DescribeConfigs", texts=True)
def a_topic_with_configs(side):
    name = side.create_topic(retention_ms=5, cleanup_policy="compact", segment_bytes=2000000,
                             max_message_bytes=12, compression_type="gzip")
    describe(side, resource(TOPIC, name), synonyms=True)


@every_version("DescribeConfigs", texts=True)
def chosen_keys(side):
    name = side.create_topic(retention_ms=5)
    for keys in (["retention.ms"], ["segment.bytes", "retention.ms", "retention.ms"], ["no.such.key"], [""], [],
                 ["no.such.key", "cleanup.policy"], ["log.retention.ms"]):
        describe(side, resource(TOPIC, name, keys), resource(BROKER, "1", keys), synonyms=True)


@every_version("DescribeConfigs")
def which_keys_are_documented(side):
    for asked in (resource(TOPIC, side.create_topic()), resource(BROKER, "1"), resource(GROUP, side.fresh("group")),
                  resource(BROKER_LOGGER, "1", ["root"]), resource(CLIENT_METRICS, side.fresh("metrics"))):
        answer = side.ask("DescribeConfigs", resources=[asked], include_documentation=True)
        side.record(f"documentation in {asked['resource_type']}", {"configs": [
            {"name": config["name"], "documented": bool(config.get("documentation"))}
            for config in answer["results"][0]["configs"]]})


@every_version("DescribeConfigs", texts=True)
def this_broker(side):
    describe(side, resource(BROKER, "1"))
    describe(side, resource(BROKER, "1"), synonyms=True)


@every_version("DescribeConfigs", texts=True, alone=True)
def all_brokers(side):
    describe(side, resource(BROKER, ""), synonyms=True)
    describe(side, resource(BROKER, "", ["log.retention.ms"]))


@every_version("DescribeConfigs")
def brokers_that_are_not_this_one(side):
    for name in ("2", "-1", "x", "1.0", " 1", "99999999999"):
        describe(side, resource(BROKER, name))
        describe(side, resource(BROKER_LOGGER, name))
    describe(side, resource(BROKER, "01", ["node.id"]))
    describe(side, resource(BROKER_LOGGER, ""))


@every_version("DescribeConfigs", texts=True)
def loggers(side):
    for keys in (["root"], ["no.such.logger"], []):
        answer = side.ask("DescribeConfigs", resources=[resource(BROKER_LOGGER, "1", keys)])
        root = [config for config in answer["results"][0]["configs"] if config["name"] == "root"]
        for config in root:
            config["value"] = "<level>"  # what each is started with is its own affair
        side.record("root logger", answer["results"][0] | {"configs": root})


@every_version("DescribeConfigs", texts=True)
def groups(side):
    describe(side, resource(GROUP, side.fresh("group")), synonyms=True)
    describe(side, resource(GROUP, side.fresh("group"), ["consumer.session.timeout.ms", "x"]))
    describe(side, resource(GROUP, ""))


@every_version("DescribeConfigs", texts=True)
def client_metrics(side):
    describe(side, resource(CLIENT_METRICS, side.fresh("metrics")), synonyms=True)
    describe(side, resource(CLIENT_METRICS, ""))
    describe(side, resource(CLIENT_METRICS, side.fresh("metrics"), ["metrics", "x"]), synonyms=True)


@every_version("DescribeConfigs", texts=True)
def topics_that_are_not_there(side):
    for name in (side.fresh(), "", "a b", "..", "x" * 250):
        describe(side, resource(TOPIC, name))


@every_version("DescribeConfigs", texts=True)
def unknown_kinds(side):
    for kind in (UNKNOWN, 1, 3, 64, 127, -1):
        describe(side, resource(kind, "x"))
        describe(side, resource(TOPIC, side.fresh()), resource(kind, ""))


@every_version("DescribeConfigs", texts=True)
def several_at_once(side):
    name = side.create_topic()
    describe(side)
    describe(side, resource(TOPIC, name, ["retention.ms"]), resource(TOPIC, side.fresh()),
             resource(BROKER, "1", ["node.id"]), resource(TOPIC, name, ["segment.ms"]))


@every_version("DescribeConfigs", texts=True)
def an_internal_topic(side):
    describe(side, resource(TOPIC, "__consumer_offsets"), resource(TOPIC, "__cluster_metadata"), synonyms=True)
