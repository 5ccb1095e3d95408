"""What a scenario can do with one of the two brokers; each command it gives is recorded.

    def delete_records(kafka):
        kafka.topic("cut")
        kafka.produce("cut", "one", "two", "three")
        file = kafka.file("cut.json", '{"version": 1, "partitions": [...]}')
        kafka.run("delete-records", "--offset-json-file", file)
        kafka.run("get-offsets", "--topic", "cut", until="cut:0:2")
"""

import contextlib
import dataclasses
import re

from broker import eventually
from normalise import normalised


@dataclasses.dataclass
class Record:
    """One command and what came of it, normalised."""
    tool: str
    command: str
    status: int
    lines: list


class Session:
    def __init__(self, broker, tools):
        self.broker = broker
        self.tools = tools
        self.records = []
        self.hidden = {}

    def run(self, tool, *arguments, stdin="", until="", without="", unordered=False, numbers=False, keep=None):
        """Runs and records a command; what it printed.

        until, without: repeat it until this text is there, or no longer, as metadata and offsets
        travel a moment in Kafka;
        unordered: the lines' order is of no meaning; numbers: nor are the figures;
        keep: a function from what was printed to what is compared of it.
        """
        words = self._words(tool, arguments)
        status, output = self.tools.run(tool, *words, stdin=stdin)

        def found():
            nonlocal status, output
            if until in output and not (without and without in output):
                return True
            status, output = self.tools.run(tool, *words, stdin=stdin)
            return False

        eventually(found)  # else the comparison tells what is there instead
        self._record(tool, arguments, status, keep(output) if keep else output, unordered, numbers)
        return output

    def run_alone(self, tool, *arguments, keep):
        """The same for a tool that needs a virtual machine of its own."""
        status, output = self.tools.run_alone(tool, *self._words(tool, arguments))
        self._record(tool, arguments, status, keep(output), False, False)

    @contextlib.contextmanager
    def running(self, tool, *arguments):
        """The tool as a process that runs meanwhile; its output is not compared."""
        process = self.tools.start(tool, *self._words(tool, arguments))
        try:
            yield
        finally:
            process.terminate()
            process.communicate()

    def topic(self, name, partitions=1, *configs):
        more = [word for config in configs for word in ("--config", config)]
        self.run("topics", "--create", "--topic", name, "--partitions", partitions, *more)
        self.run("topics", "--describe", "--topic", name, until=f"PartitionCount: {partitions}")

    def produce(self, topic, *lines, options=()):
        self.run("console-producer", "--topic", topic, *options,
                 stdin="".join(line + "\n" for line in lines))

    def produce_in_turn(self, topic, *lines):
        """One line to each partition, again and again: --timeout 0 keeps it from lingering a second each."""
        self.produce(topic, *lines, options=(
            "--sync", "--timeout", 0, "--command-property",
            "partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner"))

    def consume(self, topic, count, *options, **how):
        return self.run("console-consumer", "--topic", topic, "--max-messages", count,
                        "--timeout-ms", 20000, *options, **how)

    def hide(self, text, name):
        """From here on `name` stands for what each broker calls otherwise."""
        self.hidden[text] = name

    def file(self, name, text=""):
        path = self.broker.folder / name
        path.write_text(text)
        return path

    def _words(self, tool, arguments):
        words = list(map(str, arguments))
        server = ["--bootstrap-server", self.broker.bootstrap]
        if tool == "dump-log":
            return words
        if tool == "e2e-latency":
            return [self.broker.bootstrap] + words
        return words[:1] + server + words[1:] if tool == "cluster" else server + words

    def _record(self, tool, arguments, status, output, unordered, numbers):
        command = " ".join(self._normalised(" ".join(map(str, arguments))))
        lines = self._normalised(output, numbers)
        self.records.append(Record(tool, command, status, sorted(lines) if unordered else lines))

    def _normalised(self, text, numbers=False):
        lines = normalised(self.broker, text, numbers)
        for hidden, name in self.hidden.items():
            lines = [re.sub(rf"(?<![\w.]){re.escape(hidden)}(?![\w.])", name, line) for line in lines]
        return lines
