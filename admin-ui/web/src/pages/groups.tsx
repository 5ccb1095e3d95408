// The list of groups; a group's own pages come with it.
import "../shell/shared";
import "./parts";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { GroupSummary } from "../api";
import { get, session } from "../core/client";
import { near, sum } from "../core/exact";
import { rowsChanged, subscribe } from "../core/live";
import { useResource } from "../core/resource";
import { links, navigate, param, setParams } from "../core/router";
import { groups as words } from "../en/groups";
import { topics } from "../en/topics";
import { Button, Link } from "../ui/button";
import { Toggle } from "../ui/forms";
import { Menu } from "../ui/menu";
import { PageHead } from "../ui/page";
import { SavedViews } from "../ui/saved_views";
import { Spark } from "../ui/spark";
import { Empty, now, Shown } from "../ui/states";
import { Chip, StateOf } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { Ago, Count, Rate, Span } from "../ui/values";
import { DeleteGroup } from "./delete_group";
import { type GroupChips, type GroupRow, groupRows, passes } from "./group_row";
import { TrendOf } from "./trend";

export { GroupPage } from "./group_page";
export { ResetPage } from "./reset";

const { columns: names, hints } = words;

const tableColumns = (onDelete: (group: string) => void, canChange: boolean): Column<GroupRow>[] => [
  { id: "group", title: names.group, width: 170, grow: true, key: (g) => g.group, cell: (g) => <Link to={links.group(g.group)}>{g.group || words.emptyId}</Link> },
  { id: "type", title: names.type, width: 80, key: (g) => g.type, cell: (g) => <Chip>{g.type.toLowerCase()}</Chip> },
  { id: "state", title: names.state, width: 120, key: (g) => g.state, cell: (g) => <StateOf state={g.state} /> },
  { id: "members", title: names.members, width: 78, numeric: true, key: (g) => g.members },
  { id: "topics", title: names.topics, width: 64, numeric: true, key: (g) => g.topics },
  { id: "lag", title: names.lag, width: 150, numeric: true, key: (g) => near(g.lag),
    cell: (g) => <span class="with-spark"><Spark values={g.spark_lag} label="" /><Count v={g.lag} /></span>, sum: (rows) => <Count v={sum(rows.map((g) => g.lag))} /> },
  { id: "lag_ms", title: names.lagMs, hint: hints.lagMs, width: 96, numeric: true, key: (g) => g.lag_ms, cell: (g) => <Span ms={g.lag_ms} /> },
  { id: "trend", title: names.trend, hint: hints.trend, width: 126, key: (g) => g.trend, cell: (g) => <TrendOf trend={g.trend} eta={g.eta_ms} /> },
  { id: "rate", title: names.rate, width: 104, numeric: true, key: (g) => g.consume_rate, cell: (g) => <Rate v={g.consume_rate} /> },
  { id: "commit", title: names.commit, width: 100, numeric: true, key: (g) => g.commit_age_ms, cell: (g) => <Span ms={g.commit_age_ms} /> },
  { id: "coordinator", title: names.coordinator, width: 100, numeric: true, hidden: true, key: (g) => g.coordinator },
  { id: "assignor", title: names.assignor, width: 120, hidden: true, key: (g) => g.assignor },
  { id: "epoch", title: names.epoch, width: 72, numeric: true, hidden: true, key: (g) => g.epoch },
  { id: "rebalances", title: names.rebalances, width: 116, numeric: true, hidden: true, key: (g) => g.rebalances_1h },
  { id: "expires", title: names.expires, width: 120, numeric: true, hidden: true, key: (g) => g.expires_ms, cell: (g) => <Ago ms={g.expires_ms} /> },
  { id: "menu", title: "", width: 42, key: () => null, cell: (g) => canChange && (
    <Menu label={words.rowMenu(g.group)} items={[
      { text: words.reset, icon: "reset", run: () => navigate(links.group(g.group, "/reset")) },
      { text: words.delete, icon: "trash", danger: true, run: () => onDelete(g.group) },
    ]} />
  ) },
];

const chipNames = ["lagging", "empty", "expiring"] as const;
const chipTexts = { lagging: words.onlyLagging, empty: words.empty, expiring: words.expiring };

function useGroupRows() {
  const summary = useResource("groups", (signal) => get<GroupSummary>("/groups", { view: "summary" }, signal), 10_000);
  const rows = useMemo(() => (summary.data ? groupRows(summary.data) : []), [summary.data]);
  const byName = useMemo(() => new Map(rows.map((row) => [row.group, row])), [rows]);
  const latest = useRef(byName);
  latest.current = byName;
  const visible = useRef<string[]>([]);
  const [version, setVersion] = useState(0);
  useEffect(() => subscribe("groups", (data) => {
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

export function GroupList(): JSX.Element {
  const { summary, rows, version, onVisible } = useGroupRows();
  const [deleting, setDeleting] = useState<string | null>(null);
  const canChange = session.value?.read_only === false;
  const chips = Object.fromEntries(chipNames.map((name) => [name, param(name) === "1"])) as unknown as GroupChips;
  const chipKey = chipNames.filter((name) => chips[name]).join();
  const shown = useMemo(() => rows.filter((row) => passes(row, chips, now.peek())), [rows, chipKey]);
  const columns = useMemo(() => tableColumns(setDeleting, canChange), [canChange]);
  const clearChips = (): void => setParams(Object.fromEntries(chipNames.map((name) => [name, null])));
  return (
    <>
      <PageHead title={words.title} />
      <Shown of={summary}>
        {() => (
          <VTable id="groups" label={words.title} columns={columns} rows={shown} version={version} rowKey={(g) => g.group} rowLink={(g) => links.group(g.group)}
            filterText={(g) => g.group} params={{ filter: "q", sort: "sort" }} initialSort="lag:desc" onVisible={onVisible} actions={<SavedViews />}
            tools={chipNames.map((name) => (
              <Toggle key={name} on={chips[name]} onChange={(on) => setParams({ [name]: on ? "1" : null })}>{chipTexts[name]}</Toggle>
            ))}
            empty={rows.length === 0 ? <Empty title={words.none} /> : <Empty title={words.noneShown} action={<Button onClick={clearChips}>{topics.showAll}</Button>} />} />
        )}
      </Shown>
      {deleting !== null && <DeleteGroup group={deleting} onClose={() => setDeleting(null)} onDone={() => { setDeleting(null); summary.reload(); }} />}
    </>
  );
}
