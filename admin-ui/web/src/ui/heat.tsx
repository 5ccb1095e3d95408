// Counts over time and size as shades of one hue, on a canvas; arrows move a cell cursor that is read out.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isDark } from "../core/prefs";

export interface HeatProps {
  label: string;
  /** By [column][row]; row 0 is at the bottom. */
  counts: readonly (readonly number[])[];
  columnName: (column: number) => string;
  rowName: (row: number) => string;
  height?: number;
}

export function Heat({ label, counts, columnName, rowName, height = 180 }: HeatProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cell, setCell] = useState<{ column: number; row: number } | null>(null);
  const columns = counts.length;
  const rows = Math.max(1, ...counts.map((column) => column.length));
  const dark = isDark();
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const width = element.clientWidth * devicePixelRatio;
    element.width = width;
    element.height = height * devicePixelRatio;
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--series-0").trim();
    const largest = Math.max(1, ...counts.flat());
    context.clearRect(0, 0, element.width, element.height);
    const [cellWidth, cellHeight] = [width / Math.max(1, columns), element.height / rows];
    context.fillStyle = colour;
    counts.forEach((column, x) => column.forEach((value, y) => {
      if (value <= 0) return;
      context.globalAlpha = 0.08 + 0.92 * (Math.log1p(value) / Math.log1p(largest));
      context.fillRect(x * cellWidth, element.height - (y + 1) * cellHeight, Math.ceil(cellWidth), Math.ceil(cellHeight));
    }));
    if (cell) {
      context.globalAlpha = 1;
      context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--chart-cursor").trim();
      context.lineWidth = 2 * devicePixelRatio;
      context.strokeRect(cell.column * cellWidth, element.height - (cell.row + 1) * cellHeight, cellWidth, cellHeight);
    }
  }, [counts, cell, dark, height]);
  const at = (event: MouseEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = rows - 1 - Math.floor(((event.clientY - box.top) / box.height) * rows);
    if (column >= 0 && column < columns && row >= 0 && row < rows) setCell({ column, row });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const from = cell ?? { column: columns - 1, row: 0 };
    setCell({
      column: Math.max(0, Math.min(columns - 1, from.column + step[0])),
      row: Math.max(0, Math.min(rows - 1, from.row + step[1])),
    });
  };
  const text = cell ? `${columnName(cell.column)} · ${rowName(cell.row)} · ${counts[cell.column]?.[cell.row] ?? 0}` : "";
  return (
    <div class="heat">
      <canvas ref={canvas} tabIndex={0} role="img" aria-label={`${label}. ${text}`} style={{ height: `${height}px` }}
        onMouseMove={at} onMouseLeave={() => setCell(null)} onKeyDown={onKeyDown} />
      <p class="muted" aria-live="polite">{text || "\u00a0"}</p>
    </div>
  );
}
