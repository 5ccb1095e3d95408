// The cluster as a whole: who decides, what all brokers go by, which features are on.
import type { JSX } from "preact";
import type { ConfigEffects, ConfigEntry, Exact, Features, List, Quorum, QuorumReplica } from "../api";
import { get, post, session } from "../core/client";
import { useResource } from "../core/resource";
import { links, path } from "../core/router";
import { cluster as words } from "../en/cluster";
import { Link } from "../ui/button";
import { configCommand, ConfigEditor } from "../ui/config_editor";
import { PageHead, Panel, Tabs } from "../ui/page";
import { Empty, Shown } from "../ui/states";
import { Chip } from "../ui/status";
import { Ago, Digits, Fact, Facts, Size, Unknown } from "../ui/values";

/** What there is only where a log is replicated. */
const Replicated = ({ v }: { v: Exact | null }): JSX.Element => (v === null ? <Unknown why={words.quorum.noLog} /> : <Digits v={v} />);

function Replicas({ of }: { of: readonly QuorumReplica[] }): JSX.Element {
  const names = words.quorum.columns;
  return (
    <table class="plain-table">
      <thead><tr><th>{names.id}</th><th>{names.role}</th><th class="right">{names.end}</th><th class="right">{names.lag}</th><th class="right">{names.caughtUp}</th></tr></thead>
      <tbody>{of.map((one) => (
        <tr key={one.broker_id}>
          <td><Link to={links.broker(one.broker_id)}>{one.broker_id}</Link></td>
          <td>{one.is_leader ? <Chip tone="info">{words.quorum.leader}</Chip> : words.quorum.follower}</td>
          <td class="right"><Replicated v={one.log_end_offset} /></td>
          <td class="right"><Replicated v={one.lag} /></td>
          <td class="right">{one.last_caught_up_ms === null ? <Replicated v={null} /> : <Ago ms={one.last_caught_up_ms} />}</td>
        </tr>
      ))}</tbody>
    </table>
  );
}

function QuorumTab(): JSX.Element {
  const quorum = useResource("quorum", (signal) => get<Quorum>("/quorum", {}, signal), 5000);
  const { facts, storeFacts } = words.quorum;
  return (
    <Shown of={quorum}>
      {({ leader_id, leader_epoch, high_watermark, voters, observers, store }) => (
        <>
          <Panel>
            <Facts>
              <Fact name={facts.leader}><Link to={links.broker(leader_id)}>{leader_id}</Link></Fact>
              <Fact name={words.quorum.voters}><Digits v={voters.length} /></Fact>
              <Fact name={facts.epoch}>{leader_epoch === null ? <Unknown why={words.quorum.noEpoch} /> : <Digits v={leader_epoch} />}</Fact>
              <Fact name={facts.highWatermark}><Replicated v={high_watermark} /></Fact>
            </Facts>
          </Panel>
          {voters.length === 1 && <p class="muted">{words.quorum.alone}</p>}
          <Panel title={words.quorum.voters} flush><Replicas of={voters} /></Panel>
          <Panel title={words.quorum.observers} flush>
            {observers.length === 0 ? <p class="none">{words.quorum.noObservers}</p> : <Replicas of={observers} />}
          </Panel>
          <Panel title={words.quorum.store}>
            <Facts>
              <Fact name={storeFacts.kind}>{store.kind === "SQLITE" ? "SQLite" : store.kind}</Fact>
              <Fact name={storeFacts.path}><span class="mono">{store.path}</span></Fact>
              <Fact name={storeFacts.revision} hint={words.quorum.revisionHint}><Digits v={store.revision} /></Fact>
              <Fact name={storeFacts.size}><Size v={store.size} /></Fact>
            </Facts>
          </Panel>
        </>
      )}
    </Shown>
  );
}

function ConfigTab(): JSX.Element {
  const place = "/cluster/configs";
  const configs = useResource(place, (signal) => get<List<ConfigEntry>>(place, {}, signal));
  return (
    <Shown of={configs}>
      {({ data }) => (
        <ConfigEditor entries={data} own={["DYNAMIC_DEFAULT_BROKER_CONFIG"]} canChange={session.value?.read_only === false}
          preview={(change) => post<ConfigEffects>(`${place}:alter`, change)} alter={(change) => post<ConfigEffects>(`${place}:alter`, change)}
          command={(changes) => configCommand("--entity-type brokers --entity-default", changes)} onApplied={configs.reload} fileName="cluster" />
      )}
    </Shown>
  );
}

function FeaturesTab(): JSX.Element {
  const features = useResource("features", (signal) => get<Features>("/features", {}, signal));
  const names = words.features.columns;
  return (
    <Shown of={features}>
      {({ version, speaks, data }) => (
        <>
          <Panel title={words.features.broker}>
            <Facts>
              <Fact name={words.features.version}>{version}</Fact>
              <Fact name={words.features.speaks}>{speaks}</Fact>
            </Facts>
          </Panel>
          {data.length === 0
            ? <Empty title={words.features.none} action={<Link class="button plain" to="/about">{words.features.apis}</Link>}><p>{words.features.noneHint}</p></Empty>
            : (
              <Panel title={words.tabs.features} flush>
                <table class="plain-table">
                  <thead><tr><th>{names.name}</th><th class="right">{names.level}</th><th class="right">{names.supported}</th><th>{names.governs}</th></tr></thead>
                  <tbody>{data.map((one) => (
                    <tr key={one.name}>
                      <td class="mono">{one.name}</td>
                      <td class="right">{one.level ?? <span class="muted">{words.features.notFinalized}</span>}</td>
                      <td class="right">{words.features.range(one.min, one.max)}</td>
                      <td>{words.features.governs[one.name]}</td>
                    </tr>
                  ))}</tbody>
                </table>
              </Panel>
            )}
        </>
      )}
    </Shown>
  );
}

export function ClusterPage(): JSX.Element {
  const here = path.value;
  const quorum = here === "/cluster" ? here : "/cluster/quorum";
  return (
    <>
      <PageHead title={words.title} />
      <Tabs label={words.title} tabs={[
        { to: quorum, text: words.tabs.quorum }, { to: "/cluster/config", text: words.tabs.config }, { to: "/cluster/features", text: words.tabs.features },
      ]} />
      {here === "/cluster/config" ? <ConfigTab /> : here === "/cluster/features" ? <FeaturesTab /> : <QuorumTab />}
    </>
  );
}
