// The one component behind every list: windowed rows, sorting, filtering, chosen and resized columns,
// selection, keyboard. The arithmetic is in table_model.ts.
//
// The order rests while the pointer is inside, so that no row moves away under it; numbers change in
// place all the time. Rows may be changed in place: a new `version` says so.
import type { ComponentChildren, CSSProperties, JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { toCsv, toTsv } from "../core/csv";
import { saveFile } from "../core/download";
import { density, remembered } from "../core/prefs";
import { navigate, param, setParams } from "../core/router";
import { common } from "../en/common";
import { Button, copyText } from "./button";
import { ColumnChooser } from "./column_chooser";
import { Text } from "./forms";
import { Icon } from "./icon";
import { Menu } from "./menu";
import {
  chosenColumns, frozenOrder, makeFilter, nextSort, parseSort, printSort, quantum, rowsThatWouldMove, sortIndexes,
  type SortKey, windowOf,
} from "./table_model";
import { tell } from "./toast";

export interface Column<R> {
  id: string;
  title: string;
  hint?: string;
  /** In pixels; the first column with `grow` takes what is left. */
  width: number;
  grow?: boolean;
  /** Numbers: to the right, and largest first when sorted. */
  numeric?: boolean;
  /** Not shown until it is chosen. */
  hidden?: boolean;
  key: (row: R) => SortKey;
  /** The key as text when missing. */
  cell?: (row: R) => ComponentChildren;
  /** Adds up in the footer. */
  sum?: (rows: readonly R[]) => ComponentChildren;
}

export interface TableProps<R> {
  /** Under which name columns are remembered. */
  id: string;
  label: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  version?: number;
  rowKey: (row: R) => string;
  /** Where Enter and a click lead. */
  rowLink?: (row: R) => string;
  onOpen?: (row: R) => void;
  isActive?: (row: R) => boolean;
  rowClass?: (row: R) => string;
  /** What the filter looks at; no filter when missing. */
  filterText?: (row: R) => string;
  /** Filter and sort live in the query string under these names. */
  params?: { filter: string; sort: string };
  initialSort?: string;
  /** Left of the toolbar, after the filter. */
  tools?: ComponentChildren;
  /** Right of the toolbar. */
  actions?: ComponentChildren;
  bulk?: (rows: readonly R[], clear: () => void) => ComponentChildren;
  empty?: ComponentChildren;
  /** As tall as its rows, up to so many; else as tall as the page allows. */
  maxRows?: number;
  /** No toolbar and no footer. */
  bare?: boolean;
  onVisible?: (keys: string[]) => void;
}

interface Layout {
  columns: string[];
  widths: Record<string, number>;
}

const headHeight = 34;
const layouts = new Map<string, ReturnType<typeof remembered<Layout>>>();
function layoutOf(id: string): ReturnType<typeof remembered<Layout>> {
  let layout = layouts.get(id);
  if (!layout) layouts.set(id, (layout = remembered<Layout>(`table.${id}`, { columns: [], widths: {} })));
  return layout;
}

function useLocal(name: string | undefined, initial: string): [string, (value: string) => void] {
  const [local, setLocal] = useState(initial);
  if (name === undefined) return [local, setLocal];
  return [param(name) || initial, (value) => setParams({ [name]: value })];
}

export function VTable<R>(props: TableProps<R>): JSX.Element {
  const { rows, columns, rowKey, version = 0 } = props;
  const [query, setQuery] = useLocal(props.params?.filter, "");
  const [sortText, setSortText] = useLocal(props.params?.sort, props.initialSort ?? "");
  const sort = parseSort(sortText);
  const layout = layoutOf(props.id);
  const shown = chosenColumns(columns, layout.value.columns);
  const rowHeight = density.value === "compact" ? 28 : 36;

  // Which rows, in which order.
  const filter = useMemo(() => makeFilter(query), [query]);
  const sortColumn = columns.find((column) => column.id === sort?.column);
  const [resorts, setResorts] = useState(0);
  const ordered = useMemo(() => {
    const { filterText } = props;
    const indexes: number[] = [];
    rows.forEach((row, i) => {
      if (query === "" || !filterText || filter.test(filterText(row))) indexes.push(i);
    });
    if (!sort || !sortColumn) return indexes;
    return sortIndexes(indexes, rows.map(sortColumn.key), sort.direction);
  }, [rows, query, sortText, resorts]);
  const pointerInside = useRef(false);
  const [isFrozen, setFrozen] = useState(false);
  const frozenKeys = useRef<string[]>([]);
  const wanted = useMemo(() => ordered.map((i) => rows[i] as R), [ordered]);
  const view = useMemo(() => {
    if (!isFrozen || sort === null) return { rows: wanted, moved: 0 };
    const keys = wanted.map(rowKey);
    const byKey = new Map(wanted.map((row, i) => [keys[i] as string, row]));
    const order = frozenOrder(keys, frozenKeys.current);
    return { rows: order.map((key) => byKey.get(key) as R), moved: rowsThatWouldMove(keys, order) };
  }, [wanted, isFrozen]);
  const visibleRows = view.rows;
  useEffect(() => {
    if (!isFrozen) frozenKeys.current = visibleRows.map(rowKey);
  }, [visibleRows, isFrozen]);
  // Numbers that changed in place sort anew now and then, not with each of them.
  const lastResort = useRef(0);
  useEffect(() => {
    if (version === 0 || sort === null || Date.now() - lastResort.current < 2000) return;
    lastResort.current = Date.now();
    setResorts((n) => n + 1);
  }, [version]);

  // The window.
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => setHeight(box.clientHeight));
    observer.observe(box);
    setHeight(box.clientHeight);
    return () => observer.disconnect();
  }, []);
  const onScroll = (): void => {
    const at = scroller.current?.scrollTop ?? 0;
    const step = rowHeight * quantum;
    setTop(Math.floor(at / step) * step);
  };
  const { first, end } = windowOf(top, height, rowHeight, visibleRows.length);
  const firstSeen = Math.floor(top / rowHeight);
  const windowKeys = visibleRows.slice(firstSeen, firstSeen + quantum + Math.ceil((height - headHeight) / rowHeight)).map(rowKey).join("\n");
  useEffect(() => {
    props.onVisible?.(windowKeys === "" ? [] : windowKeys.split("\n"));
  }, [windowKeys]);

  // Selection and the row that has the focus.
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<number | null>(null);
  const select = (index: number, range: boolean): void => {
    const next = new Set(selected);
    const from = range && anchor.current !== null ? anchor.current : index;
    const on = !selected.has(rowKey(visibleRows[index] as R));
    for (let i = Math.min(from, index); i <= Math.max(from, index); ++i) {
      const key = rowKey(visibleRows[i] as R);
      if (on) next.add(key);
      else next.delete(key);
    }
    anchor.current = index;
    setSelected(next);
  };
  const selectedRows = useMemo(
    () => (selected.size === 0 ? [] : rows.filter((row) => selected.has(rowKey(row)))), [selected, rows]);
  const clearSelection = useCallback(() => setSelected(new Set()), []);
  const [active, setActive] = useState(0);
  const wantsFocus = useRef(false);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    scroller.current?.querySelector<HTMLElement>(`[data-index="${active}"]`)?.focus({ preventScroll: true });
  });
  const moveTo = (index: number): void => {
    const next = Math.max(0, Math.min(visibleRows.length - 1, index));
    const box = scroller.current;
    if (box) {
      const above = next * rowHeight;
      const below = above + rowHeight - (box.clientHeight - headHeight);
      if (box.scrollTop > above) box.scrollTop = above;
      else if (box.scrollTop < below) box.scrollTop = below;
      onScroll();
    }
    wantsFocus.current = true;
    setActive(next);
    if (props.isActive && props.onOpen && visibleRows.some(props.isActive)) props.onOpen(visibleRows[next] as R);
  };
  const open = (row: R): void => {
    if (props.onOpen) props.onOpen(row);
    else if (props.rowLink) navigate(props.rowLink(row));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const moves: Record<string, number> = {
      ArrowDown: active + 1, j: active + 1, ArrowUp: active - 1, k: active - 1,
      Home: 0, End: visibleRows.length - 1, PageDown: active + page, PageUp: active - page,
    };
    const target = moves[event.key];
    const row = visibleRows[active];
    if (target !== undefined) moveTo(target);
    else if (event.key === "Enter" && row !== undefined && event.target instanceof HTMLElement && event.target.role === "row") open(row);
    else if (event.key === "x" && props.bulk && row !== undefined) select(active, event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  // What is copied and downloaded: the filtered rows as they are shown.
  const asText = (): string[][] => [
    shown.map((column) => column.title),
    ...visibleRows.map((row) => shown.map((column) => String(column.key(row) ?? ""))),
  ];
  const asJson = (): string => JSON.stringify(
    visibleRows.map((row) => Object.fromEntries(shown.filter((column) => column.title !== "").map((column) => [column.id, column.key(row)]))), null, 1);
  const filterBox = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const focusFilter = (): void => filterBox.current?.querySelector("input")?.focus();
    window.addEventListener("console:filter", focusFilter);
    return () => window.removeEventListener("console:filter", focusFilter);
  }, []);

  const template = [
    ...(props.bulk ? ["34px"] : []),
    ...shown.map((column) => {
      const width = layout.value.widths[column.id] ?? column.width;
      return column.grow ? `minmax(${width}px, 1fr)` : `${width}px`;
    }),
    ...(shown.some((column) => column.grow) ? [] : ["1fr"]),
  ].join(" ");
  const minWidth = shown.reduce((total, column) => total + (layout.value.widths[column.id] ?? column.width), props.bulk ? 34 : 0);
  const allSelected = visibleRows.length > 0 && selectedRows.length >= visibleRows.length;
  const bodyHeight = visibleRows.length * rowHeight;
  const limit = props.maxRows === undefined ? undefined : headHeight + props.maxRows * rowHeight + 2;

  return (
    <div class={`vtable${props.maxRows === undefined ? " fill" : ""}`}>
      {!props.bare && (
        <div class="table-tools">
          {props.filterText && (
            <div class="table-filter" ref={filterBox}
              onKeyDown={(event) => { if (event.key === "Escape") { setQuery(""); event.preventDefault(); } }}>
              <Icon name="filter" size={14} />
              <Text type="search" value={query} onChange={setQuery} placeholder={common.filter} label={`${common.filter}: ${props.label}`} />
              {query !== "" && filter.isPlain && <small class="muted">{common.filterPlain}</small>}
            </div>
          )}
          {props.tools}
          <span class="spacer" />
          {view.moved > 0 && <span class="chip info">{common.orderPaused(view.moved)}</span>}
          <ColumnChooser columns={columns} layout={layout} />
          <Menu label={common.more} items={[
            { text: common.copyTsv, icon: "copy", run: () => void copyText(toTsv(asText())).then((ok) => ok && tell(common.copied)) },
            { text: common.downloadJson, icon: "download", run: () => saveFile(`${props.id}.json`, asJson(), "application/json") },
            { text: common.downloadCsv, icon: "download", run: () => saveFile(`${props.id}.csv`, toCsv(asText()), "text/csv") },
          ]} />
          {props.actions}
        </div>
      )}
      {selectedRows.length > 0 && props.bulk && (
        <div class="bulk" role="toolbar" aria-label={common.selected(selectedRows.length)}>
          <strong>{common.selected(selectedRows.length)}</strong>
          {props.bulk(selectedRows, clearSelection)}
          <Button look="quiet" onClick={clearSelection}>{common.clear}</Button>
        </div>
      )}
      <div class="table-box" ref={scroller} onScroll={onScroll} style={limit === undefined ? undefined : { maxHeight: `${limit}px` }}
        onPointerEnter={() => { pointerInside.current = true; setFrozen(true); }}
        onPointerLeave={() => { pointerInside.current = false; setFrozen(false); }}>
        <div role="grid" aria-label={props.label} aria-rowcount={visibleRows.length + 1} class="grid" onKeyDown={onKeyDown}
          style={{ "--columns": template, minWidth: `${minWidth}px` } as CSSProperties}>
          <div role="row" aria-rowindex={1} class="head">
            {props.bulk && (
              <span role="columnheader" class="select">
                <input type="checkbox" aria-label={common.selectAll} checked={allSelected}
                  onChange={() => setSelected(allSelected ? new Set() : new Set(visibleRows.map(rowKey)))} />
              </span>
            )}
            {shown.map((column) => {
              const direction = sort?.column === column.id ? sort.direction : null;
              return (
                <span key={column.id} role="columnheader" class={column.numeric ? "right" : ""} title={column.hint}
                  aria-sort={direction === null ? "none" : direction === "asc" ? "ascending" : "descending"}>
                  {column.title === "" ? <span class="visually-hidden">{common.actions}</span> : (
                    <button type="button" onClick={() => setSortText(printSort(nextSort(sort, column.id, column.numeric === true)))}>
                      {column.title}
                      {direction !== null && <Icon name={direction === "asc" ? "up" : "down"} size={12} />}
                    </button>
                  )}
                  <Resizer onMove={(width) => (layout.value = {
                    ...layout.value, widths: { ...layout.value.widths, [column.id]: width },
                  })} />
                </span>
              );
            })}
          </div>
          <div role="rowgroup" class="rows" style={{ height: `${bodyHeight}px` }}>
            {visibleRows.slice(first, end).map((row, i) => {
              const index = first + i;
              const key = rowKey(row);
              const isSelected = selected.has(key);
              return (
                <div key={key} role="row" class={`row ${props.rowClass?.(row) ?? ""}`} data-index={index} data-key={key}
                  aria-rowindex={index + 2} aria-selected={props.bulk ? isSelected : undefined}
                  aria-current={props.isActive?.(row) ? "true" : undefined}
                  tabIndex={index === active || (index === first && (active < first || active >= end)) ? 0 : -1}
                  style={{ transform: `translateY(${index * rowHeight}px)` }}
                  onFocus={() => { if (active !== index) setActive(index); }}
                  onClick={(event) => {
                    if (event.target instanceof Element && event.target.closest("a,button,input,label,dialog")) return;
                    if (String(window.getSelection() ?? "") === "") open(row);
                  }}>
                  {props.bulk && (
                    <span role="gridcell" class="select">
                      <input type="checkbox" aria-label={common.selectRow(key)} checked={isSelected} tabIndex={-1}
                        onClick={(event) => { event.preventDefault(); select(index, event.shiftKey); }} />
                    </span>
                  )}
                  {shown.map((column) => (
                    <span key={column.id} role="gridcell" class={column.numeric ? "right" : ""}>
                      {column.cell ? column.cell(row) : (column.key(row) ?? "–")}
                    </span>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
        {visibleRows.length === 0 && (
          <div class="table-empty">
            {rows.length > 0 && query !== ""
              ? <p>{common.noMatch(query)} <Button look="quiet" onClick={() => setQuery("")}>{common.clear}</Button></p>
              : props.empty}
          </div>
        )}
      </div>
      {!props.bare && visibleRows.length > 0 && (
        <div class="table-foot">
          <span>{common.rowsOf(visibleRows.length, rows.length)}</span>
          {shown.filter((column) => column.sum).map((column) => (
            <span key={column.id}><span class="muted">{column.title}</span> {column.sum?.(visibleRows)}</span>
          ))}
        </div>
      )}
    </div>
  );
}

const columnWidthMin = 48;

function Resizer({ onMove }: { onMove: (width: number) => void }): JSX.Element {
  const start = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement;
    const before = handle.parentElement?.getBoundingClientRect().width ?? 100;
    const from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void => onMove(Math.max(columnWidthMin, Math.round(before + moved.clientX - from)));
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", () => handle.removeEventListener("pointermove", move), { once: true });
    event.preventDefault();
  };
  return <i class="resizer" aria-hidden="true" onPointerDown={start} />;
}
