// Produce records, or one of old again: parts that are not edited go as the bytes they were.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { BytesIn, Bytes, Codec, Produce, Produced, TopicSummary, WholeRecord } from "../api";
import { preview } from "../core/bytes";
import { get, messageOf, part as encodePart, post, session } from "../core/client";
import { parseCsv } from "../core/csv";
import { digits, parseTime, size } from "../core/format";
import { partitionOf } from "../core/murmur2";
import { zone } from "../core/prefs";
import { encode, type Encoded, type EncodeProblem, type Imported, importLine, isProblem, isTemplate, type Part, type PartFormat, substitute } from "../core/produce_parts";
import { useResource } from "../core/resource";
import { links, param, setParams } from "../core/router";
import { common } from "../en/common";
import { produce as words } from "../en/messages";
import { topics } from "../en/topics";
import { Button, CommandLine, Link } from "../ui/button";
import { useAction } from "../ui/dialog";
import { Field, Segmented, Select, Text } from "../ui/forms";
import { PageHead, Panel } from "../ui/page";
import { Empty, Problem } from "../ui/states";
import { tell } from "../ui/toast";
import { Digits, Fact, Facts, Size } from "../ui/values";

/** Typed, or kept as it was in another record. */
type Source = Part | { kept: Bytes | null };
const isKept = (source: Source): source is { kept: Bytes | null } => "kept" in source;

const sentBytes = (value: Bytes | null): BytesIn | null =>
  value === null ? null : value.x === undefined ? { s: value.s ?? "" } : { x: value.x };

function outcomeOf(source: Source): Encoded | EncodeProblem {
  if (!isKept(source)) return encode(source);
  const { kept } = source;
  const raw = kept?.x === undefined ? new TextEncoder().encode(kept?.s ?? "") : Uint8Array.from(atob(kept.x), (c) => c.charCodeAt(0));
  return { bytes: sentBytes(kept), size: kept?.n ?? 0, raw: kept === null ? null : raw };
}

const problemText = (problem: EncodeProblem): string =>
  problem.kind === "json" ? words.notJson(problem.why) : problem.kind === "hex" ? words.notHex : words.notBase64;

function toPart(kept: Bytes | null): Part {
  if (kept === null) return { format: "null", text: "" };
  return kept.s === undefined ? { format: "base64", text: kept.x ?? "" } : { format: "text", text: kept.s };
}

const formats: PartFormat[] = ["text", "json", "hex", "base64", "null"];

function PartEditor({ name, source, rows, onChange }: { name: string; source: Source; rows: number; onChange: (source: Source) => void }): JSX.Element {
  if (isKept(source)) {
    return (
      <div class="produce-part">
        <div class="row-line"><h3>{name}</h3><span class="muted">{words.kept} · <Size v={source.kept?.n ?? 0} /></span>
          <Button look="quiet" icon="edit" onClick={() => onChange(toPart(source.kept))}>{words.edit}</Button></div>
        <pre class="value-box raw" tabIndex={0}>{preview(source.kept, 2000)}</pre>
      </div>
    );
  }
  const outcome = encode(source);
  return (
    <div class="produce-part">
      <div class="row-line"><h3>{name}</h3>
        <Segmented label={`${name}: ${words.format}`} value={source.format} onChange={(format) => onChange({ ...source, format })}
          options={formats.map((value) => ({ value, text: words.formats[value] }))} /></div>
      {source.format !== "null" && (
        <textarea rows={rows} aria-label={name} value={source.text} spellcheck={false} onInput={(event) => onChange({ ...source, text: event.currentTarget.value })} />
      )}
      {isProblem(outcome) && (outcome.kind !== "json" || source.text !== "") && <small class="crit">{problemText(outcome)}</small>}
    </div>
  );
}

interface HeaderField {
  name: string;
  source: Source;
}

function Headers({ headers, onChange }: { headers: HeaderField[]; onChange: (headers: HeaderField[]) => void }): JSX.Element {
  const set = (i: number, changes: Partial<HeaderField>): void => onChange(headers.map((one, at) => (at === i ? { ...one, ...changes } : one)));
  const text = (source: Source): string => (isKept(source) ? preview(source.kept, 500) : source.text);
  return (
    <div class="produce-part">
      <h3>{words.headers}</h3>
      {headers.map((header, i) => (
        <div key={i} class="header-row">
          <Text mono label={words.headerName} placeholder={words.headerName} value={header.name} onChange={(name) => set(i, { name })} />
          <Text mono label={words.headerValue} placeholder={words.headerValue} value={text(header.source)}
            onChange={(value) => set(i, { source: { format: "text", text: value } })} />
          <Button look="quiet" icon="close" label={words.removeHeader} onClick={() => onChange(headers.filter((_, at) => at !== i))} />
        </div>
      ))}
      <div><Button icon="plus" onClick={() => onChange([...headers, { name: "", source: { format: "text", text: "" } }])}>{words.addHeader}</Button></div>
    </div>
  );
}

