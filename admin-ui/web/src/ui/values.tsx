// Values as they stand in cells and facts: abbreviated, with the exact value in the title; what is not
// known is a dash that says why.
import type { ComponentChildren, JSX } from "preact";
import type { Exact, Ms } from "../api";
import * as format from "../core/format";
import { zone } from "../core/prefs";
import { common } from "../en/common";

type MaybeNumber = number | Exact | null | undefined;

export function Unknown({ why = common.unknown }: { why?: string }): JSX.Element {
  return <span class="unknown" title={why}>–<span class="visually-hidden"> {why}</span></span>;
}

function Value({ text, exact }: { text: string; exact: string }): JSX.Element {
  return <span class="num" title={exact === text ? undefined : exact}>{text}</span>;
}

export function Count({ v, why, upTo = false }: { v: MaybeNumber; why?: string | undefined; upTo?: boolean }): JSX.Element {
  if (v == null) return <Unknown {...(why ? { why } : {})} />;
  return <>{upTo && <span class="muted" title={common.atLeast}>≤ </span>}<Value text={format.count(v)} exact={format.digits(v)} /></>;
}
export function Digits({ v }: { v: MaybeNumber }): JSX.Element {
  return v == null ? <Unknown /> : <span class="num">{format.digits(v)}</span>;
}
export function Size({ v }: { v: MaybeNumber }): JSX.Element {
  return v == null ? <Unknown /> : <Value text={format.size(v)} exact={`${format.digits(v)} B`} />;
}
export function Rate({ v }: { v: number | null | undefined }): JSX.Element {
  return v == null ? <Unknown /> : <Value text={v < 0.005 ? "0" : format.rate(v)} exact={`${v}/s`} />;
}
export function ByteRate({ v }: { v: number | null | undefined }): JSX.Element {
  return v == null ? <Unknown /> : <Value text={v < 0.05 ? "0" : format.byteRate(v)} exact={`${v} B/s`} />;
}
export function Micros({ v }: { v: number | null | undefined }): JSX.Element {
  return v == null ? <Unknown /> : <Value text={format.micros(v)} exact={`${format.digits(Math.round(v))} µs`} />;
}
export function Span({ ms }: { ms: MaybeNumber }): JSX.Element {
  return ms == null ? <Unknown /> : <Value text={format.span(Number(ms))} exact={`${format.digits(ms)} ms`} />;
}
export function Percent({ v }: { v: number | null | undefined }): JSX.Element {
  return v == null ? <Unknown /> : <Value text={format.percent(v)} exact={`${v * 100} %`} />;
}
export function When({ ms, full = false }: { ms: Ms | null | undefined; full?: boolean }): JSX.Element {
  if (ms == null) return <Unknown />;
  const exact = format.stamp(ms, zone.value);
  return (
    <time class="num" dateTime={new Date(ms).toISOString()} title={exact}>
      {full ? exact : format.moment(ms, zone.value, Date.now())}
    </time>
  );
}
export function Ago({ ms, now = Date.now() }: { ms: Ms | null | undefined; now?: number }): JSX.Element {
  if (ms == null) return <Unknown why={common.never} />;
  const age = Math.max(0, now - ms);
  const text = age < 2000 ? "now" : `${format.coarse(age)} ago`;
  return <time class="num" dateTime={new Date(ms).toISOString()} title={format.stamp(ms, zone.value)}>{text}</time>;
}

/** A number of ms or bytes as a setting has it, where -1 means none. */
export function Limit({ v, unit }: { v: MaybeNumber; unit: "ms" | "bytes" }): JSX.Element {
  if (v == null) return <Unknown />;
  if (Number(v) < 0 || String(v) === "9223372036854775807") return <span>{common.unlimited}</span>;
  return unit === "ms" ? <Span ms={v} /> : <Size v={v} />;
}

export function Facts({ children }: { children: ComponentChildren }): JSX.Element {
  return <dl class="facts">{children}</dl>;
}
export function Fact({ name, hint, children }: { name: string; hint?: string; children: ComponentChildren }): JSX.Element {
  return <div class="fact"><dt title={hint}>{name}</dt><dd>{children}</dd></div>;
}
