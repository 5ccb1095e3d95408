// The log segment inspector: segments of a partition, batches of a segment, records of a batch.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Batch, BatchRecords, List, Partition, Segment, Segments, Verified } from "../api";
import { preview } from "../core/bytes";
import { get, part, post } from "../core/client";
import { near, sum } from "../core/exact";
import { count, size, span } from "../core/format";
import { useResource } from "../core/resource";
import { links, navigate, param, type Params, setParams } from "../core/router";
import { common } from "../en/common";
import { segments as words } from "../en/segments";
import { topic as topicWords } from "../en/topic";
import { Button, Link } from "../ui/button";
import { useAction } from "../ui/dialog";
import { Select, Text } from "../ui/forms";
import { PageHead, Panel } from "../ui/page";
import { Empty, Problem, Shown } from "../ui/states";
import { Chip, Status } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { Count, Digits, Fact, Facts, Percent, Size, When } from "../ui/values";
import { LogBar } from "./log_bar";

const partitionPath = (topic: string, partition: string | number): string => `/topics/${part(topic)}/partitions/${partition}`;
const segmentLink = (topic: string, partition: string | number, base: string): string =>
  links.topic(topic, `/partitions/${partition}/segments/${base}`);

const { columns: names } = words;
const segmentColumns = (topic: string, partition: string | number): Column<Segment>[] => [
  { id: "base", title: names.base, width: 140, numeric: true, key: (s) => near(s.base),
    cell: (s) => <Link to={segmentLink(topic, partition, s.base)}><Digits v={s.base} /></Link> },
  { id: "end", title: names.end, width: 130, numeric: true, key: (s) => near(s.end), cell: (s) => <Digits v={s.end} /> },
  { id: "records", title: names.records, width: 110, numeric: true, key: (s) => near(s.records), cell: (s) => <Count v={s.records} />,
    sum: (rows) => <Count v={sum(rows.map((s) => s.records))} /> },
  { id: "bytes", title: names.bytes, width: 110, numeric: true, key: (s) => near(s.bytes), cell: (s) => <Size v={s.bytes} />,
    sum: (rows) => <Size v={sum(rows.map((s) => s.bytes))} /> },
  { id: "first", title: names.first, width: 158, key: (s) => s.first_ms, cell: (s) => <When ms={s.first_ms} /> },
  { id: "last", title: names.last, width: 158, key: (s) => s.last_ms, cell: (s) => <When ms={s.last_ms} /> },
  { id: "index", title: names.index, width: 110, numeric: true, key: (s) => s.index_entries, cell: (s) => <Digits v={s.index_entries} /> },
  { id: "time_index", title: names.timeIndex, width: 110, numeric: true, key: (s) => s.time_index_entries, cell: (s) => <Digits v={s.time_index_entries} /> },
  { id: "state", title: names.state, width: 110, key: (s) => s.state,
    cell: (s) => <Chip tone={s.state === "ACTIVE" ? "info" : "idle"}>{s.state.toLowerCase()}</Chip> },
  { id: "file", title: names.file, width: 160, grow: true, hidden: true, key: (s) => s.file, cell: (s) => <code title={s.file}>{s.file}</code> },
];

function PartitionSegments({ topic, partition }: { topic: string; partition: string | number }): JSX.Element {
  const path = `${partitionPath(topic, partition)}/segments`;
  const log = useResource(path, (signal) => get<Segments>(path, {}, signal), 5000);
  return (
    <Shown of={log} what={topicWords.columns.partition.toLowerCase()}>
      {(data) => (
        <>
          <Panel title={words.scale}><LogBar log={data} /></Panel>
          <VTable id="segments" label={words.title} columns={segmentColumns(topic, partition)} rows={data.segments} rowKey={(s) => s.base}
            rowLink={(s) => segmentLink(topic, partition, s.base)} params={{ filter: "q", sort: "sort" }} empty={<Empty title={words.none} />} />
        </>
      )}
    </Shown>
  );
}

/** The topic's tab: a partition is picked in place. */
export function SegmentsTab({ topic }: { topic: string }): JSX.Element {
  const path = `/topics/${part(topic)}/partitions`;
  const partitions = useResource(path, (signal) => get<List<Partition>>(path, {}, signal));
  const picked = param("partition") || "0";
  return (
    <Shown of={partitions}>
      {({ data }) => (
        <>
          {data.length > 1 && (
            <label class="row-line"><span class="muted">{words.pick}</span>
              <Select value={picked} onChange={(partition) => setParams({ partition })}
                options={data.map((one) => ({ value: String(one.partition), text: `${one.partition} · ${size(one.size ?? 0)}` }))} />
            </label>
          )}
          <PartitionSegments topic={topic} partition={picked} />
        </>
      )}
    </Shown>
  );
}

