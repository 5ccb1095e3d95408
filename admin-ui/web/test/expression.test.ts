import assert from "node:assert/strict";
import { test } from "node:test";
import type { BrowseRecord } from "../src/api";
import { toProperties, toYaml } from "../src/core/config_export";
import { fieldsOf, splitAtByte, suggestions } from "../src/core/expression";

const record = (value: string, headers: string[] = []): BrowseRecord => ({
  t: "rec", p: 0, o: "0", ts: 0, tt: "CREATE_TIME", k: null, v: { n: value.length, s: value }, h: headers.map((name) => [name, null]),
  b: { o: "0", n: 1, codec: "none", pid: "-1", pe: -1, seq: -1, le: 0, txn: false, ctl: false, aborted: false },
});

test("fields are those of the records that were seen", () => {
  const found = fieldsOf([record('{"total":1,"items":[{"sku":"a"}],"a b":{"c":2}}', ["type"]), record("no JSON")]);
  assert.deepEqual(found.sort(), ['headers["type"]', "value.items", "value.items[0].sku", "value.total", 'value["a b"]', 'value["a b"].c'].sort());
});

test("suggestions go on with the last word", () => {
  const fields = ["value.total", 'headers["type"]'];
  assert.deepEqual(suggestions("val", fields), ["value", "value_size", "value.total"]);
  assert.deepEqual(suggestions("value.total > 1 && head", fields), ["value.total > 1 && headers", 'value.total > 1 && headers["type"]']);
  assert.deepEqual(suggestions("key.starts", fields), ["key.startsWith("]);
  assert.deepEqual(suggestions('key == "val', fields), [], "not within a text");
});

test("a place in bytes is found in the text", () => {
  assert.deepEqual(splitAtByte('key == "ä" &', 11), ['key == "ä"', " &"]);
  assert.deepEqual(splitAtByte("key ==", 6), ["key ==", ""]);
});

test("settings are files that others read", () => {
  assert.equal(toProperties([["a.b", "c:\\d\n"], ["e", " f"]]), "a.b=c:\\\\d\\n\ne=\\ f\n");
  assert.equal(
    toYaml([{ topic: "orders", partitions: 3, replicationFactor: 1, configs: [["retention.ms", "-1"]] }, { topic: "no", partitions: 1, replicationFactor: 1, configs: [] }]),
    'topics:\n  - name: "orders"\n    partitions: 3\n    replication_factor: 1\n    configs:\n      retention.ms: "-1"\n' +
      '  - name: "no"\n    partitions: 1\n    replication_factor: 1\n    configs: {}\n');
});
