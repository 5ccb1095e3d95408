// Deleting a group, or its offsets of topics.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Group, Results } from "../api";
import { get, groupPath, post, send } from "../core/client";
import { useResource } from "../core/resource";
import { common } from "../en/common";
import { groups as words } from "../en/groups";
import { topics } from "../en/topics";
import { Button, CommandLine } from "../ui/button";
import { DangerDialog, Dialog, ResultList, useAction } from "../ui/dialog";
import { Check } from "../ui/forms";
import { Problem, Shown } from "../ui/states";
import { tell } from "../ui/toast";
import { Count, Digits, Fact, Facts } from "../ui/values";

export function DeleteGroup({ group, onClose, onDone }: { group: string; onClose: () => void; onDone: () => void }): JSX.Element {
  const detail = useResource(`delete ${group}`, (signal) => get<Group>(groupPath(group), {}, signal));
  const run = async (): Promise<Results> => {
    await send<void>("DELETE", groupPath(group));
    return { results: [{ target: group, status: 204 }] };
  };
  return (
    <DangerDialog title={words.deleteTitle(group)} word={group || "empty"} verb={words.deleteVerb} targets={[group]} run={run} onClose={onClose}
      command={`kafka-consumer-groups.sh --bootstrap-server BROKER --delete --group ${group}`}
      onDone={() => { tell(words.deleted(group)); onDone(); }}>
      <p>{words.deleteText}</p>
      <Shown of={detail} what={words.what(group)}>
        {(data) => (
          <Facts>
            <Fact name={words.facts.members}><span class={data.members > 0 ? "crit" : ""}><Digits v={data.members} /></span></Fact>
            <Fact name={words.columns.topics}>{data.topics.join(", ") || common.none}</Fact>
            <Fact name={words.facts.lag}><Count v={data.lag} /></Fact>
          </Facts>
        )}
      </Shown>
    </DangerDialog>
  );
}

export function DeleteOffsets({ group, topics: all, onClose, onDone }: {
  group: string;
  topics: readonly string[];
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const [chosen, setChosen] = useState<string[]>([]);
  const [results, setResults] = useState<Results["results"]>([]);
  const { busy, error, run } = useAction();
  const go = () => run(async () => {
    const answer = await post<Results>(groupPath(group, "/offsets:delete"), { topics: chosen });
    if (answer.results.some((one) => one.status >= 400)) return setResults(answer.results);
    tell(words.offsetsDeleted);
    onDone();
  });
  return (
    <Dialog title={words.deleteOffsetsTitle(group)} tone="danger" onClose={onClose} actions={<>
      <Button onClick={onClose} autofocus>{common.cancel}</Button>
      <Button look="danger" disabled={busy || chosen.length === 0} onClick={go}>{topics.deleteVerb}</Button>
    </>}>
      <p>{words.deleteOffsetsText}</p>
      <div class="stack">
        {all.map((topic) => (
          <Check key={topic} checked={chosen.includes(topic)}
            onChange={(on) => setChosen(on ? [...chosen, topic] : chosen.filter((one) => one !== topic))}><code>{topic}</code></Check>
        ))}
      </div>
      <ResultList results={results} />
      <Problem error={error} />
      <CommandLine text={chosen.map((topic) => `kafka-consumer-groups.sh --bootstrap-server BROKER --delete-offsets --group ${group} --topic ${topic}`).join("\n")} />
    </Dialog>
  );
}
