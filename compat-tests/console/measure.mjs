// The budgets of time, with 1000 topics: what a browser on this machine measures, and what is allowed.
import { Broker } from "./broker.mjs";
import { openPage } from "./browser.mjs";
import { Person } from "./person.mjs";

const topics = 1000;
const budgets = {
  "first contentful paint": 300, "table of 1000 topics visible": 500, "sort to next frame": 100, "filter keystroke": 100, "DOM nodes": 3000, "JS heap, MB": 30,
};

async function figures(page) {
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);
  const visible = await page.evaluate(() => new Promise((resolve) => {
    const look = () => (document.querySelectorAll("[role=grid] [role=row].row").length > 10 ? resolve(performance.now()) : requestAnimationFrame(look));
    look();
  }));
  const sort = await page.evaluate(async () => {
    const begin = performance.now();
    document.querySelectorAll("[role=columnheader] button")[3].click();
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begin;
  });
  const filter = await page.evaluate(async () => {
    const begin = performance.now();
    const box = document.querySelector(".table-filter input");
    box.value = "7";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begin;
  });
  const { Nodes: nodes, JSHeapUsedSize: heap } = await page.metrics();
  return {
    "first contentful paint": paint, "table of 1000 topics visible": visible, "sort to next frame": sort, "filter keystroke": filter, "DOM nodes": nodes, "JS heap, MB": heap / 1e6,
  };
}

export async function measure(browser, program, faults) {
  const broker = await Broker.start(program);
  try {
    for (let i = 0; i < topics; ++i) await broker.api("/topics", { name: `topic-${i}`, partitions: 1 });
    const page = await openPage(browser, broker.origin, (fault) => faults.push(fault));
    const person = new Person(page, broker.origin);
    const runs = [];
    for (let i = 0; i < 5; ++i) {
      await page.goto(`${broker.origin}/topics`, { waitUntil: "domcontentloaded" });
      runs.push(await figures(page));
      await person.settled();
    }
    for (const [name, max] of Object.entries(budgets)) {
      const sorted = runs.map((run) => run[name]).sort((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)];
      console.log(`       ${name.padEnd(30)} ${median.toFixed(1)} of ${max}`);
      if (median > max) faults.push(`${name}: ${median.toFixed(1)} of ${max}`);
    }
    await page.browserContext().close();
  } finally {
    await broker.stop();
  }
}
