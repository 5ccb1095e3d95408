// Draws a time chart with uPlot: soft areas, lines that do not overshoot, a cursor that all charts of
// the page share, and events as dashed verticals. Colours are the style sheet's.
import uPlot from "uplot";
import type { ChartProps } from "./chart";

export interface Plot {
  update: (props: ChartProps) => void;
  destroy: () => void;
}

const sync = "console";
const dashes: number[][] = [[], [9, 4], [3, 3], [9, 3, 2, 3], [], [9, 4], [3, 3], [9, 3, 2, 3]];

/** Ticks at 1, 2, 4 ... 512 of each binary unit, so that sizes are round. */
const binarySteps = Array.from({ length: 60 }, (_, i) => 2 ** i);

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
const colourOf = (index: number): string => token(`--series-${index % 8}`);

function channels(colour: string): number[] | null {
  return /^#(..)(..)(..)$/.exec(colour)?.slice(1).map((pair) => parseInt(pair, 16)) ?? null;
}
function translucent(colour: string, alpha: number): string {
  const rgb = channels(colour);
  return rgb ? `rgba(${rgb.join()},${alpha})` : colour;
}
/** The colour upon the panel, opaque: areas that lie upon each other must not mix. */
function mixed(colour: string, share: number): string {
  const [over, under] = [channels(colour), channels(token("--chart-panel"))];
  if (!over || !under) return colour;
  return `rgb(${over.map((value, i) => Math.round(value * share + (under[i] ?? 0) * (1 - share))).join()})`;
}

function fade(colour: string, strength: number) {
  return (plot: uPlot): CanvasGradient | string => {
    const { top, height } = plot.bbox;
    if (!(height > 0)) return "transparent";
    const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
    gradient.addColorStop(0, translucent(colour, strength));
    gradient.addColorStop(1, translucent(colour, strength / 8));
    return gradient;
  };
}

/** Seconds, and the values; stacked ones are summed from the last series up to the first. */
function dataOf(props: ChartProps): uPlot.AlignedData {
  const n = Math.max(0, ...props.series.map((one) => one.values.length));
  const xs = Array.from({ length: n }, (_, i) => (props.from_ms + i * props.step_ms) / 1000);
  const ys = props.series.map((one) => Array.from({ length: n }, (_, i) => one.values[i] ?? null));
  if (props.stacked) {
    for (let series = ys.length - 2; series >= 0; --series) {
      const [upper, lower] = [ys[series] as (number | null)[], ys[series + 1] as (number | null)[]];
      upper.forEach((value, i) => {
        const below = lower[i] ?? null;
        if (value !== null || below !== null) upper[i] = (value ?? 0) + (below ?? 0);
      });
    }
  }
  return [xs, ...ys];
}

function alone(values: readonly (number | null)[]): number[] {
  return values.flatMap((value, i) => (value !== null && values[i - 1] == null && values[i + 1] == null ? [i] : []));
}