function useTopics(): { name: string; partitions: number }[] {
  const summary = useResource("produce topics", (signal) => get<TopicSummary>("/topics", { view: "summary", fields: "topic,partitions" }, signal));
  const cols = summary.data?.cols;
  return cols ? cols.topic.map((name, i) => ({ name, partitions: cols.partitions[i] ?? 1 })) : [];
}

/** "T/p/o", parts encoded: the record that is produced again. */
function useSourceRecord(onRecord: (record: WholeRecord) => void): { from: string; error: string | null } {
  const from = param("from");
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const [topic, partition, offset] = from.split("/");
    if (!topic || !partition || !offset) return;
    get<WholeRecord>(`/topics/${topic}/partitions/${partition}/records/${offset}`).then(onRecord, (problem: unknown) => setError(messageOf(problem)));
  }, [from]);
  return { from, error };
}

const codecs: Codec[] = ["none", "gzip", "snappy", "lz4", "zstd"];

function ResultRows({ topic, produced }: { topic: string; produced: Produced }): JSX.Element {
  const shownMax = 50;
  return (
    <ul class="results">
      {produced.results.slice(0, shownMax).map((one, i) => (
        <li key={i} class={one.error ? "crit" : "ok"}>
          {one.error ? one.error.message : one.offset === null ? common.done
            : <Link to={links.record(topic, one.partition, one.offset)}>{one.partition} / {digits(one.offset)}</Link>}
        </li>
      ))}
      {produced.results.length > shownMax && <li class="muted">+{produced.results.length - shownMax}</li>}
    </ul>
  );
}

function ImportFile({ topic, acks, compression }: { topic: string; acks: Produce["acks"]; compression: Codec }): JSX.Element {
  const [progress, setProgress] = useState("");
  const { busy, error, run } = useAction();
  const parse = (name: string, text: string): Imported[] => {
    if (!name.endsWith(".csv")) {
      return text.split("\n").map((line) => line.trim()).flatMap((line, i) => {
        if (line === "") return [];
        try {
          return [importLine(line)];
        } catch (problem) {
          throw new Error(words.importBad(i + 1, messageOf(problem)));
        }
      });
    }
    const [head = [], ...rows] = parseCsv(text);
    return rows.map((row) => {
      const cell = (column: string): BytesIn | null => {
        const at = head.indexOf(column);
        return at < 0 || row[at] === undefined ? null : { s: row[at] };
      };
      return { key: cell("key"), value: cell("value"), headers: [] };
    });
  };
  const send = (file: File) => run(async () => {
    const records = parse(file.name, await file.text());
    const batch = 500;
    for (let i = 0; i < records.length; i += batch) {
      await post<Produced>(`/topics/${encodePart(topic)}/records`, {
        records: records.slice(i, i + batch).map((one) => ({ ...one, partition: null, timestamp_ms: null })), compression, acks,
      } satisfies Produce);
      setProgress(words.imported(Math.min(records.length, i + batch), records.length));
    }
  });
  return (
    <div class="stack">
      <p class="muted">{words.importHint}</p>
      <input type="file" accept=".ndjson,.jsonl,.json,.csv" aria-label={words.import} disabled={busy || topic === ""}
        onChange={(event) => { const file = event.currentTarget.files?.[0]; if (file) void send(file); }} />
      {progress && <p>{progress}</p>}
      <Problem error={error} />
    </div>
  );
}

