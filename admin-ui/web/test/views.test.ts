import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { deleteView, renameView, saveView, viewsMax, viewsOf } from "../src/core/views";

const page = "/topics/a%2Fb/messages";
const names = (path = page): string[] => viewsOf(path).map((view) => view.name);

beforeEach(() => {
  for (const path of [page, "/topics"]) for (const name of names(path)) deleteView(path, name);
});

test("a view is saved for its page alone, and lives in the browser's storage", () => {
  saveView(page, { name: "refunds", query: "header=type&header_value=refund" });
  assert.deepEqual(viewsOf(page), [{ name: "refunds", query: "header=type&header_value=refund" }]);
  assert.deepEqual(viewsOf("/topics"), []);
  assert.deepEqual(JSON.parse(localStorage.getItem("mambamq.views") ?? ""), { [page]: [{ name: "refunds", query: "header=type&header_value=refund" }] });
});

test("the same name again is the same view", () => {
  for (const query of ["a=1", "b=2"]) saveView(page, { name: "mine", query });
  assert.deepEqual(viewsOf(page), [{ name: "mine", query: "b=2" }]);
});

test("a renamed view keeps its place and takes that of the one that had the name", () => {
  for (const name of ["a", "b", "c"]) saveView(page, { name, query: name });
  renameView(page, "b", "c");
  assert.deepEqual(viewsOf(page), [{ name: "a", query: "a" }, { name: "c", query: "b" }]);
  renameView(page, "a", "a");
  assert.deepEqual(names(), ["a", "c"]);
});

test("a page without views leaves nothing behind", () => {
  saveView("/topics", { name: "x", query: "" });
  deleteView("/topics", "x");
  assert.equal(localStorage.getItem("mambamq.views"), "{}");
});

test("the oldest gives way when there are too many", () => {
  for (let i = 0; i <= viewsMax; ++i) saveView(page, { name: `v${i}`, query: "" });
  assert.equal(names().length, viewsMax);
  assert.equal(names()[0], "v1");
});
