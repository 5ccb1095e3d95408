"""Two recordings of one scenario, compared field by field after a small normalisation.

What is taken as equal although it differs, and nothing else:
  - uuids, wherever they stand (topic ids; the uuid in a member id): the first one seen in a recording
    is <uuid 1>, and so on, so that equal ones must be equal on the other side too; the id of a topic
    that the scenario made is <id of its name>;
  - producer ids from 0 on: <producer 1> and so on, likewise; session ids of fetches: <session 1>;
  - times within a day of now (times that a scenario chose lie elsewhere and are compared);
  - the names that the scenario made, which differ by its attempt;
  - the broker's own port, cluster id and log dir; sizes of disks; how far its metadata log is;
  - the words of an error message (null or not is compared), unless the scenario says texts=True;
  - the order of lists whose elements Kafka keeps in hash tables: those of UNORDERED.
"""

import re
import time
import uuid

import records
from wire import NO_UUID, WireError

UUID_TEXT = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DAY_MS = 24 * 60 * 60 * 1000
# The list's place in the answer, and the fields that order it.
UNORDERED = {
    "topics": ("name", "topic_name", "topic", "topic_id"),
    "responses": ("topic", "topic_id", "name", "resource_name"),
    "partitions": ("partition_index", "partition", "partition_id"),
    "partition_responses": ("index",),
    "results": ("resource_type", "resource_name", "group_id", "name"),
    "members": ("group_instance_id", "client_id", "member_id"),
    "groups": ("group_id",),
    "configs": ("name",),
    "config_resources": ("resource_type", "resource_name"),
    "coordinators": ("key",),
    "active_producers": ("producer_id",),
    "api_keys": ("api_key",),
    "supported_features": ("name",),
    "finalized_features": ("name",),
}
NUMBERED = {"producer_id": "producer", "session_id": "session"}  # from the broker's counters
TEXTS = ("error_message", "batch_index_error_message")
DISK_SIZES = ("total_bytes", "usable_bytes")
METADATA_OFFSETS = ("finalized_features_epoch",)


class Normaliser:
    """Makes one side's answers comparable; one for a whole recording, since symbols run through it."""

    def __init__(self, port, data_dir, texts):
        self.port, self.data_dir, self.texts = port, str(data_dir), texts
        self.symbols = {}
        self.topic_names = {}  # by id
        self.names = ("", "")  # how the scenario's names begin in this attempt, and in the first

    def __call__(self, value, name=""):
        if isinstance(value, dict):
            return {key: self(inner, key) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self(inner, name) for inner in self.ordered(value, name)]
        if isinstance(value, uuid.UUID):
            return self.uuid(value)
        if name == "records" and isinstance(value, bytes):
            return self(self.batches(value), "batches")
        if isinstance(value, str):
            return self.text(value, name)
        if isinstance(value, bytes):
            return value.replace(*(name.encode() for name in self.names))
        if isinstance(value, int) and not isinstance(value, bool):
            return self.number(value, name)
        return value

    def ordered(self, elements, name):
        keys = UNORDERED.get(name, ())
        if not keys or not all(isinstance(element, dict) for element in elements):
            return elements
        return sorted(elements, key=lambda element: [self.sort_key(element[key]) for key in keys
                                                     if key in element])

    def sort_key(self, value):
        if isinstance(value, uuid.UUID):
            value = self.topic_names.get(value, "")
        return (0, value, "") if isinstance(value, int) else (1, 0, str(value))

    def uuid(self, value):
        if value == NO_UUID:
            return value
        if value in self.topic_names:
            return f"<id of {self.topic_names[value].replace(*self.names)}>"
        return self.symbol("uuid", str(value))

    def batches(self, data):
        try:
            return records.parse(data)
        except (WireError, ValueError) as error:
            return f"no record batches: {error}"

    def text(self, value, name):
        if name in TEXTS and not self.texts:
            return "<text>"
        if name == "cluster_id":
            return "<cluster id>"
        value = UUID_TEXT.sub(lambda found: self.symbol("uuid", found[0]), value)
        value = value.replace(*self.names).replace(self.data_dir, "<log dir>")
        return value.replace(f"127.0.0.1:{self.port}", "<address>")

    def number(self, value, name):
        if name in NUMBERED and value > 0 or name == "producer_id" and value == 0:
            return self.symbol(NUMBERED[name], value)
        if name == "port" and value == self.port:
            return "<port>"
        if name in DISK_SIZES and value > 0:
            return "<bytes>"
        if name in METADATA_OFFSETS and value >= 0:
            return "<metadata offset>"
        if abs(value - time.time() * 1000) < DAY_MS:
            return "<now>"
        return value

    def symbol(self, kind, value):
        known = self.symbols.setdefault(kind, {})
        return f"<{kind} {known.setdefault(value, len(known) + 1)}>"


def differences(kafka, ours, path=""):
    """The (path, Kafka's value, ours) that differ, in order."""
    if isinstance(kafka, dict) and isinstance(ours, dict):
        for key in kafka.keys() | ours.keys():
            if kafka.get(key, MISSING) != ours.get(key, MISSING):
                yield from differences(kafka.get(key, MISSING), ours.get(key, MISSING),
                                       f"{path}.{key}".lstrip("."))
    elif isinstance(kafka, list) and isinstance(ours, list):
        for index, a, b in pairs(kafka, ours, path.rpartition(".")[2]):
            yield from differences(a, b, f"{path}[{index}]")
    elif kafka != ours:
        yield path, kafka, ours


def pairs(kafka, ours, name):
    """(place, Kafka's element, ours): elements with the same identity belong together, MISSING where only
    one side has it; else by place in the list."""
    keyed = [{identity(element, name): element for element in elements} for elements in (kafka, ours)]
    if None in keyed[0] or None in keyed[1] or [len(keyed[0]), len(keyed[1])] != [len(kafka), len(ours)]:
        keyed = [dict(enumerate(elements)) for elements in (kafka, ours)]
    for key in keyed[0] | keyed[1]:
        yield key, keyed[0].get(key, MISSING), keyed[1].get(key, MISSING)


def identity(element, name):
    """What tells this element of the list `name` from its siblings; None when nothing does."""
    if not isinstance(element, dict):
        return None
    return " ".join(str(element[key]) for key in UNORDERED.get(name, ()) if key in element) or None


class _Missing:
    def __repr__(self):
        return "(absent)"


MISSING = _Missing()