export function SegmentsPage({ params }: { params: Params }): JSX.Element {
  const [topic, partition] = [params.topic ?? "", params.partition ?? "0"];
  return (
    <>
      <PageHead title={`${topicWords.columns.partition} ${partition}`} parent={{ to: links.topic(topic, "/partitions"), text: topic }} />
      <PartitionSegments topic={topic} partition={partition} />
    </>
  );
}

const kindOf = (batch: Batch): string => (batch.control ? words.control : batch.transactional ? words.transactional : words.plain);

function Crc({ batch }: { batch: Batch }): JSX.Element {
  return <Status tone={batch.crc_ok ? "ok" : "crit"}>{batch.crc_ok ? words.crcOk : words.crcBad}</Status>;
}

const batchNames = words.batchColumns;
const batchColumns = (linkOf: (batch: Batch) => string): Column<Batch>[] => [
  { id: "base", title: batchNames.base, width: 100, numeric: true, key: (b) => near(b.base), cell: (b) => <Link to={linkOf(b)}><Digits v={b.base} /></Link> },
  { id: "last", title: batchNames.last, width: 90, numeric: true, key: (b) => near(b.last), cell: (b) => <Digits v={b.last} /> },
  { id: "count", title: batchNames.count, width: 74, numeric: true, key: (b) => b.count, cell: (b) => <Digits v={b.count} /> },
  { id: "position", title: batchNames.position, width: 92, numeric: true, key: (b) => near(b.position), cell: (b) => <Digits v={b.position} /> },
  { id: "bytes", title: batchNames.bytes, width: 78, numeric: true, key: (b) => b.bytes, cell: (b) => <Size v={b.bytes} /> },
  { id: "raw", title: batchNames.raw, width: 78, numeric: true, key: (b) => b.raw_bytes, cell: (b) => <Size v={b.raw_bytes} /> },
  { id: "codec", title: batchNames.codec, width: 70, key: (b) => b.codec },
  { id: "crc", title: batchNames.crc, width: 66, key: (b) => (b.crc_ok ? 1 : 0), cell: (b) => <Crc batch={b} /> },
  { id: "epoch", title: batchNames.epoch, width: 62, numeric: true, key: (b) => b.leader_epoch },
  { id: "producer", title: batchNames.producer, width: 90, numeric: true, key: (b) => near(b.producer_id),
    cell: (b) => (b.producer_id === "-1" ? "–" : `${b.producer_id} / ${b.producer_epoch}`) },
  { id: "sequence", title: batchNames.sequence, width: 90, numeric: true, key: (b) => b.base_sequence, cell: (b) => (b.base_sequence < 0 ? "–" : <Digits v={b.base_sequence} />) },
  { id: "kind", title: batchNames.kind, width: 104, key: kindOf },
  { id: "max", title: batchNames.max, width: 190, grow: true, key: (b) => b.max_ms, cell: (b) => <When ms={b.max_ms} full /> },
];

function Verify({ path }: { path: string }): JSX.Element {
  const [result, setResult] = useState<Verified | null>(null);
  const { busy, error, run } = useAction();
  return (
    <div class="stack">
      <div class="row-line">
        <Button icon="check" title={words.verifyHint} disabled={busy} onClick={() => run(async () => setResult(await post<Verified>(`${path}:verify`)))}>
          {words.verify}
        </Button>
        {result?.ok && <Status tone="ok">{words.verified(count(result.batches), size(result.bytes), span(result.ms))}</Status>}
        {result && !result.ok && <Status tone="crit">{words.problems(result.problems.length)}</Status>}
      </div>
      <Problem error={error} />
      {result && result.problems.length > 0 && (
        <table class="plain-table">
          <thead><tr><th>{words.offset}</th><th>{words.position}</th><th>{words.problem}</th></tr></thead>
          <tbody>
            {result.problems.map((one) => <tr key={one.position}><td>{one.offset ?? "–"}</td><td>{one.position}</td><td>{one.message}</td></tr>)}
          </tbody>
        </table>
      )}
    </div>
  );
}

const batchesShown = 500;

export function SegmentPage({ params }: { params: Params }): JSX.Element {
  const [topic, partition, base] = [params.topic ?? "", params.partition ?? "0", params.base ?? "0"];
  const path = `${partitionPath(topic, partition)}/segments`;
  const from = param("from");
  const log = useResource(path, (signal) => get<Segments>(path, {}, signal));
  const batches = useResource(`${path}/${base} ${from}`, (signal) =>
    get<List<Batch>>(`${path}/${base}/batches`, { from: from || null, limit: batchesShown }, signal));
  const [jump, setJump] = useState(from);
  const linkOf = (batch: Batch): string => `${segmentLink(topic, partition, base)}/batches/${batch.base}`;
  return (
    <>
      <PageHead title={words.segment(base)} parent={{ to: links.topic(topic, `/partitions/${partition}`), text: `${topic}-${partition}` }} />
      {log.data && <Panel><div class="stack"><LogBar log={log.data} current={base} /><Verify path={`${path}/${base}`} /></div></Panel>}
      <Shown of={batches} what={words.title.toLowerCase()}>
        {({ data, next }) => (
          <VTable id="batches" label={words.batches} columns={batchColumns(linkOf)} rows={data} rowKey={(b) => b.base} rowLink={linkOf}
            params={{ filter: "q", sort: "sort" }} empty={<Empty title={words.none} />}
            tools={<>
              <Text value={jump} onChange={setJump} label={words.from} placeholder={words.from} mono onEnter={() => setParams({ from: jump })} />
              {from !== "" && <Button onClick={() => { setJump(""); setParams({ from: null }); }}>{words.first}</Button>}
              {next !== null && <Button icon="right" onClick={() => { setJump(next); setParams({ from: next }); }}>{words.next}</Button>}
            </>} />
        )}
      </Shown>
    </>
  );
}

