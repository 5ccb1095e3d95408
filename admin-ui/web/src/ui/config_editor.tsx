// Settings of a topic, a broker or a group: in groups, with where each value comes from. Edits collect in a
// tray; before they are applied the broker says what they come to.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { AlterConfigs, ConfigChange, ConfigEffects, ConfigEntry } from "../api";
import { ApiError, messageOf } from "../core/client";
import { toProperties } from "../core/config_export";
import { join, readable, split, unitsOf } from "../core/config_value";
import { saveFile } from "../core/download";
import { param, setParams } from "../core/router";
import { common } from "../en/common";
import { config as words } from "../en/config";
import { Button, CommandLine } from "./button";
import { Dialog, useAction } from "./dialog";
import { Check, Select, Text, Toggle } from "./forms";
import { Menu, type MenuItem } from "./menu";
import { Problem, Loading } from "./states";
import { Chip } from "./status";
import { tell } from "./toast";

interface EditorProps {
  entries: readonly ConfigEntry[];
  /** Sources that count as set here. */
  own: readonly string[];
  canChange: boolean;
  preview: (change: AlterConfigs) => Promise<ConfigEffects>;
  alter: (change: AlterConfigs) => Promise<ConfigEffects>;
  command: (changes: readonly ConfigChange[]) => string;
  onApplied: () => void;
  /** Without its ending. */
  fileName: string;
  /** Other files that can be had. */
  files?: readonly MenuItem[];
}

/** By name; null takes the override away. */
type Edits = Record<string, string | null>;

export function ConfigEditor(props: EditorProps): JSX.Element {
  const { entries, own } = props;
  const query = param("q");
  const onlyOwn = param("own") === "1";
  const [edits, setEdits] = useState<Edits>({});
  const [reviewing, setReviewing] = useState(false);
  const groups = useMemo(() => {
    const wanted = query.toLowerCase();
    const found = entries.filter((entry) =>
      (!onlyOwn || own.includes(entry.source)) && (entry.name.includes(wanted) || entry.documentation.toLowerCase().includes(wanted)));
    const byGroup = new Map<string, ConfigEntry[]>();
    for (const entry of found) byGroup.set(entry.group, [...(byGroup.get(entry.group) ?? []), entry]);
    return [...byGroup];
  }, [entries, query, onlyOwn]);
  const edit = (name: string, value: string | null | undefined): void => {
    const { [name]: _, ...rest } = edits;
    setEdits(value === undefined ? rest : { ...rest, [name]: value });
  };
  const changes: ConfigChange[] = Object.entries(edits).map(([name, value]) => ({
    name, value, operation: value === null ? "DELETE" : "SET",
  }));
  const save = (some: readonly ConfigEntry[]): void => saveFile(`${props.fileName}.properties`, toProperties(
    some.filter((entry) => !entry.sensitive && entry.value !== null).map((entry) => [entry.name, entry.value ?? ""])), "text/plain");
  return (
    <>
      <section class="panel flush">
        <div class="table-tools">
          <Text type="search" value={query} onChange={(q) => setParams({ q })} placeholder={words.filter} label={words.filter} />
          <Toggle on={onlyOwn} onChange={(on) => setParams({ own: on ? "1" : null })}>{words.onlyOverrides}</Toggle>
          <span class="spacer" />
          <Menu icon="download" label={words.export} items={[
            { text: words.exportOwn, run: () => save(entries.filter((entry) => own.includes(entry.source))) },
            { text: words.exportAll, run: () => save(entries) },
            ...(props.files ?? []),
          ]} />
        </div>
        {groups.length === 0 && <p class="none">{words.none}</p>}
        {groups.map(([group, members]) => (
          <div key={group} class="config-group">
            <h3>{group}</h3>
            {members.map((entry) => (
              <Row key={entry.name} entry={entry} isOwn={own.includes(entry.source)} canChange={props.canChange}
                edit={edits[entry.name]} onEdit={(value) => edit(entry.name, value)} />
            ))}
          </div>
        ))}
      </section>
      {changes.length > 0 && (
        <div class="tray" role="region" aria-label={words.pending(changes.length)}>
          <strong>{words.pending(changes.length)}</strong>
          <span class="muted mono">{changes.map((change) => change.name).join(", ")}</span>
          <span class="spacer" />
          <Button onClick={() => setEdits({})}>{words.discard}</Button>
          <Button look="primary" onClick={() => setReviewing(true)}>{words.review(changes.length)}</Button>
        </div>
      )}
      {reviewing && (
        <Review {...props} changes={changes} onClose={() => setReviewing(false)}
          onApplied={() => { setReviewing(false); setEdits({}); tell(words.applied(changes.length)); props.onApplied(); }} />
      )}
    </>
  );
}

