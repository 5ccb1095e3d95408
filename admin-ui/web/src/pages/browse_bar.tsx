// The lines above the messages: from where, to where, which, and by what filter.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiErrorInfo, BrowseFrom, BrowseTo, ByteOp, List, TopicGroup } from "../api";
import { type BrowseForm, changeKey, type FormProblem, partitionOfKey } from "../core/browse_state";
import { get, part } from "../core/client";
import { splitAtByte, suggestions } from "../core/expression";
import { messages as words } from "../en/messages";
import { Button } from "../ui/button";
import { Select, Text, Toggle } from "../ui/forms";

const ops: ByteOp[] = ["contains", "equals", "starts_with", "not_equals", "regex", "is_null"];
const opOptions = ops.map((value) => ({ value: value as ByteOp | "", text: words.ops[value] }));

function Part({ name, op, text, onOp, onText, onRun, children }: {
  name: string;
  op: ByteOp | "";
  text: string;
  onOp: (op: ByteOp | "") => void;
  onText: (text: string) => void;
  onRun: () => void;
  children?: JSX.Element;
}): JSX.Element {
  return (
    <span class="filter-part">
      <span class="filter-name">{name}</span>
      {children}
      <Select label={name} value={op || "contains"} options={opOptions} onChange={(next) => onOp(next === "contains" ? "" : next)} />
      {op !== "is_null" && <Text label={`${name} ${words.ops[op || "contains"]}`} value={text} onChange={onText} onEnter={onRun} mono />}
    </span>
  );
}

const problemTexts: Record<FormProblem, string> = {
  offset: words.offset, to_offset: words.offset, time: words.timeBad, to_time: words.timeBad, group: words.group, partitions: words.partitionsBad,
};

/** Suggestions: the topic's groups, for "from a group's position". */
function useGroups(topic: string, wanted: boolean): string[] {
  const [groups, setGroups] = useState<string[]>([]);
  useEffect(() => {
    if (wanted) get<List<TopicGroup>>(`/topics/${part(topic)}/groups`).then(({ data }) => setGroups(data.map((one) => one.group)), () => undefined);
  }, [topic, wanted]);
  return groups;
}

/** The expression with a mark where the broker stumbled, and why. */
function Stumbled({ text, info: { message, detail } }: { text: string; info: ApiErrorInfo }): JSX.Element {
  const [before, after] = splitAtByte(text, Number(detail?.position));
  return (
    <p class="crit" role="alert">
      <code>{before}<mark>{after.slice(0, 1) || "␣"}</mark>{after.slice(1)}</code> {message.replace("filter.expr: ", "")}
    </p>
  );
}

