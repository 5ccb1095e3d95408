// Who is connected, who produces, and what software they run.
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Cluster, Connection, List, Producer, Software } from "../api";
import { get } from "../core/client";
import { useResource } from "../core/resource";
import { links, param, path, setParams } from "../core/router";
import { clients as words } from "../en/operate";
import { producers } from "../en/producers";
import { CommandLine, Link } from "../ui/button";
import { Select } from "../ui/forms";
import { PageHead, Tabs } from "../ui/page";
import { ProducerTable } from "../ui/producer_table";
import { Empty, now, Shown } from "../ui/states";
import { Chip } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { Ago, ByteRate, Count, Digits, Rate, Size, Span } from "../ui/values";
import { type By, type ClientRow, clientRows, softwareOf } from "./client_rows";

const { columns: names, hints } = words;
/** A column of what only a single connection has. */
const one = (title: string, id: string, width: number, text: (c: Connection) => string | null, hidden = false): Column<ClientRow> => ({
  id, title, width, hidden, key: (row) => (row.connection ? text(row.connection) : null),
});

function columnsOf(by: By): Column<ClientRow>[] {
  const isSingle = by === "connection";
  const label: Column<ClientRow> = {
    id: "label", title: isSingle ? names.client : names[by], width: 140, grow: true, key: (r) => r.label,
    cell: (r) => (r.connection ? <Link to={links.connection(r.connection.id)}>{r.label || words.noClientId}</Link> : r.label || words.noClientId),
  };
  const single: Column<ClientRow>[] = [
    one(names.principal, "principal", 130, (c) => c.principal, true),
    one(names.address, "address", 130, (c) => `${c.address}:${c.port}`),
    one(names.software, "software", 130, softwareOf),
    { id: "kind", title: names.kind, hint: hints.kind, width: 100, key: (r) => r.connection?.kind ?? null,
      cell: (r) => r.connection && <Chip tone={r.connection.kind === "UNKNOWN" ? "idle" : "info"}>{words.kinds[r.connection.kind]}</Chip> },
  ];
  const numbers: Column<ClientRow>[] = [
    { id: "connections", title: names.connections, width: 100, numeric: true, key: (r) => r.connections, hidden: isSingle },
    { id: "in", title: names.in, width: 88, numeric: true, key: (r) => r.bytes_in, cell: (r) => <ByteRate v={r.bytes_in} />,
      sum: (rows) => <ByteRate v={rows.reduce((n, r) => n + r.bytes_in, 0)} /> },
    { id: "out", title: names.out, width: 88, numeric: true, key: (r) => r.bytes_out, cell: (r) => <ByteRate v={r.bytes_out} />,
      sum: (rows) => <ByteRate v={rows.reduce((n, r) => n + r.bytes_out, 0)} /> },
    { id: "requests", title: names.requests, width: 80, numeric: true, key: (r) => r.requests, cell: (r) => <Rate v={r.requests} /> },
    { id: "in_flight", title: names.inFlight, width: 78, numeric: true, key: (r) => r.in_flight },
    { id: "throttled", title: names.throttled, hint: hints.throttled, width: 82, numeric: true, key: (r) => r.throttled_ms, cell: (r) => <Span ms={r.throttled_ms} /> },
    { id: "queue", title: names.queue, width: 96, numeric: true, hidden: true, key: (r) => r.send_queue, cell: (r) => <Size v={r.send_queue} /> },
    { id: "slow", title: names.slow, hint: hints.slow, width: 100, key: (r) => r.slow, cell: (r) => (r.slow > 0 ? <Chip tone="warn">{isSingle ? words.slow : r.slow}</Chip> : "") },
    { id: "errors", title: names.errors, width: 74, numeric: true, hidden: true, key: (r) => r.errors, cell: (r) => <Count v={r.errors} /> },
  ];
  const more: Column<ClientRow>[] = [
    one(names.group, "group", 150, (c) => c.group, true),
    one(names.txn, "txn", 140, (c) => c.transactional_id, true),
    one(names.tls, "tls", 90, (c) => c.tls, true),
    one(names.listener, "listener", 100, (c) => c.listener, true),
    { id: "connected", title: names.connected, width: 96, numeric: true, key: (r) => r.connection?.connected_ms ?? null,
      cell: (r) => <Ago ms={r.connection?.connected_ms} now={now.value} /> },
    { id: "idle", title: names.idle, width: 90, numeric: true, hidden: true, key: (r) => r.connection?.idle_ms ?? null, cell: (r) => <Span ms={r.connection?.idle_ms} /> },
  ];
  return isSingle ? [label, ...single, ...numbers, ...more] : [label, ...numbers];
}

