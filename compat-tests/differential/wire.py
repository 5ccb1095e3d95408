"""The wire format of every message, driven at run time by protocol/schema/*.json.

A message is a dict of its fields' schema names. Strict in both directions: an unknown field name, a
value that a version cannot carry, a null where none may be, bytes left over are all a WireError. A
field that is not given has its schema's default; a decoded message has the fields of its version.
Tagged fields that the schema does not know stand under "unknown_tags", {tag: bytes}.

Bytes and records are `bytes`, uuids are `uuid.UUID`. protocol/schema/README.md explains the schema.
"""

import json
import pathlib
import struct
import uuid

SCHEMA_DIR = pathlib.Path(__file__).resolve().parents[2] / "protocol" / "schema"
NO_UUID = uuid.UUID(int=0)
FOREVER = 32767
UNKNOWN_TAGS = "unknown_tags"
FIXED = {
    "bool": struct.Struct(">?"), "int8": struct.Struct(">b"), "int16": struct.Struct(">h"),
    "uint16": struct.Struct(">H"), "int32": struct.Struct(">i"), "uint32": struct.Struct(">I"),
    "int64": struct.Struct(">q"), "float64": struct.Struct(">d"),
}
VARIABLE = ("string", "bytes", "records")


class WireError(Exception):
    """What the message's schema does not allow, with the path of the field."""


def version_range(text):
    """The versions "3+", "0-7" or "2" as a range; empty for none."""
    if text in (None, "none"):
        return range(0)
    if text.endswith("+"):
        return range(int(text[:-1]), FOREVER)
    low, _, high = text.partition("-")
    return range(int(low), int(high or low) + 1)


class Field:
    def __init__(self, raw, structs):
        self.name = raw["name"]
        self.is_array = raw["type"].startswith("[]")
        self.type = raw["type"].removeprefix("[]")
        self.versions = version_range(raw["versions"])
        self.nullable = version_range(raw.get("nullable"))
        self.tag = raw.get("tag")
        self.never_flexible = raw.get("flexible") == "none"
        self.ignorable = raw.get("ignorable", False)
        if "fields" in raw:
            structs[self.type] = fields_of(raw["fields"], structs)
        self.is_struct = self.type not in FIXED and self.type not in VARIABLE and self.type != "uuid"
        self._default = raw["default"] if "default" in raw else self._empty()

    def _empty(self):
        if self.is_array:
            return []
        if self.is_struct:
            return {}
        return {"string": "", "bytes": b"", "records": b"", "uuid": NO_UUID, "bool": False}.get(self.type, 0)

    @property
    def default(self):
        return self._default.copy() if isinstance(self._default, (list, dict)) else self._default


def fields_of(raw_fields, structs):
    return [Field(raw, structs) for raw in raw_fields]


class Message:
    """One message's schema."""

    def __init__(self, raw):
        self.name = raw["name"]
        self.api_key = raw.get("api_key")
        self.versions = version_range(raw["versions"])
        self.stable_versions = version_range(raw.get("stable_versions"))
        self.flexible_versions = version_range(raw["flexible"])
        self.structs = {}
        for struct_raw in raw.get("structs", []):
            self.structs[struct_raw["name"]] = fields_of(struct_raw["fields"], self.structs)
        self.fields = fields_of(raw["fields"], self.structs)

    def encode(self, value, version, drop=False):
        """The bytes of `value`; with `drop`, fields that the version lacks are left out silently."""
        out = bytearray()
        _Encoder(self, version, drop, out).fields(self.fields, value, self.name)
        return bytes(out)

    def decode(self, data, version):
        """The dict; every byte must belong to the message."""
        reader = Reader(data)
        value = _Decoder(self, version, reader).fields(self.fields, self.name)
        if reader.left():
            raise WireError(f"{self.name} version {version}: {reader.left()} bytes left over")
        return value


