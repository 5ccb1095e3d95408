// The time that all charts of a page show; it lives in the query string (range, or from and to).
import type { JSX } from "preact";
import type { Ms } from "../api";
import { parseSpan } from "../core/format";
import { param, setParams } from "../core/router";
import { common } from "../en/common";
import { Button } from "./button";
import { Segmented } from "./forms";

const ranges = ["15m", "1h", "6h", "24h", "7d"] as const;

export interface TimeRange {
  /** For the API. */
  query: Record<string, string>;
  key: string;
  /** How often to ask again, in ms; 0 when it lies in the past. */
  every: number;
  isZoomed: boolean;
}

export function timeRange(): TimeRange {
  const [from, to] = [param("from_ms"), param("to_ms")];
  if (/^\d+$/.test(from) && /^\d+$/.test(to)) {
    return { query: { from, to }, key: `${from}-${to}`, every: 0, isZoomed: true };
  }
  const range = param("range") || "15m";
  const length = parseSpan(range) ?? 900_000;
  return { query: { range }, key: range, every: Math.min(60_000, Math.max(2000, length / 300)), isZoomed: false };
}

export function zoomTo(from: Ms, to: Ms): void {
  setParams({ from_ms: String(from), to_ms: String(to) });
}
export function zoomOut(): void {
  setParams({ from_ms: null, to_ms: null });
}

export function RangePicker(): JSX.Element {
  const { isZoomed } = timeRange();
  return (
    <div class="range">
      {isZoomed && <Button look="quiet" icon="reset" title={common.zoomed} onClick={zoomOut}>{common.back}</Button>}
      <Segmented label={common.range} value={isZoomed ? "" : param("range") || "15m"}
        options={ranges.map((value) => ({ value: value as string, text: value }))}
        onChange={(value) => setParams({ range: value === "15m" ? null : value, from_ms: null, to_ms: null })} />
    </div>
  );
}
