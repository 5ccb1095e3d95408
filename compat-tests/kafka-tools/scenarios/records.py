"""The console producer and consumer, kafka-get-offsets, -delete-records and -dump-log."""

import json
import re

T0 = 1_700_000_000_000  # a time stamp
DAY = 86_400_000


def console_clients(kafka):
    kafka.topic("console")
    keyed = ("--reader-property", "parse.key=true", "--reader-property", "parse.headers=true")
    kafka.produce("console", "h1:a,h2:b\tkey1\tvalue1", "h1:\tkey2\tvalue2", options=keyed)
    kafka.produce("console", "NULL\tk\tNULL", options=keyed + ("--reader-property", "null.marker=NULL"))
    kafka.produce("console", "k;v;w", options=("--reader-property", "parse.key=true",
                                               "--reader-property", "key.separator=;"))
    kafka.produce("console", "no key", options=keyed)
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        kafka.produce("console", codec, options=("--compression-codec", codec))
    for options in (("--sync",), ("--request-required-acks", 0), ("--request-required-acks", 1),
                    ("--batch-size", 1, "--timeout", 10), ("--command-property", "enable.idempotence=false")):
        kafka.produce("console", " ".join(map(str, options)), options=options)
    kafka.run("get-offsets", "--topic", "console", until="console:0:14")
    what = [word for name in ("timestamp", "key", "offset", "epoch", "partition", "headers", "value")
            for word in ("--formatter-property", f"print.{name}=true")]
    kafka.consume("console", 14, "--from-beginning", *what)
    kafka.consume("console", 3, "--from-beginning", *what, "--formatter-property", "null.literal=nil",
                  "--formatter-property", "key.separator=|", "--formatter-property", "headers.separator=;")
    kafka.consume("console", 2, "--partition", 0, "--offset", 5)
    kafka.consume("console", 2, "--partition", 0, "--offset", "earliest")
    kafka.consume("console", 2, "--from-beginning", "--isolation-level", "read_committed", "--group", "committed")
    kafka.consume("console", 2, "--from-beginning", "--enable-systest-events", "--group", "events")
    for formatter in ("LoggingMessageFormatter", "NoOpMessageFormatter"):
        kafka.consume("console", 4, "--from-beginning", "--formatter", f"org.apache.kafka.tools.consumer.{formatter}")
    kafka.run("console-consumer", "--include", "conso.*", "--from-beginning", "--max-messages", 3,
              "--timeout-ms", 20000)
    kafka.run("console-consumer", "--topic", "console", "--partition", 0, "--offset", "latest", "--timeout-ms", 500)
    kafka.run("console-consumer", "--topic", "console", "--partition", 7, "--timeout-ms", 500)


def console_clients_of_missing_topics(kafka):
    kafka.run("console-producer", "--topic", "missing", "--max-block-ms", 500, stdin="lost\n")
    kafka.run("console-producer", "--topic", "not legal", "--max-block-ms", 500, stdin="lost\n")
    kafka.run("console-consumer", "--topic", "missing", "--timeout-ms", 500)
    kafka.run("console-consumer", "--topic", "not legal", "--timeout-ms", 500)
    kafka.topic("small", 1, "max.message.bytes=1000")
    kafka.produce("small", "x" * 2000, options=("--sync",))
    kafka.produce("small", "fits", options=("--sync",))
    kafka.consume("small", 1, "--from-beginning")


def _summary(output):
    """How many events of each kind, and of records, the verifiable clients told."""
    counts = {}
    for line in output.splitlines():
        event = json.loads(line)
        name = event["name"]
        if name == "records_consumed":
            counts["records"] = counts.get("records", 0) + event["count"]
        elif name == "offsets_committed":
            counts[f"{name} {event['success']}"] = 1
        elif name in ("producer_send_success", "producer_send_error"):
            counts[name] = counts.get(name, 0) + 1
        elif name == "tool_data":
            counts["sent"], counts["acked"] = event["sent"], event["acked"]
        else:
            counts[name] = 1
    return "\n".join(f"{name}: {count}" for name, count in sorted(counts.items()))


def verifiable_clients_and_offsets(kafka):
    kafka.topic("timed", 2, "retention.ms=-1")  # its records are of years ago, and this may take a while
    for time in (T0, T0 + DAY):
        kafka.run_alone("verifiable-producer", "--topic", "timed", "--max-messages", 20, "--repeating-keys", 5,
                        "--message-create-time", time, keep=_summary)
    kafka.run_alone("verifiable-consumer", "--topic", "timed", "--group-id", "verifiable", "--max-messages", 40,
                    "--reset-policy", "earliest", keep=_summary)
    offsets = ("get-offsets", "--topic", "timed")
    kafka.run(*offsets, unordered=True)
    for time in ("-1", "-2", "latest", "earliest", "earliest-local", "latest-tiered",
                 "earliest-pending-upload", 0, T0, T0 + DAY // 2, T0 + 2 * DAY, "yesterday"):
        kafka.run(*offsets, "--time", time, unordered=True)

    def half(output):
        """The newest time stamp is of one of the records of the second day."""
        return re.sub(r":1\d|:2\d", ":IN-SECOND-HALF", output)

    kafka.run(*offsets, "--time", "max-timestamp", keep=half, unordered=True)
    kafka.run(*offsets, "--partitions", "1")
    kafka.run(*offsets, "--partitions", "0,5")
    kafka.run("get-offsets", "--topic-partitions", "timed:0-1,console:0")
    kafka.run("get-offsets", "--topic-partitions", "tim.*:1-")
    kafka.run("get-offsets", "--topic", "missing")
    kafka.run("get-offsets", "--exclude-internal-topics", unordered=True)


def delete_records(kafka):
    kafka.topic("cut", 2)
    kafka.produce_in_turn("cut", *map(str, range(10)))

    def delete(topic, partition, offset):
        file = kafka.file("cut.json", json.dumps({"version": 1, "partitions": [
            {"topic": topic, "partition": partition, "offset": offset}]}))
        kafka.run("delete-records", "--offset-json-file", file)

    kafka.run("get-offsets", "--topic", "cut", "--time", "latest")
    delete("cut", 0, 2)
    kafka.run("get-offsets", "--topic", "cut", "--time", "earliest")
    kafka.consume("cut", 1, "--partition", 0, "--offset", "earliest", "--formatter-property", "print.offset=true")
    delete("cut", 0, 1)
    delete("cut", 0, 1000)
    delete("cut", 1, -1)
    kafka.run("delete-records", "--offset-json-file", kafka.file("cut.json", "{"))
    kafka.run("get-offsets", "--topic", "cut", "--time", "earliest")


def dump_log(kafka):
    kafka.topic("dumped")
    kafka.produce("dumped", "h:1\tk1\tone", "h:2\tk2\ttwo", options=(
        "--reader-property", "parse.key=true", "--reader-property", "parse.headers=true"))
    kafka.produce("dumped", "three", options=("--compression-codec", "zstd"))
    kafka.consume("dumped", 3, "--from-beginning", "--formatter-property", "print.headers=true")
    log = kafka.broker.data / "dumped-0" / "00000000000000000000.log"

    def parts(output):
        """CRC and producer id are of each run."""
        return re.sub(r"(crc|[cC]rc32|producerId): -?\d+", r"\1: N", output)

    kafka.run("dump-log", "--files", log, keep=parts)
    kafka.run("dump-log", "--deep-iteration", "--print-data-log", "--files", log, keep=parts)


SCENARIOS = [console_clients, console_clients_of_missing_topics, verifiable_clients_and_offsets, delete_records,
             dump_log]
