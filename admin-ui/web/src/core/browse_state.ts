// What the message page's address says, as the request that it stands for; and back.
import type { BrowseFrom, BrowseRequest, BrowseTo, ByteFilter, ByteOp } from "../api";
import { parseTime, type Zone } from "./format";
import { partitionOf } from "./murmur2";

export interface BrowseForm {
  from: BrowseFrom["type"];
  /** The offset, time or group that `from` needs. */
  fromArg: string;
  to: BrowseTo["type"];
  toArg: string;
  partitions: string;
  limit: string;
  keyOp: ByteOp | "";
  keyText: string;
  valueOp: ByteOp | "";
  valueText: string;
  headerName: string;
  headerOp: ByteOp | "";
  headerText: string;
  expr: string;
  isolation: BrowseRequest["isolation"];
}

const fields: Record<keyof BrowseForm, [string, string]> = {
  from: ["from", "newest"], fromArg: ["from_arg", ""], to: ["to", "end"], toArg: ["to_arg", ""], partitions: ["partitions", ""],
  limit: ["limit", "200"], keyOp: ["key_op", ""], keyText: ["key", ""], valueOp: ["value_op", ""], valueText: ["value", ""],
  headerName: ["header", ""], headerOp: ["header_op", ""], headerText: ["header_value", ""], expr: ["expr", ""],
  isolation: ["isolation", "read_committed"],
};

export function readForm(param: (name: string) => string): BrowseForm {
  return Object.fromEntries(
    Object.entries(fields).map(([field, [name, initial]]) => [field, param(name) || initial])) as unknown as BrowseForm;
}
/** Query parameters; null where the field has its first value. */
export function writeForm(form: BrowseForm): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, [name, initial]]) => {
      const value = form[field as keyof BrowseForm];
      return [name, value === initial ? null : value];
    }));
}

/** "0,3,5-7"; null: all; undefined: it is malformed. */
export function parsePartitions(text: string): number[] | null | undefined {
  if (text.trim() === "" || text.trim() === "all") return null;
  const found = new Set<number>();
  for (const piece of text.split(",")) {
    const match = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(piece);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last - first > 10_000) return undefined;
    for (let p = first; p <= last; ++p) found.add(p);
  }
  return [...found].sort((a, b) => a - b);
}

/** Where Java's default partitioner puts the key that is looked for; null when that says nothing. */
export function partitionOfKey(form: BrowseForm, partitions: number): number | null {
  if (form.keyOp !== "equals" || form.keyText === "" || partitions < 2) return null;
  return partitionOf(new TextEncoder().encode(form.keyText), partitions);
}

/** Another key to look for: where only the old one's partition was looked at, the new one's is. */
export function changeKey(form: BrowseForm, change: Pick<Partial<BrowseForm>, "keyOp" | "keyText">, partitions: number): Partial<BrowseForm> {
  const before = partitionOfKey(form, partitions);
  if (before === null || form.partitions !== String(before)) return change;
  return { ...change, partitions: String(partitionOfKey({ ...form, ...change }, partitions) ?? "") };
}

function filterOf(op: ByteOp | "", text: string): ByteFilter | null {
  if (op === "is_null") return { op };
  return text === "" ? null : { op: op || "contains", text };
}

export type FormProblem = "offset" | "time" | "group" | "partitions" | "to_offset" | "to_time";

/** All partitions that are named, or that there are, at the same offset. */
function offsetsOf(text: string, partitions: readonly number[]): Record<string, string> {
  return Object.fromEntries(partitions.map((p) => [String(p), text]));
}

export function requestOf(form: BrowseForm, place: { zone: Zone; now: number; partitions: number }): BrowseRequest | FormProblem {
  const partitions = parsePartitions(form.partitions);
  if (partitions === undefined) return "partitions";
  const named = partitions ?? Array.from({ length: place.partitions }, (_, p) => p);
  const limit = Math.max(1, Math.min(10_000, Number(form.limit) || 200));
  let from: BrowseFrom;
  switch (form.from) {
    case "offset":
      if (!/^\d+$/.test(form.fromArg)) return "offset";
      from = { type: "offset", offsets: offsetsOf(form.fromArg, named) };
      break;
    case "time": {
      const ms = parseTime(form.fromArg, place.zone, place.now);
      if (ms === null) return "time";
      from = { type: "time", ms };
      break;
    }
    case "group":
      if (form.fromArg === "") return "group";
      from = { type: "group", group: form.fromArg };
      break;
    case "beginning": case "live":
      from = { type: form.from };
      break;
    default:
      from = { type: "newest", n: limit };
  }
  let to: BrowseTo = { type: form.from === "live" ? "none" : "end" };
  if (form.from !== "live" && form.to === "none") to = { type: "none" };
  if (form.from !== "live" && form.to === "offset") {
    if (!/^\d+$/.test(form.toArg)) return "to_offset";
    to = { type: "offset", offsets: offsetsOf(form.toArg, named) };
  }
  if (form.from !== "live" && form.to === "time") {
    const ms = parseTime(form.toArg, place.zone, place.now);
    if (ms === null) return "to_time";
    to = { type: "time", ms };
  }
  const key = filterOf(form.keyOp, form.keyText);
  const value = filterOf(form.valueOp, form.valueText);
  const header = form.headerName === "" ? null : filterOf(form.headerOp, form.headerText);
  return {
    from, to, partitions, limit,
    order: form.from === "newest" ? "desc" : "asc",
    isolation: form.isolation,
    filter: {
      ...(key ? { key } : {}),
      ...(value ? { value } : {}),
      ...(header ? { headers: [{ name: form.headerName, ...header }] } : {}),
      ...(form.expr.trim() === "" ? {} : { expr: form.expr.trim() }),
    },
    preview_bytes: 512,
    budget: { ms: 10_000, bytes: 268_435_456 },
  };
}

export const isFiltered = (request: BrowseRequest): boolean => Object.keys(request.filter).length > 0;
