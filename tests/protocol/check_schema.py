"""Compares protocol/schema with the facts of Apache Kafka 4.3, field by field and version by version.

    check_schema.py SCHEMA_DIR DATA_DIR

The facts are kafka-4.3-schemas.tsv (per message and versions: fields in wire order, types, which may
be null, tags; and the defaults) and kafka-4.3-apis.tsv, both made by compat-tests/wire-vectors/make from
Kafka's own classes. There, "~" marks the compact form, "?" what may be null, "#n" a tagged field and
"~#" the place of tagged fields.
"""

import pathlib
import sys

NEVER = 32767


def load(schema_dir):
    sys.path.insert(0, str(schema_dir.parent))
    from generate import Message

    return {message.name: message for message in map(Message, sorted(schema_dir.glob("*.json")))}


def holds(versions, version):
    return versions.low <= version <= versions.high


def describe_type(message, field, version):
    flexible = holds(message.flexible, version) and not field.never_flexible
    compact = "~" if flexible else ""
    null = "?" if holds(field.nullable, version) else ""
    if field.is_struct:
        inner = describe_struct(message, message.struct(field.type), version)
        if field.is_array:
            return f"{compact}[]{null}{{ {inner} }}"
        return f"{{{null} {inner} }}"
    has_length = field.type in ("string", "bytes", "records")
    if field.is_array:
        return f"{compact}[]{null}{compact if has_length else ''}{field.type}"
    return (compact + field.type + null) if has_length else field.type


def describe_struct(message, struct, version):
    carried = [field for field in struct.fields if holds(field.versions, version)]
    parts = [f"{f.wire_name}:{describe_type(message, f, version)}" for f in carried if f.tag is None]
    if holds(message.flexible, version):
        parts.append("~#")
        tagged = sorted((f for f in carried if f.tag is not None), key=lambda f: f.tag)
        parts += [f"#{f.tag}:{f.wire_name}:{describe_type(message, f, version)}" for f in tagged]
    return " ".join(parts)


def first_difference(ours, theirs):
    ours, theirs = ours.split(" "), theirs.split(" ")
    for index, (a, b) in enumerate(zip(ours, theirs)):
        if a != b:
            return f"field {index + 1}: ours {a}, Kafka's {b}"
    return f"ours has {len(ours)} parts, Kafka's {len(theirs)}"


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def default_text(field):
    if field.has_default and field.default is None:
        return "null"
    if field.is_array or field.is_struct or field.type in ("bytes", "uuid"):
        return "empty"
    if field.type == "records":
        return "null"  # Kafka's classes have no empty records
    if field.type == "string":
        return f"'{field.default or ''}'"
    if field.type == "bool":
        return "true" if field.default else "false"
    if field.type == "float64":
        return str(float(field.default or 0))
    return str(int(field.default or 0))


def defaults_of(message):
    found = {}
    for struct in message.structs + [message.root]:
        prefix = "" if struct is message.root else struct.name + "."
        for field in struct.fields:
            found[prefix + camel(field.wire_name)] = default_text(field)
    return found


def check_message(message, rows, problems):
    seen = set()
    for versions, fields in rows:
        if versions == "defaults":
            theirs = dict(part.split("=", 1) for part in fields.split(" ") if part)
            ours = defaults_of(message)
            for name in sorted(theirs.keys() | ours.keys()):
                if theirs.get(name) != ours.get(name):
                    problems.append(f"{message.name}: default of {name}: ours {ours.get(name)}, "
                                    f"Kafka's {theirs.get(name)}")
            continue
        low, high = map(int, versions.split("-"))
        for version in range(low, high + 1):
            seen.add(version)
            ours = describe_struct(message, message.root, version)
            if ours != fields:
                problems.append(f"{message.name} version {version}: {first_difference(ours, fields)}")
    mine = set(range(message.versions.low, message.versions.high + 1))
    if mine != seen:
        problems.append(f"{message.name}: ours has versions {sorted(mine)}, Kafka's {sorted(seen)}")


def check_apis(messages, path, problems):
    theirs = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        key, name, oldest, latest, stable, flexible = line.split("\t")
        theirs[int(key)] = (name, int(oldest), int(latest), int(stable),
                            NEVER if flexible == "none" else int(flexible))
    ours = {}
    for message in messages.values():
        if message.kind != "request":
            continue
        # A message may be flexible from a version on that is not there yet.
        flexible = NEVER if message.flexible.empty else max(message.flexible.low, message.versions.low)
        ours[message.api_key] = (message.api_name, message.versions.low, message.versions.high,
                                 message.stable.high, flexible)
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            problems.append(f"api {key} (name, oldest, latest, stable, flexible since): "
                            f"ours {ours.get(key)}, Kafka's {theirs.get(key)}")
    for message in messages.values():
        if message.kind == "request" and message.api_name + "Response" not in messages:
            problems.append(f"{message.name}: there is no {message.api_name}Response")


def main():
    schema_dir, data_dir = map(pathlib.Path, sys.argv[1:])
    messages = load(schema_dir)
    facts = {}
    for line in (data_dir / "kafka-4.3-schemas.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        name, versions, fields = line.split("\t")
        facts.setdefault(name, []).append((versions, fields))
    problems = []
    for name in sorted(messages.keys() | facts.keys()):
        if name not in messages or name not in facts:
            problems.append(f"{name}: only {'Kafka' if name in facts else 'our schema'} has it")
        else:
            check_message(messages[name], facts[name], problems)
    check_apis(messages, data_dir / "kafka-4.3-apis.tsv", problems)
    print("\n".join(problems) or f"{len(messages)} messages agree")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
