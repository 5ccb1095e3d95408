// The list of topics.
import "../shell/shared";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { TopicSummary } from "../api";
import { get, messageOf, session } from "../core/client";
import { near, sum } from "../core/exact";
import { rowsChanged, subscribe } from "../core/live";
import { remembered } from "../core/prefs";
import { useResource } from "../core/resource";
import { links, navigate, param, setParams } from "../core/router";
import { topics as words } from "../en/topics";
import { Button, Link, LinkButton } from "../ui/button";
import { Toggle } from "../ui/forms";
import { Menu } from "../ui/menu";
import { PageHead } from "../ui/page";
import { SavedViews } from "../ui/saved_views";
import { Spark } from "../ui/spark";
import { Empty, now, Shown } from "../ui/states";
import { Chip, StateOf } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { tell } from "../ui/toast";
import { Ago, ByteRate, Count, Digits, Limit, Rate, Size, Span, Unknown, When } from "../ui/values";
import type { TopicDialogs } from "./topic";
import { mixOf, passes, type TopicChips, type TopicRow, topicRows } from "./topic_row";

const stars = remembered<string[]>("starred_topics", []);
const { columns: names, hints } = words;

function Star({ topic }: { topic: string }): JSX.Element {
  const on = stars.value.includes(topic);
  return (
    <button type="button" class="star" aria-pressed={on} aria-label={words.star(topic)}
      onClick={() => (stars.value = on ? stars.value.filter((one) => one !== topic) : [...stars.value, topic])}>
      {on ? "★" : "☆"}
    </button>
  );
}

/** `export` needs no dialog, but what dialogs are loaded with. */
interface Action {
  kind: "delete" | "empty" | "config" | "export";
  topics: readonly TopicRow[];
}

