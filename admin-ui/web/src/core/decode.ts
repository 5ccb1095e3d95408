// What a key or a value may be, tried in a fixed order; every outcome is kept, so that a person sees
// why bytes are shown as they are.
import type { Bytes } from "../api";
import { FormatError } from "./byte_reader";
import { bytesOf } from "./bytes";
import { parseCbor } from "./cbor";
import type { DecoderName } from "./decoder_names";
import { type Json, JsonError, parseJson } from "./lossless_json";
import { parseMessagePack } from "./msgpack";

export type Decoded =
  | { as: "null" | "empty" }
  | { as: "json"; json: Json; text: string }
  | { as: "msgpack" | "cbor"; json: Json }
  | { as: "text" | "int32" | "int64" | "uuid"; text: string }
  | { as: "hex"; bytes: Uint8Array };

export interface Attempt {
  /** auto: where none could be tried. */
  decoder: DecoderName | "auto";
  /** Why it did not fit; null: it did. */
  error: string | null;
}
export interface Decoding {
  result: Decoded;
  attempts: Attempt[];
}

type Outcome = Decoded | string;

function asJson(value: Bytes): Outcome {
  if (value.s === undefined) return "not UTF-8";
  if (!/^\s*[{["\-\dtfn]/.test(value.s)) return "does not begin like JSON";
  try {
    return { as: "json", json: parseJson(value.s), text: value.s };
  } catch (error) {
    return error instanceof JsonError ? error.message : String(error);
  }
}

function asText(value: Bytes): Outcome {
  return value.s === undefined ? "not UTF-8" : { as: "text", text: value.s };
}

function asInteger(value: Bytes, width: 4 | 8): Outcome {
  if (value.n !== width) return `${value.n} bytes, not ${width}`;
  const view = new DataView(bytesOf(value).buffer);
  return width === 4
    ? { as: "int32", text: String(view.getInt32(0)) }
    : { as: "int64", text: String(view.getBigInt64(0)) };
}

function asUuid(value: Bytes): Outcome {
  if (value.n !== 16) return `${value.n} bytes, not 16`;
  const hex = [...bytesOf(value)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { as: "uuid", text: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") };
}

function asBinary(value: Bytes, as: "msgpack" | "cbor"): Outcome {
  try {
    return { as, json: (as === "msgpack" ? parseMessagePack : parseCbor)(bytesOf(value)) };
  } catch (error) {
    return error instanceof FormatError ? error.message : String(error);
  }
}

/** Nearly any byte is a number in both formats, so only several values, and in one format alone, say what they are. */
function guessBinary(value: Bytes, as: "msgpack" | "cbor"): Outcome {
  const outcome = asBinary(value, as);
  if (typeof outcome === "string" || outcome.as !== as) return outcome;
  if (outcome.json.kind !== "object" && outcome.json.kind !== "array") return "fits, as nearly all bytes do: choose it to see it";
  const other = as === "msgpack" ? "cbor" : "msgpack";
  return typeof asBinary(value, other) === "string" ? outcome : `fits, and so does ${other}: choose one to see it`;
}

function attempt(decoder: DecoderName, value: Bytes): Outcome {
  switch (decoder) {
    case "json": return asJson(value);
    case "text": return asText(value);
    case "int32": return asInteger(value, 4);
    case "int64": return asInteger(value, 8);
    case "uuid": return asUuid(value);
    case "msgpack": case "cbor": return asBinary(value, decoder);
    default: return { as: "hex", bytes: bytesOf(value) };
  }
}

/** Integers are guessed of keys only: any eight bytes are one. */
const guessed: Record<"key" | "value", readonly DecoderName[]> = {
  key: ["json", "text", "int32", "int64", "msgpack", "cbor", "hex"],
  value: ["json", "text", "msgpack", "cbor", "hex"],
};

export function decode(value: Bytes | null, part: "key" | "value", wanted: DecoderName | "auto" = "auto"): Decoding {
  if (value === null) return { result: { as: "null" }, attempts: [] };
  if (value.n === 0) return { result: { as: "empty" }, attempts: [] };
  const attempts: Attempt[] = [];
  for (const decoder of wanted === "auto" ? guessed[part] : [wanted, "hex" as const]) {
    const isGuess = wanted === "auto" && (decoder === "msgpack" || decoder === "cbor");
    const outcome = isGuess ? guessBinary(value, decoder) : attempt(decoder, value);
    if (typeof outcome !== "string") {
      attempts.push({ decoder, error: null });
      return { result: outcome, attempts };
    }
    attempts.push({ decoder, error: outcome });
  }
  return { result: { as: "hex", bytes: bytesOf(value) }, attempts };
}
