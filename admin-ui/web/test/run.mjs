// Runs what needs no browser: bundles each *.test.ts for Node and hands it to node --test.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = await mkdtemp(join(tmpdir(), "console-unit-"));
const entryPoints = (await readdir(here)).filter((name) => name.endsWith(".test.ts")).map((name) => join(here, name));
await build({ entryPoints, outdir: out, outExtension: { ".js": ".mjs" }, bundle: true, platform: "node", format: "esm", target: "node18",
  define: { DECODERS: JSON.stringify("decoders.js") }, banner: { js: `import "${join(here, "page_globals.mjs")}";` } });
const files = (await readdir(out)).map((name) => join(out, name));
const { status } = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" });
await rm(out, { recursive: true });
process.exit(status ?? 1);