function Nobody(): JSX.Element {
  const cluster = useResource("bootstrap", (signal) => get<Cluster>("/cluster", {}, signal));
  const address = cluster.data?.bootstrap;
  return (
    <Empty title={words.none}>
      {address && <><p>{words.noneHint(address)}</p><CommandLine open text={`bootstrap.servers=${address}`} /></>}
    </Empty>
  );
}

function Connections(): JSX.Element {
  const connections = useResource("connections", (signal) => get<List<Connection>>("/clients/connections", {}, signal), 2000);
  const by = (param("by") || "connection") as By;
  const rows = useMemo(() => clientRows(connections.data?.data ?? [], by), [connections.data, by]);
  const columns = useMemo(() => columnsOf(by), [by]);
  return (
    <Shown of={connections}>
      {() => (
        <VTable key={by} id={by === "connection" ? "connections" : "clients"} label={words.tabs.connections} columns={columns} rows={rows} rowKey={(r) => r.key}
          {...(by === "connection" ? { rowLink: (r: ClientRow) => links.connection(r.key) } : {})}
          filterText={(r) => `${r.label} ${r.connection?.address ?? ""} ${r.connection ? softwareOf(r.connection) : ""} ${r.connection?.group ?? ""}`}
          params={{ filter: "q", sort: "sort" }} initialSort="label:asc" empty={<Nobody />}
          tools={<Select label={words.byLabel} value={by} onChange={(next) => setParams({ by: next === "connection" ? null : next, sort: null })}
            options={(["connection", "client", "principal", "software", "address"] as const).map((value) => ({ value, text: words.by[value] }))} />} />
      )}
    </Shown>
  );
}

function Producers(): JSX.Element {
  const all = useResource("producers", (signal) => get<List<Producer>>("/clients/producers", {}, signal), 5000);
  return <Shown of={all}>{({ data }) => <ProducerTable id="producers" rows={data} withTopic empty={producers.none} />}</Shown>;
}

const softwareNames = words.software;
const softwareColumns: Column<Software>[] = [
  { id: "name", title: softwareNames.name, width: 240, grow: true, key: (s) => s.name, cell: (s) => s.name ?? <span class="muted">{words.softwareUnknown}</span> },
  { id: "version", title: softwareNames.version, width: 140, key: (s) => s.version },
  { id: "connections", title: softwareNames.connections, width: 120, numeric: true, key: (s) => s.connections, cell: (s) => <Digits v={s.connections} /> },
  { id: "clients", title: softwareNames.clients, width: 110, numeric: true, key: (s) => s.client_ids, cell: (s) => <Digits v={s.client_ids} /> },
  { id: "principals", title: softwareNames.principals, width: 110, numeric: true, key: (s) => s.principals, cell: (s) => <Digits v={s.principals} /> },
  { id: "first", title: softwareNames.first, width: 130, numeric: true, key: (s) => s.first_seen_ms, cell: (s) => <Ago ms={s.first_seen_ms} now={now.value} /> },
  { id: "last", title: softwareNames.last, width: 130, numeric: true, key: (s) => s.last_seen_ms, cell: (s) => <Ago ms={s.last_seen_ms} now={now.value} /> },
];

function SoftwareTab(): JSX.Element {
  const all = useResource("software", (signal) => get<List<Software>>("/clients/software", {}, signal), 5000);
  return (
    <Shown of={all}>
      {({ data }) => (
        <VTable id="software" label={words.tabs.software} columns={softwareColumns} rows={data} rowKey={(s) => `${s.name} ${s.version}`}
          filterText={(s) => `${s.name} ${s.version}`} params={{ filter: "q", sort: "sort" }} initialSort="connections:desc" empty={<Empty title={words.noSoftware} />} />
      )}
    </Shown>
  );
}

export function ClientsPage(): JSX.Element {
  const tab = path.value.split("/")[2] ?? "";
  return (
    <>
      <PageHead title={words.title} />
      <Tabs label={words.title} tabs={[
        { to: "/clients", text: words.tabs.connections }, { to: "/clients/producers", text: words.tabs.producers }, { to: "/clients/software", text: words.tabs.software },
      ]} />
      {tab === "producers" ? <Producers /> : tab === "software" ? <SoftwareTab /> : <Connections />}
    </>
  );
}
