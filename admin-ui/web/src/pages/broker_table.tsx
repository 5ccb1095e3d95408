// Brokers as rows; on the overview and on their own page.
import type { JSX } from "preact";
import type { Broker } from "../api";
import { near } from "../core/exact";
import { size } from "../core/format";
import { links } from "../core/router";
import { overview } from "../en/overview";
import { Link } from "../ui/button";
import { now } from "../ui/states";
import { Bar, Chip } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { ByteRate, Count, Digits, Percent, Span, Unknown } from "../ui/values";

const words = overview.columns;

function Share({ used, total, mark }: { used: string | null; total: string | null; mark: number }): JSX.Element {
  const [part, whole] = [near(used), near(total)];
  if (part === null || whole === null || whole === 0) return <Unknown />;
  return (
    <span class="with-spark">
      <Bar ratio={part / whole} mark={mark} label={overview.diskOf(size(part), size(whole))} /><Percent v={part / whole} />
    </span>
  );
}

const columns: Column<Broker>[] = [
  { id: "id", title: words.id, width: 44, numeric: true, key: (b) => b.broker_id, cell: (b) => <Link to={links.broker(b.broker_id)}>{b.broker_id}</Link> },
  { id: "host", title: words.host, width: 140, grow: true, key: (b) => b.host, cell: (b) => <span class="mono">{b.host}:{b.port}</span> },
  { id: "rack", title: words.rack, width: 90, hidden: true, key: (b) => b.rack },
  { id: "role", title: words.role, width: 144, key: (b) => b.roles.join(),
    cell: (b) => <span class="row-line">{b.roles.map((role) =>
      <Chip key={role} tone={role === overview.controller && b.is_controller ? "info" : "idle"}>{role}</Chip>)}</span> },
  { id: "uptime", title: words.uptime, width: 96, numeric: true, key: (b) => b.started_ms,
    cell: (b) => <Span ms={b.started_ms === null ? null : Math.floor((now.value - b.started_ms) / 1000) * 1000} /> },
  { id: "disk", title: words.disk, width: 124, numeric: true, key: (b) => near(b.disk_used), cell: (b) => <Share used={b.disk_used} total={b.disk_total} mark={0.85} /> },
  { id: "memory", title: words.memory, width: 124, numeric: true, key: (b) => near(b.memory), cell: (b) => <Share used={b.memory} total={b.memory_total} mark={0.9} /> },
  { id: "cpu", title: words.cpu, width: 58, numeric: true, key: (b) => b.cpu, cell: (b) => <Percent v={b.cpu} /> },
  { id: "files", title: words.files, width: 90, numeric: true, hidden: true, key: (b) => b.open_files, cell: (b) => <Digits v={b.open_files} /> },
  { id: "connections", title: words.connections, width: 98, numeric: true, key: (b) => b.connections, cell: (b) => <Count v={b.connections} /> },
  { id: "leaders", title: words.leaders, width: 72, numeric: true, key: (b) => b.leaders, cell: (b) => <Count v={b.leaders} /> },
  { id: "partitions", title: words.partitions, width: 90, numeric: true, hidden: true, key: (b) => b.partitions, cell: (b) => <Count v={b.partitions} /> },
  { id: "in", title: words.in, width: 92, numeric: true, key: (b) => b.bytes_in, cell: (b) => <ByteRate v={b.bytes_in} /> },
  { id: "out", title: words.out, width: 92, numeric: true, key: (b) => b.bytes_out, cell: (b) => <ByteRate v={b.bytes_out} /> },
  { id: "version", title: words.version, width: 68, key: (b) => b.version },
];

export function BrokerTable({ brokers, bare = true }: { brokers: readonly Broker[]; bare?: boolean }): JSX.Element {
  return (
    <VTable id="brokers" label={overview.brokers} columns={columns} rows={brokers} rowKey={(b) => String(b.broker_id)}
      rowLink={(b) => links.broker(b.broker_id)} maxRows={12} bare={bare} />
  );
}
