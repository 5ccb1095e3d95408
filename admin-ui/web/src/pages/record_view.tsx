// One record: its value, key, headers, batch, and what can be done with it. In the drawer beside the
// table, and on a page of its own.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { BrowseRecord, List, TopicGroup, WholeRecord } from "../api";
import { preview } from "../core/bytes";
import { ApiError, apiUrl, get, part, session, withQuery } from "../core/client";
import type { DecoderName } from "../core/decoder_names";
import { remembered } from "../core/prefs";
import { href, links, navigate } from "../core/router";
import { messages as words } from "../en/messages";
import { Button, copyText, Link } from "../ui/button";
import { Segmented } from "../ui/forms";
import { Menu } from "../ui/menu";
import { Problem } from "../ui/states";
import { Chip, Status } from "../ui/status";
import { tell } from "../ui/toast";
import { Digits, Fact, Facts, Size, When } from "../ui/values";
import { common } from "../en/common";
import type { JsonActions } from "./json_view";
import { ValueView } from "./value_view";

type Tab = "value" | "key" | "headers" | "batch";
const decoders = remembered<Record<string, DecoderName | "auto">>("decoders", {});

const recordPath = (topic: string, record: BrowseRecord): string => `/topics/${part(topic)}/partitions/${record.p}/records/${record.o}`;

/** The record as one JSON object, bytes that are no text in base64. */
function asJson(topic: string, record: BrowseRecord): string {
  const bytes = (value: BrowseRecord["k"]): unknown => (value === null ? null : (value.s ?? { base64: value.x ?? "" }));
  return JSON.stringify({
    topic, partition: record.p, offset: record.o, timestamp: record.ts, key: bytes(record.k), value: bytes(record.v),
    headers: record.h.map(([name, value]) => [name, bytes(value)]),
  }, null, 2);
}

/** Text as it is; other bytes as hex. */
const asText = (value: BrowseRecord["k"]): string => value?.s ?? preview(value, Infinity);

function copy(text: string): void {
  void copyText(text).then((ok) => ok && tell(common.copied));
}

function Batch({ topic, record, whole }: { topic: string; record: BrowseRecord; whole: WholeRecord | null }): JSX.Element {
  const names = words.batch;
  const { b } = record;
  return (
    <>
      <Facts>
        <Fact name={names.base}><Digits v={b.o} /></Fact>
        {whole && <Fact name={names.last}><Digits v={whole.batch.last} /></Fact>}
        <Fact name={names.count}><Digits v={b.n} /></Fact>
        <Fact name={names.codec}>{b.codec}</Fact>
        {whole && <Fact name={names.bytes}><Size v={whole.batch.bytes} /></Fact>}
        {whole && <Fact name={names.raw}><Size v={whole.batch.raw_bytes} /></Fact>}
        {whole && <Fact name={names.crc}><Status tone={whole.batch.crc_ok ? "ok" : "crit"}>{`0x${(whole.batch.crc >>> 0).toString(16)}`}</Status></Fact>}
        <Fact name={names.epoch}>{b.le}</Fact>
        <Fact name={names.producer}>{b.pid === "-1" ? common.none : `${b.pid} / ${b.pe}`}</Fact>
        {b.seq >= 0 && <Fact name={names.sequence}><Digits v={b.seq} /></Fact>}
        <Fact name={names.txn}>{b.txn ? common.yes : common.no}</Fact>
        <Fact name={names.control}>{b.ctl ? common.yes : common.no}</Fact>
        <Fact name={names.timestamps}>{record.tt === "CREATE_TIME" ? "CreateTime" : "LogAppendTime"}</Fact>
        {whole?.batch.delete_horizon_ms != null && <Fact name={names.horizon}><When ms={whole.batch.delete_horizon_ms} full /></Fact>}
      </Facts>
      {whole && <p><Link to={links.topic(topic, `/partitions/${record.p}/segments/${whole.segment}/batches/${b.o}`)}>{words.actions.segment} {whole.segment}</Link></p>}
    </>
  );
}

