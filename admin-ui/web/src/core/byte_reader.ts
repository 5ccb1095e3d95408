// Reads a binary format from front to back; what is wrong is an error with its place.
import { depthMax, type Json } from "./lossless_json";

export class FormatError extends Error {
  constructor(message: string, readonly at: number) {
    super(`${message} at byte ${at}`);
  }
}

export class ByteReader {
  at = 0;
  private depth = 0;
  private readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  private step(width: number): number {
    if (width > this.left) throw new FormatError("the value is cut off", this.bytes.length);
    const from = this.at;
    this.at += width;
    return from;
  }

  take(length: number | bigint): Uint8Array {
    // Longer than what can be there at all: the number may be inexact, the comparison is not.
    const from = this.step(Number(length));
    return this.bytes.subarray(from, this.at);
  }

  unsigned(width: 1 | 2 | 4 | 8): bigint {
    let value = 0n;
    for (const byte of this.take(width)) value = (value << 8n) | BigInt(byte);
    return value;
  }
  signed(width: 1 | 2 | 4 | 8): bigint {
    return BigInt.asIntN(width * 8, this.unsigned(width));
  }
  byte(): number {
    return this.view.getUint8(this.step(1));
  }
  float(width: 2 | 4 | 8): number {
    const from = this.step(width);
    if (width === 8) return this.view.getFloat64(from);
    if (width === 4) return this.view.getFloat32(from);
    const half = this.view.getUint16(from);
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const sign = half & 0x8000 ? -1 : 1;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  }

  /** So many values, each of them a byte at least: a count that lies costs nothing. */
  need(values: number | bigint): number {
    if (values > this.left) throw new FormatError(`there is no room for ${values} values`, this.at);
    return Number(values);
  }

  nested<T>(read: () => T): T {
    if (++this.depth > depthMax) throw new FormatError(`nested deeper than ${depthMax}`, this.at);
    const value = read();
    --this.depth;
    return value;
  }

  /** The one value that all bytes are. */
  whole(read: () => Json): Json {
    const value = this.nested(read);
    if (this.left > 0) throw new FormatError("bytes follow the value", this.at);
    return value;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Null when it is no UTF-8. */
export function textOfBytes(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

export const numberOf = (value: bigint): Json => ({ kind: "number", lexeme: String(value) });

/** The shortest digits that stand for this float and no other; one is told from an integer by them. */
export function floatOf(value: number): Json {
  if (!Number.isFinite(value)) return { kind: "literal", text: String(value) };
  const text = Object.is(value, -0) ? "-0" : String(value);
  return { kind: "number", lexeme: text.includes(".") ? text : text.replace(/^-?\d+/, "$&.0") };
}

/** h'00ff', as CBOR's diagnostic notation has it. */
export function hexOf(bytes: Uint8Array): string {
  const pairs: string[] = [];
  for (const byte of bytes) pairs.push(byte.toString(16).padStart(2, "0"));
  return `h'${pairs.join("")}'`;
}
