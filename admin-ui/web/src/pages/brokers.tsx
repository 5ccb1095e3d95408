// The brokers, and one of them: who it is, its settings, its disks, its threads.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AlterConfigs, Broker, BrokerDetail, BrokerPartition, ConfigEffects, ConfigEntry, List, LogDir, Runtime } from "../api";
import { get, post, session } from "../core/client";
import { near, sum } from "../core/exact";
import { byteRate, count, percent, size } from "../core/format";
import { useResource } from "../core/resource";
import { links, type Params, path } from "../core/router";
import { common } from "../en/common";
import { config } from "../en/config";
import { brokers as words } from "../en/operate";
import { overview } from "../en/overview";
import { Link } from "../ui/button";
import { configCommand, ConfigEditor } from "../ui/config_editor";
import { Segmented } from "../ui/forms";
import { PageHead, Panel, Tabs } from "../ui/page";
import { RangePicker } from "../ui/range";
import { SeriesChart } from "../ui/series_chart";
import { Empty, now, Shown } from "../ui/states";
import { Bar, Chip, StateOf } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { ByteRate, Count, Digits, Fact, Facts, Percent, Rate, Size, Span } from "../ui/values";
import { BrokerTable } from "./broker_table";

export function BrokerList(): JSX.Element {
  const brokers = useResource("brokers", (signal) => get<List<Broker>>("/brokers", {}, signal), 5000);
  return (
    <>
      <PageHead title={words.title} />
      <Shown of={brokers}>{({ data }) => <BrokerTable brokers={data} bare={false} />}</Shown>
    </>
  );
}

function Overview({ broker }: { broker: BrokerDetail }): JSX.Element {
  const facts = words.facts;
  const names = words.listener;
  return (
    <>
      <Panel>
        <Facts>
          <Fact name={facts.host}><span class="mono">{broker.host}:{broker.port}</span></Fact>
          <Fact name={facts.roles}>{broker.roles.join(", ")}</Fact>
          <Fact name={facts.rack}>{broker.rack ?? common.none}</Fact>
          <Fact name={facts.version}>{broker.version}</Fact>
          <Fact name={facts.uptime}><Span ms={broker.started_ms === null ? null : Math.floor((now.value - broker.started_ms) / 1000) * 1000} /></Fact>
          <Fact name={overview.columns.leaders}><Digits v={broker.leaders} /></Fact>
          <Fact name={overview.columns.connections}><Digits v={broker.connections} /></Fact>
          <Fact name={facts.files}><Digits v={broker.open_files} /></Fact>
          <Fact name={facts.cpu}><Percent v={broker.cpu} /></Fact>
          <Fact name={facts.rss}><Size v={broker.memory} /></Fact>
          <Fact name={overview.columns.disk}><Size v={broker.log_bytes} /></Fact>
        </Facts>
      </Panel>
      <div class="columns-2">
        <Panel title={words.network} actions={<RangePicker />}>
          <SeriesChart title={words.network} binary format={byteRate} metrics={[
            { name: "broker.bytes_in", label: overview.seriesIn }, { name: "broker.bytes_out", label: overview.seriesOut },
          ]} />
        </Panel>
        <Panel title={words.cpu}><SeriesChart title={words.cpu} format={percent} metrics={[{ name: "broker.cpu", label: words.cpu }]} /></Panel>
        <Panel title={words.memory}><SeriesChart title={words.memory} binary format={size} metrics={[{ name: "broker.rss", label: words.memory }]} /></Panel>
        <Panel title={words.connections}><SeriesChart title={words.connections} format={count} metrics={[{ name: "broker.connections", label: words.connections }]} /></Panel>
      </div>
      <Panel title={words.listeners} flush>
        <table class="plain-table">
          <thead><tr><th>{names.name}</th><th>{names.protocol}</th><th>{names.bind}</th><th>{names.advertised}</th><th>{names.tls}</th><th class="right">{names.connections}</th></tr></thead>
          <tbody>{broker.listeners.map((one) => (
            <tr key={one.name}><td>{one.name}</td><td>{one.protocol}</td><td class="mono">{one.bind}</td><td class="mono">{one.advertised}</td>
              <td>{one.tls ? common.yes : common.no}</td><td class="right"><Digits v={one.connections} /></td></tr>
          ))}</tbody>
        </table>
      </Panel>
    </>
  );
}

