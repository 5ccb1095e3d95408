// A person at the browser: opens pages, reads, clicks, types.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { until } from "./broker.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const quoted = (text) => JSON.stringify(text);

export class Person {
  constructor(page, origin) {
    this.page = page;
    this.origin = origin;
  }

  /** Until the page has a heading and nothing loads any more. */
  async open(path) {
    await this.page.goto(this.origin + path, { waitUntil: "domcontentloaded", timeout: 60_000 });
    await this.settled();
  }
  async settled() {
    await this.page.waitForFunction(
      () => document.querySelector("main h1, main .state-title") && !document.querySelector(".state.loading") &&
        [...document.querySelectorAll(".chart-box")].every((box) => box.querySelector("canvas")), { timeout: 30_000 });
  }
  /** How many pixels the page is wider than the window. */
  overflow() {
    return this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  }
  async click(name, role = "button") {
    await this.page.locator(`::-p-aria([name=${quoted(name)}][role=${quoted(role)}])`).setTimeout(30_000).click();
  }
  /** The control that is labelled so, in a dialog if one is open. */
  async field(label) {
    const found = await this.page.waitForFunction((wanted) => {
      const within = document.querySelector("dialog[open]") ?? document;
      return [...within.querySelectorAll("input, textarea, select")].find((control) =>
        control.getAttribute("aria-label") === wanted || control.closest("label")?.querySelector("span")?.textContent.trim() === wanted);
    }, { timeout: 30_000 }, label).catch(() => {
      throw new Error(`there is no field ${quoted(label)}`);
    });
    return found.asElement();
  }
  async type(label, text) {
    const field = await this.field(label);
    await field.evaluate((control, value) => {
      control.focus();
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(control), "value").set.call(control, value);
      control.dispatchEvent(new Event("input", { bubbles: true }));
    }, text);
  }
  /** One of a few that stand side by side, or of a menu. */
  async pick(text, within = ".segmented") {
    await this.page.locator(`${within} ::-p-text(${text})`).setTimeout(30_000).click();
  }
  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }
  text() {
    return this.page.evaluate(() => document.body.innerText.replace(/[\u202f\u00a0]/g, " "));
  }
  async sees(text, ms = 30_000) {
    await until(`the page shows ${quoted(String(text))}`, async () => {
      const shown = await this.text();
      return text instanceof RegExp ? text.test(shown) : shown.includes(text);
    }, ms);
  }
  async doesNotSee(text) {
    if ((await this.text()).includes(text)) throw new Error(`the page shows ${quoted(text)}`);
  }
  path() {
    return new URL(this.page.url()).pathname;
  }

  /** What axe finds that is serious or critical, as sentences. */
  async barriers() {
    await this.page.evaluate(axeSource);
    const found = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    return found.violations.filter((one) => one.impact === "serious" || one.impact === "critical").map((one) =>
      `${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? node.html.slice(0, 120)}`).join(" | ")}`);
  }
}
