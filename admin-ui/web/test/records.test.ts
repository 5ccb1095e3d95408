import assert from "node:assert/strict";
import { test } from "node:test";
import { type BrowseForm, changeKey, parsePartitions, partitionOfKey, readForm, requestOf, writeForm } from "../src/core/browse_state";
import { fromHex, hexRows, preview, toBase64 } from "../src/core/bytes";
import { join, readable, split } from "../src/core/config_value";
import { parseCsv, toCsv, toTsv } from "../src/core/csv";
import { decode } from "../src/core/decode";
import { murmur2, partitionOf } from "../src/core/murmur2";
import { lines } from "../src/core/ndjson";
import { encode, importLine, isProblem, substitute } from "../src/core/produce_parts";
import type { ConfigEntry } from "../src/api";
import { mixOf } from "../src/pages/topic_row";
import { configsOf, blankForm, createCommand, nameProblem, parseSize } from "../src/pages/topic_form";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const form = (changes: Partial<BrowseForm> = {}): BrowseForm => ({ ...readForm(() => ""), ...changes });
const place = { zone: "utc" as const, now: 1_790_000_000_000, partitions: 3 };

test("the address is the request, and back", () => {
  assert.deepEqual(Object.values(writeForm(form())).filter((value) => value !== null), []);
  const filled = form({ from: "time", fromArg: "-1h", valueText: "x", headerName: "type", headerText: "y", expr: "true" });
  const written = writeForm(filled);
  assert.deepEqual(readForm((name) => written[name] ?? ""), filled);
  const request = requestOf(filled, place);
  assert.ok(typeof request !== "string");
  assert.deepEqual(request.from, { type: "time", ms: place.now - 3_600_000 });
  assert.deepEqual(request.filter, { value: { op: "contains", text: "x" }, headers: [{ name: "type", op: "contains", text: "y" }], expr: "true" });
});

test("newest comes newest first, live never ends, an offset is that of each partition", () => {
  const newest = requestOf(form({ limit: "50" }), place);
  assert.ok(typeof newest !== "string" && newest.order === "desc" && newest.from.type === "newest" && newest.from.n === 50);
  const live = requestOf(form({ from: "live", to: "end" }), place);
  assert.ok(typeof live !== "string" && live.to.type === "none");
  const offset = requestOf(form({ from: "offset", fromArg: "17", partitions: "1-2" }), place);
  assert.ok(typeof offset !== "string");
  assert.deepEqual(offset.from, { type: "offset", offsets: { 1: "17", 2: "17" } });
});

test("what is missing or malformed is named", () => {
  assert.equal(requestOf(form({ from: "offset", fromArg: "x" }), place), "offset");
  assert.equal(requestOf(form({ from: "time", fromArg: "soon" }), place), "time");
  assert.equal(requestOf(form({ from: "group" }), place), "group");
  assert.equal(requestOf(form({ partitions: "1,,2" }), place), "partitions");
  assert.equal(requestOf(form({ from: "beginning", to: "time", toArg: "?" }), place), "to_time");
  assert.deepEqual(parsePartitions("3, 0,5-7"), [0, 3, 5, 6, 7]);
  assert.equal(parsePartitions("7-5"), undefined);
});

test("decoders are tried in order and say why not", () => {
  assert.equal(decode(null, "value").result.as, "null");
  assert.equal(decode({ n: 0, s: "" }, "value").result.as, "empty");
  assert.equal(decode({ n: 2, s: "42" }, "key").result.as, "json");
  assert.equal(decode({ n: 5, s: "hello" }, "value").result.as, "text");
  const long = { n: 8, x: toBase64(Uint8Array.from([0x7f, 255, 255, 255, 255, 255, 255, 255])) };
  const key = decode(long, "key");
  assert.deepEqual(key.result, { as: "int64", text: "9223372036854775807" });
  assert.deepEqual(key.attempts.map((one) => one.error === null), [false, false, false, true]);
  assert.equal(decode(long, "value").result.as, "hex");
  assert.equal(decode({ n: 9, s: "[1,2,oops" }, "value").attempts[0]?.error, "expected a value at character 5");
});

test("bytes are shown without losing any", () => {
  const [row] = hexRows(bytes("0123456789abcdef"));
  assert.equal(row?.hex, "30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66");
  assert.equal(preview({ n: 3, s: "a\n\u0000" }), "a \u2400");
  assert.equal(preview(null), "null");
  assert.deepEqual(fromHex("de:ad BE ef"), Uint8Array.from([0xde, 0xad, 0xbe, 0xef]));
  assert.equal(fromHex("abc"), null);
});

test("keys go where Java's partitioner sends them", () => {
  const known: [string, number][] = [["21", -973932308], ["foobar", -790332482], ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829], ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971], ["abc", 479470107]];
  for (const [key, hash] of known) assert.equal(murmur2(bytes(key)), hash, key);
  assert.equal(partitionOf(bytes("21"), 1000), (-973932308 & 0x7fffffff) % 1000);
});

