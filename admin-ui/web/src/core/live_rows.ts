// Rows of a list as the stream brings them: in columns (api: RowsInColumns).
import type { RowsInColumns } from "../api";

/** What the frame says of each row, by name. `names`, those told before, get the frame's. */
export function inRows({ names: more = [], rows, cols }: RowsInColumns, names: string[]): Record<string, Record<string, unknown>> {
  names.push(...more);
  const byName: Record<string, Record<string, unknown>> = Object.create(null);  // a row may be called __proto__
  rows.forEach((place, i) => {
    const name = names[place];
    if (name === undefined) return;
    byName[name] = Object.fromEntries(Object.entries(cols).map(([field, values]) => [field, values[i]]));
  });
  return byName;
}
