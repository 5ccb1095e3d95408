// A topic's partitions, and what can be done with them.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { List, Partition, Replica } from "../api";
import { get, part, post, session } from "../core/client";
import { difference, near, sum } from "../core/exact";
import { span } from "../core/format";
import { subscribe } from "../core/live";
import { useResource } from "../core/resource";
import { links } from "../core/router";
import { common } from "../en/common";
import { topic as words } from "../en/topic";
import { Button, CommandLine, Link } from "../ui/button";
import { Dialog, useAction } from "../ui/dialog";
import { Field, Text } from "../ui/forms";
import { Problem, Shown } from "../ui/states";
import { StateOf } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { tell } from "../ui/toast";
import { ByteRate, Count, Digits, Size, Span } from "../ui/values";
import { DeleteRecordsDialog } from "./delete_records";

const { columns: names, hints } = words;

function ReplicaChips({ partition }: { partition: Partition }): JSX.Element {
  const look = (replica: Replica): { name: string; title: string } =>
    replica.offline ? { name: "offline", title: hints.offline }
      : replica.broker === partition.leader ? { name: "leader", title: hints.leader }
        : replica.in_sync ? { name: "", title: hints.inSync }
          : { name: "behind", title: hints.behind(span(replica.behind_ms ?? 0)) };
  return (
    <>
      {partition.replicas.map((replica) => {
        const { name, title } = look(replica);
        return <span key={replica.broker} class={`replica ${name}`} title={title}>{replica.broker}<span class="visually-hidden"> {title}</span></span>;
      })}
    </>
  );
}

const followerLag = (p: Partition): number | null => {
  const lags = p.replicas.filter((one) => one.broker !== p.leader).map((one) => one.behind_ms ?? (one.in_sync ? 0 : null));
  const known = lags.filter((lag): lag is number => lag !== null);
  return known.length === 0 ? null : Math.max(...known);
};

const columnsOf = (topic: string): Column<Partition>[] => [
  { id: "partition", title: names.partition, width: 84, numeric: true, key: (p) => p.partition,
    cell: (p) => <Link to={links.topic(topic, `/partitions/${p.partition}`)}>{p.partition}</Link> },
  { id: "state", title: names.state, width: 90, key: (p) => p.state, cell: (p) => <StateOf state={p.state} /> },
  { id: "leader", title: names.leader, width: 64, numeric: true, key: (p) => p.leader, cell: (p) => <Digits v={p.leader} /> },
  { id: "preferred", title: names.preferred, width: 88, key: (p) => (p.leader === p.preferred_leader ? 1 : 0),
    cell: (p) => (p.leader === p.preferred_leader ? "✓" : <span class="warn-text">{p.preferred_leader}</span>) },
  { id: "replicas", title: names.replicas, width: 84, key: (p) => p.replicas.length, cell: (p) => <ReplicaChips partition={p} /> },
  { id: "log_start", title: names.logStart, width: 90, numeric: true, key: (p) => near(p.log_start), cell: (p) => <Digits v={p.log_start} /> },
  { id: "lso", title: names.lso, hint: hints.lso, width: 110, numeric: true, hidden: true, key: (p) => near(p.lso), cell: (p) => <Digits v={p.lso} /> },
  { id: "high_watermark", title: names.highWatermark, hint: hints.highWatermark, width: 122, numeric: true, key: (p) => near(p.high_watermark),
    cell: (p) => <Digits v={p.high_watermark} /> },
  { id: "records", title: names.records, width: 90, numeric: true, key: (p) => near(difference(p.high_watermark, p.log_start)),
    cell: (p) => <Count v={difference(p.high_watermark, p.log_start)} />,
    sum: (rows) => <Count v={sum(rows.map((p) => difference(p.high_watermark, p.log_start)))} /> },
  { id: "size", title: names.size, width: 84, numeric: true, key: (p) => near(p.size), cell: (p) => <Size v={p.size} />,
    sum: (rows) => <Size v={sum(rows.map((p) => p.size))} /> },
  { id: "in", title: names.in, width: 90, numeric: true, key: (p) => p.bytes_in, cell: (p) => <ByteRate v={p.bytes_in} /> },
  { id: "out", title: names.out, width: 90, numeric: true, key: (p) => p.bytes_out, cell: (p) => <ByteRate v={p.bytes_out} /> },
  { id: "epoch", title: names.epoch, width: 104, numeric: true, hidden: true, key: (p) => p.leader_epoch },
  { id: "lag", title: names.lag, width: 128, numeric: true, hidden: true, key: followerLag, cell: (p) => <Span ms={followerLag(p)} /> },
  { id: "producers", title: names.producers, width: 88, numeric: true, hidden: true, key: (p) => p.producers, cell: (p) => <Digits v={p.producers} /> },
  { id: "segments", title: names.segments, width: 80, numeric: true, key: (p) => p.segments,
    cell: (p) => <Link to={links.topic(topic, `/partitions/${p.partition}`)}><Digits v={p.segments} /></Link> },
  { id: "cold", title: names.cold, hint: hints.cold, width: 100, numeric: true, hidden: true, key: (p) => p.cold_reads, cell: (p) => <ByteRate v={p.cold_reads} /> },
];

