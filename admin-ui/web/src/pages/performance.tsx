// How fast requests are answered and what they wait for, as the broker measures it.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiLatency, Fsync, FsyncDir, Latency, LatencyOverTime, List, Phase, SlowRequest, Waiting } from "../api";
import { get } from "../core/client";
import { near } from "../core/exact";
import { byteRate, clock, micros, size } from "../core/format";
import { subscribe } from "../core/live";
import { zone } from "../core/prefs";
import { useResource } from "../core/resource";
import { param, path, setParams } from "../core/router";
import { performance as words } from "../en/operate";
import { Chart } from "../ui/chart";
import { Heat } from "../ui/heat";
import { PageHead, Panel, Tabs } from "../ui/page";
import { RangePicker, timeRange, zoomOut, zoomTo } from "../ui/range";
import { Empty, Shown } from "../ui/states";
import { Bar, Chip, StateOf } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { Count, Fact, Facts, Micros, Percent, Rate, Size, Span } from "../ui/values";
import { PhaseBar, phaseColour, PhaseKey } from "./phase_bar";
import { SlowTable } from "./slow_table";
import { WaitingList } from "./waiting_list";

const names = words.columns;
const columns: Column<ApiLatency>[] = [
  { id: "api", title: names.api, width: 190, grow: true, key: (a) => a.api },
  { id: "rate", title: names.rate, width: 96, numeric: true, key: (a) => a.rate, cell: (a) => <Rate v={a.rate} /> },
  { id: "count", title: names.count, width: 92, numeric: true, key: (a) => near(a.count), cell: (a) => <Count v={a.count} /> },
  { id: "errors", title: names.errors, width: 84, numeric: true, key: (a) => near(a.errors),
    cell: (a) => <span class={Number(a.errors) > 0 ? "warn-text" : ""}><Count v={a.errors} /></span> },
  { id: "p50", title: names.p50, width: 92, numeric: true, key: (a) => a.p50_us, cell: (a) => <Micros v={a.p50_us} /> },
  { id: "p99", title: names.p99, width: 92, numeric: true, key: (a) => a.p99_us, cell: (a) => <Micros v={a.p99_us} /> },
  { id: "p999", title: names.p999, width: 92, numeric: true, key: (a) => a.p999_us, cell: (a) => <Micros v={a.p999_us} /> },
  { id: "max", title: names.max, width: 92, numeric: true, key: (a) => a.max_us, cell: (a) => <Micros v={a.max_us} /> },
  { id: "phases", title: names.phases, width: 250, key: (a) => a.mean_us,
    cell: (a) => <PhaseBar phases={a.phases.map((one) => ({ phase: one.phase, us: one.mean_us ?? 0 }))} /> },
];

function OverTime({ api }: { api: string }): JSX.Element {
  const range = timeRange();
  const answer = useResource(`latency ${api} ${range.key}`, (signal) => get<LatencyOverTime>("/requests/latency", { api, ...range.query }, signal),
    range.every === 0 ? 0 : Math.max(5000, range.every));
  return (
    <Shown of={answer}>
      {(data) => {
        const common = { from_ms: data.from_ms, step_ms: data.step_ms, format: micros, onZoom: zoomTo, onReset: zoomOut };
        const heat = data.heat;
        return (
          <>
            <div class="columns-2">
              <Panel title={words.percentiles(api)}>
                <Chart {...common} title={words.percentiles(api)} series={[
                  { label: names.p50, values: data.p50_us }, { label: names.p99, values: data.p99_us }, { label: names.p999, values: data.p999_us },
                ]} />
              </Panel>
              <Panel title={words.stacked(api)}>
                <Chart {...common} stacked title={words.stacked(api)} series={data.phases.map((one) => ({
                  label: words.phases[one.phase], values: one.mean_us, colour: phaseColour(one.phase),
                }))} />
              </Panel>
            </div>
            {heat && heat.counts.length > 0 && (
              <Panel title={words.heat(api)}>
                <Heat label={words.heat(api)} counts={heat.counts} columnName={(i) => clock(data.from_ms + i * data.step_ms, zone.value)}
                  rowName={(row) => words.upTo(micros(heat.bounds_us[row] ?? 0))} />
              </Panel>
            )}
          </>
        );
      }}
    </Shown>
  );
}

function Requests(): JSX.Element {
  const range = timeRange();
  const latency = useResource(`latency ${range.key}`, (signal) => get<Latency>("/requests/latency", range.query, signal), range.every === 0 ? 0 : 5000);
  const picked = param("api");
  return (
    <Shown of={latency}>
      {({ data }) => {
        const api = picked || ([...data].sort((a, b) => Number(b.count) - Number(a.count))[0]?.api ?? "");
        const phases = [...new Set(data.flatMap((one) => one.phases.map((phase) => phase.phase)))] as Phase[];
        return (
          <>
            <VTable id="requests" label={words.tabs.requests} columns={columns} rows={data} rowKey={(a) => a.api} isActive={(a) => a.api === api}
              onOpen={(a) => setParams({ api: a.api })} filterText={(a) => a.api} params={{ filter: "q", sort: "sort" }} initialSort="count:desc" maxRows={9}
              empty={<Empty title={words.none} />} tools={<><span class="muted">{words.fetchNote}</span><PhaseKey phases={phases} /></>} />
            {api !== "" && <OverTime api={api} />}
          </>
        );
      }}
    </Shown>
  );
}

