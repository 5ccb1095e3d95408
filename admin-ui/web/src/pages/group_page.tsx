// One group: what the broker makes of it, where it stands, who is in it, what happened to it.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Group, GroupEvent, GroupLive, GroupMember, GroupOffset, List, Results } from "../api";
import { get, groupPath, part, post, session } from "../core/client";
import { near, sum } from "../core/exact";
import { count, span } from "../core/format";
import { subscribe } from "../core/live";
import { useResource } from "../core/resource";
import { groupOf, links, navigate, type Params, param, path, setParams } from "../core/router";
import { groups as words } from "../en/groups";
import { Button, Link, LinkButton } from "../ui/button";
import { DangerDialog } from "../ui/dialog";
import { Toggle } from "../ui/forms";
import { Menu } from "../ui/menu";
import { PageHead, Panel, Tabs } from "../ui/page";
import { RangePicker } from "../ui/range";
import { SeriesChart } from "../ui/series_chart";
import { Empty, now, Shown } from "../ui/states";
import { Chip, StateOf, toneOf, Status } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { tell } from "../ui/toast";
import { Ago, Count, Digits, Fact, Facts, Rate, Span, Unknown, When } from "../ui/values";
import { DeleteGroup, DeleteOffsets } from "./delete_group";
import { eventName } from "./finding_line";
import { GroupConfig } from "./group_config";
import { TrendOf } from "./trend";

const offsetNames = words.offsets;
const offsetColumns: Column<GroupOffset>[] = [
  { id: "topic", title: offsetNames.topic, width: 190, grow: true, key: (o) => o.topic, cell: (o) => <Link to={links.topic(o.topic)}>{o.topic}</Link> },
  { id: "partition", title: offsetNames.partition, width: 82, numeric: true, key: (o) => o.partition },
  { id: "member", title: offsetNames.member, width: 170, key: (o) => o.client_id ?? o.member_id,
    cell: (o) => (o.member_id === null ? <span class="muted">{words.unassigned}</span> : <span title={o.member_id}>{o.client_id ?? o.member_id}</span>) },
  { id: "committed", title: offsetNames.committed, width: 110, numeric: true, key: (o) => near(o.committed), cell: (o) => <Digits v={o.committed} /> },
  { id: "position", title: offsetNames.position, hint: words.positionHint, width: 110, numeric: true, key: (o) => near(o.position), cell: (o) => <Digits v={o.position} /> },
  { id: "end", title: offsetNames.end, width: 110, numeric: true, key: (o) => near(o.end), cell: (o) => <Digits v={o.end} /> },
  { id: "start", title: offsetNames.start, width: 100, numeric: true, hidden: true, key: (o) => near(o.log_start), cell: (o) => <Digits v={o.log_start} /> },
  { id: "lag", title: offsetNames.lag, width: 96, numeric: true, key: (o) => near(o.lag), cell: (o) => <Count v={o.lag} />, sum: (rows) => <Count v={sum(rows.map((o) => o.lag))} /> },
  { id: "lag_ms", title: offsetNames.lagMs, hint: words.hints.lagMs, width: 108, numeric: true, key: (o) => o.lag_ms, cell: (o) => <Span ms={o.lag_ms} /> },
  { id: "commit", title: offsetNames.commit, width: 100, numeric: true, key: (o) => o.commit_ms, cell: (o) => <Ago ms={o.commit_ms} now={now.value} /> },
  { id: "metadata", title: offsetNames.metadata, width: 120, hidden: true, key: (o) => o.metadata },
  { id: "epoch", title: offsetNames.epoch, width: 100, numeric: true, hidden: true, key: (o) => o.leader_epoch },
];

function Offsets({ group }: { group: Group }): JSX.Element {
  const offsets = useResource(`offsets ${group.group}`, (signal) => get<List<GroupOffset>>(groupPath(group.group, "/offsets"), {}, signal), 3000);
  const onlyLagging = param("lagging") === "1";
  return (
    <Shown of={offsets}>
      {({ data }) => (
        <VTable id="group-offsets" label={words.tabs.overview} columns={offsetColumns} rows={onlyLagging ? data.filter((o) => (near(o.lag) ?? 0) > 0) : data}
          rowKey={(o) => `${o.topic}/${o.partition}`} filterText={(o) => `${o.topic} ${o.client_id ?? ""}`} params={{ filter: "q", sort: "sort" }}
          onOpen={(o) => navigate(`${links.topic(o.topic, "/messages")}?from=group&from_arg=${part(group.group)}&partitions=${o.partition}`)}
          tools={<Toggle on={onlyLagging} onChange={(on) => setParams({ lagging: on ? "1" : null })}>{words.onlyLagging}</Toggle>}
          empty={<Empty title={words.noOffsets} />} />
      )}
    </Shown>
  );
}

