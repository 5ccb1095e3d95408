"""Kafka and ours side by side: one node each, equal settings, both ready for every request."""

import contextlib
import pathlib
import socket
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from broker import CANNOT_RUN, ORACLE, Broker, eventually  # noqa: E402
from wire import APIS, WireError  # noqa: E402

ANSWER_SECONDS_MAX = 30
READY_SECONDS_MAX = 60
# What both sides are started with; a short session timeout keeps the group scenarios short.
SETTINGS = {
    "node.id": "1",
    "group.min.session.timeout.ms": "100",
    "group.max.size": "4",
    "message.max.bytes": "100000",
    # The scenarios' records are years old; when each side would look for such is up to its clock.
    "log.retention.ms": "-1",
    "max.request.partition.size.limit": "6",
    "transaction.state.log.num.partitions": "3",
    # As the oracle's launcher sets them, so that their sources are equal too.
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.replication.factor": "1",
}


class Closed(Exception):
    """The broker closed the connection instead of answering."""


class Connection:
    """A connection to one broker; requests may be sent ahead of the answers."""

    def __init__(self, port, client_id="differential"):
        self.client_id = client_id
        self.correlation_id = 0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self):
        self.socket.close()

    def send(self, api, version, fields, drop=False):
        """Sends a request; the correlation id of its answer."""
        self.correlation_id += 1
        self.send_frame(api.frame(version, fields, self.correlation_id, self.client_id, drop))
        return self.correlation_id

    def send_frame(self, frame):
        with contextlib.suppress(ConnectionError):  # told by the answer that does not come
            self.socket.sendall(struct.pack(">i", len(frame)) + frame)

    def receive_frame(self):
        return self._take(struct.unpack(">i", self._take(4))[0])

    def _take(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                part = self.socket.recv(size - len(data))
            except ConnectionError:
                part = b""
            except TimeoutError as error:
                raise TimeoutError(f"no answer within {ANSWER_SECONDS_MAX} s") from error
            if not part:
                raise Closed()
            data += part
        return bytes(data)

    def request(self, api_name, **fields):
        """One request at the newest version that all speak, and its answer."""
        api = APIS[api_name]
        version = api.versions[-1]
        correlation_id = self.send(api, version, fields)
        return api.answer(self.receive_frame(), version, correlation_id)


def is_ready(port):
    """True when the group coordinator answers and producer ids can be had."""
    try:
        with contextlib.closing(Connection(port)) as connection:
            found = connection.request("FindCoordinator", key_type=0, coordinator_keys=["warm"])
            offsets = connection.request("OffsetFetch", groups=[{"group_id": "warm", "topics": None}])
            producer = connection.request("InitProducerId", transactional_id=None)
            codes = (found["coordinators"][0]["error_code"], offsets["groups"][0]["error_code"],
                     producer["error_code"])
            return codes == (0, 0, 0)
    except (Closed, OSError, WireError):
        return False


@contextlib.contextmanager
def both(program):
    """Starts both and yields {"kafka": Broker, "ours": Broker}. Ends the program with 77 when there
    can be no Kafka here."""
    fetched = subprocess.run([sys.executable, str(ORACLE), "fetch"], stdout=subprocess.DEVNULL)
    if fetched.returncode != 0:
        sys.exit(CANNOT_RUN)
    with Broker(program, SETTINGS, oracle=True) as kafka, Broker(program, SETTINGS, oracle=False) as ours:
        for name, broker in (("Kafka", kafka), ("the broker under test", ours)):
            if not eventually(lambda: is_ready(broker.port), READY_SECONDS_MAX):
                raise RuntimeError(f"{name} is not ready after {READY_SECONDS_MAX} s: "
                                   + broker.output()[-2000:])
        yield {"kafka": kafka, "ours": ours}
