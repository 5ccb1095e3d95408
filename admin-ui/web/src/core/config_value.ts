// Values of settings as people read and write them: durations and sizes with units, -1 where it means none.
import type { ConfigEntry } from "../api";
import { digits, size, span } from "./format";

const int64Max = "9223372036854775807";

export function readable(entry: ConfigEntry, value: string | null): string {
  if (value === null) return "";
  if (entry.unit === null || !/^-?\d+$/.test(value)) return value;
  if (value === "-1" || value === int64Max) return "unlimited";
  const number = Number(value);
  if (number < 0) return value;
  return entry.unit === "ms" ? span(number) : number < 1024 ? `${digits(value)} B` : size(number);
}

const scales = {
  ms: { ms: 1n, s: 1000n, min: 60_000n, h: 3_600_000n, d: 86_400_000n },
  bytes: { B: 1n, KiB: 1024n, MiB: 1_048_576n, GiB: 1_073_741_824n },
} as const;
export type Unit = keyof typeof scales;
export const unitsOf = (unit: Unit): string[] => Object.keys(scales[unit]);

/** The largest unit that leaves a whole number: 604800000 ms is 7 d. */
export function split(unit: Unit, value: string): { number: string; unit: string } {
  const names = unitsOf(unit);
  if (!/^\d+$/.test(value)) return { number: value, unit: names[0] as string };
  const exact = BigInt(value);
  const table: Record<string, bigint> = scales[unit];
  const fits = names.filter((name) => exact !== 0n && exact % (table[name] as bigint) === 0n);
  const best = fits.at(-1) ?? (names[0] as string);
  return { number: String(exact / (table[best] as bigint)), unit: best };
}
export function join(unit: Unit, number: string, name: string): string {
  const table: Record<string, bigint> = scales[unit];
  return /^\d+$/.test(number) ? String(BigInt(number) * (table[name] ?? 1n)) : number;
}