export function RecordView({ topic, record, actions, onClose, onStep }: {
  topic: string;
  record: BrowseRecord;
  actions?: JsonActions;
  onClose?: () => void;
  onStep?: ((by: number) => void) | undefined;
}): JSX.Element {
  const [tab, setTab] = useState<Tab>("value");
  const [whole, setWhole] = useState<WholeRecord | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const place = recordPath(topic, record);
  const load = (): void => {
    get<WholeRecord>(place).then(setWhole, (problem: unknown) => setError(problem instanceof ApiError ? problem : null));
  };
  useEffect(() => {
    setWhole(null);
    setError(null);
    if (tab === "batch") load();
  }, [place]);
  useEffect(() => {
    if (tab === "batch" && whole === null) load();
  }, [tab]);
  const [groups, setGroups] = useState<string[]>([]);
  useEffect(() => {
    get<List<TopicGroup>>(`/topics/${part(topic)}/groups`).then(({ data }) => setGroups(data.map((one) => one.group)), () => undefined);
  }, [topic]);
  const resetTo = (group: string): string =>
    withQuery(links.group(group, "/reset"), { topic, partition: record.p, offset: record.o });
  const shown = whole ? { ...record, k: whole.k, v: whole.v, h: whole.h } : record;
  const decoderOf = (which: "key" | "value"): DecoderName | "auto" => decoders.value[`${topic} ${which}`] ?? "auto";
  const setDecoder = (which: "key" | "value") => (decoder: DecoderName | "auto"): void => {
    decoders.value = { ...decoders.value, [`${topic} ${which}`]: decoder };
  };
  const names = words.actions;
  const kcat = `kcat -C -b BROKER -t ${topic} -p ${record.p} -o ${record.o} -c 1`;
  return (
    <aside class="drawer" aria-label={words.recordAt(record.p, record.o)}>
      {onClose && <header>
        <h2>{words.recordAt(record.p, record.o)}</h2>
        {onStep && <Button look="quiet" icon="up" label={names.previous} onClick={() => onStep(-1)} />}
        {onStep && <Button look="quiet" icon="down" label={names.next} onClick={() => onStep(1)} />}
        <Button look="quiet" icon="close" label={names.close} onClick={onClose} />
      </header>}
      <div class="drawer-body">
        <div class="row-line">
          <Segmented label={words.record} value={tab} onChange={setTab}
            options={(["value", "key", "headers", "batch"] as const).map((value) => ({
              value, text: value === "headers" ? `${words.tabs.headers} ${record.h.length}` : words.tabs[value],
            }))} />
          <span class="spacer" />
          {record.b.aborted && <Chip tone="warn">{words.aborted}</Chip>}
          <span class="muted"><When ms={record.ts} full /></span>
        </div>
        <Problem error={error} />
        {tab === "value" && <ValueView value={shown.v} part="value" decoder={decoderOf("value")} onDecoder={setDecoder("value")}
          onLoadWhole={load} {...(actions ? { actions } : {})} />}
        {tab === "key" && <ValueView value={shown.k} part="key" decoder={decoderOf("key")} onDecoder={setDecoder("key")} onLoadWhole={load} />}
        {tab === "headers" && (shown.h.length === 0 ? <p class="muted">{words.noHeaders}</p> : (
          <table class="plain-table"><tbody>
            {shown.h.map(([name, value], i) => (
              <tr key={i}><td class="mono">{name}</td><td class="mono">{value === null ? <span class="muted">{words.nullText}</span> : preview(value, 2000)}</td></tr>
            ))}
          </tbody></table>
        ))}
        {tab === "batch" && <Batch topic={topic} record={record} whole={whole} />}
      </div>
      <div class="drawer-actions">
        <Menu icon="copy" label={common.copy} text={common.copy} items={[
          { text: names.copyValue, run: () => copy(asText(shown.v)) },
          { text: names.copyKey, run: () => copy(asText(shown.k)) },
          { text: names.copyJson, run: () => copy(asJson(topic, shown)) },
          { text: names.copyKcat, run: () => copy(kcat) },
        ]} />
        <Button icon="link" onClick={() => copy(new URL(href(links.record(topic, record.p, record.o)), location.href).href)}>{names.permalink}</Button>
        <a class="button plain" download href={apiUrl(`${place}?raw=value`)}>{names.download}</a>
        {session.value?.read_only === false && (
          <Button icon="send" onClick={() => navigate(`/produce?topic=${part(topic)}&from=${encodeURIComponent(`${part(topic)}/${record.p}/${record.o}`)}`)}>
            {names.reproduce}
          </Button>
        )}
        {session.value?.read_only === false && groups.length > 0 && (
          <Menu icon="reset" label={names.resetHere} text={names.resetHere}
            items={groups.map((group) => ({ text: group || "(empty)", run: () => navigate(resetTo(group)) }))} />
        )}
      </div>
    </aside>
  );
}

