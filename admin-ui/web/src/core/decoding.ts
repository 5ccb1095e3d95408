// Where a key or a value is decoded: small ones at once, in the page; large ones aside, in a Web Worker that
// is ended when it takes too long, so that no record can make the page stand still.
import { signal } from "@preact/signals";
import type { Bytes } from "../api";
import { bytesOf } from "./bytes";
import type { Decoding } from "./decode";
import type { DecoderName } from "./decoder_names";

type Decoders = typeof import("../decoders");
export type Question = Parameters<Decoders["decode"]>;
export type Wanted = DecoderName | "auto";

/** The name of src/decoders.ts as it was built, beside this file (build.mjs). */
declare const DECODERS: string;

export const largeFrom = 64 * 1024;
const bytesMax = 64 * 1024 * 1024;
const msMax = 2000;

export const isLarge = (value: Bytes | null): boolean => value !== null && value.n > largeFrom;

/** Null: not asked for yet, or on their way. */
export const decoders = signal<Decoders | null>(null);
const address = (): string => new URL(DECODERS, import.meta.url).href;

export async function loadDecoders(): Promise<Decoders> {
  decoders.value ??= await import(address()) as Decoders;
  return decoders.value;
}

/** Shown as it is, and why. */
export function undecoded(value: Bytes, wanted: Wanted, why: string): Decoding {
  const attempts = [{ decoder: wanted, error: why }];
  if (value.s !== undefined) return { result: { as: "text", text: value.s }, attempts: [...attempts, { decoder: "text", error: null }] };
  return { result: { as: "hex", bytes: bytesOf(value) }, attempts: [...attempts, { decoder: "hex", error: null }] };
}

interface ScriptAddresses {
  createScriptURL(url: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: ScriptAddresses): ScriptAddresses;
}
/** The Content-Security-Policy has a worker's address come from a policy, where the browser knows them. */
function startWorker(): Worker {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("decoders", { createScriptURL: (url) => url });
  return new Worker(policy ? policy.createScriptURL(address()) : address(), { type: "module" });
}

/** In a worker of its own. Never rejects; after an abort nobody is answered. */
export function decodeAside(value: Bytes, part: "key" | "value", wanted: Wanted, signal: AbortSignal): Promise<Decoding> {
  if (value.n > bytesMax) return Promise.resolve(undecoded(value, wanted, `larger than ${bytesMax} bytes`));
  return new Promise((resolve) => {
    const worker = startWorker();
    const end = (decoding: Decoding | null): void => {
      clearTimeout(timer);
      worker.terminate();
      if (decoding) resolve(decoding);
    };
    const timer = setTimeout(() => end(undecoded(value, wanted, `took longer than ${msMax} ms`)), msMax);
    signal.addEventListener("abort", () => end(null));
    worker.onmessage = ({ data }: MessageEvent<Decoding>) => end(data);
    worker.onerror = (event) => end(undecoded(value, wanted, event.message || "the decoders could not be loaded"));
    worker.postMessage([value, part, wanted] satisfies Question);
  });
}