const memberNames = words.membersOf;
const memberColumns: Column<GroupMember>[] = [
  { id: "client", title: memberNames.client, width: 150, key: (m) => m.client_id,
    cell: (m) => <>{m.client_id}{m.is_leader && <> <Chip tone="info">{memberNames.leader.toLowerCase()}</Chip></>}</> },
  { id: "id", title: memberNames.id, width: 240, grow: true, key: (m) => m.member_id, cell: (m) => <code title={m.member_id}>{m.member_id}</code> },
  { id: "instance", title: memberNames.instance, width: 120, key: (m) => m.instance_id },
  { id: "host", title: memberNames.host, width: 120, key: (m) => m.host },
  { id: "software", title: memberNames.software, width: 150, key: (m) => m.software },
  { id: "partitions", title: memberNames.partitions, width: 96, numeric: true, key: (m) => m.assignment.reduce((n, one) => n + one.partitions.length, 0),
    cell: (m) => <span title={m.assignment.map((one) => `${one.topic}: ${one.partitions.join(", ")}`).join("\n")}>{m.assignment.reduce((n, one) => n + one.partitions.length, 0)}</span> },
  { id: "epoch", title: memberNames.epoch, width: 80, numeric: true, hidden: true, key: (m) => m.epoch,
    cell: (m) => (m.epoch === null ? <Unknown /> : `${m.epoch} / ${m.target_epoch ?? "–"}`) },
  { id: "session", title: memberNames.session, width: 122, numeric: true, key: (m) => m.session_timeout_ms, cell: (m) => <Span ms={m.session_timeout_ms} /> },
  { id: "rebalance", title: memberNames.rebalance, width: 132, numeric: true, hidden: true, key: (m) => m.rebalance_timeout_ms, cell: (m) => <Span ms={m.rebalance_timeout_ms} /> },
  { id: "heartbeat", title: memberNames.heartbeat, width: 118, numeric: true, key: (m) => m.heartbeat_ms, cell: (m) => <Ago ms={m.heartbeat_ms} now={now.value} /> },
];

function Members({ group }: { group: Group }): JSX.Element {
  const members = useResource(`members ${group.group}`, (signal) => get<List<GroupMember>>(groupPath(group.group, "/members"), {}, signal), 5000);
  const [removing, setRemoving] = useState<readonly GroupMember[] | null>(null);
  return (
    <Shown of={members}>
      {({ data }) => (
        <>
          <VTable id="group-members" label={words.tabs.members} columns={memberColumns} rows={data} rowKey={(m) => m.member_id}
            filterText={(m) => `${m.client_id} ${m.member_id} ${m.host}`} params={{ filter: "q", sort: "sort" }} empty={<Empty title={words.noMembers} />}
            {...(session.value?.read_only === false ? {
              bulk: (rows: readonly GroupMember[]) => <Button icon="trash" onClick={() => setRemoving(rows)}>{words.remove}</Button>,
            } : {})} />
          {removing !== null && (
            <DangerDialog title={words.removeTitle(removing.length)} word={removing.length === 1 ? (removing[0]?.client_id ?? "") : `remove ${removing.length}`}
              verb={words.removeVerb} targets={removing.map((m) => m.member_id)} command={`# AdminClient.removeMembersFromConsumerGroup("${group.group}", ...)`}
              run={() => post<Results>(groupPath(group.group, "/members:remove"), {
                members: removing.map((m) => (m.instance_id === null ? { member_id: m.member_id } : { instance_id: m.instance_id })),
              })}
              onClose={() => setRemoving(null)} onDone={() => { tell(words.removed(removing.length)); setRemoving(null); members.reload(); }}>
              <p>{words.removeText}</p>
            </DangerDialog>
          )}
        </>
      )}
    </Shown>
  );
}

function History({ group }: { group: Group }): JSX.Element {
  const history = useResource(`history ${group.group}`, (signal) => get<List<GroupEvent>>(groupPath(group.group, "/history"), {}, signal), 10_000);
  const annotations = (history.data?.data ?? []).map((one) => ({ at_ms: one.at_ms, text: eventName(one.type) }));
  return (
    <>
      <div class="columns-2">
        <Panel title={words.lagOverTime} actions={<RangePicker />}>
          <SeriesChart title={words.lagOverTime} labels={[`group:${group.group}`]} format={count} annotations={annotations} metrics={[{ name: "group.lag", label: words.columns.lag }]} />
        </Panel>
        <Panel title={words.lagTimeOverTime}>
          <SeriesChart title={words.lagTimeOverTime} labels={[`group:${group.group}`]} format={span} annotations={annotations} metrics={[{ name: "group.lag_ms", label: words.columns.lagMs }]} />
        </Panel>
      </div>
      <Panel title={words.tabs.history} flush>
        <Shown of={history}>
          {({ data }) => (data.length === 0 ? <p class="none">{words.noHistory}</p> : (
            <ul class="timeline">
              {data.map((one, i) => (
                <li key={`${one.at_ms} ${i}`}><When ms={one.at_ms} /><span>{eventName(one.type)}</span><span class="muted">{one.detail}</span>
                  <span>{one.duration_ms === null ? "" : <Span ms={one.duration_ms} />}</span></li>
              ))}
            </ul>
          ))}
        </Shown>
      </Panel>
    </>
  );
}

