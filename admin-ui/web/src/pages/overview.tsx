// The cluster at a glance. What is well and what is not is the broker's judgement, not the page's.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ChannelData, Cluster, ClusterEvent, List, Tile, TileId } from "../api";
import { get } from "../core/client";
import { byteRate, count, micros, rate, size } from "../core/format";
import { findings } from "../core/health";
import { onEvent, subscribe } from "../core/live";
import { useResource } from "../core/resource";
import { links } from "../core/router";
import { common } from "../en/common";
import { overview } from "../en/overview";
import { CommandLine, Link } from "../ui/button";
import { Icon } from "../ui/icon";
import { PageHead, Panel } from "../ui/page";
import { RangePicker } from "../ui/range";
import { SeriesChart } from "../ui/series_chart";
import { Spark } from "../ui/spark";
import { Empty, Shown } from "../ui/states";
import { Ago, ByteRate, Count, Span } from "../ui/values";
import { BrokerTable } from "./broker_table";
import { eventName, FindingLine } from "./finding_line";

const tileLinks: Record<TileId, string> = {
  records_in: "/topics?sort=records_in:desc",
  bytes_in: "/topics?sort=bytes_in:desc",
  bytes_out: "/topics?sort=bytes_out:desc",
  requests: "/performance",
  produce_p99_us: "/performance?api=Produce",
  fetch_p99_us: "/performance?api=Fetch",
  connections: "/clients",
  group_lag: "/groups?sort=lag:desc",
};
const tileFormats: Record<TileId, (value: number) => string> = {
  records_in: rate, bytes_in: byteRate, bytes_out: byteRate, requests: rate,
  produce_p99_us: micros, fetch_p99_us: micros, connections: count, group_lag: count,
};

/** From when the broker began. */
function sinceStart(values: readonly (number | null)[]): readonly (number | null)[] {
  const begin = values.findIndex((value) => value !== null);
  return begin > 0 ? values.slice(Math.min(begin, values.length - 10)) : values;
}

function TileView({ tile }: { tile: Tile }): JSX.Element {
  const name = overview.tiles[tile.id];
  return (
    <Link class="tile" to={tileLinks[tile.id]} title={overview.tileHints[tile.id]}>
      <span class="tile-name">{name}</span>
      <span class="tile-value" title={tile.value === null ? undefined : String(tile.value)}>
        {tile.value === null ? "–" : tileFormats[tile.id](tile.value)}
      </span>
      <Spark values={sinceStart(tile.spark)} width={160} height={30} label={`${name}, ${overview.last15}`} />
    </Link>
  );
}

function Verdict({ cluster }: { cluster: Cluster }): JSX.Element {
  const worst = cluster.findings[0]?.severity;
  const tone = worst === "CRITICAL" ? "crit" : worst === "WARNING" ? "warn" : "ok";
  return (
    <section class={`verdict ${tone}`}>
      <span class="verdict-sign"><Icon name={tone === "ok" ? "check" : "warning"} size={18} /></span>
      <div>
        <h2>{cluster.verdict}</h2>
        {cluster.findings.length > 0
          ? <ul class="findings">{cluster.findings.map((one) => <FindingLine key={one.id} finding={one} />)}</ul>
          : <p class="muted">{overview.summary(common.topics(cluster.topics), common.partitions(cluster.partitions), size(cluster.size))}</p>}
      </div>
    </section>
  );
}

function FirstSteps({ bootstrap }: { bootstrap: string }): JSX.Element {
  const steps: [string, string][] = [
    [overview.startCreate, `kafka-topics.sh --bootstrap-server ${bootstrap} --create --topic greetings --partitions 3`],
    [overview.startProduce, `echo hello | kcat -P -b ${bootstrap} -t greetings`],
    [overview.startConsume, `kcat -C -b ${bootstrap} -t greetings -e`],
  ];
  return (
    <Panel>
      <Empty title={overview.start}>
        <p>{overview.startHint}</p>
        <div class="start-steps">
          {steps.map(([title, command]) => <div key={title}><h3>{title}</h3><CommandLine text={command} open /></div>)}
        </div>
      </Empty>
    </Panel>
  );
}

/** Of what has parts of its own, a part that is not told has not changed. */
function merged(old: Partial<ChannelData["cluster"]>, data: Partial<ChannelData["cluster"]>) {
  const brokers = { ...old.brokers };
  for (const [id, changes] of Object.entries(data.brokers ?? {})) brokers[id] = { ...brokers[id], ...changes };
  return { brokers, tiles: { ...old.tiles, ...data.tiles } as ChannelData["cluster"]["tiles"] };
}