type BatchRecord = BatchRecords["records"][number];
const recordNames = words.recordColumns;
const recordColumns: Column<BatchRecord>[] = [
  { id: "offset", title: recordNames.offset, width: 120, numeric: true, key: (r) => near(r.offset), cell: (r) => <Digits v={r.offset} /> },
  { id: "time", title: recordNames.time, width: 190, key: (r) => r.timestamp_ms, cell: (r) => <When ms={r.timestamp_ms} full /> },
  { id: "bytes", title: recordNames.bytes, width: 90, numeric: true, key: (r) => r.bytes, cell: (r) => <Size v={r.bytes} /> },
  { id: "headers", title: recordNames.headers, width: 84, numeric: true, key: (r) => r.headers },
  { id: "key", title: recordNames.key, width: 180, key: (r) => preview(r.key),
    cell: (r) => <span class="cell-key">{r.key === null ? <span class="muted">{words.emptyKey}</span> : preview(r.key, 64)}</span> },
  { id: "value", title: recordNames.value, width: 280, grow: true, key: (r) => preview(r.value),
    cell: (r) => <span class="cell-value">{r.value === null ? <Chip tone="warn">{words.tombstone}</Chip> : preview(r.value)}</span> },
];

function BatchFacts({ batch, segment }: { batch: Batch; segment: string }): JSX.Element {
  const facts = words.facts;
  const ratio = batch.raw_bytes !== null && batch.raw_bytes > 0 ? batch.bytes / batch.raw_bytes : null;
  return (
    <Facts>
      <Fact name={facts.count}><Digits v={batch.count} /></Fact>
      <Fact name={facts.last}><Digits v={batch.last} /></Fact>
      <Fact name={facts.bytes}><Size v={batch.bytes} /></Fact>
      <Fact name={facts.raw}><Size v={batch.raw_bytes} /></Fact>
      <Fact name={facts.codec}>{batch.codec}</Fact>
      {ratio !== null && batch.codec !== "none" && <Fact name={facts.ratio}><Percent v={ratio} /></Fact>}
      <Fact name={facts.crc}><code>{`0x${(batch.crc >>> 0).toString(16).padStart(8, "0")}`}</code> <Crc batch={batch} /></Fact>
      <Fact name={facts.magic}>v{batch.magic}</Fact>
      <Fact name={facts.epoch}>{batch.leader_epoch}</Fact>
      <Fact name={facts.producer}>{batch.producer_id === "-1" ? common.none : `${batch.producer_id} / ${batch.producer_epoch}`}</Fact>
      {batch.base_sequence >= 0 && <Fact name={facts.sequence}><Digits v={batch.base_sequence} /></Fact>}
      <Fact name={facts.kind}>{kindOf(batch)}</Fact>
      <Fact name={facts.timestamps}>{batch.timestamp_type === "CREATE_TIME" ? "CreateTime" : "LogAppendTime"}</Fact>
      {batch.delete_horizon_ms !== null && <Fact name={facts.horizon}><When ms={batch.delete_horizon_ms} full /></Fact>}
      <Fact name={facts.segment}><Digits v={segment} /></Fact>
    </Facts>
  );
}

export function BatchPage({ params }: { params: Params }): JSX.Element {
  const [topic, partition, offset] = [params.topic ?? "", params.partition ?? "0", params.offset ?? "0"];
  const path = `${partitionPath(topic, partition)}/batches/${offset}/records`;
  const batch = useResource(path, (signal) => get<BatchRecords>(path, {}, signal));
  return (
    <>
      <PageHead title={words.batch(offset)} parent={{ to: segmentLink(topic, partition, params.base ?? "0"), text: `${topic}-${partition}` }} />
      <Shown of={batch} what={batchNames.base.toLowerCase()}>
        {(data) => (
          <>
            <Panel title={words.header}><BatchFacts batch={data.batch} segment={data.segment} /></Panel>
            <VTable id="batch-records" label={words.records} columns={recordColumns} rows={data.records} rowKey={(r) => r.offset}
              onOpen={(r) => navigate(links.record(topic, Number(partition), r.offset))} params={{ filter: "q", sort: "sort" }} />
          </>
        )}
      </Shown>
    </>
  );
}
