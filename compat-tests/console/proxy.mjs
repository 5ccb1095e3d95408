// A proxy that has the console beneath a path, and nothing else.
import { once } from "node:events";
import { createServer, request } from "node:http";

/**
 * Its origin, and how to end it. One that `tells` takes the path away, asks the console by its own name, and says in
 * X-Forwarded-* how it was asked itself; another passes on what it was asked.
 */
export async function proxy(target, prefix, { tells = false } = {}) {
  const server = createServer((asked, answer) => {
    if (!asked.url.startsWith(`${prefix}/`)) return answer.writeHead(404).end();
    const url = target + (tells ? asked.url.slice(prefix.length) : asked.url);
    const told = { host: new URL(target).host, "x-forwarded-host": asked.headers.host, "x-forwarded-prefix": prefix };
    const passed = request(url, { method: asked.method, headers: { ...asked.headers, ...(tells ? told : {}) } }, (answered) => {
      answer.writeHead(answered.statusCode, answered.headers);
      answered.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    answer.on("close", () => passed.destroy());
    asked.pipe(passed);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
