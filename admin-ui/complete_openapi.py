"""Completes the description of the API with the types that the pages use.

    complete_openapi.py openapi.json web/src/api OUT

openapi.json names its /api/v1 schemas as web/src/api does ("#/components/schemas/Topic"); here they are made
from there, so that the two cannot differ. ListOfTopic is List<Topic>. OUT gets openapi.json, whole, and
the same as openapi.json.gz. The same files give the same bytes.
"""

import gzip
import json
import pathlib
import re
import sys

TOKEN = re.compile(r'\s+|//[^\n]*|/\*.*?\*/|(?P<token>"[^"]*"|`[^`]*`|[A-Za-z_]\w*|=>|[{}\[\]()<>|&;:,?=.]|-?\d+)', re.S)
LEFT_OUT = {"StreamFrame", "ChannelData"}  # what a stream of events carries; OpenAPI has no words for that
OWN = {"Exact": {"type": "string", "pattern": "^-?[0-9]+$"}, "Ms": {"type": "integer"}}


class Types:
    """Reads the part of TypeScript that web/src/api is written in: interfaces, unions, literals, lists, tuples."""

    def __init__(self, folder):
        self.schemas = {}
        for file in sorted(folder.glob("*.ts")):
            if file.name != "index.ts":  # which has the others' names and no own
                self.read(file.name, file.read_text())

    def read(self, file, text):
        self.file = file
        self.tokens = []
        position = 0
        while position < len(text):
            match = TOKEN.match(text, position)
            if match is None:
                raise SystemExit(f"{file}: cannot be read at {text[position:position + 40]!r}")
            if match["token"]:
                self.tokens.append(match["token"])
            position = match.end()
        self.at = 0
        while self.at < len(self.tokens):
            self.declaration()

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected=None):
        token = self.peek()
        if expected is not None and token != expected:
            stands = " ".join(self.tokens[self.at:self.at + 8])
            raise SystemExit(f"{self.file}: {expected!r} is expected where {stands!r} stands")
        self.at += 1
        return token

    def skip(self, token):
        if self.peek() != token:
            return False
        self.at += 1
        return True

    def declaration(self):
        if self.skip("import"):  # the schemas of all files stand together
            while not self.skip(";"):
                self.at += 1
            return
        self.take("export")
        kind, name = self.take(), self.take()
        if kind == "interface" and self.peek() == "<":  # of a generic one, what it is of counts where it is used
            while self.peek() != "{":
                self.at += 1
            self.object_of()
            return
        if kind == "interface":
            parents = []
            if self.skip("extends"):
                parents.append(self.single())
            own = self.object_of()
            schema = {"allOf": parents + [own]} if parents else own
        else:
            self.take("=")
            schema = self.type_of()
            self.take(";")
        if name not in LEFT_OUT:
            self.schemas[name] = OWN.get(name, schema)

    def object_of(self):
        self.take("{")
        properties, required = {}, []
        while not self.skip("}"):
            name = self.take().strip('"')
            if not self.skip("?"):
                required.append(name)
            self.take(":")
            properties[name] = self.type_of()
            self.skip(";")
        schema = {"type": "object", "properties": properties}
        return schema | ({"required": required} if required else {})

    def type_of(self):
        self.skip("|")
        members = [self.intersection()]
        while self.skip("|"):
            members.append(self.intersection())
        if len(members) == 1:
            return members[0]
        constants = [member["const"] for member in members if "const" in member]
        if constants:
            members = [member for member in members if "const" not in member] + [{"type": "string", "enum": constants}]
        plain = [member for member in members if set(member) == {"type"}]
        if len(plain) == len(members):
            return {"type": [member["type"] for member in members]}
        return members[0] if len(members) == 1 else {"anyOf": members}

    def intersection(self):
        members = [self.lists()]
        while self.skip("&"):
            members.append(self.lists())
        return members[0] if len(members) == 1 else {"allOf": members}

    def lists(self):
        schema = self.single()
        while self.peek() == "[" and self.tokens[self.at + 1] == "]":
            self.at += 2
            schema = {"type": "array", "items": schema}
        return schema

    def single(self):
        token = self.peek()
        if token == "{":
            return self.object_of()
        self.at += 1
        if token == "(":
            schema = self.type_of()
            self.take(")")
            return schema
        if token == "[":
            items = [self.type_of()]
            while self.skip(","):
                items.append(self.type_of())
            self.take("]")
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        if token.startswith('"'):
            return {"const": token.strip('"')}
        if token.startswith("`"):
            return {"type": "string"}
        if token in ("string", "number", "boolean", "null"):
            return {"type": token}
        if token == "unknown":
            return {}
        if token == "Record":
            _, value = self.arguments()
            return {"type": "object", "additionalProperties": value}
        if token == "Partial":
            self.arguments()
            return {"type": "object"}
        if token == "Omit":
            return self.omit()
        if token == "keyof":
            self.take()
            return {"type": "string"}
        if self.peek() == "[" and self.tokens[self.at + 1] != "]":
            self.at += 3  # an indexed type, of what is left out
            return {}
        return {"$ref": f"#/components/schemas/{token}"}

    def arguments(self):
        self.take("<")
        types = [self.type_of()]
        while self.skip(","):
            types.append(self.type_of())
        self.take(">")
        return types

    def omit(self):
        base, field = self.arguments()
        schema = self.schemas[base["$ref"].rpartition("/")[2]]
        properties = {name: value for name, value in schema["properties"].items() if name != field["const"]}
        return schema | {"properties": properties, "required": [name for name in schema["required"] if name != field["const"]]}


def references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner.rpartition("/")[2]
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def complete(description, types):
    schemas = description["components"]["schemas"]
    wanted = list(references(description))
    while wanted:
        name = wanted.pop()
        if name in schemas or name in description["components"].get("responses", {}):
            continue
        if name.startswith("ListOf"):
            item = {"$ref": f"#/components/schemas/{name.removeprefix('ListOf')}"}
            properties = {"data": {"type": "array", "items": item}, "next": {"type": ["string", "null"]}}
            schemas[name] = {"type": "object", "properties": properties, "required": ["data", "next"]}
        elif name in types:
            schemas[name] = types[name]
        else:
            raise SystemExit(f"openapi.json: there is no schema {name}")
        wanted += references(schemas[name])
    description["components"]["schemas"] = dict(sorted(schemas.items()))
    return description


def main():
    source, types, out = map(pathlib.Path, sys.argv[1:4])
    description = complete(json.loads(source.read_text()), Types(types).schemas)
    text = json.dumps(description, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    out.mkdir(parents=True, exist_ok=True)
    (out / "openapi.json").write_bytes(text)
    (out / "openapi.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))


if __name__ == "__main__":
    main()