class _Encoder:
    def __init__(self, message, version, drop, out):
        self.message, self.version, self.drop, self.out = message, version, drop, out
        self.flexible = version in message.flexible_versions

    def fields(self, fields, value, path):
        if not isinstance(value, dict):
            raise WireError(f"{path}: {value!r} is no dict")
        unknown = value.keys() - {field.name for field in fields} - {UNKNOWN_TAGS}
        if unknown:
            raise WireError(f"{path}: unknown field {', '.join(sorted(unknown))}")
        tagged = []
        for field in fields:
            given = value.get(field.name, field.default)
            where = f"{path}.{field.name}"
            if self.version not in field.versions:
                if field.name in value and given != field.default and not (self.drop or field.ignorable):
                    raise WireError(f"{where}: version {self.version} does not carry it")
            elif field.tag is None:
                self.field(field, given, where, self.flexible and not field.never_flexible)
            elif given != field.default:
                tagged.append((field.tag, field, given, where))
        if self.flexible:
            self.tagged_fields(tagged, value.get(UNKNOWN_TAGS, {}))

    def tagged_fields(self, tagged, unknown):
        encoded = dict(unknown)
        for tag, field, given, where in tagged:
            encoded[tag] = bytearray()
            _Encoder(self.message, self.version, self.drop, encoded[tag]).field(field, given, where, True)
        self.unsigned_varint(len(encoded))
        for tag, data in sorted(encoded.items()):
            self.unsigned_varint(tag)
            self.unsigned_varint(len(data))
            self.out += data

    def field(self, field, value, path, flexible):
        if value is None and self.version not in field.nullable:
            raise WireError(f"{path}: may not be null at version {self.version}")
        if field.is_array:
            self.length(value, flexible, "int32")
            for index, element in enumerate(value or ()):
                self.element(field, element, f"{path}[{index}]", flexible)
        elif field.is_struct and self.version in field.nullable:
            self.out += b"\xff" if value is None else b"\x01"
            if value is not None:
                self.element(field, value, path, flexible)
        else:
            self.element(field, value, path, flexible)

    def element(self, field, value, path, flexible):
        try:
            if field.is_struct:
                self.fields(self.message.structs[field.type], value, path)
            elif field.type in VARIABLE:
                data = value.encode() if field.type == "string" and value is not None else value
                self.length(data, flexible, "int16" if field.type == "string" else "int32")
                self.out += data or b""
            elif field.type == "uuid":
                self.out += value.bytes
            else:
                self.out += FIXED[field.type].pack(value)
        except (struct.error, AttributeError, TypeError) as error:
            raise WireError(f"{path}: {value!r} is no {field.type} ({error})") from error

    def length(self, value, flexible, fixed):
        if flexible:
            self.unsigned_varint(0 if value is None else len(value) + 1)
        else:
            self.out += FIXED[fixed].pack(-1 if value is None else len(value))

    def unsigned_varint(self, number):
        while number > 127:
            self.out.append(number & 127 | 128)
            number >>= 7
        self.out.append(number)


class Reader:
    """Bytes and a place in them."""

    def __init__(self, data):
        self.data, self.at = memoryview(bytes(data)), 0

    def left(self):
        return len(self.data) - self.at

    def take(self, size):
        if not 0 <= size <= self.left():
            raise WireError(f"{size} bytes wanted at {self.at}, {self.left()} are there")
        self.at += size
        return bytes(self.data[self.at - size:self.at])

    def fixed(self, kind):
        return FIXED[kind].unpack(self.take(FIXED[kind].size))[0]

    def unsigned_varint(self):
        number = shift = 0
        while True:
            byte = self.take(1)[0]
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number
            if shift > 63:
                raise WireError(f"an endless varint at {self.at}")

    def varint(self):
        number = self.unsigned_varint()
        return number >> 1 ^ -(number & 1)