const whyReadOnly = (entry: ConfigEntry): string => entry.read_only_reason ?? words.needsRestart;

function Row({ entry, isOwn, canChange, edit, onEdit }: {
  entry: ConfigEntry;
  isOwn: boolean;
  canChange: boolean;
  edit: string | null | undefined;
  onEdit: (value: string | null | undefined) => void;
}): JSX.Element {
  const [expanded, setExpanded] = useState(false);
  const inherited = entry.synonyms.find((one) => one.source !== entry.source);
  const isEdited = edit !== undefined;
  const locked = entry.read_only || !canChange;
  return (
    <div class={`config-row${isEdited ? " edited" : ""}`}>
      <button type="button" class="config-name" aria-expanded={expanded} onClick={() => setExpanded(!expanded)}>{entry.name}</button>
      <div class="config-value">
        {isEdited && edit !== null
          ? <Editor entry={entry} value={edit} onChange={onEdit} />
          : isEdited
            ? <><del>{readable(entry, entry.value)}</del> <ins>{inherited ? readable(entry, inherited.value) : words.inherited}</ins></>
            : <Value entry={entry} inherited={isOwn ? (inherited?.value ?? null) : null} />}
      </div>
      <span class="row-line">
        <Chip tone={isOwn ? "info" : "idle"}>{words.sources[entry.source] ?? entry.source}</Chip>
        {(entry.overrides ?? []).map((one) => (
          <Chip key={one.broker_id} tone="warn" title={words.ownHint(readable(entry, one.value) || words.notSet)}>{words.own(one.broker_id)}</Chip>
        ))}
        {entry.has_effect === false && <Chip title={words.noUseHint}>{words.noUse}</Chip>}
      </span>
      <div class="config-actions">
        {entry.read_only && <span class="muted" title={whyReadOnly(entry)}>{words.readOnly}</span>}
        {!locked && !isEdited && (
          <Button look="quiet" icon="edit" label={words.edit(entry.name)} onClick={() => onEdit(entry.value ?? "")} />
        )}
        {!locked && !isEdited && isOwn && (
          <Button look="quiet" icon="reset" label={words.reset(entry.name)} onClick={() => onEdit(null)} />
        )}
        {isEdited && <Button look="quiet" icon="close" label={words.undo(entry.name)} onClick={() => onEdit(undefined)} />}
      </div>
      {expanded && (
        <div class="config-doc">
          <p>{entry.documentation}</p>
          <p>
            {entry.valid && <>{words.valid}: <code>{entry.valid}</code>. </>}
            {entry.read_only && <>{whyReadOnly(entry)} </>}
            {inherited && <>{words.inherits}: <code>{inherited.name}={inherited.value ?? ""}</code> ({words.sources[inherited.source]}).</>}
          </p>
        </div>
      )}
    </div>
  );
}

function Value({ entry, inherited }: { entry: ConfigEntry; inherited: string | null }): JSX.Element {
  if (entry.sensitive) return <span class="muted">{words.sensitive}</span>;
  if (entry.value === null || entry.value === "") return <span class="muted">{words.notSet}</span>;
  const text = readable(entry, entry.value);
  return (
    <span title={text === entry.value ? undefined : entry.value}>
      {text}{inherited !== null && inherited !== entry.value && <del>{readable(entry, inherited)}</del>}
    </span>
  );
}

function Editor({ entry, value, onChange }: { entry: ConfigEntry; value: string; onChange: (value: string) => void }): JSX.Element {
  if (entry.type === "BOOLEAN") {
    return <Check checked={value === "true"} onChange={(on) => onChange(String(on))}>{value}</Check>;
  }
  if (entry.enum && entry.type === "LIST") return <ListEditor options={entry.enum} value={value} onChange={onChange} />;
  if (entry.enum) {
    return <Select label={entry.name} value={value} onChange={onChange} options={entry.enum.map((one) => ({ value: one, text: one }))} />;
  }
  if (entry.unit !== null) return <UnitEditor entry={entry} unit={entry.unit} value={value} onChange={onChange} />;
  const isNumber = /^(INT|LONG|SHORT)$/.test(entry.type);
  return <Text label={entry.name} value={value} onChange={onChange} mono invalid={isNumber && !/^-?\d+$/.test(value)} />;
}

