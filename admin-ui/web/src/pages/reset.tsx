// Moving a group's offsets: which partitions, to where, a preview of each, and only then the change,
// which the broker refuses if a commit moved meanwhile.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ApplyReset, Group, GroupMember, List, ResetPlan, ResetRequest, ResetStep, ResetStrategy, Results } from "../api";
import { parsePartitions } from "../core/browse_state";
import { ApiError, get, groupPath, post, session } from "../core/client";
import { parseCsv } from "../core/csv";
import { near } from "../core/exact";
import { digits, parseSpan, parseTime, span } from "../core/format";
import { zone } from "../core/prefs";
import { useResource } from "../core/resource";
import { groupOf, links, navigate, param, type Params } from "../core/router";
import { common } from "../en/common";
import { groups, reset as words } from "../en/groups";
import { Button, CommandLine } from "../ui/button";
import { ResultList, useAction } from "../ui/dialog";
import { Check, Field, Segmented, Text } from "../ui/forms";
import { PageHead, Panel } from "../ui/page";
import { Empty, Problem, Shown } from "../ui/states";
import { Chip } from "../ui/status";
import { type Column, VTable } from "../ui/table";
import { tell } from "../ui/toast";
import { Digits, Unknown } from "../ui/values";

type Kind = ResetStrategy["type"];
const kinds: Kind[] = ["earliest", "latest", "time", "offset", "shift", "duration", "group", "explicit"];

/** A strategy, or a sentence on what is missing. */
function strategyOf(kind: Kind, arg: string): ResetStrategy | string {
  switch (kind) {
    case "earliest": case "latest": return { type: kind };
    case "time": {
      const ms = parseTime(arg, zone.value, Date.now());
      return ms === null ? words.timeHint : { type: kind, ms };
    }
    case "offset": return /^\d+$/.test(arg.trim()) ? { type: kind, offset: arg.trim() } : words.offset;
    case "shift": return /^[+-]?\d+$/.test(arg.trim()) ? { type: kind, by: arg.trim().replace("+", "") } : words.shift;
    case "duration": {
      const ms = parseSpan(arg);
      return ms === null || arg.trim() === "" ? words.duration : { type: kind, ms };
    }
    case "group": return arg === "" ? words.group : { type: kind, group: arg };
    case "explicit": {
      const rows = parseCsv(arg).filter((row) => row.join("") !== "" && row[0] !== "topic");
      const bad = rows.find((row) => row.length < 3 || !/^\d+$/.test(row[1]?.trim() ?? "") || !/^\d+$/.test(row[2]?.trim() ?? ""));
      if (rows.length === 0) return words.csv;
      if (bad) return words.csvBad(bad.join(","));
      return { type: kind, offsets: rows.map((row) => ({ topic: row[0] ?? "", partition: Number(row[1]), offset: row[2]?.trim() ?? "0" })) };
    }
  }
}

const hintOf: Partial<Record<Kind, string>> = {
  time: words.timeHint, offset: "98331", shift: "-1000", duration: words.duration, group: words.group, explicit: words.csv,
};

const names = words.columns;
const signed = (text: string): string => (text.startsWith("-") || text === "0" ? digits(text) : `+${digits(text)}`);
const planColumns: Column<ResetStep>[] = [
  { id: "topic", title: names.topic, width: 220, grow: true, key: (s) => s.topic },
  { id: "partition", title: names.partition, width: 90, numeric: true, key: (s) => s.partition },
  { id: "before", title: names.before, width: 130, numeric: true, key: (s) => near(s.before), cell: (s) => <Digits v={s.before} /> },
  { id: "after", title: names.after, width: 130, numeric: true, key: (s) => near(s.after), cell: (s) => <strong><Digits v={s.after} /></strong> },
  { id: "delta", title: names.delta, width: 120, numeric: true, key: (s) => near(s.delta), cell: (s) => (s.delta === null ? <Unknown /> : signed(s.delta)) },
  { id: "delta_ms", title: names.deltaMs, width: 130, numeric: true, key: (s) => s.delta_ms, cell: (s) => (s.delta_ms === null ? <Unknown /> : span(s.delta_ms)) },
  { id: "warning", title: names.warning, width: 170, key: (s) => s.warning,
    cell: (s) => s.warning && <Chip tone={s.warning === "NO_CHANGE" ? "idle" : "warn"}>{words.warnings[s.warning] ?? s.warning}</Chip> },
];

function Blocked({ group, members }: { group: string; members: number }): JSX.Element {
  const active = useResource(`reset members ${group}`, (signal) => get<List<GroupMember>>(groupPath(group, "/members"), {}, signal));
  return (
    <div class="problem">
      <div class="stack">
        <p>{words.blocked(members)}</p>
        <ul>{active.data?.data.map((one) => <li key={one.member_id}><code>{one.client_id}</code> {one.host}</li>)}</ul>
      </div>
    </div>
  );
}

