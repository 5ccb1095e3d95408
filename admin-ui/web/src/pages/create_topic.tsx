// One page to create a topic, or to clone one: the broker judges while it is filled in.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { CreatedTopic, TopicSummary } from "../api";
import { ApiError, get, part, post } from "../core/client";
import { size } from "../core/format";
import { useResource } from "../core/resource";
import { links, navigate, param } from "../core/router";
import { common } from "../en/common";
import { topics } from "../en/topics";
import { Button, CommandLine, LinkButton } from "../ui/button";
import { useAction } from "../ui/dialog";
import { Field, Select, Text } from "../ui/forms";
import { Icon } from "../ui/icon";
import { PageHead, Panel } from "../ui/page";
import { Problem } from "../ui/states";
import { Status } from "../ui/status";
import { tell } from "../ui/toast";
import {
  blankForm, configsOf, createCommand, moreProblem, nameProblem, parseRetention, parseSize, retentionProblem, sizeProblem,
  type TopicForm, wholeProblem,
} from "./topic_form";

const words = topics.form;

function useNames(): string[] {
  const summary = useResource("names", (signal) => get<TopicSummary>("/topics", { view: "summary", fields: "topic" }, signal));
  return summary.data?.cols.topic ?? [];
}

/** What the broker says of it, a moment after the last keystroke. */
function useJudgement(ask: (() => Promise<CreatedTopic>) | null, key: string) {
  const [judgement, setJudgement] = useState<{ key: string; error: ApiError | null } | null>(null);
  useEffect(() => {
    if (!ask) return;
    let alive = true;
    const timer = setTimeout(() => {
      ask().then(
        () => alive && setJudgement({ key, error: null }),
        (error: unknown) => alive && error instanceof ApiError && setJudgement({ key, error }),
      );
    }, 350);
    return () => {
      alive = false;
      clearTimeout(timer);
    };
  }, [key, ask === null]);
  return judgement?.key === key ? judgement : null;
}

function Warnings({ form }: { form: TopicForm }): JSX.Element {
  const warnings = [
    ...(form.rf === "1" ? [words.warnRf1] : []),
    ...(form.minIsr !== "" && form.minIsr === form.rf && form.rf !== "1" ? [words.warnMinIsr] : []),
    ...(Number(form.partitions) > 4000 ? [words.warnPartitions] : []),
  ];
  return <ul class="hints">{warnings.map((text) => <li key={text}><Icon name="warning" />{text}</li>)}</ul>;
}

function Estimate({ form }: { form: TopicForm }): JSX.Element {
  const [rate, setRate] = useState("1 MiB");
  const bytes = parseSize(rate);
  const retention = form.retention === "" ? 604_800_000 : (parseRetention(form.retention) ?? -1);
  const limit = form.retentionBytes === "" ? -1 : (parseSize(form.retentionBytes) ?? -1);
  const atLimit = limit >= 0 ? limit * Number(form.partitions || 1) : Infinity;
  const atTime = retention >= 0 && bytes !== undefined ? (bytes * retention) / 1000 : Infinity;
  const expected = Math.min(atLimit, atTime);
  return (
    <>
      <Field name={words.rate}><Text value={rate} onChange={setRate} invalid={bytes === undefined} /></Field>
      <p>
        {!Number.isFinite(expected) ? words.estimateUnlimited
          : atLimit <= atTime ? words.estimateSize(size(atLimit)) : words.estimateAt(`${size(bytes ?? 0)}/s`, size(expected))}
      </p>
    </>
  );
}