function Config({ id }: { id: string }): JSX.Element {
  const [scope, setScope] = useState<"broker" | "default">("broker");
  const place = `/brokers/${id}/configs`;
  const configs = useResource(place, (signal) => get<List<ConfigEntry>>(place, {}, signal));
  const alter = (change: AlterConfigs): Promise<ConfigEffects> => post<ConfigEffects>(`${place}:alter`, { ...change, scope });
  return (
    <Shown of={configs}>
      {({ data }) => (
        <>
          <div class="row-line"><span class="muted">{config.scope}</span>
            <Segmented label={config.scope} value={scope} onChange={setScope} options={(["broker", "default"] as const).map((value) => ({ value, text: config.scopes[value] }))} /></div>
          <ConfigEditor entries={data} own={["DYNAMIC_BROKER_CONFIG", "DYNAMIC_DEFAULT_BROKER_CONFIG", "STATIC_BROKER_CONFIG"]}
            canChange={session.value?.read_only === false} preview={alter} alter={alter} onApplied={configs.reload} fileName={`broker-${id}`}
            command={(changes) => configCommand(scope === "broker" ? `--entity-type brokers --entity-name ${id}` : "--entity-type brokers --entity-default", changes)} />
        </>
      )}
    </Shown>
  );
}

const partitionNames = words.partition;
const partitionColumns: Column<BrokerPartition>[] = [
  { id: "topic", title: partitionNames.topic, width: 260, grow: true, key: (p) => p.topic, cell: (p) => <Link to={links.topic(p.topic)}>{p.topic}</Link> },
  { id: "partition", title: partitionNames.partition, width: 90, numeric: true, key: (p) => p.partition },
  { id: "leader", title: partitionNames.leader, width: 80, key: (p) => (p.leader ? 1 : 0), cell: (p) => (p.leader ? "✓" : "") },
  { id: "size", title: partitionNames.size, width: 110, numeric: true, key: (p) => near(p.size), cell: (p) => <Size v={p.size} />, sum: (rows) => <Size v={sum(rows.map((p) => p.size))} /> },
  { id: "in", title: partitionNames.in, width: 110, numeric: true, key: (p) => p.bytes_in, cell: (p) => <ByteRate v={p.bytes_in} /> },
  { id: "out", title: partitionNames.out, width: 110, numeric: true, key: (p) => p.bytes_out, cell: (p) => <ByteRate v={p.bytes_out} /> },
];

function Partitions({ id }: { id: string }): JSX.Element {
  const partitions = useResource(`broker partitions ${id}`, (signal) => get<List<BrokerPartition>>(`/brokers/${id}/partitions`, { limit: 10_000 }, signal), 10_000);
  return (
    <Shown of={partitions}>
      {({ data }) => (
        <VTable id="broker-partitions" label={words.tabs.partitions} columns={partitionColumns} rows={data} rowKey={(p) => `${p.topic}/${p.partition}`}
          rowLink={(p) => links.topic(p.topic, "/partitions")} filterText={(p) => p.topic} params={{ filter: "q", sort: "sort" }} empty={<Empty title={words.noPartitions} />} />
      )}
    </Shown>
  );
}

type ReplicaRow = LogDir["replicas"][number];
const replicaNames = words.replica;
const replicaColumns: Column<ReplicaRow>[] = [
  { id: "topic", title: replicaNames.topic, width: 260, grow: true, key: (r) => r.topic, cell: (r) => <Link to={links.topic(r.topic)}>{r.topic}</Link> },
  { id: "partition", title: replicaNames.partition, width: 90, numeric: true, key: (r) => r.partition },
  { id: "size", title: replicaNames.size, width: 120, numeric: true, key: (r) => near(r.size), cell: (r) => <Size v={r.size} /> },
  { id: "lag", title: replicaNames.lag, width: 110, numeric: true, key: (r) => near(r.offset_lag), cell: (r) => <Count v={r.offset_lag} /> },
  { id: "future", title: replicaNames.future, width: 90, key: (r) => (r.future ? 1 : 0), cell: (r) => (r.future ? <Chip tone="info">{common.yes}</Chip> : "") },
];

function LogDirs({ id }: { id: string }): JSX.Element {
  const dirs = useResource(`logdirs ${id}`, (signal) => get<List<LogDir>>(`/brokers/${id}/logdirs`, {}, signal), 10_000);
  const names = words.dir;
  return (
    <Shown of={dirs}>
      {({ data }) => (
        <>
          {data.map((dir) => {
            const [total, usable] = [near(dir.total), near(dir.usable)];
            return (
              <Panel key={dir.path} title={dir.path} flush actions={<StateOf state={dir.state} />}>
                <div class="dir-facts">
                  {dir.error && <p class="problem">{dir.error}</p>}
                  <Facts>
                    <Fact name={names.size}><Size v={dir.size} /></Fact>
                    <Fact name={names.partitions}><Digits v={dir.partitions} /></Fact>
                    {total !== null && usable !== null && total > 0 && (
                      <Fact name={names.used}><Bar ratio={1 - usable / total} label={overview.diskOf(size(total - usable), size(total))} mark={0.85} /> {percent(1 - usable / total)}</Fact>
                    )}
                    <Fact name={names.usable}><Size v={dir.usable} /></Fact>
                  </Facts>
                </div>
                <VTable id="replicas" label={dir.path} columns={replicaColumns} rows={dir.replicas} rowKey={(r) => `${r.topic}/${r.partition}`} maxRows={14}
                  initialSort="size:desc" filterText={(r) => r.topic} empty={<Empty title={words.noPartitions} />} />
              </Panel>
            );
          })}
        </>
      )}
    </Shown>
  );
}

