// Deleting the oldest records of partitions: previewed, then confirmed by typing the topic's name.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { DeletedRecords, DeleteRecords, Results } from "../api";
import { part, post } from "../core/client";
import { sum } from "../core/exact";
import { parseTime } from "../core/format";
import { zone } from "../core/prefs";
import { common } from "../en/common";
import { topic as words } from "../en/topic";
import { topics } from "../en/topics";
import { Button } from "../ui/button";
import { DangerDialog, Dialog, useAction } from "../ui/dialog";
import { Field, Segmented, Select, Text } from "../ui/forms";
import { Problem } from "../ui/states";
import { tell } from "../ui/toast";
import { Digits } from "../ui/values";

type Kind = "offset" | "time" | "all";

function requestOf(ids: readonly number[], kind: Kind, bound: string): DeleteRecords | null {
  const time = kind === "time" ? parseTime(bound, zone.value, Date.now()) : null;
  if (kind === "offset" && !/^\d+$/.test(bound)) return null;
  if (kind === "time" && time === null) return null;
  return {
    partitions: ids.map((id) =>
      kind === "offset" ? { id, before_offset: bound } : kind === "time" ? { id, before_ms: time as number } : { id, before: "high_watermark" }),
  };
}

function Plan({ plan }: { plan: DeletedRecords }): JSX.Element {
  return (
    <table class="plain-table">
      <thead><tr><th>{words.deletePartition}</th><th class="right">{words.from}</th><th class="right">{words.to}</th><th class="right">{words.recordsGone}</th></tr></thead>
      <tbody>
        {plan.partitions.slice(0, 50).map((one) => (
          <tr key={one.partition}>
            <td>{one.partition}</td><td class="right"><Digits v={one.log_start_before} /></td><td class="right"><Digits v={one.log_start_after} /></td>
            <td class="right">{one.error ? <span class="crit">{one.error.message}</span> : <Digits v={one.records} />}</td>
          </tr>
        ))}
      </tbody>
      <tfoot><tr><td colSpan={3}>{common.sum}</td><td class="right"><Digits v={sum(plan.partitions.map((one) => one.records))} /></td></tr></tfoot>
    </table>
  );
}

export function DeleteRecordsDialog({ topic, partitions, onClose, onDone }: {
  topic: string;
  partitions: readonly number[];
  onClose: () => void;
  onDone: () => void;
}): JSX.Element {
  const [which, setWhich] = useState("all");
  const [kind, setKind] = useState<Kind>("offset");
  const [bound, setBound] = useState("");
  const [plan, setPlan] = useState<DeletedRecords | null>(null);
  const { busy, error, run } = useAction();
  const request = requestOf(which === "all" ? partitions : [Number(which)], kind, bound.trim());
  const path = `/topics/${part(topic)}/records:delete`;
  if (plan !== null && request !== null) {
    const goes = plan.partitions.filter((one) => one.error === null);
    const exact: DeleteRecords = {
      partitions: goes.map((one) => ({ id: one.partition, before_offset: one.log_start_after ?? "0" })),
    };
    const apply = async (): Promise<Results> => {
      const done = await post<DeletedRecords>(path, exact);
      return {
        results: done.partitions.map((one) => ({
          target: `${topic}-${one.partition}`, status: one.error?.status ?? 204, ...(one.error ? { error: one.error } : {}),
        })),
      };
    };
    const offsets = goes.map((one) => ({ topic, partition: one.partition, offset: Number(one.log_start_after ?? 0) }));
    return (
      <DangerDialog title={words.deleteRecordsTitle(topic)} word={topic} verb={topics.deleteVerb} targets={[topic]}
        command={`kafka-delete-records.sh --bootstrap-server BROKER --offset-json-file FILE\n# FILE: ${JSON.stringify({ partitions: offsets, version: 1 })}`}
        run={apply} onClose={onClose} onDone={() => { tell(words.deletedRecords); onDone(); }}>
        <h3>{words.willDelete}</h3>
        <Plan plan={plan} />
      </DangerDialog>
    );
  }
  return (
    <Dialog title={words.deleteRecordsTitle(topic)} onClose={onClose} actions={<>
      <Button onClick={onClose}>{common.cancel}</Button>
      <Button look="primary" disabled={request === null || busy}
        onClick={() => run(async () => setPlan(await post<DeletedRecords>(`${path}-preview`, request)))}>{words.preview}</Button>
    </>}>
      <Field name={words.deletePartition}>
        <Select value={which} onChange={setWhich}
          options={[{ value: "all", text: words.allPartitions }, ...partitions.map((id) => ({ value: String(id), text: String(id) }))]} />
      </Field>
      <div class="field">
        <span>{words.deleteBefore}</span>
        <Segmented label={words.deleteBefore} value={kind} onChange={(next) => { setKind(next); setBound(""); }}
          options={(["offset", "time", "all"] as const).map((value) => ({ value, text: words.deleteKinds[value] }))} />
      </div>
      {kind !== "all" && (
        <Field name={words.deleteKinds[kind]} {...(kind === "time" ? { hint: words.deleteHint } : {})}>
          <Text value={bound} onChange={setBound} mono placeholder={kind === "offset" ? "98331" : "-1d"} />
        </Field>
      )}
      <Problem error={error} />
    </Dialog>
  );
}
