// Runs it all: fills a broker, looks at every page, does the journeys.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Broker, until } from "./broker.mjs";
import { findBrowser, openBrowser, openPage } from "./browser.mjs";
import { fill } from "./fill.mjs";
import { journeys } from "./journeys.mjs";
import { pages, signs } from "./pages.mjs";
import { Person } from "./person.mjs";
import { proxy } from "./proxy.mjs";
import { measure } from "./measure.mjs";

const option = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : undefined;
};
const program = option("broker");
if (!program) {
  console.error("say which broker: compat-tests/console/run --broker PROGRAM");
  process.exit(2);
}
const shots = resolve(option("shots") ?? "console-shots");
const only = option("only");
const themes = { light: ["light"], dark: ["dark"], both: ["light", "dark"] }[option("themes") ?? "light"];
if (!themes) {
  console.error("--themes is light, dark or both");
  process.exit(2);
}
const width = Number(option("width") ?? 1440);
await mkdir(shots, { recursive: true });

const browser = await openBrowser(findBrowser());
const failures = [];
async function step(name, run) {
  if (only && !new RegExp(only).test(name)) return;
  const faults = [];
  const begin = Date.now();
  try {
    await run(faults);
  } catch (error) {
    faults.push(error.message);
  }
  console.log(`${faults.length === 0 ? "ok  " : "FAIL"} ${name} (${Date.now() - begin} ms)`);
  for (const fault of new Set(faults)) console.log(`       ${fault}`);
  if (faults.length > 0) failures.push(name);
}

/** A journey, on a page of its own; as a picture when it fails. */
async function journey(name, { origin }, run) {
  await step(name, async (faults) => {
    const page = await openPage(browser, origin, (fault) => faults.push(fault));
    try {
      await run(new Person(page, origin));
    } catch (error) {
      const picture = join(shots, `failure-${name.replace(/\W+/g, "-")}.png`);
      await page.screenshot({ path: picture }).catch(() => undefined);
      throw new Error(`${error.message}; see ${picture}`);
    } finally {
      await page.browserContext().close();
    }
  });
}

async function looks(broker, theme) {
  let faults = [];
  const page = await openPage(browser, broker.origin, (fault) => faults.push(fault), { theme, width });
  const person = new Person(page, broker.origin);
  for (const [name, path] of Object.entries(pages)) {
    await step(`page ${name}, ${theme}`, async (found) => {
      faults = found;
      await person.open(path);
      if (signs[name]) await person.sees(signs[name]);
      await page.screenshot({ path: join(shots, `${name}-${theme}-${width}.png`) });
      const sideways = await person.overflow();
      if (sideways > 0) faults.push(`the page is ${sideways} px too wide`);
      const failed = await page.$$eval(".state.failure", (all) => all.map((one) => one.innerText.replace(/\n+/g, " ")));
      if ((await person.text()).includes("This page could not be shown")) failed.push("the page threw");
      faults.push(...failed, ...(await person.barriers()));
    });
  }
  await page.browserContext().close();
}

const broker = await Broker.start(resolve(program));
try {
  const clients = await fill(broker);
  for (const theme of themes) await looks(broker, theme);
  await clients.stop();
  const indexer = broker.kcat(["-G", "indexer", "-X", "client.id=<img src=x onerror=alert(1)>", "orders"]);
  for (const [name, run] of Object.entries(journeys)) {
    await journey(name, broker, (person) => run(person, broker));
  }
  await indexer.stop();
} finally {
  await broker.stop();
}

const quiet = await Broker.start(resolve(program), { "console.read.only": "true" });
try {
  await journey("a read-only console says so and offers no change", quiet, async (person) => {
    await person.open("/topics");
    await person.sees("Read-only");
    await person.doesNotSee("Create topic");
  });
} finally {
  await quiet.stop();
}
const proxies = {
  "beneath a path behind a proxy": [{ "console.base.path": "/a/b" }, {}],
  "beneath the path that a trusted proxy tells": [{ "console.trusted.proxies": "127.0.0.1" }, { tells: true }],
};
for (const [where, [settings, kind]] of Object.entries(proxies)) {
  const beneath = await Broker.start(resolve(program), settings);
  const between = await proxy(beneath.origin, "/a/b", kind);
  try {
    await journey(`${where} all is the same`, between, async (person) => {
      await person.open("/a/b/topics");
      await person.click("Create topic", "link");
      await person.type("Name", "behind.proxy");
      await person.sees("The broker would accept this.");
      await person.click("Create");
      await until("the new topic's page is open", () => person.path() === "/a/b/topics/behind.proxy");
      await person.page.waitForSelector(".live.is-live");
      await person.open("/a/b/topics/behind.proxy/messages?from=live");
      await person.sees("Waiting for records");
      await beneath.kcat(["-P", "-t", "behind.proxy"], '{"it_has": "arrived"}\n');
      await person.sees("arrived");
      await person.open("/a/b/topics/behind.proxy/p/0/o/0");
      await person.sees("it_has:");
      const { metadata } = await (await fetch(`${between.origin}/a/b/v3/clusters`)).json();
      assert.equal(metadata.self, `${between.origin}/a/b/v3/clusters`);
    });
  } finally {
    between.stop();
    await beneath.stop();
  }
}
if (process.argv.includes("--scale")) await step("the budgets hold with many topics and groups", (faults) => measure(browser, resolve(program), faults));

await browser.close();
console.log(failures.length === 0 ? `\nall well; pictures in ${shots}` : `\n${failures.length} failed: ${failures.join("; ")}`);
process.exit(failures.length === 0 ? 0 : 1);
