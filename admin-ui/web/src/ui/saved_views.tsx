// The saved views of a page: opened, named, renamed, deleted.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { navigate, path, query } from "../core/router";
import { deleteView, nameMax, renameView, saveView, viewsOf } from "../core/views";
import { common } from "../en/common";
import { Button } from "./button";
import { Field, Text } from "./forms";
import { Popover } from "./menu";

const words = common.views;

function Views({ onOpen }: { onOpen: () => void }): JSX.Element {
  const [name, setName] = useState("");
  const [renamed, setRenamed] = useState<string | null>(null);
  const here = path.value;
  const search = query.value.toString();
  const views = viewsOf(here);
  const wanted = name.trim().slice(0, nameMax);
  const isTaken = wanted !== renamed && views.some((one) => one.name === wanted);
  const save = (): void => {
    if (wanted === "") return;
    if (renamed === null) saveView(here, { name: wanted, query: search });
    else renameView(here, renamed, wanted);
    setName("");
    setRenamed(null);
  };
  return (
    <div class="chooser">
      {views.length === 0 ? <p class="muted">{words.none}</p> : (
        <ul aria-label={words.title}>
          {views.map((view) => (
            <li key={view.name}>
              <Button look="quiet" icon={view.query === search ? "check" : undefined} title={`${view.name} ?${view.query}`}
                onClick={() => { navigate(view.query === "" ? here : `${here}?${view.query}`); onOpen(); }}>{view.name}</Button>
              <Button look="quiet" icon="edit" label={words.rename(view.name)} onClick={() => { setRenamed(view.name); setName(view.name); }} />
              <Button look="quiet" icon="trash" label={words.delete(view.name)} onClick={() => deleteView(here, view.name)} />
            </li>
          ))}
        </ul>
      )}
      <Field name={renamed === null ? words.saveAs : words.renameTo(renamed)} hint={isTaken ? words.taken : undefined}>
        <Text value={name} onChange={setName} onEnter={save} />
      </Field>
      <Button disabled={wanted === ""} onClick={save}>{renamed === null ? words.save : words.renameIt}</Button>
    </div>
  );
}

/** `onOpen`: the address has changed to a view's. */
export function SavedViews({ onOpen }: { onOpen?: () => void }): JSX.Element {
  return (
    <Popover icon="bookmark" label={words.title} look="quiet">
      {(close) => <Views onOpen={() => { close(); onOpen?.(); }} />}
    </Popover>
  );
}
