// A broker with its console on free ports and in a folder of its own, and what talks to both.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Asks until it is so; the error says what never was. */
export async function until(what, isSo, ms = 30_000) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      const found = await isSo();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what} did not come to pass within ${ms} ms${last ? `: ${last.message}` : ""}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export class Broker {
  /** Its logs lie below `under`. */
  static async start(program, settings = {}, under = tmpdir()) {
    const broker = new Broker();
    broker.program = program;
    broker.settings = settings;
    broker.folder = await mkdtemp(join(under, "console-broker-"));
    broker.port = await freePort();
    broker.consolePort = await freePort();
    broker.address = `127.0.0.1:${broker.port}`;
    broker.origin = `http://127.0.0.1:${broker.consolePort}`;
    await broker.run();
    return broker;
  }

  async run() {
    const all = {
      "log.dirs": this.folder, listeners: `PLAINTEXT://${this.address}`, "console.listeners": this.origin,
      "group.initial.rebalance.delay.ms": "0", ...this.settings,
    };
    const options = Object.entries(all).flatMap(([key, value]) => ["--override", `${key}=${value}`]);
    this.output = "";
    this.process = spawn(this.program, options, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (data) => (this.output += data));
    await until("the console answers", async () => {
      if (this.process.exitCode !== null) throw new Error(`the broker ended: ${this.output.slice(-500)}`);
      return (await fetch(`${this.origin}/healthz`)).ok;
    });
  }

  async end() {
    if (this.process.exitCode !== null) return;
    this.process.kill("SIGTERM");
    await once(this.process, "exit");
  }

  async stop() {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The API as a script asks it: refused for now is asked again. Any other refusal throws its sentence. */
  async api(path, body, method = body === undefined ? "GET" : "POST") {
    const options = {
      method, headers: { "Content-Type": "application/json" }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    for (;;) {
      const answer = await fetch(`${this.origin}/api/v1${path}`, options).catch((error) => {
        const ended = this.process.exitCode ?? this.process.signalCode;
        const why = ended === null ? "" : `; the broker ended with ${ended}: ${this.output.slice(-2000)}`;
        throw new Error(`${method} ${path}: ${error.message}, ${error.cause?.message ?? "no cause given"}${why}`);
      });
      const text = await answer.text();
      const wait = Number(answer.headers.get("retry-after"));
      if (answer.status === 429 && wait > 0) {
        await new Promise((resolve) => setTimeout(resolve, wait * 1000));
        continue;
      }
      const parsed = text === "" ? null : JSON.parse(text);
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${parsed?.error?.message ?? text}`);
      return parsed;
    }
  }

  /** Runs kcat to its end with `input`; or, without, until stop() of what is returned. */
  kcat(args, input) {
    const child = spawn("kcat", ["-b", this.address, ...args], { stdio: ["pipe", "ignore", "ignore"] });
    if (input !== undefined) {
      child.stdin.end(input);
      return once(child, "exit").then(([code]) => {
        if (code !== 0) throw new Error(`kcat ${args.join(" ")} ended with ${code}`);
      });
    }
    const ended = once(child, "exit");
    return { stop: async () => { child.kill("SIGTERM"); await ended; } };
  }
}
