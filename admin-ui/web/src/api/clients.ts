// Who is connected, and who produces.

import type { Exact, Ms } from "./basics";
import type { SlowRequest, Waiting } from "./performance";

export type ClientKind = "PRODUCER" | "CONSUMER" | "ADMIN" | "REPLICA" | "UNKNOWN";

/** GET /clients/connections as List. DELETE /clients/connections/{id} closes it (204). */
export interface Connection {
  id: string;
  client_id: string;
  principal: string;
  address: string;
  port: number;
  listener: string;
  software_name: string | null;
  software_version: string | null;
  kind: ClientKind;
  /** Rates. */
  bytes_in: number | null;
  bytes_out: number | null;
  requests: number | null;
  /** Since it was opened. */
  bytes_in_total: Exact;
  bytes_out_total: Exact;
  requests_total: Exact;
  errors: Exact;
  in_flight: number;
  throttled_ms: number;
  /** Bytes of answers that the client has not taken. */
  send_queue: Exact;
  send_blocks: Exact;
  slow_reader: boolean;
  group: string | null;
  member_id: string | null;
  transactional_id: string | null;
  tls: string | null;
  connected_ms: Ms;
  idle_ms: number;
  /** Whose records it writes and reads, busiest first: 5 at most in the list, all in the detail. */
  topics: { topic: string; bytes_in: number | null; bytes_out: number | null }[];
}

/** GET /clients/connections/{id}. */
export interface ConnectionDetail extends Connection {
  api_versions: { api_key: number; api: string; version: number; count: Exact }[];
  waiting: Waiting[];
  /** The last 50, newest first. */
  recent: SlowRequest[];
  /** Sentences on what this client does badly. */
  warnings: string[];
}

/** GET /clients/software as List. */
export interface Software {
  name: string | null;
  version: string | null;
  connections: number;
  client_ids: number;
  principals: number;
  first_seen_ms: Ms | null;
  last_seen_ms: Ms | null;
}

/**
 * GET /topics/{t}/producers and GET /clients/producers as List: a row for each producer id and partition, and for each
 * connection that writes to a topic without one (acks=0, acks=1): there null is what a producer id would tell.
 */
export interface Producer {
  producer_id: Exact | null;
  epoch: number | null;
  client_id: string | null;
  address: string | null;
  principal: string | null;
  /** Of a connection without a producer id. */
  connection_id: string | null;
  transactional_id: string | null;
  topic: string;
  partition: number | null;
  last_sequence: number | null;
  last_offset: Exact | null;
  last_ms: Ms | null;
  /** First offset of its open transaction, or null. */
  txn_start: Exact | null;
  duplicates: number | null;
  out_of_order: number | null;
  fenced: number | null;
  expires_ms: Ms | null;
}
