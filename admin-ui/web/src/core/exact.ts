// Arithmetic on int64s that stay decimal text (api: Exact).
import type { Exact } from "../api";

export function big(value: Exact | null | undefined): bigint | null {
  return value == null || !/^[+-]?\d+$/.test(value.trim()) ? null : BigInt(value);
}

/** For bars and charts, where the nearest double will do. */
export function near(value: Exact | null | undefined): number | null {
  return value == null ? null : Number(value);
}

export function difference(a: Exact | null, b: Exact | null): Exact | null {
  const [left, right] = [big(a), big(b)];
  return left === null || right === null ? null : String(left - right);
}

export function sum(values: Iterable<Exact | null>): Exact {
  let total = 0n;
  for (const value of values) total += big(value) ?? 0n;
  return String(total);
}

export function compareExact(a: Exact, b: Exact): number {
  const [left, right] = [big(a) ?? 0n, big(b) ?? 0n];
  return left < right ? -1 : left > right ? 1 : 0;
}