function tableColumns(act: (action: Action) => void, canChange: boolean, tellsColdReads: boolean): Column<TopicRow>[] {
  return [
    { id: "star", title: names.star, width: 40, key: (t) => (stars.value.includes(t.topic) ? 0 : 1), cell: (t) => <Star topic={t.topic} /> },
    { id: "topic", title: names.topic, width: 144, grow: true, key: (t) => t.topic,
      cell: (t) => <><Link to={links.topic(t.topic)} title={t.topic}>{t.topic}</Link>{t.internal && <> <Chip>{words.internal.toLowerCase()}</Chip></>}</> },
    { id: "health", title: names.health, width: 84, key: (t) => t.health, cell: (t) => <StateOf state={t.health} /> },
    { id: "partitions", title: names.partitions, width: 80, numeric: true, key: (t) => t.partitions, cell: (t) => <Digits v={t.partitions} />,
      sum: (rows) => <Digits v={rows.reduce((total, t) => total + t.partitions, 0)} /> },
    { id: "rf", title: names.rf, hint: hints.rf, width: 42, numeric: true, key: (t) => t.rf },
    { id: "bytes_in", title: names.in, width: 156, numeric: true, key: (t) => t.bytes_in,
      cell: (t) => <span class="with-spark"><Spark values={t.spark_in} label="" /><ByteRate v={t.bytes_in} /></span>,
      sum: (rows) => <ByteRate v={rows.reduce((total, t) => total + t.bytes_in, 0)} /> },
    { id: "bytes_out", title: names.out, width: 88, numeric: true, key: (t) => t.bytes_out, cell: (t) => <ByteRate v={t.bytes_out} /> },
    { id: "records_in", title: names.recordsIn, width: 96, numeric: true, hidden: true, key: (t) => t.records_in, cell: (t) => <Rate v={t.records_in} /> },
    { id: "size", title: names.size, width: 78, numeric: true, key: (t) => near(t.size), cell: (t) => <Size v={t.size} />,
      sum: (rows) => <Size v={sum(rows.map((t) => t.size))} /> },
    { id: "records", title: names.records, hint: hints.records, width: 76, numeric: true, key: (t) => near(t.records),
      cell: (t) => <Count v={t.records} upTo={!t.records_exact} />, sum: (rows) => <Count v={sum(rows.map((t) => t.records))} /> },
    { id: "groups", title: names.groups, width: 64, numeric: true, key: (t) => t.groups },
    { id: "max_lag", title: names.maxLag, hint: hints.maxLag, width: 74, numeric: true, key: (t) => near(t.max_lag), cell: (t) => <Count v={t.max_lag} /> },
    { id: "max_lag_ms", title: names.maxLagMs, width: 116, numeric: true, hidden: true, key: (t) => t.max_lag_ms, cell: (t) => <Span ms={t.max_lag_ms} /> },
    { id: "last", title: names.last, width: 106, numeric: true, key: (t) => t.last_append_ms, cell: (t) => <Ago ms={t.last_append_ms} now={now.value} /> },
    { id: "cleanup", title: names.cleanup, width: 78, key: (t) => t.cleanup },
    { id: "retention", title: names.retention, width: 92, numeric: true, hidden: true, key: (t) => near(t.retention_ms), cell: (t) => <Limit v={t.retention_ms} unit="ms" /> },
    { id: "min_isr", title: names.minIsr, width: 72, numeric: true, hidden: true, key: (t) => t.min_isr },
    { id: "max_message", title: names.maxMessage, width: 104, numeric: true, hidden: true, key: (t) => near(t.max_message_bytes), cell: (t) => <Size v={t.max_message_bytes} /> },
    { id: "producers", title: names.producers, hint: hints.producers, width: 112, numeric: true, hidden: true, key: (t) => t.producers, cell: (t) => <Digits v={t.producers} /> },
    { id: "record_size", title: names.recordSize, hint: hints.sinceStart, width: 118, numeric: true, hidden: true, key: (t) => t.record_size, cell: (t) => <Size v={t.record_size} /> },
    { id: "compression", title: names.compression, hint: hints.sinceStart, width: 170, hidden: true, key: (t) => mixOf(t.compression) || null,
      cell: (t) => (t.compression === null ? <Unknown why={words.nothingProduced} /> : <span title={mixOf(t.compression)}>{mixOf(t.compression)}</span>) },
    ...(tellsColdReads ? [{ id: "cold_reads", title: names.coldReads, hint: hints.coldReads, width: 108, numeric: true, hidden: true, key: (t: TopicRow) => t.cold_reads,
      cell: (t: TopicRow) => <ByteRate v={t.cold_reads} /> }] : []),
    { id: "created", title: names.created, width: 150, numeric: true, hidden: true, key: (t) => t.created_ms, cell: (t) => <When ms={t.created_ms} /> },
    { id: "id", title: names.id, width: 200, hidden: true, key: (t) => t.topic_id, cell: (t) => <code>{t.topic_id}</code> },
    { id: "menu", title: "", width: 42, key: () => null, cell: (t) => (
      <Menu label={words.rowMenu(t.topic)} items={[
        { text: words.messages, icon: "eye", run: () => navigate(links.topic(t.topic, "/messages")) },
        ...(canChange ? [
          { text: words.produce, icon: "send", run: () => navigate(`/produce?topic=${encodeURIComponent(t.topic)}`) } as const,
          { text: words.editConfig, icon: "settings", run: () => navigate(links.topic(t.topic, "/config")) } as const,
          { text: words.clone, icon: "copy", run: () => navigate(`/topics/new?clone=${encodeURIComponent(t.topic)}`) } as const,
          { text: words.emptyTopic, icon: "reset", run: () => act({ kind: "empty", topics: [t] }) } as const,
          { text: words.delete, icon: "trash", danger: true, run: () => act({ kind: "delete", topics: [t] }) } as const,
        ] : []),
      ]} />
    ) },
  ];
}

const chipNames = ["internal", "problems", "starred", "empty", "compacted"] as const;

/** The summary as rows that the stream changes in place; `version` rises with each change. */
function useTopicRows() {
  const summary = useResource("topics", (signal) => get<TopicSummary>("/topics", { view: "summary" }, signal), 10_000);
  const rows = useMemo(() => (summary.data ? topicRows(summary.data) : []), [summary.data]);
  const byName = useMemo(() => new Map(rows.map((row) => [row.topic, row])), [rows]);
  const latest = useRef(byName);
  latest.current = byName;
  const visible = useRef<string[]>([]);
  const [version, setVersion] = useState(0);
  useEffect(() => subscribe("topics", (data) => {
    for (const [name, live] of Object.entries(data.rows ?? {})) {
      const row = latest.current.get(name);
      if (row) Object.assign(row, live);
    }
    setVersion((n) => n + 1);
  }, () => visible.current), []);
  const onVisible = (keys: string[]): void => {
    visible.current = keys;
    rowsChanged();
  };
  return { summary, rows, version, onVisible };
}

