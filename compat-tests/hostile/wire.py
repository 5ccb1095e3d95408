"""Requests and record batches as bytes, right ones and lying ones, for clients on raw sockets."""

import struct

MIB = 1024 * 1024
PRODUCE, FETCH, METADATA, FIND_COORDINATOR, JOIN_GROUP, HEARTBEAT = 0, 1, 3, 10, 11, 12
LEAVE_GROUP, SYNC_GROUP, API_VERSIONS, CREATE_TOPICS = 13, 14, 18, 19
LIST_OFFSETS = 2


def string(text):
    return struct.pack(">h", len(text)) + text


def frame(key, version, body, correlation=7, client=b"hostile"):
    header = struct.pack(">hhi", key, version, correlation) + string(client)
    return struct.pack(">i", len(header) + len(body)) + header + body


def _crc32c_table():
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


CRC32C_TABLE = tuple(_crc32c_table())


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC32C_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def varint(number):
    number, encoded = number * 2, b""  # zigzag of what is not negative
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


def record(value):
    """One record without key and headers, as it lies in a batch."""
    body = b"\0\0\0\x01" + varint(len(value)) + value + b"\0"
    return varint(len(body)) + body


def batch(crc_change=0, records=1, magic=2, payload=record(b"value"), codec=0):
    """One record batch with one record; the arguments make it lie."""
    tail = struct.pack(">hiqqqhii", codec, 0, 1, 1, -1, -1, -1, records) + payload
    crc = (crc32c(tail) + crc_change) & 0xFFFFFFFF
    rest = struct.pack(">ibI", 0, magic, crc) + tail
    return struct.pack(">qi", 0, len(rest)) + rest


def produce_frame(topic, data, acks=-1, correlation=7):
    body = struct.pack(">hhi", -1, acks, 5000) + struct.pack(">i", 1) + string(topic)
    body += struct.pack(">ii", 1, 0) + struct.pack(">i", len(data)) + data
    return frame(PRODUCE, 7, body, correlation)


def create_topic_frame(topic, configs=()):
    """CreateTopics version 2: one topic of one partition."""
    body = struct.pack(">i", 1) + string(topic) + struct.pack(">ihii", 1, 1, 0, len(configs))
    for name, value in configs:
        body += string(name) + string(value)
    return frame(CREATE_TOPICS, 2, body + struct.pack(">ib", 10_000, 0))


def byte_string(data):
    return struct.pack(">i", len(data)) + data


def find_coordinator_frame(group):
    return frame(FIND_COORDINATOR, 0, string(group))


def join_frame(group, member=b"", session_ms=30_000, rebalance_ms=60_000):
    """JoinGroup version 2, which gives a new member its id in the same step."""
    body = string(group) + struct.pack(">ii", session_ms, rebalance_ms) + string(member)
    body += string(b"consumer") + struct.pack(">i", 1) + string(b"range") + byte_string(b"")
    return frame(JOIN_GROUP, 2, body)


class Joined:
    """The answer to join_frame."""

    def __init__(self, answer):
        self.error, self.generation = struct.unpack(">hi", answer[8:14])
        self.at, self.answer = 14, answer
        _, self.leader, self.member = (self._string() for _ in range(3))
        self.members = []
        for _ in range(self._int32()):
            self.members.append(self._string())
            metadata_length = self._int32()
            self.at += metadata_length

    def _int32(self):
        self.at += 4
        return struct.unpack(">i", self.answer[self.at - 4:self.at])[0]

    def _string(self):
        length = struct.unpack(">h", self.answer[self.at:self.at + 2])[0]
        self.at += 2 + length
        return self.answer[self.at - length:self.at]


def sync_frame(group, joined):
    """SyncGroup version 1; the leader gives each member its own id as assignment."""
    body = string(group) + struct.pack(">i", joined.generation) + string(joined.member)
    given = joined.members if joined.member == joined.leader else []
    body += struct.pack(">i", len(given))
    for member in given:
        body += string(member) + byte_string(member)
    return frame(SYNC_GROUP, 1, body)


def heartbeat_frame(group, joined):
    return frame(HEARTBEAT, 1, string(group) + struct.pack(">i", joined.generation) + string(joined.member))


def leave_frame(group, member):
    return frame(LEAVE_GROUP, 1, string(group) + string(member))


def fetch_frame(topic, wait_ms):
    """Fetch version 4 from offset 0, answered when there is a byte or after `wait_ms`."""
    body = struct.pack(">iiiib", -1, wait_ms, 1, MIB, 0) + struct.pack(">i", 1) + string(topic)
    return frame(FETCH, 4, body + struct.pack(">iiqi", 1, 0, 0, MIB))


def produce_error(answer):
    """The error code of a produce answer for one partition, after its correlation id."""
    topic_length = struct.unpack(">h", answer[8:10])[0]
    return struct.unpack(">h", answer[18 + topic_length:20 + topic_length])[0]


def receive(connection):
    """One answer without its length; None when the broker closed the connection."""
    try:
        data = b""
        while len(data) < 4 or len(data) < 4 + struct.unpack(">i", data[:4])[0]:
            part = connection.recv(65536)
            if not part:
                return None
            data += part
        return data[4:4 + struct.unpack(">i", data[:4])[0]]
    except ConnectionError:
        return None
