// Runs it all: fills a broker, does the journeys, looks at every page in both themes.
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Broker } from "./broker.mjs";
import { findBrowser, openBrowser, openPage } from "./browser.mjs";
import { fill } from "./fill.mjs";
import { journeys } from "./journeys.mjs";
import { pages } from "./pages.mjs";
import { Person } from "./person.mjs";
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

async function withPerson(origin, faults, look, run) {
  const page = await openPage(browser, origin, faults, look);
  try {
    await run(new Person(page, origin));
  } catch (error) {
    await page.screenshot({ path: join(shots, "failure.png") }).catch(() => undefined);
    throw error;
  } finally {
    await page.browserContext().close();
  }
}

async function looks(broker) {
  for (const theme of ["light", "dark"]) {
    for (const [name, path] of Object.entries(pages)) {
      await step(`page ${name}, ${theme}`, (faults) => withPerson(broker.origin, faults, { theme }, async (person) => {
        await person.open(path);
        await person.page.waitForNetworkIdle({ idleTime: 300, concurrency: 2, timeout: 10_000 }).catch(() => undefined);
        await person.page.screenshot({ path: join(shots, `${name}-${theme}.png`) });
        const failed = await person.page.$$eval(".state.failure", (all) => all.map((one) => one.innerText.replace(/\n+/g, " ")));
        if ((await person.text()).includes("This page could not be shown")) failed.push("the page threw");
        faults.push(...failed, ...(await person.barriers()));
      }));
    }
  }
}

const broker = await Broker.start(resolve(program));
try {
  const clients = await fill(broker);
  await looks(broker);
  await clients.stop();
  const indexer = broker.kcat(["-G", "indexer", "-X", "client.id=<img src=x onerror=alert(1)>", "orders"]);
  for (const [name, run] of Object.entries(journeys)) {
    await step(name, (faults) => withPerson(broker.origin, faults, {}, (person) => run(person, broker)));
  }
  await indexer.stop();
} finally {
  await broker.stop();
}

const quiet = await Broker.start(resolve(program), { "console.read.only": "true" });
try {
  await step("a read-only console says so and offers no change", (faults) => withPerson(quiet.origin, faults, {}, async (person) => {
    await person.open("/topics");
    await person.sees("Read-only");
    await person.doesNotSee("Create topic");
  }));
} finally {
  await quiet.stop();
}
if (process.argv.includes("--scale")) await step("the budgets of time hold with many topics", (faults) => measure(browser, resolve(program), faults));

await browser.close();
console.log(failures.length === 0 ? `\nall well; pictures in ${shots}` : `\n${failures.length} failed: ${failures.join("; ")}`);
process.exit(failures.length === 0 ? 0 : 1);
