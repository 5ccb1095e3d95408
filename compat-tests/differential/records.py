"""Record batches of format 2, built (also deliberately wrong ones) and parsed.

    batch    := base_offset int64, length int32, leader_epoch int32, magic int8, crc uint32 (CRC-32C of
                all that follows), attributes int16, last_offset_delta int32, base_timestamp int64,
                max_timestamp int64, producer_id int64, producer_epoch int16, base_sequence int32,
                count int32, records
    record   := length varint, attributes int8, timestamp_delta varint, offset_delta varint,
                key bytes, value bytes, header_count varint, headers          lengths are varints, -1 null

Sources: KIP-98, KIP-82 (headers). Compression is none or gzip, what Python has.
"""

import gzip
import struct
import zlib

from wire import Reader, WireError

HEADER = struct.Struct(">qiibIhiqqqhii")
CRC_AT = 17  # the checksum's own place
NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
LOG_APPEND_TIME, TRANSACTIONAL, CONTROL = 8, 16, 32  # bits of a batch's attributes
NOW = 1_700_000_000_000  # the time of records whose scenario does not care


def _crc32c_table():
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        yield byte


_TABLE = tuple(_crc32c_table())


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def varint(number):
    number = (number << 1 ^ number >> 63) & (1 << 64) - 1
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _nullable(data):
    return varint(-1) if data is None else varint(len(data)) + data


def record(value=b"value", key=None, headers=(), timestamp_delta=0, offset_delta=None):
    """One record for batch(); its offset delta is its place in the batch when None."""
    return {"key": key, "value": value, "headers": list(headers), "timestamp_delta": timestamp_delta,
            "offset_delta": offset_delta}


def _encode_record(entry, place):
    delta = place if entry["offset_delta"] is None else entry["offset_delta"]
    body = b"\0" + varint(entry["timestamp_delta"]) + varint(delta)
    body += _nullable(entry["key"]) + _nullable(entry["value"]) + varint(len(entry["headers"]))
    for name, value in entry["headers"]:
        body += _nullable(name) + _nullable(value)
    return varint(len(body)) + body


def batch(records=(b"value",), *, base_offset=0, leader_epoch=-1, magic=2, crc=None, attributes=0,
          codec=NONE, last_offset_delta=None, base_timestamp=NOW, max_timestamp=None, producer_id=-1,
          producer_epoch=-1, base_sequence=-1, count=None, length=None, payload=None):
    """A batch of `records` (values, or what record() made). What is None is computed; all else is taken
    as it is, so that a batch can lie. `payload` stands for the encoded records."""
    records = [entry if isinstance(entry, dict) else record(entry) for entry in records]
    data = b"".join(_encode_record(entry, place) for place, entry in enumerate(records))
    if codec == GZIP:
        data = gzip.compress(data, mtime=0)
    elif codec != NONE and payload is None:
        raise ValueError("only gzip is built here; other codecs need a payload")
    data = data if payload is None else payload
    if max_timestamp is None:
        max_timestamp = base_timestamp + max((entry["timestamp_delta"] for entry in records), default=0)
    last = len(records) - 1 if last_offset_delta is None else last_offset_delta
    total = HEADER.size + len(data)
    header = HEADER.pack(base_offset, total - 12 if length is None else length, leader_epoch, magic, 0,
                         attributes | codec, last, base_timestamp, max_timestamp, producer_id,
                         producer_epoch, base_sequence, len(records) if count is None else count)
    checked = header[CRC_AT + 4:] + data
    return header[:CRC_AT] + struct.pack(">I", crc32c(checked) if crc is None else crc) + checked


def old_message_set(value=b"value", magic=1, timestamp=NOW):
    """A message set of format 0 or 1, as clients before Kafka 0.11 wrote it."""
    body = struct.pack(">bb", magic, 0) + (struct.pack(">q", timestamp) if magic else b"")
    body += struct.pack(">i", -1) + struct.pack(">i", len(value)) + value
    message = struct.pack(">I", zlib.crc32(body)) + body
    return struct.pack(">qi", 0, len(message)) + message


def _decode_record(reader):
    end = reader.varint()
    end += reader.at
    reader.take(1)
    entry = {"timestamp_delta": reader.varint(), "offset_delta": reader.varint()}
    entry["key"], entry["value"] = _bytes(reader), _bytes(reader)
    entry["headers"] = [[_bytes(reader), _bytes(reader)] for _ in range(reader.varint())]
    if reader.at != end:
        raise WireError("a record's length is wrong")
    return entry


def _bytes(reader):
    size = reader.varint()
    return None if size < 0 else reader.take(size)


def parse(data):
    """The batches in `data` as dicts; the last may be cut off ({"cut_off": bytes})."""
    reader, batches = Reader(data), []
    while reader.left():
        start = reader.at
        size = struct.unpack(">i", data[start + 8:start + 12])[0] + 12 if reader.left() >= 12 else None
        if size is None or size > reader.left():
            batches.append({"cut_off": reader.left()})
            break
        batches.append(_parse_batch(reader.take(size)))
    return batches


def _parse_batch(data):
    (base_offset, _, leader_epoch, magic, crc, attributes, last, base_timestamp, max_timestamp,
     producer_id, producer_epoch, base_sequence, count) = HEADER.unpack(data[:HEADER.size])
    payload, codec = data[HEADER.size:], attributes & 7
    parsed = {"base_offset": base_offset, "leader_epoch": leader_epoch, "magic": magic,
              "crc_is_right": crc == crc32c(data[CRC_AT + 4:]), "attributes": attributes,
              "last_offset_delta": last, "base_timestamp": base_timestamp,
              "max_timestamp": max_timestamp, "producer_id": producer_id,
              "producer_epoch": producer_epoch, "base_sequence": base_sequence, "count": count}
    if codec == GZIP:
        payload = gzip.decompress(payload)
    if codec in (NONE, GZIP):
        reader = Reader(payload)
        parsed["records"] = [_decode_record(reader) for _ in range(count)]
        if reader.left():
            raise WireError(f"{reader.left()} bytes after a batch's records")
    else:
        parsed["compressed"] = payload
    return parsed