/** Fetched every few seconds, moved by the stream in between. */
function useCluster() {
  const answer = useResource("cluster", (signal) => get<Cluster>("/cluster", {}, signal), 5000);
  const [live, setLive] = useState<Partial<ChannelData["cluster"]>>({});
  useEffect(() => subscribe("cluster", (data) => setLive((old) => ({ ...old, ...data, ...merged(old, data) }))), []);
  useEffect(() => setLive({}), [answer.at]);
  const data = answer.data && {
    ...answer.data,
    findings: live.findings ?? answer.data.findings,
    verdict: live.verdict ?? answer.data.verdict,
    brokers: answer.data.brokers.map((one) => ({ ...one, ...live.brokers?.[one.broker_id] })),
    tiles: answer.data.tiles.map((tile) => ({ ...tile, value: live.tiles?.[tile.id] ?? tile.value })),
  };
  return { ...answer, data };
}

function useEvents() {
  const answer = useResource("events", (signal) => get<List<ClusterEvent>>("/events", { limit: 100 }, signal), 15_000);
  const [newer, setNewer] = useState<ClusterEvent[]>([]);
  useEffect(() => onEvent((event) => setNewer((old) => [event, ...old].slice(0, 50))), []);
  useEffect(() => setNewer([]), [answer.at]);
  return [...newer, ...(answer.data?.data ?? [])];
}

export function Overview(): JSX.Element {
  const cluster = useCluster();
  const events = useEvents();
  const annotations = events.map((event) => ({ at_ms: event.at_ms, text: `${eventName(event.type)} ${event.subject}` }));
  useEffect(() => {
    if (cluster.data) findings.value = cluster.data.findings;
  }, [cluster.at]);
  return (
    <>
      <PageHead title={overview.title} actions={<RangePicker />} />
      <Shown of={cluster}>
        {(data) => (
          <>
            <Verdict cluster={data} />
            <div class="tiles">{data.tiles.map((tile) => <TileView key={tile.id} tile={tile} />)}</div>
            {data.topics === 0 && <FirstSteps bootstrap={data.bootstrap} />}
            <div class="columns-2">
              <Panel title={overview.throughput}>
                <SeriesChart title={overview.throughput} binary format={byteRate} annotations={annotations} metrics={[
                  { name: "broker.bytes_in", label: overview.seriesIn }, { name: "broker.bytes_out", label: overview.seriesOut },
                ]} />
              </Panel>
              <Panel title={overview.latency}>
                <SeriesChart title={overview.latency} format={micros} annotations={annotations} metrics={[
                  { name: "broker.produce_p50_us", label: "p50" }, { name: "broker.produce_p99_us", label: "p99" },
                  { name: "broker.produce_p999_us", label: "p99.9" },
                ]} />
              </Panel>
            </div>
            <Panel title={overview.brokers} flush><BrokerTable brokers={data.brokers} /></Panel>
            <div class="columns-3">
              <Panel title={overview.hottest} flush>
                {data.hottest_topics.length === 0 ? <p class="none">{overview.hottestNone}</p> : (
                  <ul class="short-list">
                    {data.hottest_topics.map((one) => (
                      <li key={one.topic}><Link to={links.topic(one.topic)}>{one.topic}</Link><ByteRate v={one.bytes_in} /></li>
                    ))}
                  </ul>
                )}
              </Panel>
              <Panel title={overview.lagging} flush>
                {data.lagging_groups.length === 0 ? <p class="none">{overview.laggingNone}</p> : (
                  <ul class="short-list">
                    {data.lagging_groups.map((one) => (
                      <li key={one.group}><Link to={links.group(one.group)}>{one.group || "(empty)"}</Link>
                        <span class="muted"><Count v={one.lag} /></span><Span ms={one.lag_ms} /></li>
                    ))}
                  </ul>
                )}
              </Panel>
              <Panel title={overview.events} flush>
                {events.length === 0 ? <p class="none">{overview.eventsNone}</p> : (
                  <ul class="short-list">
                    {events.slice(0, 8).map((event, i) => (
                      <li key={`${event.at_ms} ${i}`}>
                        <span title={event.detail}>{eventName(event.type)}{" "}
                          {event.link ? <Link to={event.link}>{event.subject}</Link> : <code>{event.subject}</code>}</span>
                        <Ago ms={event.at_ms} />
                      </li>
                    ))}
                  </ul>
                )}
              </Panel>
            </div>
          </>
        )}
      </Shown>
    </>
  );
}
