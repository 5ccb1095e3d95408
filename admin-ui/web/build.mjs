// Builds the pages: node build.mjs --out FOLDER
//
//     FOLDER/index.html          with __BASE__ where the server puts the base path
//     FOLDER/assets/NAME-HASH.*  for ever the same content under the same name
//     FOLDER/manifest.json       {files: [{path, mime, bytes, gzip_bytes}]}, for the program that embeds them
//
// Fails when a budget is exceeded or when the output could make a browser ask another origin.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const kilobyte = 1000;
const budgets = {
  firstList: 40 * kilobyte,  // everything that runs before the list of topics is painted
  route: 15 * kilobyte,
  chart: 26 * kilobyte,      // uPlot alone is 23.5
  total: 150 * kilobyte,
  files: 13,                 // of which one is the decoders, that a page loads for records alone
};

function outFolder() {
  const at = process.argv.indexOf("--out");
  const out = at > 0 ? process.argv[at + 1] : process.env.CONSOLE_OUT;
  if (!out) throw new Error("say where to: node build.mjs --out FOLDER (or CONSOLE_OUT)");
  return resolve(out);
}

async function bundle(out) {
  const common = {
    absWorkingDir: here,
    outdir: join(out, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    format: "esm",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    minify: true,
    legalComments: "none",
    charset: "utf8",
    metafile: true,
  };
  // Whole, and apart: a worker runs it as well.
  const decoders = (await build({ ...common, entryPoints: ["src/decoders.ts"] })).metafile.outputs;
  const pages = await build({
    ...common,
    entryPoints: { main: "src/main.tsx", style: "src/style/main.css" },
    splitting: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"', DECODERS: JSON.stringify(basename(Object.keys(decoders)[0])) },
  });
  return { ...pages.metafile.outputs, ...decoders };
}

/** The files that one output loads before it runs. */
function needs(outputs, name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const { path, kind } of outputs[name].imports) if (kind === "import-statement") needs(outputs, path, seen);
  return seen;
}

function check(problems, what, bytes, max) {
  const line = `${what.padEnd(34)} ${String(bytes).padStart(7)} of ${max}`;
  console.log(line);
  if (bytes > max) problems.push(line.trim());
}

const out = outFolder();
await rm(join(out, "assets"), { recursive: true, force: true });
await mkdir(join(out, "assets"), { recursive: true });
const outputs = await bundle(out);
const pathOf = (name) => relative(out, resolve(here, name));

const entry = (suffix) => Object.keys(outputs).find((name) => outputs[name].entryPoint === suffix);
const main = entry("src/main.tsx");
const style = entry("src/style/main.css");
const preloads = [...needs(outputs, main)].filter((name) => name !== main);
const page = (await readFile(join(here, "index.html"), "utf8"))
  .replace("__STYLE__", pathOf(style))
  .replace("__MAIN__", pathOf(main))
  .replace("__PRELOADS__", preloads.map((name) => `<link rel="modulepreload" href="${pathOf(name)}">`).join("\n"));
await writeFile(join(out, "index.html"), page);

const mimes = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", html: "text/html; charset=utf-8" };
const files = [];
for (const path of ["index.html", ...Object.keys(outputs).map(pathOf)]) {
  const bytes = await readFile(join(out, path));
  files.push({ path, mime: mimes[path.split(".").pop()], bytes: bytes.length, gzip_bytes: gzipSync(bytes, { level: 9 }).length });
}
await writeFile(join(out, "manifest.json"), JSON.stringify({ files }, null, 1) + "\n");

const gzipOf = new Map(files.map((file) => [file.path, file.gzip_bytes]));
const weigh = (names) => [...names].reduce((sum, name) => sum + gzipOf.get(pathOf(name)), 0);
const problems = [];
const atStart = needs(outputs, main);
for (const name of Object.keys(outputs)) {
  const { entryPoint } = outputs[name];
  if (name === style || atStart.has(name)) continue;
  const isChart = entryPoint?.endsWith("uplot_chart.ts");
  check(problems, entryPoint ? basename(entryPoint) : "shared by pages", weigh([name]), isChart ? budgets.chart : budgets.route);
  if (entryPoint?.endsWith("pages/topics.tsx")) {
    const own = [...needs(outputs, name)].filter((one) => !atStart.has(one));
    check(problems, "entry, shell and topics (no CSS)", weigh(atStart) + weigh(own), budgets.firstList);
  }
}
check(problems, "style", gzipOf.get(pathOf(style)), 8 * kilobyte);
check(problems, "JS and CSS together", files.filter((f) => f.path !== "index.html").reduce((sum, f) => sum + f.gzip_bytes, 0), budgets.total);
check(problems, "files", files.length, budgets.files);

// An XML namespace is a name, not an address: nothing is asked for there.
const namespaces = /http:\/\/www\.w3\.org\/(2000\/svg|1999\/xhtml|1998\/Math\/MathML|1999\/xlink|XML\/1998\/namespace)/g;
for (const { path } of files) {
  const text = (await readFile(join(out, path), "utf8")).replace(namespaces, "");
  const found = /.{0,40}(https?:|["'(]\/\/)\S{0,40}/.exec(text);
  if (found) problems.push(`${path} names another origin: ${found[0]}`);
}
if (problems.length > 0) {
  console.error(`\nThe console's pages do not keep their budget:\n  ${problems.join("\n  ")}`);
  process.exit(1);
}
