"""Whether a value is as a schema says: the part of JSON Schema that openapi.json uses."""

import re

KNOWN = {"type", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems", "enum",
         "const", "anyOf", "allOf", "$ref", "pattern", "description"}


def is_type(value, name):
    if name == "null":
        return value is None
    if name == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if name == "integer":
        return isinstance(value, int)
    if name == "number":
        return isinstance(value, (int, float))
    return isinstance(value, {"string": str, "object": dict, "array": list}[name])


class Schemas:
    def __init__(self, components):
        self.schemas = components["schemas"]

    def problems(self, value, schema, where="answer"):
        """Sentences; none when all is well."""
        unknown = set(schema) - KNOWN
        if unknown:
            raise AssertionError(f"this validator does not know {unknown}")
        if "$ref" in schema:
            return self.problems(value, self.schemas[schema["$ref"].rpartition("/")[2]], where)
        found = []
        for inner in schema.get("allOf", ()):
            found += self.problems(value, inner, where)
        if "anyOf" in schema:
            tried = [self.problems(value, inner, where) for inner in schema["anyOf"]]
            if all(tried):
                found += min(tried, key=len)
        if "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            if not any(is_type(value, name) for name in types):
                return found + [f"{where} is {value!r:.80}, not {' or '.join(types)}"]
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where} is {value!r}, none of {schema['enum']}")
        if "const" in schema and value != schema["const"]:
            found.append(f"{where} is {value!r}, not {schema['const']!r}")
        if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
            found.append(f"{where} is {value!r}, which {schema['pattern']} does not fit")
        if isinstance(value, dict):
            found += [f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value]
            for name, inner in value.items():
                own = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
                if isinstance(own, dict):
                    found += self.problems(inner, own, f"{where}.{name}")
        if isinstance(value, list):
            if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
                found.append(f"{where} has {len(value)} elements")
            first = schema.get("prefixItems", [])
            for i, inner in enumerate(value):
                own = first[i] if i < len(first) else schema.get("items")
                if own is not None:
                    found += self.problems(inner, own, f"{where}[{i}]")
        return found
