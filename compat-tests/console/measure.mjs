// The budgets of time and size, with 1,000 topics of 50 partitions and 10,000 groups: what a browser on this
// machine measures, and what is allowed.
import { existsSync } from "node:fs";
import { request } from "node:http";
import { cpus, loadavg, tmpdir } from "node:os";
import { Broker, until } from "./broker.mjs";
import { openPage } from "./browser.mjs";
import { commit } from "./commits.mjs";
import { Person } from "./person.mjs";

const topics = 1000;
const partitions = 50;
const groups = 10_000;
const runs = 5;
const liveSeconds = 10;
// 50,000 logs are made and removed in no time where no disk is asked.
const memory = "/dev/shm";

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const topicName = (i) => `topic-${String(i).padStart(4, "0")}`;

async function many(program) {
  const broker = await Broker.start(program, {}, existsSync(memory) ? memory : tmpdir());
  for (let i = 0; i < topics; ++i) await broker.api("/topics", { name: topicName(i), partitions });
  await commit(broker.port, Array.from({ length: groups }, (_, i) => (
    { group: `group-${String(i).padStart(5, "0")}`, topic: topicName(i % topics), partition: i % partitions, offset: 0 })));
  await until("all groups are listed", async () => (await broker.api("/groups?view=summary")).n === groups);
  return broker;
}

/** An answer as it travels: bytes, and ms until the last one. */
function ask(broker, path) {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    request(`${broker.origin}/api/v1${path}`, { headers: { "Accept-Encoding": "gzip" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (data) => (bytes += data.length));
      answer.on("end", () => resolve({ bytes, ms: performance.now() - begin }));
    }).on("error", reject).end();
  });
}

/** A list that the server has to make anew, since what it made is of the second before; and the same once more. */
async function askForList(broker, path) {
  const [made, kept] = [[], []];
  for (let i = 0; i < runs; ++i) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    made.push(await ask(broker, path));
    kept.push(await ask(broker, path));
  }
  return { bytes: made[0].bytes, made: median(made.map((one) => one.ms)), kept: median(kept.map((one) => one.ms)) };
}

const firstPaint = (page) => page.evaluate(() => new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const paint = list.getEntriesByName("first-contentful-paint")[0];
    if (paint) resolve(paint.startTime);
  }).observe({ type: "paint", buffered: true });
}));
const rowsVisible = (page) => page.evaluate(() => new Promise((resolve) => {
  const look = () => (document.querySelectorAll("[role=grid] [role=row].row").length > 10 ? resolve(performance.now()) : requestAnimationFrame(look));
  look();
}));
/** From a change, as a script, until the frame that shows it. */
const untilFrame = (page, change) => page.evaluate(`(async () => {
  const begin = performance.now();
  ${change};
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - begin;
})()`);
const sortByThird = 'document.querySelectorAll("[role=columnheader] button")[3].click()';
const typed = (text) => `const box = document.querySelector(".table-filter input"); box.value = "${text}";
  box.dispatchEvent(new Event("input", { bubbles: true }))`;
const framesPerSecond = (page) => page.evaluate(() => new Promise((resolve) => {
  const box = document.querySelector(".table-box");
  const begin = performance.now();
  let frames = 0;
  const step = () => {
    box.scrollTop += 144;  // four rows
    ++frames;
    if (performance.now() - begin > 2000) resolve((frames * 1000) / (performance.now() - begin));
    else requestAnimationFrame(step);
  };
  step();
}));
const scriptBytes = (page) => page.evaluate(() =>
  performance.getEntriesByType("resource").filter((one) => one.name.endsWith(".js")).reduce((sum, one) => sum + one.encodedBodySize, 0));

async function weight(page) {
  const session = await page.createCDPSession();
  await session.send("HeapProfiler.collectGarbage");
  const { JSHeapUsedSize } = await page.metrics();
  await session.detach();
  const nodes = await page.evaluate(() => {
    let n = 0;
    for (const walker = document.createTreeWalker(document); walker.nextNode(); ) ++n;
    return n;
  });
  return { nodes, heap: JSHeapUsedSize / 1e6 };
}

