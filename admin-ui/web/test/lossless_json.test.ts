import assert from "node:assert/strict";
import { test } from "node:test";
import { at } from "../src/core/json_path";
import { childPath, depthMax, JsonError, parseJson, print, tryJson } from "../src/core/lossless_json";

const same = (text: string): void => assert.equal(print(parseJson(text), 0), text);

test("numbers keep the digits they were written with", () => {
  for (const number of ["9223372036854775807", "-9223372036854775808", "0.1000", "1e400", "12345678901234567890", "-0", "1E+2", "0.10"]) same(number);
});

test("duplicate keys and lone surrogates survive", () => {
  same('{"a":1,"a":2}');
  const lone = parseJson('"\\ud800"');
  assert.equal(lone.kind === "string" && lone.text.charCodeAt(0), 0xd800);
  assert.equal(print(lone), '"\\ud800"');
});

test("all escapes are read", () => {
  const value = parseJson('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9"');
  assert.equal(value.kind === "string" && value.text, '"\\/\b\f\n\r\té');
});

test("what is not JSON is refused with its place", () => {
  for (const text of ["", "{", "[1,]", '{"a"}', "01", "1.", ".5", "+1", "nul", '"a', '"\\x"', '"\\u12"', "1 2", "{'a':1}", '"\n"', "NaN", "[1 2]"]) {
    assert.throws(() => parseJson(text), JsonError, text);
    assert.equal(tryJson(text), null);
  }
  assert.throws(() => parseJson('{"a":tru}'), /character 5/);
});

test("nesting is bounded", () => {
  same("[".repeat(depthMax) + "]".repeat(depthMax));
  assert.throws(() => parseJson("[".repeat(100_000)), JsonError);
});

test("a long line is read in linear time", () => {
  const text = `{"v":"${"x".repeat(5_000_000)}","n":9007199254740993}`;
  const begin = performance.now();
  same(text);
  assert.ok(performance.now() - begin < 2000);
});

test("pretty print is what people expect", () => {
  assert.equal(print(parseJson('{"a":[1,{}],"b":[]}')), '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}');
});

test("a path finds what it was made for", () => {
  const json = parseJson('{"order":{"items":[{"sku x":"A"}]}}');
  const path = childPath(childPath(childPath(childPath("$", "order"), "items"), 0), "sku x");
  assert.equal(path, '$.order.items[0]["sku x"]');
  assert.deepEqual(at(json, path), { kind: "string", text: "A" });
  assert.equal(at(json, "$.order.nothing"), null);
  assert.equal(at(json, "$.order.items[7]"), null);
});
