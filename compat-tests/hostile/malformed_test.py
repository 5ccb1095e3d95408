#!/usr/bin/env python3
"""Malformed requests of every API and version that the broker advertises: each gets an answer or a
closed connection, everybody else is served on, and the broker's memory stays bounded.

    malformed_test.py --broker PROGRAM [--requests N] [--seed S]

They are made from requests that Kafka's own classes wrote (tests/protocol/data): cut short, made
longer, with counts and lengths beyond the frame, with bits turned. A failure is repeated by its seed.
Exit code 77: zstd is missing, or the broker is the oracle, which does not survive this.
"""

import argparse
import pathlib
import random
import secrets
import select
import shutil
import socket
import struct
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
from broker import CANNOT_RUN, Broker, is_oracle  # noqa: E402
from wire import API_VERSIONS, MIB, frame, receive  # noqa: E402

DATA = HERE.parent.parent / "tests" / "protocol" / "data"
AT_ONCE = 50
ANSWER_SECONDS = 0.5  # some requests wait for others; they are left to it
GROWTH_MAX = 64 * MIB


def read_vectors():
    """(message name, version, bytes); the layout is described in tests/protocol/wire_vectors.h."""
    data = subprocess.run(["zstd", "-dc", str(DATA / "wire_vectors.bin.zst")], check=True,
                          capture_output=True).stdout
    at = 0
    while at < len(data):
        name = data[at + 1:at + 1 + data[at]].decode()
        at += 1 + data[at]
        version, size = struct.unpack(">hI", data[at:at + 6])
        yield name, version, data[at + 6:at + 6 + size]
        at += 6 + size


def read_apis():
    """Name of the request -> (key, first version with tagged fields)."""
    lines = (DATA / "kafka-4.3-apis.tsv").read_text().splitlines()[1:]
    for key, name, _, _, _, flexible_since in (line.split("\t") for line in lines):
        yield f"{name}Request", (int(key), 32767 if flexible_since == "none" else int(flexible_since))


def advertised(port):
    """Key -> (lowest, highest version), from the broker."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(frame(API_VERSIONS, 0, b""))
        answer = receive(connection)
    count = struct.unpack(">i", answer[6:10])[0]
    entries = struct.iter_unpack(">hhh", answer[10:10 + 6 * count])
    return {key: (low, high) for key, low, high in entries}


def requests_to_spoil(port):
    """(key, version, header's end and body) for all that the broker advertises."""
    apis, versions = dict(read_apis()), advertised(port)
    for name, version, body in read_vectors():
        if name not in apis:
            continue
        key, flexible_since = apis[name]
        low, high = versions.get(key, (0, -1))
        if low <= version <= high:
            yield key, version, (b"\0" if version >= flexible_since else b"") + body


def spoil(chance, body):
    """`body` with one to three faults."""
    body = bytearray(body)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(body) + 1)
        fault = chance.randrange(6)
        if fault == 0:
            del body[at:]
        elif fault == 1:
            body[at:at] = chance.randbytes(chance.choice([1, 2, 4, 100]))
        elif fault == 2:
            body += chance.randbytes(chance.choice([1, 4, 1000]))
        elif fault == 3:
            body[at:at + 4] = chance.choice([b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0"])
        elif fault == 4:
            body[at:at + 1] = b"\xff\xff\xff\xff\x0f"  # a varint of 2^32
        elif at < len(body):
            body[at] ^= 1 << chance.randrange(8)
    return bytes(body)


def outcomes(connections):
    """How many of `connections` are answered, and how many closed, within ANSWER_SECONDS."""
    answered = closed = 0
    waiting, deadline = set(connections), time.monotonic() + ANSWER_SECONDS
    while waiting and (left := deadline - time.monotonic()) > 0:
        for connection in select.select(list(waiting), [], [], left)[0]:
            waiting.remove(connection)
            try:
                is_answer = bool(connection.recv(1))
            except ConnectionError:
                is_answer = False
            answered += is_answer
            closed += not is_answer
    return answered, closed


def attack(broker, options):
    chance = random.Random(options.seed)
    requests = list(requests_to_spoil(broker.port))
    apis = len({key for key, _, _ in requests})
    before = broker.resident_bytes()
    answered = closed = 0
    for start in range(0, options.requests, AT_ONCE):
        connections = []
        for number in range(start, start + AT_ONCE):
            # Every API and version in turn, then again with other faults.
            key, version, body = requests[number * 7919 % len(requests)]
            connection = socket.create_connection(("127.0.0.1", broker.port), timeout=20)
            connection.sendall(frame(key, version, spoil(chance, body)))
            connections.append(connection)
        counts = outcomes(connections)
        answered, closed = answered + counts[0], closed + counts[1]
        for connection in connections:
            connection.close()
        if not broker.serves(10):
            return f"after {start + AT_ONCE} requests another client is not served: " + broker.output()[-2000:]
    grown = broker.resident_bytes() - before
    if grown > GROWTH_MAX:
        return f"resident memory grew by {grown // MIB} MiB"
    told = f"{options.requests} malformed requests of {apis} APIs: {answered} answered, {closed} closed"
    if min(answered, closed) * 10 < options.requests:
        return f"{told}; that tests only half of what it should"
    print(f"{told}; resident memory grew by {grown // MIB} MiB")
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", required=True, metavar="PROGRAM")
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2 ** 32))
    options = parser.parse_args()
    if shutil.which("zstd") is None:
        print("malformed_test: needs zstd (Debian: zstd)")
        return CANNOT_RUN
    if is_oracle():
        print("malformed_test: Kafka 4.3 ends its own process at a malformed AddRaftVoter request")
        return CANNOT_RUN
    print(f"seed {options.seed}", flush=True)
    with Broker(options.broker) as broker:
        failure = attack(broker, options)
        if failure:
            print(f"seed {options.seed}: {failure}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