function Increase({ topic, partitions, onClose, onDone }: {
  topic: string;
  partitions: number;
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const [count, setCount] = useState(String(partitions + 1));
  const { busy, error, run } = useAction();
  const isValid = /^\d+$/.test(count) && Number(count) > partitions;
  const go = () => run(async () => {
    await post(`/topics/${part(topic)}/partitions:increase`, { count: Number(count) });
    tell(words.increased(Number(count)));
    onDone();
  });
  return (
    <Dialog title={words.increaseTitle(topic)} onClose={onClose} actions={<>
      <Button onClick={onClose}>{common.cancel}</Button>
      <Button look="primary" disabled={!isValid || busy} onClick={go}>{common.apply}</Button>
    </>}>
      <p class="strip warn">{words.increaseText}</p>
      <Field name={words.increaseTo} hint={words.increaseHint(partitions)}>
        <Text value={count} onChange={setCount} invalid={!isValid} onEnter={() => isValid && void go()} />
      </Field>
      <Problem error={error} />
      <CommandLine text={`kafka-topics.sh --bootstrap-server BROKER --alter --topic ${topic} --partitions ${count}`} />
    </Dialog>
  );
}

export function TopicPartitions({ topic, onChanged }: { topic: string; onChanged: () => void }): JSX.Element {
  const path = `/topics/${part(topic)}/partitions`;
  const partitions = useResource(path, (signal) => get<List<Partition>>(path, {}, signal), 5000);
  const [dialog, setDialog] = useState<"increase" | "delete" | null>(null);
  const [version, setVersion] = useState(0);
  const rows = partitions.data?.data ?? [];
  const latest = useRef(rows);
  latest.current = rows;
  useEffect(() => subscribe<"topic">(`topic:${part(topic)}`, (data) => {
    for (const [partition, live] of Object.entries(data.partitions ?? {})) {
      const row = latest.current.find((one) => one.partition === Number(partition));
      if (row) Object.assign(row, live);
    }
    setVersion((n) => n + 1);
  }), [topic]);
  const columns = useMemo(() => columnsOf(topic), [topic]);
  const done = (): void => {
    setDialog(null);
    partitions.reload();
    onChanged();
  };
  return (
    <Shown of={partitions}>
      {() => (
        <>
          <VTable id="partitions" label={names.partition} columns={columns} rows={rows} version={version} rowKey={(p) => String(p.partition)}
            rowLink={(p) => links.topic(topic, `/partitions/${p.partition}`)} initialSort="partition:asc" params={{ filter: "q", sort: "sort" }}
            actions={session.value?.read_only === false && (
              <>
                <Button icon="plus" onClick={() => setDialog("increase")}>{words.increase}</Button>
                <Button icon="trash" onClick={() => setDialog("delete")}>{words.deleteRecords}</Button>
              </>
            )} />
          {dialog === "increase" && <Increase topic={topic} partitions={rows.length} onClose={() => setDialog(null)} onDone={done} />}
          {dialog === "delete" && <DeleteRecordsDialog topic={topic} partitions={rows.map((p) => p.partition)} onClose={() => setDialog(null)} onDone={done} />}
        </>
      )}
    </Shown>
  );
}
