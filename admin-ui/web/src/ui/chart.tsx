// A time chart with its legend, a table that says the same in numbers. The drawing is loaded when the
// first chart is (uplot_chart.ts).
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Ms } from "../api";
import { clock } from "../core/format";
import { isDark, zone } from "../core/prefs";
import { common } from "../en/common";
import { timeRange } from "./range";
import type { Plot } from "./uplot_chart";

export interface ChartSeries {
  label: string;
  values: readonly (number | null)[];
  /** Of the eight; its place when missing. */
  colour?: number;
}
export interface Annotation {
  at_ms: Ms;
  text: string;
}
export interface ChartProps {
  title: string;
  from_ms: Ms;
  step_ms: number;
  series: readonly ChartSeries[];
  format: (value: number) => string;
  height?: number;
  /** Bytes: round numbers are those of 1024. */
  binary?: boolean;
  /** Each upon the last, as areas. */
  stacked?: boolean;
  annotations?: readonly Annotation[];
  onZoom?: (from: Ms, to: Ms) => void;
  onReset?: () => void;
  /** No legend below. */
  bare?: boolean;
}

interface Numbers {
  now: number | null;
  min: number | null;
  max: number | null;
  avg: number | null;
}
function numbersOf(values: readonly (number | null)[]): Numbers {
  let [min, max, total, n] = [Infinity, -Infinity, 0, 0];
  let now: number | null = null;
  for (const value of values) {
    if (value === null) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    total += value;
    ++n;
    now = value;
  }
  return n === 0 ? { now: null, min: null, max: null, avg: null } : { now, min, max, avg: total / n };
}

const pointsMin = 18;

/** Without the time before the broker ran, so that a young one is more than a line at the edge. */
function sinceItRuns(props: ChartProps): ChartProps {
  const points = Math.max(0, ...props.series.map((one) => one.values.length));
  const begins = props.series.map((one) => one.values.findIndex((value) => value !== null)).filter((at) => at >= 0);
  const skipped = Math.max(0, Math.min(points - pointsMin, ...begins));
  return {
    ...props,
    from_ms: props.from_ms + skipped * props.step_ms,
    series: props.series.map((one) => ({ ...one, values: one.values.slice(skipped) })),
  };
}

export function Chart(whole: ChartProps): JSX.Element {
  const props = timeRange().isZoomed ? whole : sinceItRuns(whole);
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const dark = isDark();
  const timeZone = zone.value;
  const shape = `${props.series.map((one) => one.label).join("\n")}|${props.stacked}|${dark}|${timeZone}`;
  useEffect(() => {
    let alive = true;
    void import("./uplot_chart").then(({ drawChart }) => {
      if (!alive || box.current === null) return;
      plot.current = drawChart(box.current, latest.current, (ms) => clock(ms, timeZone));
    });
    return () => {
      alive = false;
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.update(props);
  }, [whole.series, whole.annotations, whole.from_ms, whole.step_ms]);
  const isEmpty = props.series.every((one) => one.values.every((value) => value === null));
  return (
    <figure class="chart" aria-label={props.title}>
      <div class="chart-box" ref={box} style={{ height: `${props.height ?? 220}px` }}>
        {isEmpty && <p class="chart-empty">{common.noData}</p>}
      </div>
      {!props.bare && <Legend {...props} />}
    </figure>
  );
}

/** What a line is known by. */
export function Swatch({ colour }: { colour: number }): JSX.Element {
  return <i class="swatch" style={{ background: `var(--series-${colour})` }} aria-hidden="true" />;
}

function Legend({ title, series, format }: ChartProps): JSX.Element {
  const text = (value: number | null): string => (value === null ? "–" : format(value));
  return (
    <table class="legend">
      <caption class="visually-hidden">{title}</caption>
      <thead>
        <tr>
          <th scope="col"><span class="visually-hidden">{common.series}</span></th>
          <th scope="col">{common.chartNow}</th><th scope="col">{common.chartMin}</th>
          <th scope="col">{common.chartMax}</th><th scope="col">{common.chartAvg}</th>
        </tr>
      </thead>
      <tbody>
        {series.map((one, i) => {
          const numbers = numbersOf(one.values);
          return (
            <tr key={one.label}>
              <th scope="row"><Swatch colour={(one.colour ?? i) % 8} />{one.label}</th>
              <td>{text(numbers.now)}</td><td>{text(numbers.min)}</td><td>{text(numbers.max)}</td><td>{text(numbers.avg)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
