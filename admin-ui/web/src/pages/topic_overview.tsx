// A topic at a glance: facts, how much flows, from whom and to whom.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { List, Producer, Topic, TopicGroup, TopicLive } from "../api";
import { get, part } from "../core/client";
import { byteRate, rate } from "../core/format";
import { subscribe } from "../core/live";
import { useResource } from "../core/resource";
import { links } from "../core/router";
import { overview } from "../en/overview";
import { topic as words } from "../en/topic";
import { Link } from "../ui/button";
import { Panel } from "../ui/page";
import { RangePicker } from "../ui/range";
import { SeriesChart } from "../ui/series_chart";
import { now } from "../ui/states";
import { StateOf } from "../ui/status";
import { Ago, ByteRate, Count, Digits, Fact, Facts, Limit, Size, Span, When } from "../ui/values";
import { FindingLine } from "./finding_line";

function useLive(topic: Topic): Topic {
  const [live, setLive] = useState<Partial<TopicLive>>({});
  useEffect(() => {
    setLive({});
    return subscribe<"topic">(`topic:${part(topic.topic)}`, (data) => setLive((old) => ({ ...old, ...data })));
  }, [topic.topic]);
  useEffect(() => setLive({}), [topic]);
  return { ...topic, ...live, partitions: topic.partitions };
}

/** A client that produces here, whatever the number of its producer ids. */
interface ClientFlow {
  client: string | null;
  partitions: number;
  last_ms: number | null;
}
function clientsOf(producers: readonly Producer[]): ClientFlow[] {
  const flows = new Map<string | null, ClientFlow>();
  for (const one of producers) {
    const flow = flows.get(one.client_id) ?? { client: one.client_id, partitions: 0, last_ms: null };
    flow.partitions++;
    flow.last_ms = Math.max(flow.last_ms ?? 0, one.last_ms ?? 0) || null;
    flows.set(one.client_id, flow);
  }
  return [...flows.values()].sort((a, b) => (b.last_ms ?? 0) - (a.last_ms ?? 0));
}

const sideMax = 6;

function Flow({ topic }: { topic: Topic }): JSX.Element {
  const path = `/topics/${part(topic.topic)}`;
  const producers = useResource(`${path}/producers`, (signal) => get<List<Producer>>(`${path}/producers`, {}, signal), 5000);
  const groups = useResource(`${path}/groups`, (signal) => get<List<TopicGroup>>(`${path}/groups`, {}, signal), 5000);
  const clients = clientsOf(producers.data?.data ?? []);
  const readers = groups.data?.data ?? [];
  return (
    <div class="flow">
      <div class="flow-side">
        <h3>{words.producersNow}</h3>
        {clients.length === 0 && <p class="muted">{words.noProducers}</p>}
        {clients.slice(0, sideMax).map((one) => (
          <Link key={one.client} class="flow-node" to={links.topic(topic.topic, "/producers")}>
            <span>{one.client ?? words.anonymous}</span><span class="muted"><Ago ms={one.last_ms} now={now.value} /></span>
          </Link>
        ))}
        {clients.length > sideMax && <Link to={links.topic(topic.topic, "/producers")}>+{clients.length - sideMax}</Link>}
      </div>
      <div class="flow-topic">
        <strong>{topic.topic}</strong>
        <ByteRate v={topic.bytes_in} /> → <ByteRate v={topic.bytes_out} />
      </div>
      <div class="flow-side">
        <h3>{words.groupsNow}</h3>
        {readers.length === 0 && <p class="muted">{words.noGroups}</p>}
        {readers.slice(0, sideMax).map((one) => (
          <Link key={one.group} class="flow-node" to={links.group(one.group)}>
            <span>{one.group || "(empty)"}</span><StateOf state={one.state} /><Count v={one.lag} /><Span ms={one.lag_ms} />
          </Link>
        ))}
        {readers.length > sideMax && <Link to={links.topic(topic.topic, "/groups")}>+{readers.length - sideMax}</Link>}
      </div>
    </div>
  );
}

export function TopicOverview({ topic: fetched }: { topic: Topic }): JSX.Element {
  const topic = useLive(fetched);
  const facts = words.facts;
  return (
    <>
      {topic.findings.length > 0 && (
        <Panel title={words.findings}><ul class="findings">{topic.findings.map((one) => <FindingLine key={one.id} finding={one} />)}</ul></Panel>
      )}
      <Panel title={words.details}>
        <Facts>
          <Fact name={facts.records}><Count v={topic.records} upTo={!topic.records_exact} /></Fact>
          <Fact name={facts.size}><Size v={topic.size} /></Fact>
          <Fact name={facts.last}><Ago ms={topic.last_append_ms} now={now.value} /></Fact>
          <Fact name={facts.partitions}><Digits v={topic.partitions} /></Fact>
          <Fact name={facts.segments}><Digits v={topic.segments} /></Fact>
          <Fact name={facts.rf}><Digits v={topic.rf} /></Fact>
          <Fact name={facts.minIsr}><Digits v={topic.min_isr} /></Fact>
          <Fact name={facts.cleanup}>{topic.cleanup}</Fact>
          <Fact name={facts.retention}><Limit v={topic.retention_ms} unit="ms" /></Fact>
          <Fact name={facts.maxMessage}><Limit v={topic.max_message_bytes} unit="bytes" /></Fact>
          <Fact name={facts.created}><When ms={topic.created_ms} /></Fact>
          <Fact name={facts.id}><code>{topic.topic_id}</code></Fact>
        </Facts>
      </Panel>
      <Panel title={words.flow}><Flow topic={topic} /></Panel>
      <div class="columns-2">
        <Panel title={words.throughput} actions={<RangePicker />}>
          <SeriesChart title={words.throughput} binary format={byteRate} labels={[`topic:${topic.topic}`]} metrics={[
            { name: "topic.bytes_in", label: overview.seriesIn }, { name: "topic.bytes_out", label: overview.seriesOut },
          ]} />
        </Panel>
        <Panel title={words.records}>
          <SeriesChart title={words.records} format={rate} labels={[`topic:${topic.topic}`]} metrics={[
            { name: "topic.records_in", label: words.records },
          ]} />
        </Panel>
      </div>
      <Panel title={words.overrides(topic.overrides.length, topic.configs)} flush>
        {topic.overrides.length === 0 ? <p class="none">{words.noOverrides}</p> : (
          <table class="plain-table"><tbody>
            {topic.overrides.map((one) => (
              <tr key={one.name}><td><Link to={links.topic(topic.topic, "/config")} class="mono">{one.name}</Link></td><td>{one.value}</td></tr>
            ))}
          </tbody></table>
        )}
      </Panel>
    </>
  );
}
