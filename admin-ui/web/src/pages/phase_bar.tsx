// Where a request's time goes, as a bar of its phases.
import type { JSX } from "preact";
import type { Phase } from "../api";
import { micros } from "../core/format";
import { performance as words } from "../en/operate";
import { Swatch } from "../ui/chart";

const order: Phase[] = ["READ", "QUEUE", "THROTTLE", "LOCAL", "FSYNC", "REPLICATE", "PURGATORY", "RESPOND", "SEND"];
const colours: Record<Phase, number> = {
  READ: 6, QUEUE: 7, THROTTLE: 2, LOCAL: 0, FSYNC: 3, REPLICATE: 4, PURGATORY: 7, RESPOND: 1, SEND: 5,
};
export const phaseColour = (phase: Phase): number => colours[phase] ?? 7;

export interface PhaseTime {
  phase: Phase;
  us: number;
}

export function PhaseBar({ phases }: { phases: readonly PhaseTime[] }): JSX.Element {
  const known = phases.filter((one) => one.us > 0);
  const total = known.reduce((sum, one) => sum + one.us, 0);
  if (total === 0) return <span class="muted">–</span>;
  const text = known.map((one) => `${words.phases[one.phase]} ${micros(one.us)}`).join(" · ");
  let at = 0;
  return (
    <span class="phase-bar" title={text}>
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={text}>
        {known.map((one) => {
          const x = at;
          at += (one.us / total) * 100;
          return <rect key={one.phase} x={x} width={at - x} height="10" style={{ fill: `var(--series-${phaseColour(one.phase)})` }} />;
        })}
      </svg>
    </span>
  );
}

export function PhaseKey({ phases }: { phases: readonly Phase[] }): JSX.Element {
  return (
    <p class="key-list">
      {order.filter((phase) => phases.includes(phase)).map((phase) => (
        <span key={phase} title={words.phaseHints[phase]}><Swatch colour={phaseColour(phase)} />{words.phases[phase]}</span>
      ))}
    </p>
  );
}
