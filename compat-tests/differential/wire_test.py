#!/usr/bin/env python3
"""The codec of the differential runner against what Apache Kafka's own classes wrote.

    wire_test.py [unittest arguments]        needs the program zstd
"""

import pathlib
import shutil
import struct
import subprocess
import sys
import unittest

import records
from wire import APIS, MESSAGES, WireError

VECTORS = (pathlib.Path(__file__).resolve().parents[2] / "tests" / "protocol" / "data"
           / "wire_vectors.bin.zst")
CANNOT_RUN = 77


def wire_vectors():
    """(message, version, bytes) of the file; its layout is told in tests/protocol/wire_vectors.h."""
    data = subprocess.run(["zstd", "-dcq", str(VECTORS)], check=True, capture_output=True).stdout
    at = 0
    while at < len(data):
        name_end = at + 1 + data[at]
        name = data[at + 1:name_end].decode()
        version, size = struct.unpack(">hI", data[name_end:name_end + 6])
        at = name_end + 6 + size
        yield name, version, data[at - size:at]


class Wire(unittest.TestCase):
    def test_kafkas_messages_are_read_and_written_back_byte_by_byte(self):
        seen = set()
        for name, version, data in wire_vectors():
            message = MESSAGES[name]
            value = message.decode(data, version)
            self.assertEqual(message.encode(value, version), data, f"{name} version {version}")
            seen.add(name)
        self.assertEqual(seen, MESSAGES.keys())

    def test_what_a_schema_does_not_allow_is_an_error(self):
        fetch = APIS["Fetch"].request
        for value, reason in (({"nonsense": 1}, "unknown field"),
                              ({"topics": None}, "may not be null"),
                              ({"replica_id": 1}, "does not carry"),
                              ({"max_bytes": "many"}, "is no int32")):
            with self.assertRaisesRegex(WireError, reason):
                fetch.encode(value, 18)
        self.assertEqual(fetch.encode({"replica_id": 1}, 18, drop=True), fetch.encode({}, 18))

    def test_every_cut_of_an_answer_is_an_error(self):
        metadata = APIS["Metadata"].response
        data = metadata.encode({"topics": [{"name": "t", "partitions": [{}]}], "brokers": [{}]}, 12)
        for size in range(len(data)):
            with self.assertRaises(WireError):
                metadata.decode(data[:size], 12)
        with self.assertRaisesRegex(WireError, "left over"):
            metadata.decode(data + b"\0", 12)


class Records(unittest.TestCase):
    def test_the_checksum_is_crc32c(self):
        self.assertEqual(records.crc32c(b"123456789"), 0xE3069283)  # the catalogue's check value

    def test_a_batch_is_read_as_it_was_written(self):
        entries = [records.record(b"v", b"k", [(b"h", None), (b"i", b"")], timestamp_delta=7),
                   records.record(None)]
        for codec in (records.NONE, records.GZIP):
            data = records.batch(entries, codec=codec, producer_id=4, producer_epoch=1, base_sequence=9)
            (parsed,) = records.parse(data)
            self.assertTrue(parsed["crc_is_right"])
            self.assertEqual(parsed["max_timestamp"], records.NOW + 7)
            self.assertEqual((parsed["producer_id"], parsed["base_sequence"]), (4, 9))
            self.assertEqual([entry["key"] for entry in parsed["records"]], [b"k", None])
            self.assertEqual(parsed["records"][0]["headers"], [[b"h", None], [b"i", b""]])

    def test_a_cut_off_batch_is_told(self):
        data = records.batch()
        self.assertEqual(records.parse(data + data[:20])[1], {"cut_off": 20})


if __name__ == "__main__":
    if shutil.which("zstd") is None:
        print("wire_test: needs zstd", file=sys.stderr)
        sys.exit(CANNOT_RUN)
    unittest.main()