function ListEditor({ options, value, onChange }: {
  options: readonly string[];
  value: string;
  onChange: (value: string) => void;
}): JSX.Element {
  const chosen = value.split(",").map((one) => one.trim()).filter((one) => one !== "");
  return (
    <span class="row-line">
      {options.map((option) => (
        <Toggle key={option} on={chosen.includes(option)} onChange={(on) =>
          onChange((on ? [...chosen, option] : chosen.filter((one) => one !== option)).join(","))}>{option}</Toggle>
      ))}
    </span>
  );
}

function UnitEditor({ entry, unit, value, onChange }: {
  entry: ConfigEntry;
  unit: "ms" | "bytes";
  value: string;
  onChange: (value: string) => void;
}): JSX.Element {
  const isUnlimited = value === "-1";
  const mayBeUnlimited = entry.valid?.startsWith("[-1") ?? false;
  const [shown, setShown] = useState(() => split(unit, isUnlimited ? "" : value));
  const set = (next: { number: string; unit: string }): void => {
    setShown(next);
    onChange(join(unit, next.number, next.unit));
  };
  return (
    <span class="config-editor">
      {!isUnlimited && (
        <>
          <Text label={entry.name} value={shown.number} invalid={!/^-?\d+$/.test(shown.number)} onChange={(number) => set({ ...shown, number })} />
          <Select label={`${entry.name}: unit`} value={shown.unit} onChange={(name) => set({ ...shown, unit: name })}
            options={unitsOf(unit).map((name) => ({ value: name, text: name }))} />
        </>
      )}
      {mayBeUnlimited && (
        <Check checked={isUnlimited} onChange={(on) => onChange(on ? "-1" : join(unit, shown.number, shown.unit))}>{words.unlimited}</Check>
      )}
    </span>
  );
}

function Review({ changes, entries, preview, alter, command, onClose, onApplied }: EditorProps & {
  changes: readonly ConfigChange[];
  onClose: () => void;
}): JSX.Element {
  const [effects, setEffects] = useState<ConfigEffects | null>(null);
  const [refusal, setRefusal] = useState<ApiError | string | null>(null);
  const { busy, error, run } = useAction();
  useEffect(() => {
    preview({ data: [...changes], validate_only: true }).then(setEffects, (problem: unknown) =>
      setRefusal(problem instanceof ApiError ? problem : messageOf(problem)));
  }, []);
  const textOf = (name: string, value: string | null): string => {
    const entry = entries.find((one) => one.name === name);
    return entry ? readable(entry, value) || words.notSet : (value ?? "");
  };
  const apply = () => run(async () => {
    await alter({ data: [...changes] });
    onApplied();
  });
  return (
    <Dialog title={words.reviewTitle} wide onClose={onClose} actions={<>
      <Button onClick={onClose}>{common.cancel}</Button>
      <Button look="primary" disabled={busy || effects === null} onClick={apply}>{common.apply}</Button>
    </>}>
      {refusal !== null ? <Problem error={refusal} /> : effects === null ? <Loading /> : (
        <table class="plain-table effects">
          <thead><tr><th>{words.setting}</th><th>{words.change}</th><th>{words.effect}</th></tr></thead>
          <tbody>
            {effects.changes.map((change) => (
              <tr key={change.name}>
                <td class="mono">{change.name}</td>
                <td><del>{textOf(change.name, change.before)}</del> → <ins>{textOf(change.name, change.after)}</ins></td>
                <td>{change.effect ?? <span class="muted">{words.noEffect}</span>}
                  {change.warning && <p class="warn-text">▲ {change.warning}</p>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Problem error={error} />
      <CommandLine text={command(changes)} />
    </Dialog>
  );
}

/** kafka-configs.sh for the same. */
export function configCommand(entity: string, changes: readonly ConfigChange[]): string {
  const set = changes.filter((one) => one.operation === "SET").map((one) => `${one.name}=${one.value?.includes(",") ? `[${one.value}]` : one.value}`);
  const removed = changes.filter((one) => one.operation === "DELETE").map((one) => one.name);
  return [
    `kafka-configs.sh --bootstrap-server BROKER --alter ${entity}`,
    ...(set.length > 0 ? [`--add-config ${set.join(",")}`] : []),
    ...(removed.length > 0 ? [`--delete-config ${removed.join(",")}`] : []),
  ].join(" ");
}
