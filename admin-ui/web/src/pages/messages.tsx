// A topic's messages: browsed, filtered by the broker, followed live.
import "../shell/shared";
import "./parts";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { BrowseRecord, BrowseRequest, DownloadFormat, List, Partition, WholeRecord } from "../api";
import { type BrowseForm, type FormProblem, isFiltered, readForm, requestOf, writeForm } from "../core/browse_state";
import { preview } from "../core/bytes";
import { apiUrl, get, part, session, withQuery } from "../core/client";
import { compareExact, near } from "../core/exact";
import { count, digits, percent, size, span } from "../core/format";
import { fieldsOf } from "../core/expression";
import { at as atPath } from "../core/json_path";
import { print, tryJson } from "../core/lossless_json";
import { zone } from "../core/prefs";
import { useResource } from "../core/resource";
import { links, param, type Params, setParams } from "../core/router";
import { common } from "../en/common";
import { messages as words } from "../en/messages";
import { topic as topicWords } from "../en/topic";
import { topics } from "../en/topics";
import { Button } from "../ui/button";
import { Menu } from "../ui/menu";
import { PageHead } from "../ui/page";
import { SavedViews } from "../ui/saved_views";
import { Empty, Failure, Shown } from "../ui/states";
import { Chip } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { Digits, Size, When } from "../ui/values";
import { BrowseBar } from "./browse_bar";
import { RecordView } from "./record_view";
import { type Scan, shareDone, useScan } from "./scan";
import { TopicHead, useTopic } from "./topic_page_head";

export { ProducePage } from "./produce";

const names = words.columns;
const idOf = (record: BrowseRecord): string => `${record.p}/${record.o}`;

/** A telephone. */
const narrowMax = 640;

/** On a telephone and beside the drawer there is room for less. */
const fixedColumns = (isNarrow: boolean): Column<BrowseRecord>[] => [
  isNarrow ? { id: "time", title: names.time, width: 84, key: (r) => r.ts, cell: (r) => <When ms={r.ts} /> }
    : { id: "time", title: names.time, width: 190, key: (r) => r.ts, cell: (r) => <When ms={r.ts} full /> },
  { id: "partition", title: names.partition, width: 74, numeric: true, key: (r) => r.p },
  { id: "offset", title: names.offset, width: 84, numeric: true, key: (r) => near(r.o), cell: (r) => <Digits v={r.o} /> },
  { id: "key", title: names.key, width: isNarrow ? 90 : 150, key: (r) => preview(r.k, 64),
    cell: (r) => <span class="cell-key">{r.k === null ? <span class="muted">{words.noKey}</span> : preview(r.k, 64)}</span> },
  { id: "value", title: names.value, width: isNarrow ? 160 : 260, grow: true, key: (r) => preview(r.v),
    cell: (r) => <span class="cell-value">{r.b.ctl ? <Chip>{words.control}</Chip> : r.v === null ? <Chip tone="warn">{words.tombstone}</Chip> : preview(r.v)}
      {r.b.aborted && <> <Chip tone="warn">{words.aborted}</Chip></>}</span> },
  { id: "size", title: names.size, width: 70, numeric: true, key: (r) => (r.k?.n ?? 0) + (r.v?.n ?? 0), cell: (r) => <Size v={(r.k?.n ?? 0) + (r.v?.n ?? 0)} /> },
  { id: "headers", title: names.headers, width: 78, numeric: true, hidden: true, key: (r) => r.h.length },
  { id: "codec", title: names.codec, width: 76, hidden: true, key: (r) => r.b.codec },
  { id: "producer", title: names.producer, width: 96, numeric: true, hidden: true, key: (r) => near(r.b.pid), cell: (r) => (r.b.pid === "-1" ? "–" : r.b.pid) },
  { id: "txn", title: names.txn, width: 60, hidden: true, key: (r) => (r.b.txn ? common.yes : "") },
];

/** The JSON paths that are shown as columns, from the address. */
function pathColumns(paths: readonly string[]): Column<BrowseRecord>[] {
  const valueAt = (record: BrowseRecord, path: string): string | null => {
    const json = record.v?.s === undefined ? null : tryJson(record.v.s);
    const found = json && atPath(json, path);
    return found ? (found.kind === "string" ? found.text : print(found, 0)) : null;
  };
  return paths.map((path) => ({
    id: path, title: path, width: 140, key: (r) => valueAt(r, path), cell: (r) => <span class="cell-value">{valueAt(r, path) ?? "–"}</span>,
  }));
}

function endText(scan: Scan): string {
  const done = scan.end?.reason ?? "cancelled";
  if (done === "budget") return words.done.budget(percent(shareDone(scan) ?? 0));
  if (done === "error") return scan.end?.message ?? words.done.error;
  return words.done[done];
}

