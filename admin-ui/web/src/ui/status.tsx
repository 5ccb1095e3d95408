// States of things: never by colour alone, always with a sign and a word.
import type { ComponentChildren, JSX } from "preact";
import type { Severity } from "../api";

export type Tone = "ok" | "info" | "warn" | "crit" | "idle";
const signs: Record<Tone, string> = { ok: "✓", info: "●", warn: "▲", crit: "◆", idle: "○" };

export function Status({ tone, children }: { tone: Tone; children: ComponentChildren }): JSX.Element {
  return <span class={`status ${tone}`}><span class="sign" aria-hidden="true">{signs[tone]}</span>{children}</span>;
}

export function Chip({ tone = "idle", title, children }: { tone?: Tone; title?: string; children: ComponentChildren }): JSX.Element {
  return <span class={`chip ${tone}`} title={title}>{children}</span>;
}

export const toneOf = (severity: Severity): Tone =>
  severity === "CRITICAL" ? "crit" : severity === "WARNING" ? "warn" : "info";

const healthTones: Record<string, Tone> = {
  OK: "ok", ONLINE: "ok", OFFLINE: "crit", UNDER_REPLICATED: "warn", UNDER_MIN_ISR: "crit",
  Stable: "ok", STABLE: "ok", Empty: "idle", EMPTY: "idle", Dead: "idle", DEAD: "idle",
};
/** UNDER_REPLICATED becomes "under replicated"; unknown states are worth a look. */
export function StateOf({ state }: { state: string }): JSX.Element {
  const words = state === "OK" ? "ok" : state.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();
  return <Status tone={healthTones[state] ?? "warn"}>{words}</Status>;
}

/** How full something is; the mark is where it becomes a worry. */
export function Bar({ ratio, label, mark = 0.9 }: { ratio: number; label: string; mark?: number }): JSX.Element {
  const full = Math.max(0, Math.min(1, ratio));
  const tone = full >= 0.95 ? "crit" : full >= mark ? "warn" : "info";
  return (
    <span class="bar" title={label}>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={label}>
        <rect class="track" width="100" height="6" rx="3" />
        <rect class={tone} width={full * 100} height="6" rx="3" />
        <line x1={mark * 100} x2={mark * 100} y1="0" y2="6" />
      </svg>
    </span>
  );
}
