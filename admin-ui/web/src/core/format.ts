// Numbers, sizes, durations and times as people read them. What is abbreviated here is shown together
// with its exact value (ui/values.tsx). Digits are grouped by a narrow space, whatever the locale.

const narrow = "\u202f";

/** All digits: 1 204 331. */
export function digits(value: number | string | bigint): string {
  const text = String(value);
  const match = /^([+-]?)(\d+)(.*)$/.exec(text);
  if (!match) return text;
  const whole = match[2] ?? "";
  const grouped = whole.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, narrow);
  return `${match[1] === "-" ? "\u2212" : ""}${grouped}${match[3]}`;
}

/** At most three significant digits, without zeros at the end. */
function short(value: number): string {
  const magnitude = Math.abs(value);
  const text = magnitude >= 100 ? value.toFixed(0) : magnitude >= 10 ? value.toFixed(1) : value.toFixed(2);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let unit = 0;
  let rest = value;
  while (Math.abs(rest) >= base * 0.9995 && unit < units.length - 1) {
    rest /= base;
    ++unit;
  }
  return unit === 0 && units[0] === "" ? short(rest) : `${short(rest)}${narrow}${units[unit]}`;
}

/** 9 999 stays whole; 12 345 becomes 12.3 k. */
export function count(value: number | string): string {
  const number = Number(value);
  if (Number.isInteger(number) && Math.abs(number) < 10_000) return digits(number);
  return scaled(number, 1000, ["", "k", "M", "G", "T", "P", "E"]).replace("-", "\u2212");
}

export function size(value: number | string): string {
  return scaled(Number(value), 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]);
}

export function rate(value: number): string {
  return `${count(value < 10 ? Math.round(value * 100) / 100 : Math.round(value))}/s`;
}

export function byteRate(value: number): string {
  return `${size(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))}/s`;
}

export function micros(value: number): string {
  if (value < 1000) return `${short(value)}${narrow}µs`;
  if (value < 1_000_000) return `${short(value / 1000)}${narrow}ms`;
  return span(value / 1000);
}

const units: readonly [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

/** The two largest units: 4 min 12 s; below ten seconds with tenths. */
export function span(ms: number): string {
  if (ms < 0) return `\u2212${span(-ms)}`;
  if (ms < 1000) return `${Math.round(ms)}${narrow}ms`;
  if (ms < 10_000) return `${short(Math.round(ms / 100) / 10)}${narrow}s`;
  for (let i = 0; i < units.length; ++i) {
    const [length, name] = units[i] as [number, string];
    if (ms < length) continue;
    const whole = Math.floor(ms / length);
    const next = units[i + 1];
    const rest = next ? Math.floor((ms % length) / next[0]) : 0;
    return `${whole}${narrow}${name}${next && rest > 0 && whole < 100 ? ` ${rest}${narrow}${next[1]}` : ""}`;
  }
  return `${ms}${narrow}ms`;
}

/** The largest unit alone, as ages are told: 4 min. */
export function coarse(ms: number): string {
  const [length, name] = units.find(([one]) => ms >= one) ?? [1, "ms"];
  return `${Math.floor(ms / length)}${narrow}${name}`;
}

export function percent(ratio: number): string {
  const value = ratio * 100;
  return `${value >= 9.95 || value === 0 ? value.toFixed(0) : value.toFixed(1)}${narrow}%`;
}

export type Zone = "local" | "utc";

const pad = (value: number, width = 2) => String(value).padStart(width, "0");

interface Parts {
  date: string;
  clock: string;
  ms: string;
}

function parts(ms: number, zone: Zone): Parts {
  const at = new Date(ms);
  if (Number.isNaN(at.getTime())) return { date: String(ms), clock: "", ms: "" };
  const utc = zone === "utc";
  const date = utc
    ? `${at.getUTCFullYear()}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`
    : `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const clock = utc
    ? `${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}`
    : `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  return { date, clock, ms: pad(at.getMilliseconds(), 3) };
}

/** 2026-11-28 12:04:07.123 */
export function stamp(ms: number, zone: Zone): string {
  const { date, clock, ms: fraction } = parts(ms, zone);
  return clock ? `${date} ${clock}.${fraction}` : date;
}

/** Without the milliseconds, and without the date when it is `now`'s. */
export function moment(ms: number, zone: Zone, now: number): string {
  const at = parts(ms, zone);
  return at.date === parts(now, zone).date ? at.clock : `${at.date} ${at.clock}`;
}

export function clock(ms: number, zone: Zone): string {
  return parts(ms, zone).clock;
}

/** "-15m", "2h", "7d" in ms; null when it is none. */
export function parseSpan(text: string): number | null {
  const match = /^\s*-?\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d|w)?\s*$/.exec(text);
  if (!match) return null;
  const scale = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
  return Number(match[1]) * scale[(match[2] ?? "ms") as keyof typeof scale];
}

/** What a person writes for a time: epoch ms, "-15m", "now", "today", or a date as `stamp` writes it. */
export function parseTime(text: string, zone: Zone, now: number): number | null {
  const trimmed = text.trim();
  if (trimmed === "now") return now;
  if (trimmed === "today") {
    const at = new Date(now);
    return zone === "utc" ? at.setUTCHours(0, 0, 0, 0) : at.setHours(0, 0, 0, 0);
  }
  if (/^\d{12,}$/.test(trimmed)) return Number(trimmed);
  if (trimmed.startsWith("-")) {
    const back = parseSpan(trimmed);
    return back === null ? null : now - back;
  }
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?))?(Z)?$/.exec(trimmed);
  if (!match) return null;
  const at = Date.parse(`${match[1]}T${match[2] ?? "00:00"}${zone === "utc" || match[3] ? "Z" : ""}`);
  return Number.isNaN(at) ? null : at;
}
