// A partition's log drawn to scale by bytes, with where things stand in it.
import type { JSX } from "preact";
import type { Segment, Segments } from "../api";
import { digits, size } from "../core/format";
import { links, navigate } from "../core/router";
import { segments as words } from "../en/segments";
import { Swatch } from "../ui/chart";

const width = 1000;
const barTop = 16;
const barHeight = 44;

/** Not the segments' own. */
const groupColour = (i: number): number => 1 + (i % 7);

/** Where an offset lies on the bar: segments by bytes, evenly by offset within one. */
function position(offset: string, segments: readonly Segment[], starts: readonly number[], scale: number): number {
  const wanted = BigInt(offset);
  for (const [i, segment] of segments.entries()) {
    const [base, end] = [BigInt(segment.base), BigInt(segment.end)];
    if (wanted > end && i < segments.length - 1) continue;
    const share = end > base ? Number(((wanted < base ? base : wanted) - base) * 1000n / (end - base)) / 1000 : 0;
    return (starts[i] ?? 0) + Math.min(1, share) * Number(segment.bytes) * scale;
  }
  return width;
}

export function LogBar({ log, current }: { log: Segments; current?: string }): JSX.Element {
  const total = log.segments.reduce((sum, one) => sum + Number(one.bytes), 0) || 1;
  const scale = width / total;
  const starts: number[] = [];
  let at = 0;
  for (const one of log.segments) {
    starts.push(at);
    at += Number(one.bytes) * scale;
  }
  const xOf = (offset: string): number => position(offset, log.segments, starts, scale);
  const open = (base: string): void => navigate(links.topic(log.topic, `/partitions/${log.partition}/segments/${base}`));
  const marks: [string, string][] = [
    [words.marks.logStart, log.log_start], [words.marks.lso, log.lso], [words.marks.highWatermark, log.high_watermark], [words.marks.end, log.log_end],
  ];
  const cut = xOf(log.log_start);
  return (
    <div class="log-bar">
      <svg viewBox={`0 0 ${width} 76`} preserveAspectRatio="none" role="img" aria-label={words.scale}>
        {log.segments.map((one, i) => (
          <rect key={one.base} x={starts[i]} y={barTop} width={Math.max(1, Number(one.bytes) * scale)} height={barHeight}
            class={`segment ${one.state === "ACTIVE" || one.base === current ? "active" : ""}`} onClick={() => open(one.base)}>
            <title>{`${digits(one.base)} – ${digits(one.end)} · ${size(one.bytes)}`}</title>
          </rect>
        ))}
        {cut > 0 && <rect x="0" y={barTop} width={cut} height={barHeight} class="segment cut" />}
        {marks.map(([name, offset]) => (
          <line key={name} x1={xOf(offset)} x2={xOf(offset)} y1={barTop - 8} y2={barTop + barHeight + 8} vector-effect="non-scaling-stroke">
            <title>{`${name} ${digits(offset)}`}</title>
          </line>
        ))}
        {log.groups.map((one, i) => (
          <line key={one.group} class="group" style={{ stroke: `var(--series-${groupColour(i)})` }} x1={xOf(one.offset)} x2={xOf(one.offset)} y1={barTop} y2="76" vector-effect="non-scaling-stroke">
            <title>{`${one.group} ${digits(one.offset)}`}</title>
          </line>
        ))}
      </svg>
      <div class="marks">
        {marks.map(([name, offset]) => <span key={name}><span class="muted">{name}</span> <span class="num">{digits(offset)}</span></span>)}
        {log.groups.map((one, i) => (
          <span key={one.group}><Swatch colour={groupColour(i)} /><span class="muted">{one.group || "(empty)"}</span> <span class="num">{digits(one.offset)}</span></span>
        ))}
      </div>
    </div>
  );
}
