import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chosenColumns, frozenOrder, makeFilter, nextSort, parseSort, printSort, rowsThatWouldMove, sortIndexes, windowOf,
} from "../src/ui/table_model";

test("a filter is a regular expression, or the text as it stands", () => {
  assert.ok(makeFilter("^ord.*s$").test("Orders"));
  const broken = makeFilter("a(b");
  assert.ok(broken.isPlain);
  assert.ok(broken.test("xA(B"));
  assert.ok(!broken.test("ab"));
});

test("sorting is stable, and what is unknown comes last either way", () => {
  const keys = [3, null, 1, 3, 2];
  assert.deepEqual(sortIndexes([0, 1, 2, 3, 4], keys, "asc"), [2, 4, 0, 3, 1]);
  assert.deepEqual(sortIndexes([0, 1, 2, 3, 4], keys, "desc"), [0, 3, 4, 2, 1]);
  assert.deepEqual(sortIndexes([0, 1, 2], ["t-10", "t-9", "T-1"], "asc"), [2, 1, 0]);
});

test("a header goes through three states", () => {
  let sort = nextSort(null, "size", true);
  assert.equal(printSort(sort), "size:desc");
  sort = nextSort(sort, "size", true);
  assert.equal(printSort(sort), "size:asc");
  assert.equal(nextSort(sort, "size", true), null);
  assert.deepEqual(parseSort("a:b:asc"), { column: "a:b", direction: "asc" });
  assert.equal(parseSort("size:up"), null);
});

test("the window holds what is seen and moves in steps", () => {
  for (const top of [0, 35, 36, 5000, 359_000]) {
    const { first, end } = windowOf(top, 700, 36, 10_000);
    assert.ok(first * 36 <= top && Math.min(10_000, end) * 36 >= Math.min(360_000, top + 700), `at ${top}`);
    assert.ok(end - first < 45);
  }
  assert.deepEqual(windowOf(36, 700, 36, 10_000), windowOf(0, 700, 36, 10_000));
  assert.deepEqual(windowOf(0, 700, 36, 0), { first: 0, end: 0 });
});

test("while the order rests no row moves, new ones come last", () => {
  const order = frozenOrder(["c", "a", "new", "b"], ["a", "b", "gone", "c"]);
  assert.deepEqual(order, ["a", "b", "c", "new"]);
  assert.equal(rowsThatWouldMove(["c", "a"], ["a", "c"]), 2);
});

test("chosen columns that exist no longer are forgotten", () => {
  const all = [{ id: "a" }, { id: "b", hidden: true }, { id: "c" }];
  assert.deepEqual(chosenColumns(all, []).map((one) => one.id), ["a", "c"]);
  assert.deepEqual(chosenColumns(all, ["b", "x", "a"]).map((one) => one.id), ["b", "a"]);
  assert.deepEqual(chosenColumns(all, ["x"]).map((one) => one.id), ["a", "c"]);
});
