// MessagePack as JSON that has lost nothing: integers with all their digits, keys that are there twice.
// What JSON has no word for is h'00ff' (bytes, and text that is no UTF-8), timestamp "..." and
// ext(type, h'...'). Source: the MessagePack specification.
import { ByteReader, floatOf, FormatError, hexOf, numberOf, textOfBytes } from "./byte_reader";
import { type Json, print } from "./lossless_json";

const literal = (text: string): Json => ({ kind: "literal", text });

class MessagePack extends ByteReader {
  value(): Json {
    const type = this.byte();
    if (type <= 0x7f || type >= 0xe0) return numberOf(BigInt.asIntN(8, BigInt(type)));
    if (type <= 0x8f) return this.map(type & 15);
    if (type <= 0x9f) return this.array(type & 15);
    if (type <= 0xbf) return this.string(type & 31);
    switch (type) {
      case 0xc0: return literal("null");
      case 0xc2: return literal("false");
      case 0xc3: return literal("true");
      case 0xc4: return literal(hexOf(this.take(this.unsigned(1))));
      case 0xc5: return literal(hexOf(this.take(this.unsigned(2))));
      case 0xc6: return literal(hexOf(this.take(this.unsigned(4))));
      case 0xc7: return this.extension(this.unsigned(1));
      case 0xc8: return this.extension(this.unsigned(2));
      case 0xc9: return this.extension(this.unsigned(4));
      case 0xca: return floatOf(this.float(4));
      case 0xcb: return floatOf(this.float(8));
      case 0xcc: return numberOf(this.unsigned(1));
      case 0xcd: return numberOf(this.unsigned(2));
      case 0xce: return numberOf(this.unsigned(4));
      case 0xcf: return numberOf(this.unsigned(8));
      case 0xd0: return numberOf(this.signed(1));
      case 0xd1: return numberOf(this.signed(2));
      case 0xd2: return numberOf(this.signed(4));
      case 0xd3: return numberOf(this.signed(8));
      case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8: return this.extension(1n << BigInt(type - 0xd4));
      case 0xd9: return this.string(this.unsigned(1));
      case 0xda: return this.string(this.unsigned(2));
      case 0xdb: return this.string(this.unsigned(4));
      case 0xdc: return this.array(this.unsigned(2));
      case 0xdd: return this.array(this.unsigned(4));
      case 0xde: return this.map(this.unsigned(2));
      case 0xdf: return this.map(this.unsigned(4));
      default: throw new FormatError("0xc1 begins nothing", this.at - 1);
    }
  }

  private string(length: number | bigint): Json {
    const bytes = this.take(length);
    const text = textOfBytes(bytes);
    return text === null ? literal(hexOf(bytes)) : { kind: "string", text };
  }

  private array(length: number | bigint): Json {
    const items: Json[] = [];
    for (let left = this.need(length); left > 0; --left) items.push(this.nested(() => this.value()));
    return { kind: "array", items };
  }

  private map(length: number | bigint): Json {
    const members: [string, Json][] = [];
    for (let left = this.need(length); left > 0; --left) {
      const key = this.nested(() => this.value());
      members.push([key.kind === "string" ? key.text : print(key, 0), this.nested(() => this.value())]);
    }
    return { kind: "object", members };
  }

  private extension(length: bigint): Json {
    const type = this.signed(1);
    const bytes = this.take(length);
    return literal((type === -1n ? timestampOf(bytes) : null) ?? `ext(${type}, ${hexOf(bytes)})`);
  }
}

/** Of 32, 64 or 96 bits; null for any other. */
function timestampOf(bytes: Uint8Array): string | null {
  const reader = new ByteReader(bytes);
  let nanoseconds = 0n;
  let seconds: bigint;
  if (bytes.length === 4) {
    seconds = reader.unsigned(4);
  } else if (bytes.length === 8) {
    const both = reader.unsigned(8);
    nanoseconds = both >> 34n;
    seconds = both & 0x3_ffff_ffffn;
  } else if (bytes.length === 12) {
    nanoseconds = reader.unsigned(4);
    seconds = reader.signed(8);
  } else {
    return null;
  }
  if (nanoseconds > 999_999_999n) return null;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  return `timestamp "${date.toISOString().replace(".000Z", `.${String(nanoseconds).padStart(9, "0")}Z`)}"`;
}

export function parseMessagePack(bytes: Uint8Array): Json {
  const reader = new MessagePack(bytes);
  return reader.whole(() => reader.value());
}