/** Opens a list again and again, each time with an empty cache. */
async function opened(page, broker, person, path, throttle) {
  await page.setCacheEnabled(false);
  await page.emulateCPUThrottling(throttle);
  const [paints, tables] = [[], []];
  for (let i = 0; i < runs; ++i) {
    await page.goto(broker.origin + path, { waitUntil: "domcontentloaded" });
    tables.push(await rowsVisible(page));
    paints.push(await firstPaint(page));
    await person.settled();
  }
  await page.emulateCPUThrottling(1);
  await page.setCacheEnabled(true);
  return { paint: median(paints), table: median(tables) };
}

/** What the stream brings each second while all visible topics change. */
async function liveBytes(page, broker) {
  const session = await page.createCDPSession();
  await session.send("Network.enable");
  let streamBytes = 0;
  session.on("Network.eventSourceMessageReceived", ({ data }) => (streamBytes += data.length));
  const visible = await page.evaluate(() => {
    const { bottom } = document.querySelector(".table-box").getBoundingClientRect();
    return [...document.querySelectorAll("[role=row].row")].filter((row) => row.getBoundingClientRect().bottom <= bottom).map((row) => row.dataset.key);
  });
  const end = Date.now() + liveSeconds * 1000;
  while (Date.now() < end) {
    for (const topic of visible) {
      await broker.api(`/topics/${topic}/records`, { records: [{ partition: 0, key: null, value: { s: "x".repeat(100) }, headers: [] }], acks: "leader" });
    }
  }
  await session.detach();
  return streamBytes / liveSeconds;
}

export async function measure(browser, program, faults) {
  const broker = await many(program);
  const rows = [];
  const note = (what, value, limit, atLeast = false) => rows.push({ what, value, limit, kept: atLeast ? value >= limit : value <= limit, atLeast });
  try {
    const page = await openPage(browser, broker.origin, (fault) => faults.push(fault));
    const person = new Person(page, broker.origin);
    const list = await opened(page, broker, person, "/topics", 1);
    note("scripts before the first list, kB gzip", (await scriptBytes(page)) / 1000, 40);
    note("first contentful paint, ms", list.paint, 300);
    note("1,000 topics visible, ms", list.table, 500);
    note("sort of 1,000 rows to next frame, ms", median([await untilFrame(page, sortByThird), await untilFrame(page, sortByThird), await untilFrame(page, sortByThird)]), 100);
    note("stream while all visible topics change, bytes/s", await liveBytes(page, broker), 2000);
    const slow = await opened(page, broker, person, "/topics", 4);
    note("first contentful paint, CPU 4 times slower, ms", slow.paint, 700);
    note("1,000 topics visible, CPU 4 times slower, ms", slow.table, 1000);

    const groupList = await opened(page, broker, person, "/groups?sort=group:asc", 1);
    note("10,000 groups visible, ms", groupList.table, 1000);
    const keystrokes = [];
    for (const text of ["7", "77", "7", "1", "12", "123"]) keystrokes.push(await untilFrame(page, typed(text)));
    note("filter keystroke, 10,000 rows, ms", median(keystrokes), 100);
    await untilFrame(page, typed(""));
    note("scroll, 10,000 rows, frames/s", await framesPerSecond(page), 50, true);
    const { nodes, heap } = await weight(page);
    note("DOM nodes, 10,000 groups", nodes, 3000);
    note("JS heap, 10,000 groups, MB", heap, 30);

    const topicList = await askForList(broker, "/topics?view=summary");
    note("list of 1,000 topics, kB gzip", topicList.bytes / 1000, 150);
    note("list of 1,000 topics made anew, ms", topicList.made, 10);
    note("list of 1,000 topics again within a second, ms", topicList.kept, 2);
    const listOfGroups = await askForList(broker, "/groups?view=summary");
    note("list of 10,000 groups, kB gzip", listOfGroups.bytes / 1000, 1000);
    note("list of 10,000 groups made anew, ms", listOfGroups.made, 100);
    note("list of 10,000 groups again within a second, ms", listOfGroups.kept, 10);
    await page.browserContext().close();
  } finally {
    await broker.stop();
  }
  console.log(`       ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}; ${topics} topics of ${partitions} partitions, ${groups} groups`);
  for (const { what, value, limit, kept, atLeast } of rows) {
    console.log(`       ${kept ? "  " : "! "}${what.padEnd(50)} ${value.toFixed(value < 100 ? 1 : 0).padStart(8)}   ${atLeast ? "at least" : "at most"} ${limit}`);
    if (!kept) faults.push(`${what}: ${value.toFixed(1)}, ${atLeast ? "at least" : "at most"} ${limit} is asked`);
  }
}
