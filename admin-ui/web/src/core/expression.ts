// Help with the filters' expressions (broker/scan/expression.h has the language): what may come next, and
// where the broker stumbled.
import type { BrowseRecord } from "../api";
import { type Json, tryJson } from "./lossless_json";

const names = ["partition", "offset", "timestamp", "key", "value", "headers", "key_size", "value_size", "tombstone", "codec", "producer_id", "txn"];
const functions = ["has(", "size("];
const methods = ["contains(", "startsWith(", "endsWith(", "lower()", "matches("];
const sampleMax = 50;
const depthMax = 3;
const suggestionsMax = 30;

function paths(json: Json, prefix: string, depth: number, found: Set<string>): void {
  if (json.kind === "object" && depth < depthMax) {
    for (const [name, member] of json.members) {
      const path = /^[A-Za-z_]\w*$/.test(name) ? `${prefix}.${name}` : `${prefix}[${JSON.stringify(name)}]`;
      found.add(path);
      paths(member, path, depth + 1, found);
    }
  } else if (json.kind === "array" && json.items[0]) {
    paths(json.items[0], `${prefix}[0]`, depth, found);
  }
}

/** The fields and headers that records have: value.total, headers["type"]. */
export function fieldsOf(records: readonly BrowseRecord[]): string[] {
  const found = new Set<string>();
  for (const { v, h } of records.slice(0, sampleMax)) {
    for (const [name] of h) found.add(`headers[${JSON.stringify(name)}]`);
    const json = v?.s === undefined || v.cut ? null : tryJson(v.s);
    if (json) paths(json, "value", 0, found);
  }
  return [...found];
}

/** Whole texts that go on where this one ends. */
export function suggestions(text: string, fields: readonly string[]): string[] {
  const word = /[A-Za-z_][\w.[\]"-]*$/.exec(text)?.[0] ?? "";
  const before = text.slice(0, text.length - word.length);
  if ((before.match(/"/g)?.length ?? 0) % 2 === 1) return [];  // within a text
  const dot = word.lastIndexOf(".");
  const words = [
    ...names, ...fields, ...functions,
    ...(dot > 0 ? methods.map((method) => word.slice(0, dot + 1) + method) : []),
  ];
  return words.filter((one) => one.startsWith(word) && one !== word).slice(0, suggestionsMax).map((one) => before + one);
}

/** Splits the text at a place that is told in bytes of UTF-8. */
export function splitAtByte(text: string, bytes: number): [string, string] {
  let at = 0;
  let seen = 0;
  for (const character of text) {
    if (seen >= bytes) break;
    seen += new TextEncoder().encode(character).length;
    at += character.length;
  }
  return [text.slice(0, at), text.slice(at)];
}
