// Deleting topics, and emptying one: what it would cost comes first.
import type { JSX } from "preact";
import type { DeletedRecords, DeletePreview, Results, TargetResult } from "../api";
import { ApiError, part, post } from "../core/client";
import { forEachTopic } from "../core/each_topic";
import { sum } from "../core/exact";
import { useResource } from "../core/resource";
import { topics as words } from "../en/topics";
import { DangerDialog } from "../ui/dialog";
import { Shown } from "../ui/states";
import { tell } from "../ui/toast";
import { Count, Digits, Fact, Facts, Size } from "../ui/values";

function Blast({ topics }: { topics: readonly string[] }): JSX.Element {
  const preview = useResource(`blast ${topics.join()}`, () => post<DeletePreview>("/topics:delete-preview", { topics }));
  const blast = words.blast;
  return (
    <Shown of={preview}>
      {({ topics: all }) => {
        const groups = [...new Map(all.flatMap((one) => one.groups).map((one) => [one.group, one])).values()];
        const producers = [...new Set(all.flatMap((one) => one.producers))];
        const members = groups.reduce((total, one) => total + one.members, 0);
        return (
          <>
            <Facts>
              <Fact name={blast.records}><Count v={sum(all.map((one) => one.records))} upTo={all.some((one) => !one.records_exact)} /></Fact>
              <Fact name={blast.size}><Size v={sum(all.map((one) => one.size))} /></Fact>
              <Fact name={blast.partitions}><Digits v={all.reduce((total, one) => total + one.partitions, 0)} /></Fact>
              <Fact name={blast.members}><span class={members > 0 ? "crit" : ""}><Digits v={members} /></span></Fact>
            </Facts>
            <Names title={blast.groups} names={groups.map((one) => one.group)} />
            <Names title={blast.producers} names={producers} />
          </>
        );
      }}
    </Shown>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }): JSX.Element {
  return (
    <div>
      <h3>{title}</h3>
      {names.length === 0 ? <p class="muted">{words.blast.nobody}</p> : (
        <p class="tag-list">{names.slice(0, 20).map((name) => <code class="chip" key={name}>{name || "(empty)"}</code>)}{names.length > 20 && "…"}</p>
      )}
    </div>
  );
}

export function DeleteTopics({ topics, onClose, onDone }: {
  topics: readonly string[];
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const [n, name] = [topics.length, topics[0] ?? ""];
  return (
    <DangerDialog title={words.deleteTitle(n, name)} word={words.deleteWord(n, name)} verb={words.deleteVerb} targets={topics}
      command={topics.map((topic) => `kafka-topics.sh --bootstrap-server BROKER --delete --topic ${topic}`).join("\n")}
      run={() => post<Results>("/topics:delete", { topics })} onClose={onClose}
      onDone={() => { tell(words.deleted(n, name)); onDone(); }}>
      <Blast topics={topics} />
    </DangerDialog>
  );
}

export interface Emptied {
  topic: string;
  partitions: number;
}

export function EmptyTopics({ topics, onClose, onDone }: {
  topics: readonly Emptied[];
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const names = topics.map((one) => one.topic);
  const [n, name] = [names.length, names[0] ?? ""];
  const idsOf = ({ partitions }: Emptied): number[] => Array.from({ length: partitions }, (_, id) => id);
  const empty = async (one: Emptied): Promise<TargetResult[]> => {
    const { partitions: done } = await post<DeletedRecords>(`/topics/${part(one.topic)}/records:delete`, {
      partitions: idsOf(one).map((id) => ({ id, before: "high_watermark" })),
    });
    return done.map(({ partition, error }) => ({
      target: `${one.topic}-${partition}`, status: error?.status ?? 204, ...(error ? { error } : {}),
    }));
  };
  const run = async (): Promise<Results> => {
    const outcomes = await forEachTopic(names, (_, i) => empty(topics[i] as Emptied));
    return {
      results: outcomes.flatMap((one, i) => (one instanceof ApiError ? [{ target: names[i] ?? "", status: one.status, error: one.info }] : one)),
    };
  };
  const file = JSON.stringify({ partitions: topics.flatMap((one) => idsOf(one).map((partition) => ({ topic: one.topic, partition, offset: -1 }))), version: 1 });
  return (
    <DangerDialog title={words.emptyTitle(n, name)} word={words.emptyWord(n, name)} verb={words.emptyVerb} targets={names}
      command={`kafka-delete-records.sh --bootstrap-server BROKER --offset-json-file empty.json\n# empty.json: ${file}`}
      run={run} onClose={onClose} onDone={() => { tell(words.emptied(n, name)); onDone(); }}>
      <p>{words.emptyText}</p>
      <Blast topics={names} />
    </DangerDialog>
  );
}
