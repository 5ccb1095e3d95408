"""What may differ between two brokers that answer alike."""

import re

_RULES = [(re.compile(pattern, re.M), replacement) for pattern, replacement in [
    (r"^\s+at .*\n|^\s+\.\.\. \d+ more\n", ""),                     # stack traces
    (r"^\[[^]]+\] WARN .*\n", ""),                                   # a client's own log: as often as it tries
    (r"127\.0\.0\.1[: ]\d+", "HOST:PORT"),
    (r"(\"topicId\":\")[\w-]{22}", r"\1ID"),
    (r"(\"host\":\"127\.0\.0\.1\",\"port\":)\d+", r"\1PORT"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),         # ends of member ids
    (r"(console-consumer-|perf-consumer-)\d+", r"\1N"),                # groups without a given name
    (r"(clientId=(?:adminclient|producer)-)\d+", r"\1N"),             # the JVM counts them
    (r"((?:Topic|Cluster) ?I[dD]: |--topic-id |topicId=)[\w-]{22}", r"\1ID"),
    (r"(CreateTime|createTime|timestamp|Timestamp)([:\"]+ ?)\d{13}", r"\1\2TIME"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.:,]\d{3}Z?", "TIME"),
    (r"(\"size\":)[1-9]\d*", r"\1SIZE"),
    (r" +$|(?<=\S) {2,}", " "),                                     # columns are as wide as what is in them
]]
_NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?(?:E-?\d+)?\b|NaN|Infinity")


def normalised(broker, text, numbers=False):
    """The lines of `text` that are to be equal; with `numbers` every figure is N."""
    text = text.replace(str(broker.data), "DATA").replace(f"{broker.folder}/", "")
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    if numbers:
        text = _NUMBER.sub("N", text)
    return [line.rstrip() for line in text.splitlines() if line.strip()]
