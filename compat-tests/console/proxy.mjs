// A proxy that has the console beneath a path, and nothing else.
import { once } from "node:events";
import { createServer, request } from "node:http";

/** Its origin, and how to end it. */
export async function proxy(target, prefix) {
  const server = createServer((asked, answer) => {
    if (!asked.url.startsWith(`${prefix}/`)) return answer.writeHead(404).end();
    const passed = request(target + asked.url, { method: asked.method, headers: asked.headers }, (answered) => {
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
