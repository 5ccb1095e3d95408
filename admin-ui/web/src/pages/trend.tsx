// Whether a lag grows or shrinks, in a sign and words.
import type { JSX } from "preact";
import type { Trend } from "../api";
import { span } from "../core/format";
import { groups as words } from "../en/groups";
import { Status } from "../ui/status";
import { Unknown } from "../ui/values";

export function TrendOf({ trend, eta }: { trend: Trend | null; eta: number | null }): JSX.Element {
  if (trend === null) return <Unknown />;
  const tone = trend === "FALLING_BEHIND" ? "warn" : trend === "STEADY" ? "idle" : "ok";
  return <span title={eta === null ? undefined : words.eta(span(eta))}><Status tone={tone}>{words.trends[trend]}</Status></span>;
}