function Progress({ scan, goOn }: { scan: Scan; goOn: () => void }): JSX.Element | null {
  if (scan.start === null) return null;
  const [scanned, bytes, ms] = [scan.end?.scanned ?? scan.progress?.scanned ?? "0", scan.end?.bytes ?? scan.progress?.bytes ?? "0", scan.end?.ms ?? scan.progress?.ms ?? 0];
  const isLive = scan.request?.to.type === "none";
  const share = shareDone(scan);
  return (
    <div class="progress" role="status">
      {!isLive && share !== null && <span class="track-line"><i style={{ width: `${share * 100}%` }} /></span>}
      <span>{words.progress(digits(scanned), digits(scan.start.upper_bound), size(bytes), count(scan.end?.matched ?? scan.progress?.matched ?? scan.rows.length), span(ms))}</span>
      {scan.state === "running" && isLive && <Chip tone="ok">{words.listening}</Chip>}
      {scan.state === "done" && <Chip tone={scan.end?.reason === "budget" || scan.end?.reason === "error" ? "warn" : "idle"}>{endText(scan)}</Chip>}
      {scan.state === "done" && scan.end?.cursor && <Button icon="play" onClick={goOn}>{words.goOn}</Button>}
      {scan.dropped > 0 && <span class="muted">{words.dropped(scan.dropped)}</span>}
      {scan.warnings.map((one, i) => <Chip key={i} tone="warn">{one.message}</Chip>)}
    </div>
  );
}

function NoRecords({ topic, scan, onRun }: { topic: string; scan: Scan; onRun: (changes: Partial<BrowseForm>) => void }): JSX.Element {
  const path = `/topics/${part(topic)}/partitions`;
  const partitions = useResource(path, (signal) => get<List<Partition>>(path, {}, signal));
  const known = partitions.data?.data.filter((one) => one.high_watermark !== null) ?? [];
  const starts = known.map((one) => one.log_start ?? "0").sort(compareExact);
  const ends = known.map((one) => one.high_watermark ?? "0").sort(compareExact);
  const filtered = scan.request !== null && isFiltered(scan.request);
  return (
    <Empty title={filtered ? words.noMatch(digits(scan.end?.scanned ?? scan.progress?.scanned ?? "0")) : words.none} action={<>
      <Button onClick={() => onRun({ from: "beginning", fromArg: "", to: "end", toArg: "" })}>{words.fromBeginning}</Button>
      <Button onClick={() => onRun({ from: "newest", fromArg: "" })}>{words.newest}</Button>
      {filtered && <Button onClick={() => onRun({ keyOp: "", keyText: "", valueOp: "", valueText: "", headerName: "", headerText: "", headerOp: "", expr: "" })}>{words.clearFilters}</Button>}
    </>}>
      {known.length > 0 && <p>{words.holds(digits(starts[0] ?? "0"), digits(ends.at(-1) ?? "0"), common.partitions(known.length))}</p>}
    </Empty>
  );
}

function downloadUrl(topic: string, request: BrowseRequest, format: DownloadFormat): string {
  return apiUrl(withQuery(`/topics/${part(topic)}/records:download`, { format, request: JSON.stringify(request) }));
}

function Download({ topic, request }: { topic: string; request: BrowseRequest }): JSX.Element {
  const run = (format: DownloadFormat) => (): void => {
    const anchor = document.createElement("a");
    anchor.href = downloadUrl(topic, request, format);
    anchor.download = `${topic}.${format}`;
    anchor.click();
  };
  return (
    <Menu icon="download" label={words.download} items={(["ndjson", "csv", "json"] as const).map((format) => ({ text: format.toUpperCase(), run: run(format) }))} />
  );
}

/** The open record, "0/3", when it is not among those that were found. */
function useElsewhere(topic: string, id: string): BrowseRecord | null {
  const [found, setFound] = useState<WholeRecord | null>(null);
  const [partition, offset] = id.split("/");
  useEffect(() => {
    setFound(null);
    if (id !== "") get<WholeRecord>(`/topics/${part(topic)}/partitions/${partition}/records/${offset}`).then(setFound, () => undefined);
  }, [topic, id]);
  return found && idOf({ ...found, t: "rec" }) === id ? { ...found, t: "rec" } : null;
}