test("a key that is looked for exactly has a partition to look at alone", () => {
  const wanted = form({ keyOp: "equals", keyText: "21" });
  assert.equal(partitionOfKey(wanted, 12), (-973932308 & 0x7fffffff) % 12);
  assert.equal(partitionOfKey({ ...wanted, keyOp: "" }, 12), null);
  assert.equal(partitionOfKey({ ...wanted, keyText: "" }, 12), null);
  assert.equal(partitionOfKey(wanted, 1), null);
});

test("another key is looked for in its own partition, or in those that were asked for", () => {
  const alone = form({ keyOp: "equals", keyText: "21", partitions: String(partitionOfKey(form({ keyOp: "equals", keyText: "21" }), 12)) });
  assert.deepEqual(changeKey(alone, { keyText: "abc" }, 12), { keyText: "abc", partitions: String((479470107 & 0x7fffffff) % 12) });
  assert.deepEqual(changeKey(alone, { keyOp: "" }, 12), { keyOp: "", partitions: "" });
  assert.deepEqual(changeKey({ ...alone, partitions: "0-5" }, { keyText: "abc" }, 12), { keyText: "abc" });
  assert.deepEqual(changeKey({ ...alone, partitions: "" }, { keyText: "abc" }, 12), { keyText: "abc" });
});

test("a topic's codecs are told, the commonest first", () => {
  assert.equal(mixOf({ none: 0.25, lz4: 0.75 }).replaceAll("\u202f", " "), "lz4 75 %, none 25 %");
  assert.equal(mixOf(null), "");
});

test("JSON is checked and sent as it was typed", () => {
  const outcome = encode({ format: "json", text: '{"n": 9007199254740993}' });
  assert.ok(!isProblem(outcome));
  assert.deepEqual(outcome.bytes, { s: '{"n": 9007199254740993}' });
  assert.ok(isProblem(encode({ format: "json", text: "{" })));
  assert.ok(isProblem(encode({ format: "hex", text: "x" })));
  assert.ok(isProblem(encode({ format: "base64", text: "*" })));
  assert.deepEqual(encode({ format: "null", text: "x" }), { bytes: null, size: 0, raw: null });
  assert.equal(substitute("{{n}} {{now}} {{uuid}}", 3, 7, () => "u"), "3 7 u");
});

test("imported lines are records, or a sentence", () => {
  assert.deepEqual(importLine('{"key":"k","value":{"a":1},"headers":{"h":"v"}}'), { key: { s: "k" }, value: { s: '{"a":1}' }, headers: [["h", { s: "v" }]] });
  assert.throws(() => importLine("[1]"), /not a JSON object/);
  assert.throws(() => importLine("{}"), /neither key nor value/);
});

test("spreadsheets get no formulas", () => {
  assert.equal(toCsv([["=1+1", "-5", "a,b", 'say "x"']]), '\'=1+1,-5,"a,b","say ""x"""\r\n');
  assert.equal(toTsv([["@x", "a\tb"]]), "'@x\ta b\n");
  assert.deepEqual(parseCsv('a,"b ""c""\nd"\r\n1,2\n'), [["a", 'b "c"\nd'], ["1", "2"]]);
});

test("lines are put together from pieces, also within a character", async () => {
  const whole = bytes('{"a":"é"}\n\n{"b":1}');
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < whole.length; i += 3) controller.enqueue(whole.subarray(i, i + 3));
      controller.close();
    },
  });
  const found: string[] = [];
  for await (const line of lines(stream)) found.push(line);
  assert.deepEqual(found, ['{"a":"é"}', '{"b":1}']);
});

test("settings are read and written with units", () => {
  const entry = (unit: "ms" | "bytes"): ConfigEntry => ({
    name: "x", value: null, source: "DEFAULT_CONFIG", read_only: false, sensitive: false, type: "LONG", unit, group: "", valid: null, enum: null, documentation: "",
    needs_restart: false, synonyms: [],
  });
  assert.equal(readable(entry("ms"), "604800000").replace("\u202f", " "), "7 d");
  assert.equal(readable(entry("bytes"), "-1"), "unlimited");
  assert.deepEqual(split("ms", "604800000"), { number: "7", unit: "d" });
  assert.deepEqual(split("bytes", "1048588"), { number: "1048588", unit: "B" });
  assert.equal(join("bytes", "3", "GiB"), "3221225472");
  assert.equal(join("bytes", "x", "GiB"), "x");
});

test("a topic's form becomes settings and a command", () => {
  assert.equal(parseSize("10 GiB"), 10_737_418_240);
  assert.equal(parseSize("unlimited"), -1);
  assert.equal(parseSize("ten"), undefined);
  const filled = { ...blankForm, name: "t", cleanup: "both" as const, retention: "7d", more: "a.b = c\n" };
  assert.deepEqual(configsOf(filled), { "cleanup.policy": "compact,delete", "retention.ms": "604800000", "a.b": "c" });
  assert.match(createCommand(filled), /--topic t --config cleanup\.policy=compact,delete/);
  assert.equal(nameProblem("ok-1.x", ["other"]), null);
  for (const bad of ["", ".", "..", "a b", "x".repeat(250), "taken", "a_b"]) assert.ok(nameProblem(bad, ["taken", "a.b"]), bad);
});
