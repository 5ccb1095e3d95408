// Bytes as the API sends them (api: Bytes) and as people look at them.
import type { Bytes } from "../api";

export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export function bytesOf(value: Bytes): Uint8Array {
  if (value.x !== undefined) return fromBase64(value.x);
  return new TextEncoder().encode(value.s ?? "");
}

/** Null when it is no text. */
export function textOf(value: Bytes): string | null {
  return value.s ?? null;
}

/** "de ad be ef"; null when it is no such text. */
export function fromHex(text: string): Uint8Array | null {
  const clean = text.replace(/[\s:]/g, "").replace(/^0x/i, "");
  if (clean.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(clean)) return null;
  return Uint8Array.from(clean.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export interface HexRow {
  offset: string;
  hex: string;
  ascii: string;
}
/** 16 bytes a row. */
export function hexRows(bytes: Uint8Array, rowsMax = 4096): HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < bytes.length && rows.length < rowsMax; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0"));
    rows.push({
      offset: at.toString(16).padStart(8, "0"),
      hex: `${hex.slice(0, 8).join(" ")}  ${hex.slice(8).join(" ")}`,
      ascii: row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join(""),
    });
  }
  return rows;
}

/** A line for a table: text with control characters made visible, or hex. */
export function preview(value: Bytes | null, charactersMax = 200): string {
  if (value === null) return "null";
  if (value.s !== undefined) {
    const text = value.s.length > charactersMax ? value.s.slice(0, charactersMax) : value.s;
    return text.replace(/[\u0000-\u001f\u007f]/g, (c) => (c === "\n" || c === "\t" ? " " : String.fromCharCode(0x2400 + (c.charCodeAt(0) & 31))));
  }
  const bytes = fromBase64(value.x ?? "");
  return [...bytes.subarray(0, Math.ceil(charactersMax / 3))].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
