"""Scenarios: a few readable lines each, run against Kafka and ours alike.

    @every_version("ListOffsets")
    def beyond_the_end(side):
        topic = side.create_topic()
        side.request("ListOffsets", topics=[{"name": topic, "partitions": [...]}])

The function gets a Side, one broker as a client sees it. All answers of request() and what record() is
given are recorded; run compares the two recordings. The names that a scenario uses come from fresh(), so that
scenarios may run beside each other on the same two brokers.
"""

import contextlib
import copy
import dataclasses
import itertools
import sys
import time
from typing import Callable

import brokers
from records import batch
from wire import APIS, NO_UUID

PATIENCE = 10.0  # seconds
CLOSED = "the connection is closed"
REQUEST_TEXT_MAX = 300
ALL = []  # every scenario, in the order of definition


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    function: Callable
    api: str
    versions: tuple
    texts: bool  # the words of error messages are compared too
    alone: bool  # looks at or changes what others share: no other scenario runs beside it


def _scenario(api, versions, texts, alone):
    def register(function):
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        ALL.append(Scenario(name, function, api, tuple(versions), texts, alone))
        return function
    return register


def every_version(api, since=0, until=99, texts=False, alone=False):
    """Runs at each version of `api` that Kafka 4.3 advertises; requests of this api leave out the
    fields that a version lacks."""
    versions = [version for version in APIS[api].versions if since <= version <= until]
    return _scenario(api, versions, texts, alone)


def refused_versions(api, first, last):
    """Runs at versions that Kafka 4.3 advertises for the sake of old clients and never serves."""
    assert last < APIS[api].versions[0], f"{api} is served at version {last}"
    return _scenario(api, range(first, last + 1), texts=False, alone=False)


def newest_version(api, texts=False, alone=False):
    return _scenario(api, [APIS[api].versions[-1]], texts, alone)


def fresh_prefix(scenario, version, attempt=0):
    """What the names begin with that this run of the scenario makes; equally long for each attempt."""
    return f"{scenario.name}-{'vwxyz'[attempt]}{version}-"


