import assert from "node:assert/strict";
import { test } from "node:test";
import { inRows } from "../src/core/live_rows";

test("rows are found by the names of all frames so far", () => {
  const names: string[] = [];
  assert.deepEqual({ ...inRows({ names: ["a", "b"], rows: [0, 1], cols: { size: ["1", "5"], lag: [null, "3"] } }, names) },
    { a: { size: "1", lag: null }, b: { size: "5", lag: "3" } });
  assert.deepEqual({ ...inRows({ rows: [1], cols: { size: ["9"] } }, names) }, { b: { size: "9" } });
  assert.deepEqual({ ...inRows({ names: ["c"], rows: [0, 2], cols: { size: ["2", "0"] } }, names) }, { a: { size: "2" }, c: { size: "0" } });
});

test("a row may have any name, and a place without one is passed over", () => {
  const rows = inRows({ names: ["__proto__", ""], rows: [0, 1, 7], cols: { size: ["1", "2", "3"] } }, []);
  assert.deepEqual(Object.keys(rows), ["__proto__", ""]);
  assert.deepEqual(rows["__proto__"], { size: "1" });
});
