// CBOR as JSON that has lost nothing: integers and bignums with all their digits, keys that are there twice.
// What JSON has no word for stands in CBOR's diagnostic notation: h'00ff', undefined, simple(16), and
// 1(1363896240) for a tag; what a tag holds of several values is an object whose only name is the tag, "258()".
// Source: RFC 8949.
import { ByteReader, floatOf, FormatError, hexOf, numberOf, textOfBytes } from "./byte_reader";
import { type Json, print } from "./lossless_json";

const literal = (text: string): Json => ({ kind: "literal", text });
const selfDescribed = 55799n;
const breakByte = 0xff;

class Cbor extends ByteReader {
  value(): Json {
    const start = this.at;
    const head = this.byte();
    const major = head >> 5;
    const info = head & 31;
    if (major === 7) return this.simple(info, start);
    const argument = this.argument(info, start);
    switch (major) {
      case 0: return numberOf(this.definite(argument, start));
      case 1: return numberOf(-1n - this.definite(argument, start));
      case 2: return literal(hexOf(this.string(2, argument)));
      case 3: return this.text(argument, start);
      case 4: return { kind: "array", items: this.items(argument, () => this.nested(() => this.value())) };
      case 5: return { kind: "object", members: this.items(argument, () => this.member()) };
      default: return this.tagged(this.definite(argument, start));
    }
  }

  /** Null: of indefinite length. */
  private argument(info: number, start: number): bigint | null {
    if (info < 24) return BigInt(info);
    switch (info) {
      case 24: return this.unsigned(1);
      case 25: return this.unsigned(2);
      case 26: return this.unsigned(4);
      case 27: return this.unsigned(8);
      case 31: return null;
      default: throw new FormatError(`additional information ${info} is reserved`, start);
    }
  }
  private definite(argument: bigint | null, start: number): bigint {
    if (argument === null) throw new FormatError("what cannot be of indefinite length is", start);
    return argument;
  }

  private simple(info: number, start: number): Json {
    switch (info) {
      case 20: return literal("false");
      case 21: return literal("true");
      case 22: return literal("null");
      case 23: return literal("undefined");
      case 24: {
        const value = this.byte();
        if (value < 32) throw new FormatError(`simple value ${value} in two bytes`, start);
        return literal(`simple(${value})`);
      }
      case 25: return floatOf(this.float(2));
      case 26: return floatOf(this.float(4));
      case 27: return floatOf(this.float(8));
      case 31: throw new FormatError("a break stands where a value should", start);
      default:
        if (info > 27) throw new FormatError(`additional information ${info} is reserved`, start);
        return literal(`simple(${info})`);
    }
  }

  private string(major: 2 | 3, length: bigint | null): Uint8Array {
    if (length !== null) return this.take(length);
    const from = this.at;
    const chunks: Uint8Array[] = [];
    while (!this.endsHere()) {
      const start = this.at;
      const head = this.byte();
      const size = head >> 5 === major ? this.argument(head & 31, start) : null;
      if (size === null) throw new FormatError("a piece of a string is of another kind", start);
      const chunk = this.take(size);
      if (major === 3 && textOfBytes(chunk) === null) throw new FormatError("text that is not UTF-8", start);
      chunks.push(chunk);
    }
    const whole = new Uint8Array(this.at - from);  // more than they are together
    let size = 0;
    for (const chunk of chunks) {
      whole.set(chunk, size);
      size += chunk.length;
    }
    return whole.subarray(0, size);
  }

  private text(length: bigint | null, start: number): Json {
    const text = textOfBytes(this.string(3, length));
    if (text === null) throw new FormatError("text that is not UTF-8", start);
    return { kind: "string", text };
  }

  private items<T>(length: bigint | null, read: () => T): T[] {
    const items: T[] = [];
    if (length === null) while (!this.endsHere()) items.push(read());
    else for (let left = this.need(length); left > 0; --left) items.push(read());
    return items;
  }
  private member(): [string, Json] {
    const key = this.nested(() => this.value());
    return [key.kind === "string" ? key.text : print(key, 0), this.nested(() => this.value())];
  }
  private endsHere(): boolean {
    if (this.bytes[this.at] !== breakByte) return false;
    ++this.at;
    return true;
  }

  private tagged(tag: bigint): Json {
    const from = this.at;
    if ((tag === 2n || tag === 3n) && (this.bytes[from] ?? 0) >> 5 === 2) {
      const head = this.byte();
      let magnitude = 0n;
      const bytes = this.string(2, this.argument(head & 31, from));
      if (bytes.length > 0) magnitude = BigInt(`0x${hexOf(bytes).slice(2, -1)}`);
      return numberOf(tag === 2n ? magnitude : -1n - magnitude);
    }
    const inner = this.nested(() => this.value());
    if (tag === selfDescribed) return inner;
    if (inner.kind === "object" || inner.kind === "array") return { kind: "object", members: [[`${tag}()`, inner]] };
    return literal(`${tag}(${print(inner, 0)})`);
  }
}

export function parseCbor(bytes: Uint8Array): Json {
  const reader = new Cbor(bytes);
  return reader.whole(() => reader.value());
}