def describe(value):
    """A request's value for the reader of a difference."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {describe(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(describe, value)) + "]"
    return f"<{len(value)} bytes>" if isinstance(value, bytes) and len(value) > 20 else repr(value)


@dataclasses.dataclass(frozen=True)
class Step:
    """One recorded answer."""

    what: str
    answer: object  # normalised
    request: str = ""


class Side:
    """One broker, as a scenario sees it."""

    def __init__(self, port, scenario, version, normaliser, attempt=0):
        self.version = version  # the version under test
        self.client_id = "differential"
        self.steps = []
        self._port, self._scenario, self._normaliser = port, scenario, normaliser
        self._prefix = fresh_prefix(scenario, version, attempt)
        normaliser.names = (self._prefix, fresh_prefix(scenario, version))
        self._connection = None
        self._open = contextlib.ExitStack()
        self._numbers = itertools.count(1)

    def close(self):
        self._open.close()

    def fresh(self, word="topic"):
        """A name that nobody else uses, the same on both sides."""
        return f"{self._prefix}{word}-{next(self._numbers)}"

    def client(self, client_id):
        """Another client of the same broker, with a connection of its own."""
        other = copy.copy(self)
        other.client_id, other._connection = client_id, None
        return other

    def request(self, api, version=None, /, **fields):
        """Sends, records the answer and returns it; None when the broker closes the connection. The version
        is the one under test, or the newest of another api."""
        answer = self.ask(api, version, **fields)
        self._record(api, version, fields, answer)
        return answer

    def ask(self, api, version=None, /, **fields):
        """As request(), not recorded: for what only prepares or waits."""
        connection = self._connect()
        number, drop = self._version(api, version)
        correlation_id = connection.send(APIS[api], number, fields, drop)
        return self._receive(connection, api, number, correlation_id)

    def start(self, api, version=None, /, **fields):
        """Sends on a connection of its own; answer() of what it returns waits and records. For requests
        that the broker answers late."""
        connection = self._new_connection()
        number, drop = self._version(api, version)
        correlation_id = connection.send(APIS[api], number, fields, drop)

        def answer():
            value = self._receive(connection, api, number, correlation_id)
            self._record(api, version, fields, value)
            return value
        return Started(answer)

    def tell(self, api, version=None, /, **fields):
        """Sends what has no answer (Produce with acks=0)."""
        number, drop = self._version(api, version)
        self._connect().send(APIS[api], number, fields, drop)

    def raw(self, frame, what="raw frame"):
        """Sends a whole frame, without the length in front; records and returns the answer's bytes, None
        when the broker closes the connection."""
        connection = self._connect()
        connection.send_frame(frame)
        answer = self._closed_is_none(connection.receive_frame)
        self.record(what, CLOSED if answer is None else answer)
        return answer

    def record(self, what, value):
        """Lets `value` be compared as an answer is."""
        self.steps.append(Step(self._normaliser(what), self._normaliser(value), self._line()))

    def until(self, condition, what, limit=PATIENCE):
        """Asks again and again until `condition()` holds; its value."""
        deadline = time.monotonic() + limit
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {limit:.0f} s in vain for: {what}")
            time.sleep(0.01)
        return value

    # What most scenarios need first. Nothing of it is recorded.

    def create_topic(self, partitions=1, name=None, **configs):
        """A new topic, ready for use. A config's name is written with _ for each dot."""
        name = name or self.fresh()
        settings = [{"name": key.replace("_", "."), "value": str(value)} for key, value in configs.items()]
        (made,) = self._newest("CreateTopics", timeout_ms=10000, topics=[
            {"name": name, "num_partitions": partitions, "replication_factor": 1,
             "configs": settings}])["topics"]
        assert made["error_code"] == 0, f"cannot create {name}: {made}"
        self.await_topic(name, partitions)
        return name

    def await_topic(self, name, partitions=1):
        """Waits until all partitions of `name` serve, and remembers its id."""
        def serves():
            answer = self._newest("ListOffsets", replica_id=-1, topics=[{"name": name, "partitions": [
                {"partition_index": index, "timestamp": -1} for index in range(partitions)]}])
            return all(partition["error_code"] == 0 for partition in answer["topics"][0]["partitions"])
        self.until(serves, f"{name} to serve")
        self.topic_id(name)

    def topic_id(self, name):
        """The id of a topic; NO_UUID when there is none of this name."""
        (topic,) = self._newest("Metadata", topics=[{"name": name}])["topics"]
        if topic["topic_id"] != NO_UUID:
            self._normaliser.topic_names[topic["topic_id"]] = name
        return topic["topic_id"]

    def produce(self, topic, *batches, partition=0):
        """Appends `batches` (one of one record when none is given); the base offset."""
        (answer,) = self._newest("Produce", acks=-1, timeout_ms=10000, topic_data=[
            {"topic_id": self.topic_id(topic), "partition_data": [
                {"index": partition, "records": b"".join(batches) or batch()}]}])["responses"]
        (appended,) = answer["partition_responses"]
        assert appended["error_code"] == 0, f"cannot produce to {topic}: {appended}"
        return appended["base_offset"]

    def _newest(self, api, /, **fields):
        return self.ask(api, APIS[api].versions[-1], **fields)

    def version_of(self, api):
        """The version at which requests of `api` go when none is given."""
        return self._version(api, None)[0]

    def _version(self, api, version):
        """(the version to use, whether fields that it lacks are left out)"""
        if version is not None:
            return version, False
        if api == self._scenario.api:
            return self.version, True
        return APIS[api].versions[-1], False

    def _line(self):
        """Where the scenario is."""
        frame = sys._getframe(1)
        while frame is not None and frame.f_code is not self._scenario.function.__code__:
            frame = frame.f_back
        return "" if frame is None else f"line {frame.f_lineno}"

    def _new_connection(self):
        connection = brokers.Connection(self._port, self.client_id)
        self._open.callback(connection.close)
        return connection

    def _connect(self):
        if self._connection is None:
            self._connection = self._new_connection()
        return self._connection

    def _closed_is_none(self, receive):
        try:
            return receive()
        except brokers.Closed:
            self._connection = None  # the next request opens a new one
            return None

    def _receive(self, connection, api, version, correlation_id):
        frame = self._closed_is_none(connection.receive_frame)
        return None if frame is None else APIS[api].answer(frame, version, correlation_id)

    def _record(self, api, version, fields, answer):
        text = ", ".join(f"{key}={describe(value)}" for key, value in fields.items())
        what = f"{api} v{self._version(api, version)[0]}"
        value = CLOSED if answer is None else self._normaliser(answer)
        self.steps.append(Step(what, value, f"{self._line()}: {text[:REQUEST_TEXT_MAX]}"))


@dataclasses.dataclass(frozen=True)
class Started:
    """A request whose answer is still to come."""

    answer: Callable