export function BrowseBar({ topic, partitions, form, problem, wrong, fields, running, onChange, onRun, onStop, download }: {
  topic: string;
  /** That it has. */
  partitions: number;
  form: BrowseForm;
  problem: FormProblem | null;
  /** What the broker found wrong with the filter. */
  wrong: ApiErrorInfo | null;
  /** That the records seen so far have, for expressions. */
  fields: readonly string[];
  running: boolean;
  onChange: (changes: Partial<BrowseForm>) => void;
  onRun: () => void;
  onStop: () => void;
  download: JSX.Element | null;
}): JSX.Element {
  const isFiltering = Boolean(form.keyOp || form.keyText || form.valueOp || form.valueText || form.headerName || form.expr);
  const [showFilters, setShowFilters] = useState(isFiltering);
  const ofKey = partitionOfKey(form, partitions);
  const groups = useGroups(topic, form.from === "group");
  const needsArg = form.from === "offset" || form.from === "time" || form.from === "group";
  const argHint = form.from === "time" ? words.timeHint : form.from === "offset" ? "98331" : words.group;
  return (
    <form class="browse-bar" onSubmit={(event) => { event.preventDefault(); onRun(); }}>
      <div class="browse-line">
        <label class="inline">{words.from}
          <Select value={form.from} onChange={(from) => onChange({ from, fromArg: "" })}
            options={(["newest", "beginning", "offset", "time", "group", "live"] as const).map((value) => ({
              value: value as BrowseFrom["type"], text: words.froms[value],
            }))} />
        </label>
        {needsArg && (
          <Text label={argHint} value={form.fromArg} placeholder={argHint} onChange={(fromArg) => onChange({ fromArg })} onEnter={onRun}
            list="group-names" invalid={problem === "offset" || problem === "time" || problem === "group"} />
        )}
        <datalist id="group-names">{form.from === "group" && groups.map((name) => <option key={name} value={name} />)}</datalist>
        {form.from !== "live" && form.from !== "newest" && (
          <>
            <label class="inline">{words.to}
              <Select value={form.to} onChange={(to) => onChange({ to, toArg: "" })}
                options={(["end", "offset", "time", "none"] as const).map((value) => ({ value: value as BrowseTo["type"], text: words.tos[value] }))} />
            </label>
            {(form.to === "offset" || form.to === "time") && (
              <Text label={words.to} value={form.toArg} placeholder={form.to === "time" ? words.timeHint : "98331"} onChange={(toArg) => onChange({ toArg })}
                onEnter={onRun} invalid={problem === "to_offset" || problem === "to_time"} />
            )}
          </>
        )}
        <label class="inline">{words.partitions}
          <Text value={form.partitions} placeholder={words.partitionsHint} onChange={(partitions) => onChange({ partitions })} onEnter={onRun}
            invalid={problem === "partitions"} />
        </label>
        <label class="inline">{words.limit}
          <Select value={form.limit} onChange={(limit) => onChange({ limit })}
            options={["50", "200", "1000", "5000", "10000"].map((value) => ({ value, text: value }))} />
        </label>
        <Select label={words.isolationLabel} value={form.isolation} onChange={(isolation) => onChange({ isolation })}
          options={(["read_committed", "read_uncommitted"] as const).map((value) => ({ value, text: words.isolation[value] }))} />
        <Toggle on={showFilters} onChange={setShowFilters}>{words.moreFilters}</Toggle>
        <span class="spacer" />
        {download}
        {/* Two elements, not one that turns into a submit button under the click that stops. */}
        {running
          ? <Button key="stop" icon="close" onClick={onStop}>{words.stop}</Button>
          : <Button key="run" type="submit" look="primary" icon="play">{words.run}</Button>}
      </div>
      {showFilters && (
        <div class="browse-line">
          <Part name={words.key} op={form.keyOp} text={form.keyText} onOp={(keyOp) => onChange(changeKey(form, { keyOp }, partitions))}
            onText={(keyText) => onChange(changeKey(form, { keyText }, partitions))} onRun={onRun} />
          {ofKey !== null && (
            <Toggle on={form.partitions === String(ofKey)} title={words.onlyPartitionHint}
              onChange={(on) => onChange({ partitions: on ? String(ofKey) : "" })}>{words.onlyPartition(ofKey)}</Toggle>
          )}
          <Part name={words.value} op={form.valueOp} text={form.valueText} onOp={(valueOp) => onChange({ valueOp })} onText={(valueText) => onChange({ valueText })} onRun={onRun} />
          <Part name={words.header} op={form.headerOp} text={form.headerText} onOp={(headerOp) => onChange({ headerOp })} onText={(headerText) => onChange({ headerText })} onRun={onRun}>
            <Text label={`${words.header} ${words.headerName}`} value={form.headerName} placeholder={words.headerName} onChange={(headerName) => onChange({ headerName })} mono />
          </Part>
          <span class="expression">
            <Text label={words.expression} value={form.expr} placeholder={words.expressionHint} onChange={(expr) => onChange({ expr })} onEnter={onRun} mono wide
              list="expression-ends" invalid={wrong?.detail?.field === "expr"} />
            <datalist id="expression-ends">{suggestions(form.expr, fields).map((one) => <option key={one} value={one} />)}</datalist>
          </span>
        </div>
      )}
      {problem !== null && <p class="crit">{problemTexts[problem]}</p>}
      {wrong !== null && (wrong.detail?.field === "expr" ? <Stumbled text={form.expr.trim()} info={wrong} /> : <p class="crit" role="alert">{wrong.message}</p>)}
    </form>
  );
}