function drawAnnotations(plot: uPlot, props: ChartProps, colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.setLineDash([3, 4]);
  ctx.lineWidth = devicePixelRatio;
  for (const { at_ms: at } of props.annotations ?? []) {
    const x = Math.round(plot.valToPos(at / 1000, "x", true)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** A small card that follows the cursor: the time, each value, and an event that is near. */
function tooltip(box: HTMLElement, current: () => ChartProps, clock: (ms: number) => string): uPlot.Plugin {
  const card = document.createElement("div");
  card.className = "chart-tip";
  card.hidden = true;
  const line = (text: string, value: string, index: number | null): HTMLElement => {
    const row = document.createElement("div");
    if (index !== null) {
      const swatch = document.createElement("i");
      swatch.className = "swatch";
      swatch.style.background = `var(--series-${index % 8})`;
      row.append(swatch);
    }
    const name = document.createElement("span");
    name.textContent = text;
    const number = document.createElement("b");
    number.textContent = value;
    row.append(name, number);
    return row;
  };
  return {
    hooks: {
      init: (plot) => {
        plot.over.append(card);
        plot.over.addEventListener("mouseleave", () => (card.hidden = true));
      },
      setCursor: (plot) => {
        const { idx, left } = plot.cursor;
        const props = current();
        const at = idx == null ? undefined : plot.data[0][idx];
        if (idx == null || at === undefined || left == null || left < 0 || !plot.over.matches(":hover")) {
          card.hidden = true;
          return;
        }
        const rows = props.series.map((one, i) => {
          const value = one.values[idx] ?? null;
          return line(one.label, value === null ? "–" : props.format(value), one.colour ?? i);
        });
        const near = (props.annotations ?? []).filter((one) => Math.abs(one.at_ms / 1000 - at) <= (props.step_ms / 1000) * 2);
        card.replaceChildren(
          line(clock(at * 1000), "", null), ...rows, ...near.map((one) => line(one.text, "", null)));
        card.hidden = false;
        const isRight = left > box.clientWidth / 2;
        card.style.transform = `translateX(${isRight ? left - card.offsetWidth - 14 : left + 14}px)`;
      },
    },
  };
}

export function drawChart(box: HTMLElement, first: ChartProps, clock: (ms: number) => string): Plot {
  let props = first;
  const [grid, text] = [token("--chart-grid"), token("--chart-text")];
  const font = `11px ${token("--font")}`;
  const isSingle = first.series.length === 1;
  const spline = uPlot.paths.spline?.();
  const series: uPlot.Series[] = first.series.map((one, i) => {
    const colour = colourOf(one.colour ?? i);
    return {
      label: one.label,
      stroke: colour,
      width: first.stacked ? 1 : 1.75,
      ...(first.stacked ? {} : { dash: dashes[i % dashes.length] ?? [] }),
      fill: first.stacked ? mixed(colour, 0.62) : fade(colour, isSingle ? 0.28 : first.series.length <= 3 ? 0.12 : 0),
      // Of a value between gaps there is no line to be seen.
      points: { show: true, size: 5, width: 0, fill: colour, filter: (plot) => alone(plot.data[i + 1] as (number | null)[]) },
      ...(spline ? { paths: spline } : {}),
    };
  });
  const axis = { stroke: text, font, ticks: { show: false }, grid: { stroke: grid, width: 1 } };
  const options: uPlot.Options = {
    width: Math.max(120, box.clientWidth),
    height: first.height ?? 220,
    padding: [12, 26, 0, 4],
    legend: { show: false },
    cursor: {
      sync: { key: sync },
      x: true,
      y: false,
      points: { size: 7, width: 2 },
      drag: { x: first.onZoom !== undefined, y: false, setScale: false },
    },
    scales: {
      x: { time: true },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.12 : 1] },
    },
    axes: [
      {
        ...axis, grid: { show: false }, space: 72, size: 30,
        values: (_, ticks, __, ___, step) =>
          ticks.map((at) => (step >= 60 ? clock(at * 1000).slice(0, 5) : clock(at * 1000))),
      },
      { ...axis, ...(first.binary ? { incrs: binarySteps } : {}), size: 70, space: 38, values: (_, ticks) => ticks.map((value) => props.format(value)) },
    ],
    series: [{}, ...series],
    plugins: [tooltip(box, () => props, clock)],
    hooks: {
      drawClear: [(plot) => drawAnnotations(plot, props, token("--annotation"))],
      setSelect: [(plot) => {
        if (plot.select.width < 6) return;
        const from = plot.posToVal(plot.select.left, "x") * 1000;
        const to = plot.posToVal(plot.select.left + plot.select.width, "x") * 1000;
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        props.onZoom?.(Math.round(from), Math.round(to));
      }],
    },
  };
  const plot = new uPlot(options, dataOf(first), box);
  const onDouble = (): void => props.onReset?.();
  plot.over.addEventListener("dblclick", onDouble);
  const observer = new ResizeObserver(() => {
    if (box.clientWidth > 0) plot.setSize({ width: box.clientWidth, height: props.height ?? 220 });
  });
  observer.observe(box);
  return {
    update: (next) => {
      props = next;
      plot.setData(dataOf(next));
    },
    destroy: () => {
      observer.disconnect();
      plot.destroy();
    },
  };
}
