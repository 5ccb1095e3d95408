// Serves the pages for their makers: node dev/server.mjs [--port 9090] [--pages FOLDER] [--broker http://127.0.0.1:9080]
//
// With --broker the API is that broker's; else it is made up (dev/mock.mjs). The security headers are the
// broker's own, so that what they forbid is seen here.
import { createServer, request as ask } from "node:http";
import { readFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { answer } from "./mock.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : otherwise;
};
const port = Number(option("port", 9090));
const broker = option("broker", null);
let pages = option("pages", null);
if (!pages) {
  pages = join(tmpdir(), "mambamq-console-dev");
  execFileSync(process.execPath, [join(here, "../build.mjs"), "--out", pages], { stdio: "inherit" });
}

const headers = {
  "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
    "connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; worker-src 'self'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};
const mimes = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8", ".json": "application/json" };

function pass(request, response) {
  const target = new URL(request.url, broker);
  const passed = ask(target, { method: request.method, headers: { ...request.headers, host: target.host } }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(response);
  });
  passed.on("error", (error) => response.writeHead(502).end(String(error)));
  response.on("close", () => passed.destroy());
  request.pipe(passed);
}

async function page(path, response) {
  const wanted = path.startsWith("/assets/") ? normalize(path) : "/index.html";
  try {
    let body = await readFile(join(pages, wanted));
    if (wanted === "/index.html") body = Buffer.from(body.toString().replace("__BASE__", "/"));
    response.writeHead(200, { ...headers, "Content-Type": mimes[extname(wanted)] ?? "text/plain" }).end(body);
  } catch {
    response.writeHead(404, headers).end("there is no such file\n");
  }
}

createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const isApi = /^\/(api|metrics|healthz|readyz|openapi\.json)/.test(pathname);
  if (!isApi) void page(pathname, response);
  else if (broker) pass(request, response);
  else answer(request, response);
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