function Verdict({ group }: { group: Group }): JSX.Element {
  const { severity, text, suggestion, code } = group.verdict;
  const tone = code === "OK" ? "ok" : toneOf(severity);
  const facts = words.facts;
  return (
    <section class={`verdict ${tone === "ok" || tone === "info" ? "" : tone}`}>
      <div class="stack">
        <div><h2><Status tone={tone}>{text}</Status></h2>{suggestion && <p class="muted">{suggestion}</p>}</div>
        <Facts>
          <Fact name={facts.lag}><Count v={group.lag} /></Fact>
          <Fact name={facts.lagMs}><Span ms={group.lag_ms} /></Fact>
          <Fact name={facts.trend}><TrendOf trend={group.trend} eta={group.eta_ms} /></Fact>
          <Fact name={facts.rate}><Rate v={group.consume_rate} /></Fact>
          <Fact name={facts.commit}><Span ms={group.commit_age_ms} /></Fact>
          <Fact name={facts.members}><Digits v={group.members} /></Fact>
          <Fact name={facts.type}>{group.type.toLowerCase()}</Fact>
          <Fact name={facts.epoch}>{group.epoch}</Fact>
          <Fact name={facts.assignor}>{group.assignor ?? <Unknown />}</Fact>
          <Fact name={facts.coordinator}><Link to={links.broker(group.coordinator)}>{group.coordinator}</Link></Fact>
          <Fact name={facts.rebalances}><Digits v={group.rebalances_1h} /></Fact>
        </Facts>
      </div>
    </section>
  );
}

export function GroupPage({ params }: { params: Params }): JSX.Element {
  const name = groupOf(params);
  const group = useResource(`group ${name}`, (signal) => get<Group>(groupPath(name), {}, signal), 5000);
  const [live, setLive] = useState<Partial<GroupLive>>({});
  useEffect(() => subscribe<"group">(`group:${part(name)}`, (data) => setLive((old) => ({ ...old, ...data }))), [name]);
  useEffect(() => setLive({}), [group.at]);
  const [dialog, setDialog] = useState<"delete" | "offsets" | null>(null);
  const tab = /\/(members|history|config)$/.exec(path.value)?.[1] ?? "offsets";
  const close = (): void => setDialog(null);
  const canChange = session.value?.read_only === false;
  const parent = { to: "/groups", text: words.title };
  const isThere = group.error?.status !== 404;
  return (
    <>
      <PageHead code title={name} parent={parent} sub={group.data && <StateOf state={live.state ?? group.data.state} />}
        actions={canChange && isThere && (
          <>
            <LinkButton icon="reset" to={links.group(name, "/reset")}>{words.reset}</LinkButton>
            <Menu label={words.rowMenu(name)} items={[
              { text: words.deleteOffsets, icon: "trash", danger: true, run: () => setDialog("offsets") },
              { text: words.delete, icon: "trash", danger: true, run: () => setDialog("delete") },
            ]} />
          </>
        )} />
      {isThere && <Tabs label={name || words.emptyId} tabs={[
        { to: links.group(name), text: words.tabs.overview },
        { to: links.group(name, "/members"), text: words.tabs.members, ...(group.data ? { count: group.data.members } : {}) },
        { to: links.group(name, "/history"), text: words.tabs.history }, { to: links.group(name, "/config"), text: words.tabs.config },
      ]} />}
      <Shown of={group} what={words.what(name)} back={{ to: "/groups", text: words.title }}>
        {(data) => (
          <>
            <Verdict group={{ ...data, ...live }} />
            {tab === "members" ? <Members group={data} /> : tab === "history" ? <History group={data} />
              : tab === "config" ? <GroupConfig group={name} /> : <Offsets group={data} />}
            {dialog === "offsets" && <DeleteOffsets group={name} topics={data.topics} onClose={close} onDone={() => { close(); group.reload(); }} />}
          </>
        )}
      </Shown>
      {dialog === "delete" && <DeleteGroup group={name} onClose={close} onDone={() => navigate("/groups")} />}
    </>
  );
}

