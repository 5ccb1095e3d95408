// Requests with where their time went.
import type { JSX } from "preact";
import type { SlowRequest } from "../api";
import { links } from "../core/router";
import { performance as words } from "../en/operate";
import { Link } from "../ui/button";
import { Empty } from "../ui/states";
import { Chip } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { Micros, Size, When } from "../ui/values";
import { PhaseBar } from "./phase_bar";

const names = words.slow;
const columns: Column<SlowRequest>[] = [
  { id: "at", title: names.at, width: 130, key: (r) => r.at_ms, cell: (r) => <When ms={r.at_ms} /> },
  { id: "api", title: names.api, width: 146, key: (r) => r.api, cell: (r) => `${r.api} v${r.version}` },
  { id: "client", title: names.client, width: 120, grow: true, key: (r) => r.client_id,
    cell: (r) => (r.connection_id === null ? r.client_id : <Link to={links.connection(r.connection_id)}>{r.client_id || "–"}</Link>) },
  { id: "address", title: names.address, width: 120, hidden: true, key: (r) => r.address },
  { id: "topic", title: names.topic, width: 130, key: (r) => r.topic, cell: (r) => (r.topic === null ? "–" : <Link to={links.topic(r.topic)}>{r.topic}</Link>) },
  { id: "total", title: names.total, width: 80, numeric: true, key: (r) => r.total_us, cell: (r) => <Micros v={r.total_us} /> },
  { id: "phases", title: names.phases, width: 220, key: (r) => r.total_us, cell: (r) => <PhaseBar phases={r.phases} /> },
  { id: "in", title: names.in, width: 76, numeric: true, key: (r) => r.bytes_in, cell: (r) => <Size v={r.bytes_in} /> },
  { id: "out", title: names.out, width: 76, numeric: true, key: (r) => r.bytes_out, cell: (r) => <Size v={r.bytes_out} /> },
  { id: "error", title: names.error, width: 130, key: (r) => r.error, cell: (r) => r.error && <Chip tone="warn">{r.error}</Chip> },
];

export function SlowTable({ id, rows, empty, maxRows }: { id: string; rows: readonly SlowRequest[]; empty: string; maxRows?: number }): JSX.Element {
  return (
    <VTable id={id} label={words.tabs.slow} columns={columns} rows={rows} rowKey={(r) => `${r.at_ms} ${r.connection_id} ${r.total_us} ${r.api}`}
      filterText={(r) => `${r.api} ${r.client_id} ${r.topic ?? ""}`} {...(maxRows === undefined ? { params: { filter: "q", sort: "sort" } } : { maxRows })}
      empty={<Empty title={empty} />} />
  );
}
