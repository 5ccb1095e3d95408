// Connections added up by what they have in common.
import type { Connection } from "../api";

export type By = "connection" | "client" | "principal" | "software" | "address";

export interface ClientRow {
  key: string;
  /** The one connection, or how many there are. */
  connection: Connection | null;
  label: string;
  connections: number;
  bytes_in: number;
  bytes_out: number;
  requests: number;
  in_flight: number;
  throttled_ms: number;
  send_queue: number;
  slow: number;
  errors: number;
}

export const softwareOf = (one: Connection): string => [one.software_name, one.software_version].filter(Boolean).join(" ");

const labelOf: Record<By, (one: Connection) => string> = {
  connection: (one) => one.client_id,
  client: (one) => one.client_id,
  principal: (one) => one.principal,
  software: softwareOf,
  address: (one) => one.address,
};

export function clientRows(connections: readonly Connection[], by: By): ClientRow[] {
  const rows = new Map<string, ClientRow>();
  for (const one of connections) {
    const label = labelOf[by](one);
    const key = by === "connection" ? one.id : label;
    const row = rows.get(key) ?? {
      key, connection: by === "connection" ? one : null, label, connections: 0, bytes_in: 0, bytes_out: 0, requests: 0, in_flight: 0,
      throttled_ms: 0, send_queue: 0, slow: 0, errors: 0,
    };
    row.connections++;
    row.bytes_in += one.bytes_in ?? 0;
    row.bytes_out += one.bytes_out ?? 0;
    row.requests += one.requests ?? 0;
    row.in_flight += one.in_flight;
    row.throttled_ms += one.throttled_ms;
    row.send_queue += Number(one.send_queue);
    row.slow += one.slow_reader ? 1 : 0;
    row.errors += Number(one.errors);
    rows.set(key, row);
  }
  return [...rows.values()];
}
