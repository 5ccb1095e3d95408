// The part of a table that needs no screen: which rows, in which order, and which of them are drawn.

export type SortKey = number | string | null;
export interface Sort {
  column: string;
  direction: "asc" | "desc";
}

/** "size:desc" */
export function parseSort(text: string): Sort | null {
  const match = /^(.+):(asc|desc)$/.exec(text);
  return match ? { column: match[1] as string, direction: match[2] as "asc" | "desc" } : null;
}
export const printSort = (sort: Sort | null): string => (sort === null ? "" : `${sort.column}:${sort.direction}`);

/** A click on a header: ascending, descending, then as it came; numbers begin with the largest. */
export function nextSort(sort: Sort | null, column: string, largestFirst: boolean): Sort | null {
  const first = largestFirst ? "desc" : "asc";
  if (sort?.column !== column) return { column, direction: first };
  return sort.direction === first ? { column, direction: first === "asc" ? "desc" : "asc" } : null;
}

export interface Filter {
  test: (text: string) => boolean;
  /** It is no regular expression, and so is looked for as it stands. */
  isPlain: boolean;
}
export function makeFilter(query: string): Filter {
  try {
    const pattern = new RegExp(query, "i");
    return { test: (text) => pattern.test(text), isPlain: false };
  } catch {
    const wanted = query.toLowerCase();
    return { test: (text) => text.toLowerCase().includes(wanted), isPlain: true };
  }
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Indexes into `keys`, sorted; what is unknown comes last either way; equal ones keep their order. */
export function sortIndexes(indexes: readonly number[], keys: readonly SortKey[], direction: "asc" | "desc"): number[] {
  const sign = direction === "asc" ? 1 : -1;
  return [...indexes].sort((a, b) => {
    const [left, right] = [keys[a] ?? null, keys[b] ?? null];
    if (left === null || right === null) return left === right ? a - b : left === null ? 1 : -1;
    const order = typeof left === "number" && typeof right === "number"
      ? left - right
      : collator.compare(String(left), String(right));
    return order === 0 ? a - b : sign * order;
  });
}

export interface Window {
  first: number;
  end: number;
}
export const quantum = 4;
/** The rows that are drawn: those in view and a few more, in steps of `quantum` rows. */
export function windowOf(top: number, height: number, rowHeight: number, rows: number): Window {
  const first = Math.floor(top / rowHeight / quantum) * quantum - quantum;
  const shown = Math.ceil(height / rowHeight / quantum) * quantum + 3 * quantum;
  const begin = Math.max(0, Math.min(first, rows));
  return { first: begin, end: Math.min(rows, Math.max(first, 0) + shown) };
}

/** While order rests, new rows come last and old ones keep their place. */
export function frozenOrder(wanted: readonly string[], frozen: readonly string[]): string[] {
  const present = new Set(wanted);
  const kept = frozen.filter((key) => present.has(key));
  const known = new Set(kept);
  return [...kept, ...wanted.filter((key) => !known.has(key))];
}
export function rowsThatWouldMove(wanted: readonly string[], shown: readonly string[]): number {
  let moved = 0;
  for (const [i, key] of wanted.entries()) if (shown[i] !== key) ++moved;
  return moved;
}

/** The columns that are shown: as chosen, else those shown at first. */
export function chosenColumns<C extends { id: string; hidden?: boolean }>(all: readonly C[], chosen: readonly string[]): C[] {
  const named = chosen.map((id) => all.find((column) => column.id === id)).filter((column) => column !== undefined);
  return named.length > 0 ? named : all.filter((column) => column.hidden !== true);
}