export function CreateTopicPage(): JSX.Element {
  const source = param("clone");
  const names = useNames();
  const [form, setForm] = useState<TopicForm>({ ...blankForm, name: source ? `${source}-copy` : "" });
  const { busy, error, run } = useAction();
  const set = (changes: Partial<TopicForm>): void => setForm({ ...form, ...changes });
  const problems = [
    nameProblem(form.name, names), wholeProblem(form.partitions), wholeProblem(form.rf), wholeProblem(form.minIsr),
    retentionProblem(form.retention), sizeProblem(form.retentionBytes), sizeProblem(form.maxMessage), moreProblem(form.more),
  ];
  const isComplete = problems.every((problem) => problem === null);
  const request = (validateOnly: boolean): Promise<CreatedTopic> =>
    source
      ? post<CreatedTopic>(`/topics/${part(source)}:clone`, { name: form.name, validate_only: validateOnly })
      : post<CreatedTopic>("/topics", {
          name: form.name,
          ...(form.partitions ? { partitions: Number(form.partitions) } : {}),
          ...(form.rf ? { replication_factor: Number(form.rf) } : {}),
          configs: configsOf(form),
          validate_only: validateOnly,
        });
  const judgement = useJudgement(isComplete ? () => request(true) : null, JSON.stringify(form));
  const submit = () => run(async () => {
    await request(false);
    tell(words.created(form.name));
    navigate(links.topic(form.name));
  });
  const [nameError, partitionsError, rfError, minIsrError, retentionError, bytesError, maxError, moreError] = problems;
  return (
    <>
      <PageHead title={source ? words.cloneTitle(source) : words.title} parent={{ to: "/topics", text: topics.title }} />
      <form class="split" onSubmit={(event) => { event.preventDefault(); if (isComplete && !busy) void submit(); }}>
        <Panel>
          <div class="stack">
            <Field name={words.name} hint={words.nameHint} error={form.name === "" ? null : (nameError ?? null)}>
              <Text value={form.name} onChange={(name) => set({ name })} mono wide invalid={form.name !== "" && nameError !== null} />
            </Field>
            {source ? <p class="muted">{words.sameAs(source)}</p> : (
              <>
                <div class="fields">
                  <Field name={words.partitions} error={partitionsError ?? null}>
                    <Text value={form.partitions} onChange={(partitions) => set({ partitions })} placeholder={words.byDefault} />
                  </Field>
                  <Field name={words.rf} error={rfError ?? null}>
                    <Text value={form.rf} onChange={(rf) => set({ rf })} placeholder={words.byDefault} />
                  </Field>
                  <Field name={words.cleanup}>
                    <Select value={form.cleanup} onChange={(cleanup) => set({ cleanup })}
                      options={(["delete", "compact", "both"] as const).map((value) => ({ value, text: words.cleanups[value] }))} />
                  </Field>
                  <Field name={words.retention} error={retentionError ?? null}>
                    <Text value={form.retention} onChange={(retention) => set({ retention })} placeholder="7d, 12h, unlimited" />
                  </Field>
                  <Field name={words.retentionBytes} error={bytesError ?? null}>
                    <Text value={form.retentionBytes} onChange={(retentionBytes) => set({ retentionBytes })} placeholder="10 GiB, unlimited" />
                  </Field>
                  <Field name={words.minIsr} error={minIsrError ?? null}>
                    <Text value={form.minIsr} onChange={(minIsr) => set({ minIsr })} placeholder={words.byDefault} />
                  </Field>
                  <Field name={words.maxMessage} error={maxError ?? null}>
                    <Text value={form.maxMessage} onChange={(maxMessage) => set({ maxMessage })} placeholder="1 MiB" />
                  </Field>
                </div>
                <Field name={words.more} hint={words.moreHint} error={moreError ?? null}>
                  <textarea rows={3} class="mono" value={form.more} spellcheck={false} placeholder={"compression.type=zstd\nsegment.bytes=268435456"}
                    onInput={(event) => set({ more: event.currentTarget.value })} />
                </Field>
              </>
            )}
            <Problem error={error} />
            <div class="row-line">
              <Button type="submit" look="primary" disabled={!isComplete || busy}>{words.submit}</Button>
              <LinkButton to="/topics">{common.cancel}</LinkButton>
            </div>
          </div>
        </Panel>
        <div class="stack">
          <Panel title={words.effects}>
            <div class="stack">
              {isComplete && (judgement === null
                ? <p class="muted">{words.checking}</p>
                : judgement.error ? <Problem error={judgement.error} /> : <Status tone="ok">{words.valid}</Status>)}
              <Warnings form={form} />
              {!source && <Estimate form={form} />}
              <CommandLine open text={createCommand(form)} />
            </div>
          </Panel>
        </div>
      </form>
    </>
  );
}