export function TopicList(): JSX.Element {
  const { summary, rows, version, onVisible } = useTopicRows();
  const [action, setAction] = useState<Action | null>(null);
  const [dialogs, setDialogs] = useState<TopicDialogs | null>(null);
  const picked = (action?.topics ?? []).map((t) => t.topic);
  useEffect(() => {
    if (action === null) return;
    if (dialogs === null) {
      void import("./topic").then((module) => setDialogs(module.dialogs));
    } else if (action.kind === "export") {
      void dialogs.exportTopics(picked).catch((problem: unknown) => tell(messageOf(problem)));
      setAction(null);
    }
  }, [action, dialogs]);
  const canChange = session.value?.read_only === false;
  const chips = Object.fromEntries(chipNames.map((name) => [name, param(name) === "1"])) as unknown as TopicChips;
  const chipKey = chipNames.filter((name) => chips[name]).join();
  const starred = useMemo(() => new Set(stars.value), [stars.value]);
  const shown = useMemo(() => rows.filter((row) => passes(row, chips, starred)), [rows, chipKey, starred]);
  const tellsColdReads = rows.some((row) => row.cold_reads !== null);
  const columns = useMemo(() => tableColumns(setAction, canChange, tellsColdReads), [canChange, tellsColdReads]);
  const done = (): void => {
    setAction(null);
    summary.reload();
  };
  const clearChips = (): void => setParams(Object.fromEntries(chipNames.map((name) => [name, null])));
  return (
    <>
      <PageHead title={words.title} actions={canChange && <LinkButton look="primary" icon="plus" to="/topics/new">{words.create}</LinkButton>} />
      <Shown of={summary}>
        {() => (
          <VTable id="topics" label={words.title} columns={columns} rows={shown} version={version} rowKey={(t) => t.topic}
            rowLink={(t) => links.topic(t.topic)} filterText={(t) => t.topic} params={{ filter: "q", sort: "sort" }} initialSort="topic:asc"
            onVisible={onVisible} actions={<SavedViews />}
            tools={chipNames.map((name) => (
              <Toggle key={name} on={chips[name]} onChange={(on) => setParams({ [name]: on ? "1" : null })}>{words[name]}</Toggle>
            ))}
            {...(canChange ? {
              bulk: (selected: readonly TopicRow[]) => (
                <>
                  <Button icon="trash" onClick={() => setAction({ kind: "delete", topics: selected })}>{words.delete}</Button>
                  <Button icon="reset" onClick={() => setAction({ kind: "empty", topics: selected })}>{words.emptyTopic}</Button>
                  <Button icon="settings" onClick={() => setAction({ kind: "config", topics: selected })}>{words.setConfig}</Button>
                  <Button icon="download" onClick={() => setAction({ kind: "export", topics: selected })}>{words.exportYaml}</Button>
                </>
              ),
            } : {})}
            empty={rows.length === 0 || (chipKey === "" && rows.every((row) => row.internal))
              ? <Empty title={words.none} action={canChange && <LinkButton look="primary" to="/topics/new">{words.create}</LinkButton>} />
              : <Empty title={words.noneShown} action={<Button onClick={clearChips}>{words.showAll}</Button>} />} />
        )}
      </Shown>
      {action?.kind === "delete" && dialogs && <dialogs.DeleteTopics topics={picked} onClose={() => setAction(null)} onDone={done} />}
      {action?.kind === "empty" && dialogs && <dialogs.EmptyTopics topics={action.topics} onClose={() => setAction(null)} onDone={done} />}
      {action?.kind === "config" && dialogs && <dialogs.SetConfig topics={picked} onClose={() => setAction(null)} onDone={done} />}
    </>
  );
}