class _Decoder:
    def __init__(self, message, version, reader):
        self.message, self.version, self.reader = message, version, reader
        self.flexible = version in message.flexible_versions

    def fields(self, fields, path):
        here = [field for field in fields if self.version in field.versions]
        value = {}
        for field in here:
            if field.tag is None:
                where = f"{path}.{field.name}"
                value[field.name] = self.field(field, where, self.flexible and not field.never_flexible)
            else:
                value[field.name] = field.default
        if self.flexible:
            self.tagged_fields({field.tag: field for field in here if field.tag is not None}, value, path)
        return value

    def tagged_fields(self, by_tag, value, path):
        last_tag = -1
        for _ in range(self.reader.unsigned_varint()):
            tag, size = self.reader.unsigned_varint(), self.reader.unsigned_varint()
            if tag <= last_tag:
                raise WireError(f"{path}: tag {tag} comes after tag {last_tag}")
            last_tag, end = tag, self.reader.at + size
            if tag in by_tag:
                value[by_tag[tag].name] = self.field(by_tag[tag], f"{path}.{by_tag[tag].name}", True)
            else:
                value.setdefault(UNKNOWN_TAGS, {})[tag] = self.reader.take(size)
            if self.reader.at != end:
                raise WireError(f"{path}: the size of tag {tag} is wrong")

    def field(self, field, path, flexible):
        if field.is_array:
            count = self.length(flexible, "int32")
            if count is None:
                return self.null(field, path)
            if count > self.reader.left():
                raise WireError(f"{path}: {count} elements in {self.reader.left()} bytes")
            return [self.element(field, f"{path}[{index}]", flexible) for index in range(count)]
        if field.is_struct and self.version in field.nullable and self.reader.fixed("int8") < 0:
            return None
        return self.element(field, path, flexible)

    def element(self, field, path, flexible):
        if field.is_struct:
            return self.fields(self.message.structs[field.type], path)
        if field.type in VARIABLE:
            size = self.length(flexible, "int16" if field.type == "string" else "int32")
            if size is None:
                return self.null(field, path)
            data = self.reader.take(size)
            return data.decode() if field.type == "string" else data
        if field.type == "uuid":
            return uuid.UUID(bytes=self.reader.take(16))
        return self.reader.fixed(field.type)

    def length(self, flexible, fixed):
        length = self.reader.unsigned_varint() - 1 if flexible else self.reader.fixed(fixed)
        if length < -1:
            raise WireError(f"a length of {length}")
        return None if length < 0 else length

    def null(self, field, path):
        if self.version not in field.nullable:
            raise WireError(f"{path}: null at version {self.version}")
        return None


class Api:
    """One API: its messages, its stable versions and its headers."""

    def __init__(self, request, response):
        self.name = request.name.removesuffix("Request")
        self.key = request.api_key
        self.request, self.response = request, response
        self.versions = request.stable_versions

    def frame(self, version, value, correlation_id=1, client_id="differential", drop=False):
        """A request as it goes over the wire, without the length in front."""
        header = {"request_api_key": self.key, "request_api_version": version,
                  "correlation_id": correlation_id, "client_id": client_id}
        header_version = 2 if version in self.request.flexible_versions else 1
        return (MESSAGES["RequestHeader"].encode(header, header_version)
                + self.request.encode(value, version, drop))

    def answer(self, data, version, correlation_id=1):
        """The dict of a response frame without its length."""
        # An ApiVersions answer has no tagged fields in its header, whatever its version (KIP-511).
        flexible = version in self.response.flexible_versions and self.name != "ApiVersions"
        size = 4 + (1 if flexible else 0)
        header = MESSAGES["ResponseHeader"].decode(data[:size], 1 if flexible else 0)
        if header["correlation_id"] != correlation_id:
            raise WireError(f"{self.name}: answer {header['correlation_id']}, not {correlation_id}")
        return self.response.decode(data[size:], version)


def _load():
    messages = {}
    for path in sorted(SCHEMA_DIR.glob("*.json")):
        message = Message(json.loads(path.read_text()))
        messages[message.name] = message
    return messages


MESSAGES = _load()
APIS = {name.removesuffix("Request"): Api(message, MESSAGES[name.removesuffix("Request") + "Response"])
        for name, message in MESSAGES.items() if name.endswith("Request")}
