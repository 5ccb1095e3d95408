"""Writes the C++ of every message from protocol/schema: structs with decode and encode per version.

    generate.py --list SCHEMA_DIR              the files that would be written, one a line
    generate.py SCHEMA_DIR OUT_DIR             writes them below OUT_DIR

Requests are views: their strings and bytes point into the received frame. Answers and stored
records own what they hold. protocol/schema/README.md explains the schema.
"""

import json
import pathlib
import re
import sys

PRIMITIVES = {  # schema type -> (C++ type, bytes on the wire, reader/writer call)
    "bool": ("bool", 1, "boolean"),
    "int8": ("std::int8_t", 1, "int8"),
    "int16": ("std::int16_t", 2, "int16"),
    "uint16": ("std::uint16_t", 2, "uint16"),
    "int32": ("std::int32_t", 4, "int32"),
    "uint32": ("std::uint32_t", 4, "uint32"),
    "int64": ("std::int64_t", 8, "int64"),
    "float64": ("double", 8, "float64"),
    "uuid": ("Uuid", 16, "uuid"),
}
KEYWORDS = {"operator", "namespace", "default", "class", "delete", "new", "private", "public"}
FOREVER = 32767


class Range:
    """The versions low..high; empty when low > high."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    @staticmethod
    def parse(text):
        if text in (None, "none"):
            return Range(0, -1)
        if text.endswith("+"):
            return Range(int(text[:-1]), FOREVER)
        low, _, high = text.partition("-")
        return Range(int(low), int(high or low))

    def cut(self, other):
        return Range(max(self.low, other.low), min(self.high, other.high))

    @property
    def empty(self):
        return self.low > self.high

    def covers(self, other):
        return other.empty or (self.low <= other.low and other.high <= self.high)

    def condition(self, within):
        """The C++ test that `at`, known to lie in `within`, lies in this range."""
        inside = self.cut(within)
        if inside.empty:
            return "false"
        tests = []
        if inside.low > within.low:
            tests.append(f"at >= {inside.low}")
        if inside.high < within.high:
            tests.append(f"at <= {inside.high}")
        return " && ".join(tests) or "true"


def pascal_to_snake(name):
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


class Field:
    def __init__(self, raw, message):
        self.name = raw["name"] + ("_" if raw["name"] in KEYWORDS else "")
        self.wire_name = raw["name"]
        self.versions = Range.parse(raw["versions"])
        self.nullable = Range.parse(raw.get("nullable"))
        self.tag = raw.get("tag")
        self.never_flexible = raw.get("flexible") == "none"
        self.ignorable = raw.get("ignorable", False)
        self.has_default = "default" in raw
        self.default = raw.get("default")
        self.is_array = raw["type"].startswith("[]")
        self.type = raw["type"].removeprefix("[]")
        self.is_struct = self.type not in PRIMITIVES and self.type not in ("string", "bytes", "records")
        self.owns = message.owns
        self.can_be_null = not self.nullable.empty

    def element_type(self):
        if self.type in PRIMITIVES:
            return PRIMITIVES[self.type][0]
        if self.type == "string":
            return "std::string" if self.owns else "std::string_view"
        if self.type == "records":
            return "Records" if self.owns else "BytesInFrame"
        if self.type == "bytes":
            return "Bytes" if self.owns else "BytesInFrame"
        return self.type

    @property
    def optional(self):
        """Held as std::optional; Records carry their own null."""
        return self.can_be_null and not (self.type == "records" and self.owns)

    def cpp_type(self):
        inner = self.element_type()
        if self.is_array:
            inner = f"std::vector<{inner}>"
        return f"std::optional<{inner}>" if self.optional else inner

    def initializer(self):
        """The default as C++, without the equals sign; empty for a value-initialised member."""
        if self.optional:
            if self.has_default and self.default is None:
                return ""
            inner = self.element_type()
            if self.is_array:
                return f"std::vector<{inner}>()"
            if self.type == "string":
                return json.dumps(self.default or "")
            if self.is_struct or self.type in ("bytes", "records"):
                return f"{inner}()"
        if self.is_array or self.is_struct or self.type in ("bytes", "records", "uuid"):
            return ""
        if self.type == "string":
            return json.dumps(self.default) if self.default else ""
        if self.type == "bool":
            return "true" if self.default else "false"
        if self.type == "float64":
            return repr(float(self.default or 0))
        value = int(self.default or 0)
        if value == -(2**63):
            return "std::numeric_limits<std::int64_t>::min()"
        return str(value)

    def is_default(self):
        """A C++ condition: the member holds its default."""
        null_default = self.has_default and self.default is None
        if self.optional:
            if null_default:
                return f"!{self.name}.has_value()"
            if self.is_array or self.type in ("bytes", "records", "string"):
                if self.default:
                    return f"{self.name} == {self.initializer()}"
                return f"({self.name}.has_value() && {self.name}->empty())"
            return f"({self.name} == {self.element_type()}())"
        if self.type == "records" and self.owns:
            return f"({self.name} == Records())"
        if self.is_array or self.type in ("bytes", "records"):
            return f"{self.name}.empty()"
        if self.type == "string":
            return f"{self.name} == {json.dumps(self.default)}" if self.default else f"{self.name}.empty()"
        if self.is_struct:
            return f"({self.name} == {self.type}())"
        if self.type == "uuid":
            return f"{self.name}.is_zero()"
        if self.type == "bool":
            return self.name if self.default else f"!{self.name}"
        return f"{self.name} == {self.initializer()}"


class Struct:
    def __init__(self, name, raw_fields, message):
        self.name = name
        self.fields = [Field(raw, message) for raw in raw_fields]
        self.message = message

    def wire_size_min(self, version):
        flexible = self.message.flexible.low <= version <= self.message.flexible.high
        size = 1 if flexible else 0
        for field in self.fields:
            if not field.versions.low <= version <= field.versions.high or field.tag is not None:
                continue
            if field.is_array or field.type in ("bytes", "records"):
                size += 1 if flexible else 4
            elif field.type == "string":
                size += 1 if flexible else 2
            elif field.is_struct:
                if field.nullable.low <= version <= field.nullable.high:
                    size += 1
                else:
                    size += self.message.struct(field.type).wire_size_min(version)
            else:
                size += PRIMITIVES[field.type][1]
        return size

    def wire_size_min_of_all(self, versions):
        versions = versions.cut(self.message.versions)
        return max(1, min((self.wire_size_min(v) for v in range(versions.low, versions.high + 1)), default=1))


class Message:
    def __init__(self, path):
        raw = json.loads(path.read_text(encoding="utf-8"))
        self.name = raw["name"]
        self.kind = raw["kind"]
        self.api_key = raw.get("api_key")
        self.record_type = raw.get("record_type")
        self.stable = Range.parse(raw.get("stable_versions"))
        self.versions = Range.parse(raw["versions"])
        self.flexible = Range.parse(raw["flexible"])
        self.owns = self.kind != "request"
        self.structs = []  # inner structs, each after those that it holds
        for common in raw.get("structs", []):
            self._collect(common["name"], common["fields"])
        self._collect(self.name, raw["fields"])
        self.root = self.structs.pop()
        self.structs = self._by_use(self.structs)
        self.api_name = re.sub(r"(Request|Response)$", "", self.name)
        self.stem = pascal_to_snake(self.api_name if self.api_key is not None else self.name)

    def _collect(self, name, raw_fields):
        for raw in raw_fields:
            if "fields" in raw:
                self._collect(raw["type"].removeprefix("[]"), raw["fields"])
        self.structs.append(Struct(name, raw_fields, self))

    @staticmethod
    def _by_use(structs):
        """A struct stands after those that it holds: shared ones may be declared in any order."""
        names = {s.name: s for s in structs}
        ordered = []

        def place(struct):
            if struct in ordered:
                return
            for field in struct.fields:
                if field.type in names:
                    place(names[field.type])
            ordered.append(struct)

        for struct in structs:
            place(struct)
        return ordered

    def struct(self, name):
        return next(s for s in self.structs if s.name == name)


class Out:
    def __init__(self):
        self.lines = []
        self.depth = 0

    def line(self, text=""):
        self.lines.append("    " * self.depth + text if text else "")

    def open(self, text):
        self.line(text + " {")
        self.depth += 1

    def close(self, tail=""):
        self.depth -= 1
        self.line("}" + tail)

    def text(self):
        return "\n".join(self.lines) + "\n"


def write_struct(out, struct, message, inner=()):
    out.open(f"struct {struct.name}")
    for child in inner:
        write_struct(out, child, message)
        out.line()
    for field in struct.fields:
        init = field.initializer()
        out.line(f"{field.cpp_type()} {field.name}" + (f" = {init};" if init else "{};"
                 if not (field.is_array or field.is_struct or field.optional) else ";"))
    if not message.flexible.empty:
        out.line("UnknownTags unknown_tags;")
    out.line()
    if struct is message.root:
        out.line(f"static constexpr MessageVersion version_min = {message.versions.low};")
        out.line(f"static constexpr MessageVersion version_max = {message.versions.high};")
        flexible = message.flexible.low if not message.flexible.empty else FOREVER
        out.line(f"static constexpr MessageVersion flexible_since = {flexible};")
        if message.api_key is not None:
            out.line(f"static constexpr std::int16_t api_key = {message.api_key};")
        if message.record_type is not None:
            out.line(f"static constexpr std::int16_t record_type = {message.record_type};")
        out.line()
    out.line("void decode(Reader& in, MessageVersion at);")
    out.line("void encode(Writer& out, MessageVersion at) const;")
    out.open("template <class Visitor>\n" + "    " * out.depth + "void visit(Visitor&& visitor) const")
    for field in struct.fields:
        out.line(f'visitor("{field.wire_name}", {field.name});')
    out.close()
    out.line(f"friend bool operator==(const {struct.name}&, const {struct.name}&) = default;")
    out.close(";")


def flexible_expr(field, message, versions):
    if field.never_flexible or message.flexible.cut(versions).empty:
        return "false"
    return "true" if message.flexible.covers(versions) else "is_flexible"


def decode_value(out, field, message, versions, source="in"):
    """Reads one field whose presence on the wire is settled; `versions` are those possible here."""
    flexible = flexible_expr(field, message, versions)
    null_here = field.nullable.cut(versions)
    name = field.name
    if field.is_array:
        if field.is_struct:
            wire = message.struct(field.type).wire_size_min_of_all(versions)
        else:
            wire = {"string": 1, "bytes": 1}.get(field.type) or PRIMITIVES[field.type][1]
        element = field.element_type()
        arguments = f"{flexible}, {wire}, sizeof({element})"

        def fill(target):
            out.line(f"{target}.resize(array_size);")
            if field.is_struct:
                out.line(f"for ({element}& element : {target}) element.decode({source}, at);")
            elif field.type in ("string", "bytes"):
                call = f"{source}.{field.type}({flexible})"
                value = owned_value(field, call, source)
                out.line(f"for ({element}& element : {target}) element = {value};")
            else:
                index = f"for (std::size_t i = 0; i < array_size; ++i) {target}[i] = {source}.{PRIMITIVES[field.type][2]}();"
                out.line(index)

        if not null_here.empty and field.optional:
            condition = field.nullable.condition(versions)
            out.open(f"if (const auto read_count = {source}.nullable_count({arguments}))")
            out.line("const std::uint32_t array_size = *read_count;")
            out.line(f"{name}.emplace();")
            fill(f"(*{name})")
            out.close(" else {")
            out.depth += 1
            if condition != "true":
                out.line(f"if (!({condition})) {source}.fail(DecodeError::negative_length);")
            out.line(f"{name}.reset();")
            out.close()
        else:
            out.open("")
            out.lines[-1] = "    " * (out.depth - 1) + "{"
            out.line(f"const std::uint32_t array_size = {source}.count({arguments});")
            if field.optional:
                out.line(f"{name}.emplace();")
            fill(f"(*{name})" if field.optional else name)
            out.close()
        return
    if field.type == "string" or field.type in ("bytes", "records"):
        kind = "string" if field.type == "string" else "bytes"
        if not null_here.empty:
            condition = field.nullable.condition(versions)
            out.open(f"if (const auto read_value = {source}.nullable_{kind}({flexible}))")
            if field.type == "records" and field.owns:
                out.line(f"{name} = owned_records({source}, *read_value);")
            else:
                out.line(f"{name} = {owned_value(field, '*read_value', source)};")
            out.close(" else {")
            out.depth += 1
            if condition != "true":
                out.line(f"if (!({condition})) {source}.fail(DecodeError::negative_length);")
            if field.type == "records" and field.owns:
                out.line(f"{name} = null_records();")
            else:
                out.line(f"{name}.reset();")
            out.close()
            return
        call = f"{source}.{kind}({flexible})"
        if field.type == "records" and field.owns:
            out.line(f"{name} = owned_records({source}, {call});")
        else:
            out.line(f"{name} = {owned_value(field, call, source)};")
        return
    if field.is_struct:
        if not null_here.empty:
            out.open(f"if ({source}.present())")
            out.line(f"{name}.emplace({field.type}());")
            out.line(f"{name}->decode({source}, at);")
            out.close(" else {")
            out.depth += 1
            out.line(f"{name}.reset();")
            out.close()
        elif field.optional:
            out.line(f"{name}.emplace({field.type}());")
            out.line(f"{name}->decode({source}, at);")
        else:
            out.line(f"{name}.decode({source}, at);")
        return
    out.line(f"{name} = {source}.{PRIMITIVES[field.type][2]}();")


def owned_value(field, view, source):
    """A string or bytes as the field holds it: a view of the frame, or a copy."""
    return f"to_owned({source}, {view})" if field.owns else view


def encode_value(out, field, message, versions, target="out"):
    flexible = flexible_expr(field, message, versions)
    null_here = field.nullable.cut(versions)
    name = field.name
    value = name
    opened = False
    if field.optional:
        condition = field.nullable.condition(versions) if not null_here.empty else "false"
        out.open(f"if (!{name}.has_value())")
        if condition != "true":
            refuse = f'{target}.cannot_carry("{field.wire_name}");'
            out.line(refuse if condition == "false" else f"if (!({condition})) {refuse}")
        if field.is_array:
            empty = f"{target}.count(0, {flexible});"
            null = f"{target}.null_count({flexible});"
        elif field.type == "string":
            empty = f"{target}.string({{}}, {flexible});"
            null = f"{target}.null_string({flexible});"
        elif field.is_struct:
            empty = f"{field.type}().encode({target}, at);"
            null = f"{target}.int8(-1);"
        else:
            empty = f"{target}.bytes({{}}, {flexible});"
            null = f"{target}.null_bytes({flexible});"
        if condition == "true":
            out.line(null)
        elif condition == "false":
            out.line(empty)
        else:
            out.line(f"if ({condition}) {null}")
            out.line(f"else {empty}")
        out.close(" else {")
        out.depth += 1
        opened = True
        value = f"(*{name})"
        if field.is_struct and not field.is_array and not null_here.empty:
            if condition == "true":
                out.line(f"{target}.int8(1);")
            else:
                out.line(f"if ({condition}) {target}.int8(1);")
    if field.is_array:
        out.line(f"{target}.count({value}.size(), {flexible});")
        if field.is_struct:
            out.line(f"for (const auto& element : {value}) element.encode({target}, at);")
        elif field.type in ("string", "bytes"):
            out.line(f"for (const auto& element : {value}) {target}.{field.type}(element, {flexible});")
        else:
            out.line(f"for (const auto& element : {value}) {target}.{PRIMITIVES[field.type][2]}(element);")
    elif field.type == "records" and field.owns:
        out.line(f"{target}.records({value}, {flexible});")
    elif field.type in ("string", "bytes", "records"):
        kind = "string" if field.type == "string" else "bytes"
        out.line(f"{target}.{kind}({value}, {flexible});")
    elif field.is_struct:
        out.line(f"{value}.encode({target}, at);")
    else:
        out.line(f"{target}.{PRIMITIVES[field.type][2]}({value});")
    if opened:
        out.close()


def write_codec(out, struct, message):
    scope = message.root.name if struct is message.root else f"{message.root.name}::{struct.name}"
    every = message.versions
    has_flexible = not message.flexible.cut(every).empty
    needs_flexible_variable = has_flexible and not message.flexible.covers(every)

    def flexible_line():
        if needs_flexible_variable:
            out.line(f"[[maybe_unused]] const bool is_flexible = {message.flexible.condition(every)};")

    plain = [f for f in struct.fields if f.tag is None and not f.versions.cut(every).empty]
    tagged = sorted((f for f in struct.fields if f.tag is not None), key=lambda f: f.tag)
    out.open(f"void {scope}::decode([[maybe_unused]] Reader& in, [[maybe_unused]] MessageVersion at)")
    flexible_line()
    for field in plain:
        condition = field.versions.condition(every)
        if condition != "true":
            out.open(f"if ({condition})")
        decode_value(out, field, message, field.versions.cut(every))
        if condition != "true":
            out.close()
    if has_flexible:
        if needs_flexible_variable:
            out.open("if (is_flexible)")
        if tagged:
            out.open("in.tagged_fields(unknown_tags, [&](std::uint32_t tag_number, Reader& tag_io)")
            for field in tagged:
                condition = field.versions.condition(every.cut(message.flexible))
                test = f"tag_number == {field.tag}" + (f" && {condition}" if condition != "true" else "")
                out.open(f"if ({test})")
                decode_value(out, field, message, field.versions.cut(every), "tag_io")
                out.line("return true;")
                out.close()
            out.line("return false;")
            out.close(");")
        else:
            out.line("in.tagged_fields(unknown_tags, [](std::uint32_t, Reader&) { return false; });")
        if needs_flexible_variable:
            out.close()
    out.close()
    out.line()

    out.open(f"void {scope}::encode([[maybe_unused]] Writer& out, [[maybe_unused]] MessageVersion at) const")
    flexible_line()
    for field in struct.fields:
        if field.tag is not None and not field.versions.cut(every).empty:
            condition = field.versions.condition(every)
            if condition != "true" and not field.ignorable:
                out.line(f'if (!({condition}) && !({field.is_default()})) out.cannot_carry("{field.wire_name}");')
            continue
        if field.versions.cut(every).empty:
            if not field.ignorable:
                out.line(f'if (!({field.is_default()})) out.cannot_carry("{field.wire_name}");')
            continue
        condition = field.versions.condition(every)
        if condition != "true":
            out.open(f"if ({condition})")
        encode_value(out, field, message, field.versions.cut(every))
        if condition != "true":
            out.close(" else {" if not field.ignorable else "")
            if not field.ignorable:
                out.depth += 1
                out.line(f'if (!({field.is_default()})) out.cannot_carry("{field.wire_name}");')
                out.close()
    if has_flexible:
        if needs_flexible_variable:
            out.open("if (is_flexible)")
        if tagged:
            out.line("auto tag_count = static_cast<std::uint32_t>(unknown_tags.all().size());")
            conditions = []
            for field in tagged:
                condition = field.versions.condition(every.cut(message.flexible))
                test = f"!({field.is_default()})"
                if condition != "true":
                    test = f"{condition} && {test}"
                conditions.append(test)
                out.line(f"const bool has_{field.name} = {test};")
                out.line(f"if (has_{field.name}) ++tag_count;")
            out.line("out.unsigned_varint(tag_count);")
            out.line("UnknownTagsInOrder unknown_in_order(out, unknown_tags);")
            for field in tagged:
                out.open(f"if (has_{field.name})")
                out.line(f"unknown_in_order.write_below({field.tag});")
                out.line("Writer tag_io;")
                encode_value(out, field, message, field.versions.cut(every).cut(message.flexible), "tag_io")
                out.line(f"out.tagged({field.tag}, tag_io);")
                out.close()
            out.line("unknown_in_order.write_rest();")
        else:
            out.line("out.unsigned_varint(static_cast<std::uint32_t>(unknown_tags.all().size()));")
            out.line("for (const UnknownTags::Tag& tag : unknown_tags.all()) out.tagged(tag);")
        if needs_flexible_variable:
            out.close()
    out.close()
    out.line()


GENERATED = "// Made by protocol/generate.py from protocol/schema; change those.\n"


def header_of(stem, messages):
    out = Out()
    out.lines += [GENERATED + "#pragma once", "", "#include <limits>", "#include <optional>", "#include <string>",
                  "#include <string_view>", "#include <vector>", "", '#include "protocol/wire.h"', "",
                  "namespace mamba::protocol {", ""]
    for message in messages:
        write_struct(out, message.root, message, message.structs)
        out.line()
    out.line("}  // namespace mamba::protocol")
    return out.text()


def source_of(stem, messages):
    out = Out()
    out.lines += [GENERATED + f'#include "protocol/messages/{stem}.h"', "", '#include "protocol/message_codec.h"', "",
                  "namespace mamba::protocol {", ""]
    for message in messages:
        for struct in message.structs + [message.root]:
            write_codec(out, struct, message)
    out.line("}  // namespace mamba::protocol")
    return out.text()


def fwd_of(files):
    out = Out()
    out.lines += [GENERATED + "#pragma once", "", "namespace mamba::protocol {", ""]
    for _, messages in sorted(files.items()):
        out.lines += [f"struct {message.name};" for message in messages]
    out.line()
    out.line("}  // namespace mamba::protocol")
    return out.text()


def all_of(files):
    out = Out()
    out.lines += [GENERATED + "#pragma once", ""]
    out.lines += [f'#include "protocol/messages/{stem}.h"' for stem in sorted(files)]
    out.lines += ["", "// X(Name): every message of the schema.", "// clang-format off", "#define MAMBA_MESSAGES(X) \\"]
    rows = sorted(f"    X({message.name})" for messages in files.values() for message in messages)
    out.lines += [row + " \\" for row in rows[:-1]] + [rows[-1], "// clang-format on"]
    return out.text()


def api_table_of(files):
    requests = sorted((m for ms in files.values() for m in ms if m.kind == "request"), key=lambda m: m.api_key)
    out = Out()
    out.lines += [GENERATED + "#pragma once", "", "// X(Name, name, key): every API of the schema.", "// clang-format off",
                  "#define MAMBA_APIS(X) \\"]
    rows = [f"    X({m.api_name}, {m.stem}, {m.api_key})" for m in requests]
    out.lines += [row + " \\" for row in rows[:-1]] + [rows[-1]]
    out.lines += ["", "// X(key, oldest, newest, newest stable, first flexible)", "#define MAMBA_API_VERSIONS(X) \\"]
    rows = []
    for m in requests:
        flexible = m.flexible.low if not m.flexible.empty else FOREVER
        rows.append(f"    X({m.api_key}, {m.versions.low}, {m.versions.high}, {m.stable.high}, {flexible})")
    out.lines += [row + " \\" for row in rows[:-1]] + [rows[-1], "// clang-format on"]
    return out.text()


def plan(schema_dir):
    files = {}
    for path in sorted(pathlib.Path(schema_dir).glob("*.json")):
        message = Message(path)
        files.setdefault(message.stem, []).append(message)
    return files


def write_if_changed(path, text):
    if path.exists() and path.read_text(encoding="utf-8") == text:
        path.touch()  # the build tool compares times
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main():
    if sys.argv[1] == "--list":
        for stem in sorted(plan(sys.argv[2])):
            print(f"protocol/messages/{stem}.cpp")
        return
    files = plan(sys.argv[1])
    root = pathlib.Path(sys.argv[2]) / "protocol"
    for stem, messages in files.items():
        write_if_changed(root / "messages" / f"{stem}.h", header_of(stem, messages))
        write_if_changed(root / "messages" / f"{stem}.cpp", source_of(stem, messages))
    write_if_changed(root / "messages" / "all.h", all_of(files))
    write_if_changed(root / "fwd.h", fwd_of(files))
    write_if_changed(root / "api_table.h", api_table_of(files))


if __name__ == "__main__":
    main()
