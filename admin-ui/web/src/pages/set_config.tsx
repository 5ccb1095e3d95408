// One setting of several topics: what it comes to for each, then the change.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ConfigEffects, ConfigEntry, List, TargetResult, Topic } from "../api";
import { ApiError, get, messageOf, part, post } from "../core/client";
import { forEachTopic } from "../core/each_topic";
import { type TopicFile, toYaml } from "../core/config_export";
import { readable } from "../core/config_value";
import { saveFile } from "../core/download";
import { common } from "../en/common";
import { config as configWords } from "../en/config";
import { topics as words } from "../en/topics";
import { Button, CommandLine } from "../ui/button";
import { configCommand } from "../ui/config_editor";
import { Dialog, ResultList, useAction } from "../ui/dialog";
import { Field, Select, Text } from "../ui/forms";
import { Problem } from "../ui/states";
import { tell } from "../ui/toast";

const configPath = (topic: string): string => `/topics/${part(topic)}/configs`;
type Effect = ConfigEffects["changes"][number];

function Effects({ topics, outcomes, entry }: {
  topics: readonly string[];
  outcomes: readonly (ConfigEffects | ApiError)[];
  entry: ConfigEntry;
}): JSX.Element {
  const shown = (value: string | null): string => readable(entry, value) || configWords.notSet;
  const row = (change: Effect | undefined): JSX.Element => (change === undefined ? <td colSpan={2} /> : <>
    <td><del>{shown(change.before)}</del> → <ins>{shown(change.after)}</ins></td>
    <td>{change.effect ?? <span class="muted">{configWords.noEffect}</span>}{change.warning && <p class="warn-text">▲ {change.warning}</p>}</td>
  </>);
  return (
    <table class="plain-table effects">
      <thead><tr><th>{words.columns.topic}</th><th>{configWords.change}</th><th>{configWords.effect}</th></tr></thead>
      <tbody>
        {outcomes.map((one, i) => (
          <tr key={topics[i]}>
            <td class="mono">{topics[i]}</td>
            {one instanceof ApiError ? <td colSpan={2} class="crit">{one.message}</td> : row(one.changes[0])}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function SetConfig({ topics, onClose, onDone }: {
  topics: readonly string[];
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const [entries, setEntries] = useState<ConfigEntry[]>([]);
  const [name, setName] = useState("retention.ms");
  const [value, setValue] = useState("");
  const [outcomes, setOutcomes] = useState<(ConfigEffects | ApiError)[] | null>(null);
  const [results, setResults] = useState<TargetResult[] | null>(null);
  const { busy, error, run, setError } = useAction();
  useEffect(() => {
    get<List<ConfigEntry>>(configPath(topics[0] ?? "")).then(({ data }) => setEntries(data), (problem: unknown) =>
      setError(problem instanceof ApiError ? problem : messageOf(problem)));
  }, []);
  const entry = entries.find((one) => one.name === name);
  const change = { name, value, operation: "SET" as const };
  const alter = (topic: string) => post<ConfigEffects>(`${configPath(topic)}:alter`, { data: [change] });
  const review = () => run(async () => setOutcomes(await forEachTopic(topics, (topic) =>
    post<ConfigEffects>(`${configPath(topic)}:preview`, { data: [change], validate_only: true }))));
  const apply = () => run(async () => {
    const done = (await forEachTopic(topics, alter)).map((one, i): TargetResult => ({
      target: topics[i] ?? "", status: one instanceof ApiError ? one.status : 204, ...(one instanceof ApiError ? { error: one.info } : {}),
    }));
    if (done.some((one) => one.error)) return setResults(done);
    tell(words.configSet(name, topics.length));
    onDone();
  });
  const set = (act: () => void): void => {
    act();
    setOutcomes(null);
  };
  if (results !== null) {
    return (
      <Dialog title={common.results} onClose={onDone} actions={<Button onClick={onDone}>{common.close}</Button>}><ResultList results={results} /></Dialog>
    );
  }
  return (
    <Dialog title={words.setConfigTitle(topics.length, topics[0] ?? "")} wide onClose={onClose} actions={<>
      <Button onClick={onClose}>{common.cancel}</Button>
      {outcomes === null
        ? <Button key="review" look="primary" disabled={busy || value === ""} onClick={review}>{words.previewConfig}</Button>
        : <Button key="apply" look="primary" disabled={busy || outcomes.every((one) => one instanceof ApiError)} onClick={apply}>{common.apply}</Button>}
    </>}>
      <div class="columns-2">
        <Field name={configWords.setting} hint={entry?.documentation}>
          <Select value={name} onChange={(next) => set(() => setName(next))} options={entries.map((one) => ({ value: one.name, text: one.name }))} />
        </Field>
        <Field name={words.configValue} hint={entry?.valid ? `${configWords.valid}: ${entry.valid}` : undefined}>
          <Text value={value} onChange={(next) => set(() => setValue(next))} mono onEnter={() => void review()} />
        </Field>
      </div>
      {outcomes !== null && entry && <Effects topics={topics} outcomes={outcomes} entry={entry} />}
      <Problem error={error} />
      <CommandLine text={topics.map((topic) => configCommand(`--entity-type topics --entity-name ${topic}`, [change])).join("\n")} />
    </Dialog>
  );
}

async function fileOf(name: string): Promise<TopicFile> {
  const [topic, configs] = await Promise.all([get<Topic>(`/topics/${part(name)}`), get<List<ConfigEntry>>(configPath(name))]);
  return {
    topic: name, partitions: topic.partitions, replicationFactor: topic.rf,
    configs: configs.data.filter((one) => one.source === "DYNAMIC_TOPIC_CONFIG").map((one) => [one.name, one.value ?? ""]),
  };
}

/** The topics with what is set for them alone, as a file. */
export async function exportTopics(topics: readonly string[]): Promise<void> {
  const files: TopicFile[] = [];
  for (const topic of topics) files.push(await fileOf(topic));
  saveFile(`${topics.length === 1 ? topics[0] : "topics"}.yaml`, toYaml(files), "application/yaml");
}