function MessagesOf({ topic, partitions }: { topic: string; partitions: number }): JSX.Element {
  const form = readForm(param);
  const { scan, run, stop, goOn } = useScan(topic);
  const [problem, setProblem] = useState<FormProblem | null>(null);
  const [held, setHeld] = useState<BrowseRecord[] | null>(null);
  const open = param("record");
  const isNarrow = open !== "" || innerWidth < narrowMax;
  const paths = param("paths").split("|").filter((path) => path !== "");
  const columns = useMemo(() => [...fixedColumns(isNarrow), ...pathColumns(paths)], [param("paths"), isNarrow]);
  const change = (changes: Partial<BrowseForm>): void => setParams(writeForm({ ...readForm(param), ...changes }));
  const start = (changes: Partial<BrowseForm> = {}): void => {
    const wanted = { ...readForm(param), ...changes };
    setParams(writeForm(wanted));
    const request = requestOf(wanted, { zone: zone.value, now: Date.now(), partitions });
    setHeld(null);
    if (typeof request === "string") return setProblem(request);
    setProblem(null);
    run(request);
  };
  const started = useRef(false);
  useEffect(() => {
    if (!started.current) {
      started.current = true;
      start();
    }
  }, []);
  const rows = held ?? scan.rows;
  const elsewhere = useElsewhere(topic, scan.state === "done" && !rows.some((row) => idOf(row) === open) ? open : "");
  const isLive = scan.request?.to.type === "none" && scan.state === "running";
  const index = rows.findIndex((row) => idOf(row) === open);
  const record = index >= 0 ? (rows[index] ?? null) : elsewhere;
  const show = (row: BrowseRecord | undefined): void => setParams({ record: row ? idOf(row) : null });
  const request = scan.request;
  const wrong = scan.error?.status === 400 && scan.error.info.detail?.field !== undefined ? scan.error.info : null;
  const known = useRef<string[]>([]);
  const fields = useMemo(() => (scan.rows.length > 0 ? (known.current = fieldsOf(scan.rows)) : known.current), [scan.rows[0]]);
  const waiting = held === null ? 0 : scan.rows.length + scan.dropped - held.length;
  return (
    <>
      <BrowseBar topic={topic} partitions={partitions} form={form} problem={problem} running={scan.state === "running"} wrong={wrong} fields={fields}
        onChange={change} onRun={() => start()} onStop={stop}
        download={request && request.from.type !== "live" ? <Download topic={topic} request={request} /> : null} />
      <Progress scan={scan} goOn={goOn} />
      {scan.error && wrong === null ? <Failure error={scan.error} onRetry={() => start()} /> : (
        <div class="messages">
          <VTable id="messages" label={topicWords.tabs.messages} columns={columns} rows={rows} rowKey={idOf} onOpen={show} isActive={(row) => row === record}
            rowClass={(row) => `${row.b.aborted ? "aborted" : ""} ${isLive && Date.now() - row.ts < 1000 ? "fresh" : ""}`}
            params={{ filter: "in_page", sort: "sort" }} filterText={(row) => `${preview(row.k)} ${preview(row.v, 512)}`}
            actions={<>
              {isLive && (
                <Button icon={held ? "play" : "pause"} onClick={() => setHeld(held ? null : scan.rows)}>
                  {held ? `${words.showRows} ${waiting > 0 ? words.newRows(waiting) : ""}` : words.holdRows}
                </Button>
              )}
              <SavedViews onOpen={() => start()} />
            </>}
            empty={isLive ? <Empty title={words.waiting} />
              : scan.state === "done" && wrong === null ? <NoRecords topic={topic} scan={scan} onRun={start} /> : <span />} />
          {record && (
            <RecordView topic={topic} record={record} onClose={() => show(undefined)} onStep={index < 0 ? undefined : (by) => { const next = rows[index + by]; if (next) show(next); }}
              actions={{
                onFilter: (path, value) => start({ expr: `value${path.slice(1)} == ${value}` }),
                onColumn: (path) => setParams({ paths: [...new Set([...paths, path])].join("|") }),
              }} />
          )}
        </div>
      )}
    </>
  );
}

export function Messages({ params }: { params: Params }): JSX.Element {
  const name = params.topic ?? "";
  const topic = useTopic(name);
  return (
    <>
      <TopicHead name={name} topic={topic} />
      <Shown of={topic} what={topicWords.what(name)} back={{ to: "/topics", text: topics.title }}>
        {(data) => session.value?.features.includes("records") === false
          ? <Empty title={words.forbidden} /> : <MessagesOf key={name} topic={name} partitions={data.partitions} />}
      </Shown>
    </>
  );
}

export function RecordPage({ params }: { params: Params }): JSX.Element {
  const [topic, partition, offset] = [params.topic ?? "", params.partition ?? "0", params.offset ?? "0"];
  const path = `/topics/${part(topic)}/partitions/${partition}/records/${offset}`;
  const record = useResource(path, (signal) => get<WholeRecord>(path, {}, signal));
  return (
    <>
      <PageHead title={words.recordAt(Number(partition), offset)} parent={{ to: links.topic(topic, "/messages"), text: topic }} />
      <Shown of={record} what={words.record.toLowerCase()} back={{ to: links.topic(topic, "/messages"), text: topicWords.tabs.messages }}>
        {(data) => <div class="record-page"><RecordView topic={topic} record={{ ...data, t: "rec" }} /></div>}
      </Shown>
    </>
  );
}
