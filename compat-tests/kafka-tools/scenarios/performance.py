"""The load tools: what they do is compared, not how fast they are."""


def performance(kafka):
    kafka.topic("load", 3)
    once = ("--reporting-interval", 3_600_000)  # a slow machine tells no more lines than a fast one
    kafka.run("producer-perf-test", "--topic", "load", "--num-records", 20000, "--record-size", 100,
              "--throughput", -1, *once, numbers=True)
    kafka.run("producer-perf-test", "--topic", "load", "--num-records", 100, "--payload-monotonic",
              "--throughput", 1000, *once, "--command-property", "acks=1", "compression.type=lz4",
              numbers=True)
    kafka.run("get-offsets", "--topic", "load", keep=_total)
    kafka.run("consumer-perf-test", "--topic", "load", "--num-records", 20100, numbers=True)
    kafka.run("consumer-perf-test", "--topic", "load", "--num-records", 100, "--group", "load-group", "--hide-header",
              "--date-format", "yyyy", numbers=True)
    kafka.run("consumer-perf-test", "--topic", "load", "--num-records", 1000000, "--timeout", 1000, numbers=True)
    kafka.topic("there-and-back")
    kafka.run("e2e-latency", "there-and-back", 20, "all", 100, numbers=True)
    kafka.run("e2e-latency", "there-and-back", 20, "1", 100, numbers=True)


def _total(output):
    return str(sum(int(line.rsplit(":", 1)[1]) for line in output.splitlines()))


SCENARIOS = [performance]