type Thread = Runtime["threads"][number];
const threadNames = words.thread;
/** "console-look-3" does what "console-look" stands for. */
const dutyOf = (name: string): string | undefined => words.threadDuties[name.replace(/-(?:\d+|helper)$/, "")];
const threadColumns: Column<Thread>[] = [
  { id: "id", title: threadNames.id, width: 80, numeric: true, key: (t) => t.id },
  { id: "name", title: threadNames.name, width: 180, grow: true, key: (t) => t.name, cell: (t) => <code title={dutyOf(t.name)}>{t.name}</code> },
  { id: "cpu", title: threadNames.cpu, width: 170, numeric: true, key: (t) => t.cpu,
    cell: (t) => <span class="with-spark">{t.cpu !== null && <Bar ratio={t.cpu} label={percent(t.cpu)} mark={0.8} />}<Percent v={t.cpu} /></span> },
  { id: "state", title: threadNames.state, width: 124, key: (t) => words.threadStates[t.state] ?? t.state },
  { id: "voluntary", title: threadNames.voluntary, hint: words.threadHints.voluntary, width: 100, numeric: true, key: (t) => t.switches_voluntary, cell: (t) => <Rate v={t.switches_voluntary} /> },
  { id: "forced", title: threadNames.forced, hint: words.threadHints.forced, width: 110, numeric: true, key: (t) => t.switches_forced, cell: (t) => <Rate v={t.switches_forced} /> },
  { id: "connections", title: threadNames.connections, width: 110, numeric: true, key: (t) => t.connections, cell: (t) => <Digits v={t.connections} /> },
  { id: "requests", title: threadNames.requests, width: 110, numeric: true, key: (t) => t.requests, cell: (t) => <Rate v={t.requests} /> },
];

function RuntimeTab({ id }: { id: string }): JSX.Element {
  const runtime = useResource(`runtime ${id}`, (signal) => get<Runtime>(`/brokers/${id}/runtime`, {}, signal), 1000);
  const facts = words.facts;
  return (
    <Shown of={runtime}>
      {(data) => (
        <>
          <Panel title={words.process}>
            <Facts>
              <Fact name={facts.pid}>{data.pid}</Fact>
              <Fact name={facts.uptime}><Span ms={Math.floor((data.at_ms - data.started_ms) / 1000) * 1000} /></Fact>
              <Fact name={facts.cpu}><Percent v={data.cpu} /> <span class="muted">{words.cores(data.cores)}</span></Fact>
              <Fact name={facts.rss}><Size v={data.rss} /></Fact>
              <Fact name={facts.peak}><Size v={data.rss_peak} /></Fact>
              <Fact name={facts.heapLive}><Size v={data.heap_live} /></Fact>
              <Fact name={facts.heapFree}><Size v={data.heap_free} /></Fact>
              <Fact name={facts.virtual}><Size v={data.virtual} /></Fact>
              <Fact name={facts.files}><Digits v={data.open_files} /> <span class="muted">/ {data.open_files_max === null ? "–" : count(data.open_files_max)}</span></Fact>
              <Fact name={facts.faults}><Count v={data.page_faults_major} /></Fact>
            </Facts>
          </Panel>
          <VTable id="threads" label={words.threads} columns={threadColumns} rows={data.threads} rowKey={(t) => String(t.id)} filterText={(t) => t.name}
            params={{ filter: "q", sort: "sort" }} initialSort="cpu:desc" />
        </>
      )}
    </Shown>
  );
}

export function BrokerPage({ params }: { params: Params }): JSX.Element {
  const id = params.broker ?? "";
  const broker = useResource(`broker ${id}`, (signal) => get<BrokerDetail>(`/brokers/${id}`, {}, signal), 5000);
  const tab = path.value.split("/")[3] ?? "";
  const number = Number(id);
  return (
    <>
      <PageHead title={words.name(id)} parent={{ to: "/brokers", text: words.title }}
        sub={broker.data?.is_controller && <Chip tone="info">{overview.controller}</Chip>} />
      <Tabs label={words.name(id)} tabs={[
        { to: links.broker(number), text: words.tabs.overview }, { to: links.broker(number, "/config"), text: words.tabs.config },
        { to: links.broker(number, "/partitions"), text: words.tabs.partitions }, { to: links.broker(number, "/logdirs"), text: words.tabs.logdirs },
        { to: links.broker(number, "/runtime"), text: words.tabs.runtime },
      ]} />
      <Shown of={broker} what={words.what} back={{ to: "/brokers", text: words.title }}>
        {(data) => tab === "config" ? <Config id={id} /> : tab === "partitions" ? <Partitions id={id} /> : tab === "logdirs" ? <LogDirs id={id} />
          : tab === "runtime" ? <RuntimeTab id={id} /> : <Overview broker={data} />}
      </Shown>
    </>
  );
}