function WaitingTab(): JSX.Element {
  const waiting = useResource("waiting", (signal) => get<List<Waiting>>("/requests/waiting", {}, signal), 2000);
  const [live, setLive] = useState<Waiting[] | null>(null);
  useEffect(() => subscribe("waiting", (data) => data.data && setLive(data.data)), []);
  return (
    <Panel title={words.tabs.waiting} flush>
      <Shown of={waiting}>{({ data }) => <WaitingList waiting={live ?? data} none={words.notWaiting} />}</Shown>
    </Panel>
  );
}

function Slow(): JSX.Element {
  const slow = useResource("slow", (signal) => get<List<SlowRequest>>("/requests/slow", {}, signal), 5000);
  return <Shown of={slow}>{({ data }) => <SlowTable id="slow-requests" rows={data} empty={words.noSlow} />}</Shown>;
}

function Dir({ dir }: { dir: FsyncDir }): JSX.Element {
  const facts = words.dir;
  const [total, usable] = [near(dir.total), near(dir.usable)];
  const common = { from_ms: dir.from_ms, step_ms: dir.step_ms, onZoom: zoomTo, onReset: zoomOut };
  const firstFlush = dir.times.p50_us.findIndex((value) => value !== null);
  return (
    <>
      <Panel title={dir.path} actions={<StateOf state={dir.state} />}>
        <Facts>
          <Fact name={facts.rate}><Rate v={dir.flush_rate} /></Fact>
          <Fact name={facts.p50}><Micros v={dir.p50_us} /></Fact>
          <Fact name={facts.p99}><Micros v={dir.p99_us} /></Fact>
          <Fact name={facts.max}><Micros v={dir.max_us} /></Fact>
          <Fact name={facts.bytes}><Size v={dir.bytes_per_flush === null ? null : Math.round(dir.bytes_per_flush)} /></Fact>
          <Fact name={facts.flushes}><Count v={dir.flushes} /></Fact>
          <Fact name={facts.queue}><Count v={dir.queue} /></Fact>
          <Fact name={facts.usable}>
            {total !== null && usable !== null && total > 0 && <Bar ratio={1 - usable / total} label={`${size(usable)} / ${size(total)}`} mark={0.85} />} <Size v={dir.usable} />
          </Fact>
          <Fact name={facts.full}>{dir.full_in_ms === null ? facts.notFilling : <Span ms={dir.full_in_ms} />}</Fact>
          <Fact name={facts.causes}><span class="tag-list">{dir.causes.map((one) => (
            <Chip key={one.cause}>{words.causes[one.cause] ?? one.cause.toLowerCase()} <Count v={one.count} /></Chip>
          ))}</span></Fact>
        </Facts>
      </Panel>
      <div class="columns-2">
        <Panel title={words.latency}>
          <Chart {...common} title={words.latency} format={micros} series={[
            { label: names.p50, values: dir.times.p50_us }, { label: names.p99, values: dir.times.p99_us }, { label: names.max, values: dir.times.max_us },
          ]} />
        </Panel>
        <Panel title={words.volume}>
          <Chart {...common} title={words.volume} binary format={byteRate} series={[{ label: words.bytes, values: dir.times.bytes.map((value, i) => (i < firstFlush ? null : value)) }]} />
        </Panel>
      </div>
    </>
  );
}

function Storage(): JSX.Element {
  const range = timeRange();
  const fsync = useResource(`fsync ${range.key}`, (signal) => get<Fsync>("/storage/fsync", range.query, signal), range.every === 0 ? 0 : 5000);
  return (
    <Shown of={fsync}>
      {(data) => (
        <>
          {data.cache_hit_ratio !== null && <Panel><Facts><Fact name={words.cache}><Percent v={data.cache_hit_ratio} /></Fact></Facts></Panel>}
          {data.dirs.map((dir) => <Dir key={dir.path} dir={dir} />)}
        </>
      )}
    </Shown>
  );
}

export function PerformancePage(): JSX.Element {
  const tab = path.value.split("/")[2] ?? "";
  return (
    <>
      <PageHead title={words.title} actions={(tab === "" || tab === "requests" || tab === "storage") && <RangePicker />} />
      <Tabs label={words.title} tabs={[
        { to: "/performance", text: words.tabs.requests }, { to: "/performance/waiting", text: words.tabs.waiting },
        { to: "/performance/slow", text: words.tabs.slow }, { to: "/performance/storage", text: words.tabs.storage },
      ]} />
      {tab === "waiting" ? <WaitingTab /> : tab === "slow" ? <Slow /> : tab === "storage" ? <Storage /> : <Requests />}
    </>
  );
}