function Plan({ group, plan, onMoved, onDone }: { group: string; plan: ResetPlan; onMoved: () => void; onDone: () => void }): JSX.Element {
  const { busy, error, run, setError } = useAction();
  const [results, setResults] = useState<Results["results"]>([]);
  const changing = plan.plan.filter((step) => step.before !== step.after);
  const apply = () => run(async () => {
    try {
      const body: ApplyReset = { plan: changing.map(({ topic, partition, before, after }) => ({ topic, partition, before, after })) };
      const answer = await post<Results>(groupPath(group, "/offsets:reset"), body);
      if (answer.results.some((one) => one.status >= 400)) return setResults(answer.results);
      tell(words.applied(changing.length));
      onDone();
    } catch (problem) {
      if (!(problem instanceof ApiError) || problem.status !== 409 || problem.info.kafka_name === "NON_EMPTY_GROUP") throw problem;
      onMoved();
      setError(words.moved);
    }
  });
  return (
    <>
      <Problem error={error} />
      {plan.active_members > 0 && <Blocked group={group} members={plan.active_members} />}
      <VTable id="reset-plan" label={words.plan} columns={planColumns} rows={plan.plan} rowKey={(s) => `${s.topic}/${s.partition}`} maxRows={14}
        empty={<Empty title={words.nothing} />} />
      <ResultList results={results} />
      <div class="row-line">
        <Button look="danger" disabled={busy || plan.active_members > 0 || changing.length === 0} onClick={apply}>{words.applyVerb(changing.length)}</Button>
        <Button onClick={() => navigate(links.group(group))}>{common.cancel}</Button>
      </div>
      <CommandLine text={plan.cli} />
    </>
  );
}

function ResetForm({ group }: { group: Group }): JSX.Element {
  // A link may say where to: ?topic=orders&partition=0&offset=3.
  const [topic, offset] = [param("topic"), param("offset")];
  const [chosen, setChosen] = useState<string[]>(topic === "" ? group.topics : [topic]);
  const [extra, setExtra] = useState("");
  const [partitions, setPartitions] = useState(param("partition"));
  const [kind, setKind] = useState<Kind>(offset === "" ? "earliest" : "offset");
  const [arg, setArg] = useState(offset);
  const [plan, setPlan] = useState<ResetPlan | null>(null);
  const { busy, error, run } = useAction();
  const strategy = strategyOf(kind, arg);
  const numbers = parsePartitions(partitions);
  const topics = [...chosen, ...(extra.trim() === "" ? [] : [extra.trim()])];
  const isValid = typeof strategy !== "string" && numbers !== undefined && (kind === "explicit" || topics.length > 0);
  const preview = () => run(async () => {
    if (typeof strategy === "string" || numbers === undefined) return;
    const request: ResetRequest = { strategy, partitions: kind === "explicit" ? [] : topics.map((topic) => ({ topic, partitions: numbers })) };
    setPlan(await post<ResetPlan>(groupPath(group.group, "/offsets:preview"), request));
  });
  const edited = <T,>(set: (value: T) => void) => (value: T): void => {
    set(value);
    setPlan(null);
  };
  return (
    <>
      <Panel>
        <form class="stack" onSubmit={(event) => { event.preventDefault(); if (isValid && !busy) void preview(); }}>
          <div class="field">
            <span>{words.to}</span>
            <Segmented label={words.to} value={kind} onChange={edited((next: Kind) => { setKind(next); setArg(""); })}
              options={kinds.map((value) => ({ value, text: words.strategies[value] }))} />
          </div>
          {kind === "explicit"
            ? <Field name={words.csv} error={arg !== "" && typeof strategy === "string" ? strategy : null}>
                <textarea rows={5} class="mono" value={arg} spellcheck={false} onInput={(event) => edited(setArg)(event.currentTarget.value)} />
              </Field>
            : hintOf[kind] && (
                <Field name={words.strategies[kind]} error={arg !== "" && typeof strategy === "string" ? strategy : null}>
                  <Text mono value={arg} onChange={edited(setArg)} placeholder={hintOf[kind]} />
                </Field>
              )}
          {kind !== "explicit" && (
            <>
              <div class="field">
                <span>{words.what}</span>
                <div class="row-line">
                  {group.topics.map((topic) => (
                    <Check key={topic} checked={chosen.includes(topic)}
                      onChange={edited((on: boolean) => setChosen(on ? [...chosen, topic] : chosen.filter((one) => one !== topic)))}><code>{topic}</code></Check>
                  ))}
                  {group.topics.length === 0 && <span class="muted">{words.noTopics}</span>}
                  <Text mono value={extra} onChange={edited(setExtra)} label={words.topic} placeholder={words.topic} />
                </div>
              </div>
              <Field name={words.partitions} hint={words.partitionsHint}>
                <Text mono value={partitions} onChange={edited(setPartitions)} placeholder={words.allPartitions} invalid={numbers === undefined} />
              </Field>
            </>
          )}
          <Problem error={error} />
          <div class="row-line"><Button type="submit" look={plan ? "plain" : "primary"} disabled={!isValid || busy}>{words.preview}</Button></div>
        </form>
      </Panel>
      {plan && (
        <Panel title={words.plan}>
          <div class="stack"><Plan group={group.group} plan={plan} onMoved={() => void preview()} onDone={() => navigate(links.group(group.group))} /></div>
        </Panel>
      )}
    </>
  );
}

export function ResetPage({ params }: { params: Params }): JSX.Element {
  const name = groupOf(params);
  const group = useResource(`reset ${name}`, (signal) => get<Group>(groupPath(name), {}, signal));
  return (
    <>
      <PageHead title={words.title(name)} parent={{ to: links.group(name), text: name || groups.emptyId }} />
      {session.value?.read_only ? <Empty title={common.nothingDone} /> : (
        <Shown of={group} what={groups.what(name)} back={{ to: "/groups", text: groups.title }}>{(data) => <ResetForm group={data} />}</Shown>
      )}
    </>
  );
}
