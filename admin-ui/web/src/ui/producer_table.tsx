// Who writes: producer ids, a row for each partition, and connections that have none.
import type { JSX } from "preact";
import type { Producer } from "../api";
import { near } from "../core/exact";
import { links } from "../core/router";
import { producers as words } from "../en/producers";
import { Link } from "./button";
import { Empty, now } from "./states";
import { Chip } from "./status";
import { type Column, VTable } from "./table";
import { Ago, Count, Digits, Span } from "./values";

const { columns: names, hints } = words;

function Trouble({ n }: { n: number | null }): JSX.Element {
  if (n === null) return <Digits v={n} />;
  return n > 0 ? <span class="warn-text"><Count v={n} /></span> : <>0</>;
}

const all: Column<Producer>[] = [
  { id: "id", title: names.id, width: 92, numeric: true, key: (p) => near(p.producer_id), hint: hints.id,
    cell: (p) => (p.producer_id === null ? <Chip>{words.noId}</Chip> : <span class="num">{p.producer_id}</span>) },
  { id: "epoch", title: names.epoch, width: 60, numeric: true, key: (p) => p.epoch },
  { id: "client", title: names.client, width: 140, grow: true, key: (p) => p.client_id,
    cell: (p) => (p.connection_id === null ? p.client_id ?? "–" : <Link to={links.connection(p.connection_id)}>{p.client_id}</Link>) },
  { id: "address", title: names.address, width: 120, hidden: true, key: (p) => p.address },
  { id: "principal", title: names.principal, width: 130, hidden: true, key: (p) => p.principal },
  { id: "txn", title: names.txn, width: 120, key: (p) => p.transactional_id },
  { id: "topic", title: names.topic, width: 132, key: (p) => p.topic, cell: (p) => <Link to={links.topic(p.topic)}>{p.topic}</Link> },
  { id: "partition", title: names.partition, width: 76, numeric: true, key: (p) => p.partition },
  { id: "sequence", title: names.sequence, width: 106, numeric: true, key: (p) => p.last_sequence, cell: (p) => <Digits v={p.last_sequence} /> },
  { id: "offset", title: names.offset, width: 88, numeric: true, key: (p) => near(p.last_offset), cell: (p) => <Digits v={p.last_offset} /> },
  { id: "duplicates", title: names.duplicates, hint: hints.duplicates, width: 86, numeric: true, key: (p) => p.duplicates, cell: (p) => <Trouble n={p.duplicates} /> },
  { id: "out_of_order", title: names.outOfOrder, hint: hints.outOfOrder, width: 98, numeric: true, key: (p) => p.out_of_order, cell: (p) => <Trouble n={p.out_of_order} /> },
  { id: "fenced", title: names.fenced, hint: hints.fenced, width: 70, numeric: true, key: (p) => p.fenced, cell: (p) => <Trouble n={p.fenced} /> },
  { id: "last", title: names.last, width: 106, numeric: true, key: (p) => p.last_ms, cell: (p) => <Ago ms={p.last_ms} now={now.value} /> },
  { id: "open", title: names.open, width: 130, numeric: true, hidden: true, key: (p) => near(p.txn_start), cell: (p) => <Digits v={p.txn_start} /> },
  { id: "expires", title: names.expires, width: 104, numeric: true, hidden: true, key: (p) => p.expires_ms,
    cell: (p) => <Span ms={p.expires_ms === null ? null : Math.max(0, p.expires_ms - now.value)} /> },
];

export function ProducerTable({ id, rows, withTopic, empty }: {
  id: string;
  rows: readonly Producer[];
  withTopic: boolean;
  empty: string;
}): JSX.Element {
  return (
    <VTable id={id} label={words.title} columns={withTopic ? all : all.filter((column) => column.id !== "topic")} rows={rows}
      rowKey={(p) => `${p.producer_id} ${p.epoch} ${p.connection_id} ${p.topic} ${p.partition}`} filterText={(p) => `${p.producer_id} ${p.client_id} ${p.transactional_id} ${p.topic}`}
      params={{ filter: "q", sort: "sort" }} initialSort="last:desc" empty={<Empty title={empty} />} />
  );
}
