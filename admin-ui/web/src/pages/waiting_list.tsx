// Requests that are parked, each with what it waits for, in words.
import type { JSX } from "preact";
import type { Waiting } from "../api";
import { links } from "../core/router";
import { performance as words } from "../en/operate";
import { Link } from "../ui/button";
import { Chip } from "../ui/status";
import { Span } from "../ui/values";

export function WaitingList({ waiting, none }: { waiting: readonly Waiting[]; none: string }): JSX.Element {
  if (waiting.length === 0) return <p class="none">{none}</p>;
  const names = words.waiting;
  const now = Date.now();
  return (
    <table class="plain-table">
      <thead><tr><th>{names.api}</th><th>{names.reason}</th><th>{names.client}</th><th class="right">{names.since}</th><th class="right">{names.deadline}</th></tr></thead>
      <tbody>
        {waiting.slice(0, 500).map((one, i) => (
          <tr key={`${one.connection_id} ${one.api} ${i}`}>
            <td><Chip>{one.api}</Chip></td>
            <td class="wait-row">{one.reason}</td>
            <td>{one.connection_id === null ? one.client_id : <Link to={links.connection(one.connection_id)}>{one.client_id || "–"}</Link>}</td>
            <td class="right"><Span ms={one.since_ms === null ? null : Math.max(0, now - one.since_ms)} /></td>
            <td class="right"><Span ms={one.deadline_ms === null ? null : Math.max(0, one.deadline_ms - now)} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
