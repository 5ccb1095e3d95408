// Which columns a table shows, and in which order: by dragging, or with Alt and the arrows.
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { common } from "../en/common";
import { Button } from "./button";
import { Popover } from "./menu";
import { chosenColumns } from "./table_model";

interface Choosable {
  id: string;
  title: string;
  hidden?: boolean;
}

export function ColumnChooser({ columns, layout }: {
  columns: readonly Choosable[];
  layout: Signal<{ columns: string[]; widths: Record<string, number> }>;
}): JSX.Element {
  const dragged = useRef<string | null>(null);
  const shown = chosenColumns(columns, layout.value.columns).map((column) => column.id);
  const isNamed = (id: string): boolean => columns.some((column) => column.id === id && column.title !== "");
  const order = [...shown, ...columns.map((column) => column.id).filter((id) => !shown.includes(id))].filter(isNamed);
  const choose = (next: string[]): void => {
    if (next.length > 0) layout.value = { ...layout.value, columns: next };
  };
  /** At the end, but before what has no name, such as a row's menu. */
  const add = (id: string): void => choose([...shown.filter(isNamed), id, ...shown.filter((one) => !isNamed(one))]);
  const move = (id: string, before: string): void => {
    if (id === before || !shown.includes(id)) return;
    const rest = shown.filter((one) => one !== id);
    const at = rest.indexOf(before);
    choose([...rest.slice(0, at < 0 ? rest.length : at), id, ...rest.slice(at < 0 ? rest.length : at)]);
  };
  const shift = (id: string, by: number): void => {
    const at = shown.indexOf(id);
    const to = at + by;
    if (at < 0 || to < 0 || to >= shown.length) return;
    const next = [...shown];
    [next[at], next[to]] = [next[to] as string, next[at] as string];
    choose(next);
  };
  return (
    <Popover icon="columns" label={common.columns} look="quiet">
      {() => (
        <div class="chooser">
          <ul>
            {order.map((id) => {
              const column = columns.find((one) => one.id === id);
              if (!column) return null;
              const isShown = shown.includes(id);
              return (
                <li key={id} draggable={isShown}
                  onDragStart={() => { dragged.current = id; }}
                  onDragOver={(event) => event.preventDefault()}
                  onDrop={() => { if (dragged.current) move(dragged.current, id); }}>
                  <label class="check">
                    <input type="checkbox" checked={isShown}
                      onKeyDown={(event) => {
                        if (!event.altKey || !/^Arrow(Up|Down)$/.test(event.key)) return;
                        event.preventDefault();
                        shift(id, event.key === "ArrowUp" ? -1 : 1);
                      }}
                      onChange={() => (isShown ? choose(shown.filter((one) => one !== id)) : add(id))} />
                    <span>{column.title}</span>
                  </label>
                </li>
              );
            })}
          </ul>
          <Button look="quiet" icon="reset" onClick={() => (layout.value = { columns: [], widths: {} })}>{common.columnsReset}</Button>
        </div>
      )}
    </Popover>
  );
}
