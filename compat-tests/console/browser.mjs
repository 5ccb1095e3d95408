// A browser that keeps account: console errors, violations of the Content-Security-Policy, requests to
// other origins, answers of 500 and more. A page of a test ends with none of them.
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

const programs = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Null when there is no browser on this machine. */
export const findBrowser = () => programs.find((program) => program && existsSync(program)) ?? null;

export async function openBrowser(program) {
  return puppeteer.launch({
    executablePath: program,
    headless: true,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars", "--disable-component-update", "--no-first-run"],
  });
}

/** `report` gets sentences. */
export async function openPage(browser, origin, report, { theme = "light", width = 1440, height = 900 } = {}) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  await page.evaluateOnNewDocument(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  const where = () => new URL(page.url()).pathname;
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    // The browser's own line for an answer of 400 and more; such answers are judged by their status.
    if (message.text().startsWith("Failed to load resource")) return;
    report(`${where()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => report(`${where()}: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob|about):/.test(url)) report(`${where()}: asked another origin: ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) report(`${where()}: ${response.status()} of ${response.url()}`);
  });
  return page;
}
