// JSON as a tree that opens lazily; numbers stand as they were written.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { childPath, type Json, print } from "../core/lossless_json";
import { messages as words } from "../en/messages";
import { Button, copyText } from "../ui/button";
import { tell } from "../ui/toast";
import { common } from "../en/common";

export interface JsonActions {
  /** Both get the path and, for the first, the value as JSON text. */
  onFilter?: (path: string, value: string) => void;
  onColumn?: (path: string) => void;
}

const openDepth = 3;
const openChildren = 100;
const childrenShown = 500;

type Children = [string | number, Json][];
function childrenOf(json: Json): Children | null {
  if (json.kind === "object") return json.members;
  if (json.kind === "array") return json.items.map((item, i) => [i, item]);
  return null;
}

function Leaf({ json, search }: { json: Json; search: string }): JSX.Element {
  const text = json.kind === "number" ? json.lexeme : json.kind === "string" ? JSON.stringify(json.text) : print(json, 0);
  const isFound = search !== "" && text.toLowerCase().includes(search);
  return <span class={`json-${json.kind}${isFound ? " json-found" : ""}`}>{text}</span>;
}

function contains(json: Json, search: string): boolean {
  const children = childrenOf(json);
  if (children === null) return print(json, 0).toLowerCase().includes(search);
  return children.some(([key, value]) => String(key).toLowerCase().includes(search) || contains(value, search));
}

function Node({ name, json, path, depth, search, actions }: {
  name: string | number | null;
  json: Json;
  path: string;
  depth: number;
  search: string;
  actions: JsonActions;
}): JSX.Element {
  const children = childrenOf(json);
  const [chosen, setChosen] = useState<boolean | null>(null);
  const byItself = children !== null && depth < openDepth && children.length <= openChildren;
  const isOpen = chosen ?? (byItself || (search !== "" && children !== null && contains(json, search)));
  const isFound = search !== "" && name !== null && String(name).toLowerCase().includes(search);
  return (
    <div>
      <div class="json-row">
        {children !== null
          ? <button type="button" class="json-toggle" aria-expanded={isOpen} aria-label={path} onClick={() => setChosen(!isOpen)}>{isOpen ? "▾" : "▸"}</button>
          : <span class="json-toggle" />}
        {name !== null && <span class={`json-key${isFound ? " json-found" : ""}`}>{name}:</span>}
        {children === null
          ? <Leaf json={json} search={search} />
          : <span class="muted">{json.kind === "object" ? "{" : "["}{isOpen ? "" : "…"} {words.items(children.length)} {json.kind === "object" ? "}" : "]"}</span>}
        <span class="json-tools">
          <Button look="quiet" title={path} onClick={() => void copyText(path).then((ok) => ok && tell(common.copied))}>{words.copyPath}</Button>
          {children === null && actions.onFilter && (
            <Button look="quiet" onClick={() => actions.onFilter?.(path, print(json, 0))}>{words.filterBy}</Button>
          )}
          {children === null && actions.onColumn && <Button look="quiet" onClick={() => actions.onColumn?.(path)}>{words.showColumn}</Button>}
        </span>
      </div>
      {isOpen && children !== null && (
        <div class="json-children">
          {children.slice(0, childrenShown).map(([key, value], i) => (
            <Node key={`${i} ${key}`} name={key} json={value} path={childPath(path, key)} depth={depth + 1} search={search} actions={actions} />
          ))}
          {children.length > childrenShown && <p class="muted">{words.truncated(childrenShown)}</p>}
        </div>
      )}
    </div>
  );
}

export function JsonTree({ json, search = "", actions = {} }: { json: Json; search?: string; actions?: JsonActions }): JSX.Element {
  return <div class="json"><Node name={null} json={json} path="$" depth={0} search={search.toLowerCase()} actions={actions} /></div>;
}