export function ProducePage(): JSX.Element {
  const all = useTopics();
  const topic = param("topic");
  const [partition, setPartition] = useState("");
  const [key, setKey] = useState<Source>({ format: "null", text: "" });
  const [value, setValue] = useState<Source>({ format: "text", text: "" });
  const [headers, setHeaders] = useState<HeaderField[]>([]);
  const [timestamp, setTimestamp] = useState("");
  const [compression, setCompression] = useState<Codec>("none");
  const [acks, setAcks] = useState<Produce["acks"]>("all");
  const [howMany, setHowMany] = useState("1");
  const [produced, setProduced] = useState<Produced | null>(null);
  const { busy, error, run } = useAction();
  const source = useSourceRecord((record) => {
    setKey({ kept: record.k });
    setValue({ kept: record.v });
    setHeaders(record.h.map(([name, bytes]) => ({ name, source: { kept: bytes } })));
  });
  if (session.value?.read_only) return <Empty title={words.readOnly} />;
  const partitions = all.find((one) => one.name === topic)?.partitions ?? 0;
  const [keyOutcome, valueOutcome] = [outcomeOf(key), outcomeOf(value)];
  const n = Number(howMany);
  const time = timestamp.trim() === "" ? null : parseTime(timestamp, zone.value, Date.now());
  const isValid = topic !== "" && !isProblem(keyOutcome) && !isProblem(valueOutcome) && Number.isInteger(n) && n >= 1 && n <= 1000
    && (timestamp.trim() === "" || time !== null) && (partition === "" || /^\d+$/.test(partition));
  const partOf = (part: Source, i: number, now: number): BytesIn | null => {
    const filled = !isKept(part) && isTemplate(part.text) ? { ...part, text: substitute(part.text, i, now, () => crypto.randomUUID()) } : part;
    const outcome = outcomeOf(filled);
    if (isProblem(outcome)) throw new Error(problemText(outcome));
    return outcome.bytes;
  };
  const send = () => run(async () => {
    const now = Date.now();
    const request: Produce = {
      records: Array.from({ length: n }, (_, i) => ({
        partition: partition === "" ? null : Number(partition),
        key: partOf(key, i, now),
        value: partOf(value, i, now),
        headers: headers.filter((one) => one.name !== "").map((one): [string, BytesIn | null] => [one.name, partOf(one.source, i, now)]),
        timestamp_ms: time,
      })),
      compression, acks,
    };
    const answer = await post<Produced>(`/topics/${encodePart(topic)}/records`, request);
    setProduced(answer);
    const sent = answer.results.filter((one) => one.error === null).length;
    if (sent > 0) tell(words.sent(sent));
  });
  const target = !isProblem(keyOutcome) && keyOutcome.raw !== null && partitions > 0 ? partitionOf(keyOutcome.raw, partitions) : null;
  const total = (isProblem(keyOutcome) ? 0 : keyOutcome.size) + (isProblem(valueOutcome) ? 0 : valueOutcome.size);
  const kcat = `kcat -P -b BROKER -t ${topic || "TOPIC"}${partition === "" ? "" : ` -p ${partition}`}${headers.filter((one) => one.name).map((one) =>
    ` -H ${one.name}=${isKept(one.source) ? "…" : one.source.text}`).join("")}${!isKept(key) && key.format === "text" ? ` -k ${JSON.stringify(key.text)}` : ""}`;
  return (
    <>
      <PageHead title={words.title} parent={topic ? { to: links.topic(topic, "/messages"), text: topic } : { to: "/topics", text: topics.title }}
        sub={source.from !== "" && <span>{words.from(decodeURIComponent(source.from.replaceAll("/", " / ")))}</span>} />
      {source.error && <Problem error={source.error} />}
      <form class="split" onSubmit={(event) => { event.preventDefault(); if (isValid && !busy) void send(); }}>
        <Panel>
          <div class="stack">
            <div class="fields">
              <Field name={words.topic}>
                <Text mono value={topic} onChange={(next) => setParams({ topic: next })} list="topic-names" placeholder={words.pickTopic} />
                <datalist id="topic-names">{all.map((one) => <option key={one.name} value={one.name} />)}</datalist>
              </Field>
              <Field name={words.partition}>
                <Select value={partition} onChange={setPartition} options={[{ value: "", text: words.auto },
                  ...Array.from({ length: partitions }, (_, p) => ({ value: String(p), text: String(p) }))]} />
              </Field>
            </div>
            <PartEditor name={words.key} source={key} rows={2} onChange={setKey} />
            <PartEditor name={words.value} source={value} rows={9} onChange={setValue} />
            <Headers headers={headers} onChange={setHeaders} />
            <div class="fields">
              <Field name={words.timestamp}><Text value={timestamp} onChange={setTimestamp} placeholder={words.timestampHint} invalid={timestamp.trim() !== "" && time === null} /></Field>
              <Field name={words.compression}><Select value={compression} onChange={setCompression} options={codecs.map((one) => ({ value: one, text: one }))} /></Field>
              <Field name={words.acks}><Select value={acks} onChange={setAcks} options={(["all", "leader", "none"] as const).map((one) => ({ value: one, text: words.ackNames[one] }))} /></Field>
              <Field name={words.count} hint={words.countHint}><Text value={howMany} onChange={setHowMany} invalid={!(n >= 1 && n <= 1000)} /></Field>
            </div>
            <Problem error={error} />
            <div class="row-line"><Button type="submit" look="primary" icon="send" disabled={!isValid || busy}>{busy ? words.sending : words.send}</Button></div>
          </div>
        </Panel>
        <div class="stack">
          <Panel title={words.result}>
            <div class="stack">
              <Facts>
                <Fact name={words.size}>{size(total)}</Fact>
                <Fact name={words.partition}>{partition !== "" ? partition : target === null ? words.auto : <Digits v={target} />}</Fact>
              </Facts>
              {produced && <ResultRows topic={topic} produced={produced} />}
              <CommandLine text={kcat} />
            </div>
          </Panel>
          <Panel title={words.import}><ImportFile topic={topic} acks={acks} compression={compression} /></Panel>
        </div>
      </form>
    </>
  );
}
