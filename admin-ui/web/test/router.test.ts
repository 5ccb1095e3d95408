import assert from "node:assert/strict";
import { test } from "node:test";
import { groupPath, withQuery } from "../src/core/client";
import { href, links, match, navigate, param, path, setParams } from "../src/core/router";
import { findRoute } from "../src/shell/routes";

const ids = ["a/b", "a%2Fb", "..", ".", "", "white space", "😀", "x".repeat(249), "a?b", "a#b", "-"];

test("a part of a path is decoded once", () => {
  assert.deepEqual(match("/topics/:topic", "/topics/a%252Fb"), { topic: "a%2Fb" });
  assert.deepEqual(match("/topics/:topic/p/:partition/o/:offset", "/topics/a%2Fb/p/3/o/17"), { topic: "a/b", partition: "3", offset: "17" });
  assert.equal(match("/topics/:topic", "/topics/a/b"), null);
  assert.equal(match("/topics/:topic", "/topics/%E0%A4%A"), null);
  assert.deepEqual(match("/topics", "/topics/"), {});
});

test("every group id finds its way through a link and back", () => {
  for (const id of ids) {
    const url = new URL(`http://localhost${links.group(id, "/members")}`);
    const found = findRoute(url.pathname);
    assert.equal(found?.route.page, "GroupPage", id);
    const group = found?.params.group === "-" && url.searchParams.has("id") ? url.searchParams.get("id") : found?.params.group;
    assert.equal(group, id);
    const api = new URL(`http://localhost/api/v1${groupPath(id, "/offsets")}`);
    assert.match(api.pathname, /^\/api\/v1\/groups\/[^/]+\/offsets$/, id);
  }
});

test("the address below a base path is the page's", () => {
  assert.equal(path.value, "/topics/a%2Fb");
  assert.equal(param("q"), "x");
  assert.equal(href("/topics"), "/console/topics");
  navigate("/groups?sort=lag:desc");
  assert.equal(path.value, "/groups");
  setParams({ q: "a&b", sort: null });
  assert.equal(param("q"), "a&b");
  assert.equal(param("sort"), "");
});

test("a query is appended, lists as repeated names", () => {
  assert.equal(withQuery("/x", { a: ["1", "2"], b: null, c: "d e" }), "/x?a=1&a=2&c=d+e");
  assert.equal(withQuery("/groups/-?id=..", { a: 1 }), "/groups/-?id=..&a=1");
});

test("addresses lead to their pages", () => {
  const expected: [string, string][] = [
    ["/", "Overview"], ["/topics/new", "CreateTopicPage"], ["/topics/new/messages", "Messages"], ["/topics/t/config", "TopicPage"],
    ["/topics/t/partitions/3/segments/0/batches/17", "BatchPage"], ["/groups/g/reset", "ResetPage"], ["/brokers/1/runtime", "BrokerPage"],
  ];
  for (const [address, page] of expected) assert.equal(findRoute(address)?.route.page, page, address);
  assert.equal(findRoute("/nowhere"), null);
});
