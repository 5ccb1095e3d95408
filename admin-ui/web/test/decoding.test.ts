import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { Bytes } from "../src/api";
import { decode, type Decoding } from "../src/core/decode";
import { decodeAside, isLarge, largeFrom, type Question } from "../src/core/decoding";

const large: Bytes = { n: largeFrom + 1, s: `"${"x".repeat(largeFrom - 1)}"` };
const never = new AbortController().signal;

/** What a page has for a worker, as far as it is asked for here. */
class FakeWorker {
  static last: FakeWorker;
  onmessage: (event: { data: Decoding }) => void = () => undefined;
  onerror: (event: { message: string }) => void = () => undefined;
  question: Question | null = null;
  terminated = false;
  constructor(readonly address: string) {
    FakeWorker.last = this;
  }
  postMessage(question: Question): void {
    this.question = question;
  }
  terminate(): void {
    this.terminated = true;
  }
}
Object.assign(globalThis, { Worker: FakeWorker });

test("what is large is decoded aside, and the worker ends with its answer", async () => {
  assert.ok(isLarge(large) && !isLarge(null) && !isLarge({ n: largeFrom, s: "" }));
  const asked = decodeAside(large, "value", "auto", never);
  const worker = FakeWorker.last;
  assert.match(worker.address, /\/decoders\.js$/);
  assert.deepEqual(worker.question, [large, "value", "auto"]);
  worker.onmessage({ data: decode(large, "value", "auto") });
  assert.equal((await asked).result.as, "json");
  assert.ok(worker.terminated);
});

test("a worker that takes too long is ended, and the value is shown as it is", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const asked = decodeAside(large, "value", "json", never);
  const worker = FakeWorker.last;
  mock.timers.tick(1999);
  assert.ok(!worker.terminated);
  mock.timers.tick(1);
  mock.timers.reset();
  const { result, attempts } = await asked;
  assert.ok(worker.terminated);
  assert.equal(result.as, "text");
  assert.deepEqual(attempts, [{ decoder: "json", error: "took longer than 2000 ms" }, { decoder: "text", error: null }]);
});

test("a worker that fails says so; bytes are shown as they are", async () => {
  const asked = decodeAside({ n: largeFrom + 1, x: "/w==" }, "value", "cbor", never);
  FakeWorker.last.onerror({ message: "" });
  const { result, attempts } = await asked;
  assert.equal(result.as, "hex");
  assert.deepEqual(attempts[0], { decoder: "cbor", error: "the decoders could not be loaded" });
});

test("nobody waits for a worker that is no longer needed, and none is started for what is too large", async () => {
  const leaving = new AbortController();
  void decodeAside(large, "value", "auto", leaving.signal);
  const worker = FakeWorker.last;
  leaving.abort();
  assert.ok(worker.terminated);
  const { attempts } = await decodeAside({ n: 64 * 1024 * 1024 + 1, s: "x" }, "value", "auto", never);
  assert.equal(FakeWorker.last, worker);
  assert.match(attempts[0]?.error ?? "", /^larger than/);
});
