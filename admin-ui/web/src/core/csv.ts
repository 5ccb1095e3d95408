// Rows as text for spreadsheets. A cell that a spreadsheet would take for a formula gets an apostrophe.

function guarded(cell: string): string {
  return /^[=+@\-\t\r]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map((cell) => quoted(guarded(cell))).join(",")).join("\r\n") + "\r\n";
}

export function toTsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map((cell) => guarded(cell.replace(/[\t\r\n]/g, " "))).join("\t")).join("\n") + "\n";
}

/** RFC 4180, quotes included. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let inQuotes = false;
  const endRow = () => {
    row.push(cell);
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
    cell = "";
  };
  for (let i = 0; i < text.length; ++i) {
    const character = text[i] as string;
    if (inQuotes) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') cell += text[++i];
      else inQuotes = false;
    } else if (character === '"') inQuotes = true;
    else if (character === ",") {
      row.push(cell);
      cell = "";
    } else if (character === "\n") endRow();
    else if (character !== "\r") cell += character;
  }
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}
