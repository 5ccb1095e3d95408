// What a person typed as a key or a value, turned into bytes to be sent; JSON goes as it was typed.
import type { BytesIn } from "../api";
import { fromBase64, fromHex, toBase64 } from "./bytes";
import { JsonError, parseJson } from "./lossless_json";

export type PartFormat = "text" | "json" | "hex" | "base64" | "null";
export interface Part {
  format: PartFormat;
  text: string;
}

export interface Encoded {
  bytes: BytesIn | null;
  size: number;
  raw: Uint8Array | null;
}
export type EncodeProblem = { kind: "json"; why: string } | { kind: "hex" } | { kind: "base64" };

function ofBytes(raw: Uint8Array): Encoded {
  return { bytes: { x: toBase64(raw) }, size: raw.length, raw };
}

export function encode({ format, text }: Part): Encoded | EncodeProblem {
  switch (format) {
    case "null": return { bytes: null, size: 0, raw: null };
    case "hex": {
      const bytes = fromHex(text);
      return bytes === null ? { kind: "hex" } : ofBytes(bytes);
    }
    case "base64":
      try {
        return ofBytes(fromBase64(text.trim()));
      } catch {
        return { kind: "base64" };
      }
    case "json":
      try {
        parseJson(text);
      } catch (error) {
        return { kind: "json", why: error instanceof JsonError ? error.message : String(error) };
      }
  }
  const raw = new TextEncoder().encode(text);
  return { bytes: { s: text }, size: raw.length, raw };
}

export const isProblem = (outcome: Encoded | EncodeProblem): outcome is EncodeProblem => "kind" in outcome;

/** {{n}}, {{uuid}} and {{now}}, anew for each record. */
export function substitute(text: string, n: number, now: number, uuid: () => string): string {
  return text.replaceAll("{{n}}", String(n)).replaceAll("{{now}}", String(now)).replace(/\{\{uuid\}\}/g, uuid);
}
export const isTemplate = (text: string): boolean => /\{\{(n|now|uuid)\}\}/.test(text);

export interface Imported {
  key: BytesIn | null;
  value: BytesIn | null;
  headers: [string, BytesIn | null][];
}

function importedPart(value: unknown): BytesIn | null {
  if (value == null) return null;
  if (typeof value === "object" && "base64" in value && typeof value.base64 === "string") return { x: value.base64 };
  return { s: typeof value === "string" ? value : JSON.stringify(value) };
}

/** One line of an NDJSON file; throws a sentence. */
export function importLine(line: string): Imported {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new Error("not a JSON object");
  const fields = parsed as Record<string, unknown>;
  if (!("value" in fields) && !("key" in fields)) throw new Error("neither key nor value");
  const headers = Array.isArray(fields.headers)
    ? (fields.headers as unknown[]).map((one): [string, BytesIn | null] =>
        Array.isArray(one) ? [String(one[0]), importedPart(one[1])] : [String(one), null])
    : typeof fields.headers === "object" && fields.headers !== null
      ? Object.entries(fields.headers).map(([name, value]): [string, BytesIn | null] => [name, importedPart(value)])
      : [];
  return { key: importedPart(fields.key), value: importedPart(fields.value), headers };
}
