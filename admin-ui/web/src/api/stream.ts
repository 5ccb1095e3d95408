// What changes, as server-sent events.

import type { Exact, Ms } from "./basics";
import type { Broker } from "./brokers";
import type { Finding, TileId } from "./cluster";
import type { Trend } from "./groups";
import type { Waiting } from "./performance";

/**
 * GET /stream?channels=cluster,topics&last_id=: server-sent events; `id:` is the server's time in ms,
 * and last_id (or Last-Event-ID) back-fills. A comment every 15 s. Names in channels are percent-encoded.
 */
export type Channel =
  | "cluster" | "topics" | "groups" | "clients" | "waiting"
  | `topic:${string}` | `group:${string}` | `broker:${string}`;

/** PUT /stream/{id}: other channels and rows without a new connection (204). */
export interface StreamChange {
  channels: string[];
  /** Which rows of `topics` and `groups` are looked at; none: all, every 5 s. */
  rows?: { topics?: string[]; groups?: string[] };
}

/** event: hello. */
export interface StreamHello {
  stream_id: string;
  interval_ms: number;
}
/** event: snapshot, and event: delta with the same data: all of a channel, or what changed, objects within it
 * likewise: a row has only the fields that are others now. Of a topic with more than 100 partitions every 5 s. */
export interface StreamFrame<C extends keyof ChannelData = keyof ChannelData> {
  /** The channel as it was asked for. */
  ch: string;
  t: Ms;
  data: Partial<ChannelData[C]> | RowsInColumns;
}
/** How `rows` of `topics` and `groups` travel: in columns, so that each name and field is written once. */
export interface RowsInColumns {
  /** Of rows not told of before; they follow the names of the frames before, a snapshot's begin anew. */
  names?: string[];
  /** Which rows, by their place among all names so far. */
  rows: number[];
  /** The fields in which one of the rows is another now: a value for each of `rows`. */
  cols: Record<string, unknown[]>;
}
/** event: gap. The page was too slow; it fetches what it shows again. */
export interface StreamGap {
  ch: string;
  from: Ms;
  to: Ms;
}
// event: finding carries a Finding that began; event: event carries a ClusterEvent.

/** What a channel carries, by the channel's name before the colon. */
export interface ChannelData {
  cluster: {
    tiles: Record<TileId, number | null>;
    findings: Finding[];
    verdict: string;
    /** By id. */
    brokers: Record<string, Partial<Broker>>;
    latency: { produce_p50_us: number | null; produce_p99_us: number | null; produce_p999_us: number | null };
  };
  topics: { rows: Record<string, Partial<TopicLive>> };
  topic: TopicLive & {
    /** By partition. */
    partitions: Record<string, Partial<PartitionLive>>;
  };
  groups: { rows: Record<string, Partial<GroupLive>> };
  group: GroupLive;
  clients: { connections: number };
  waiting: { data: Waiting[] };
  broker: Broker;
}
export interface TopicLive {
  bytes_in: number;
  bytes_out: number;
  records_in: number;
  size: Exact;
  records: Exact;
  last_append_ms: Ms | null;
}
export interface PartitionLive {
  log_start: Exact | null;
  high_watermark: Exact | null;
  size: Exact | null;
  bytes_in: number | null;
  bytes_out: number | null;
}
export interface GroupLive {
  state: string;
  members: number;
  lag: Exact | null;
  lag_ms: number | null;
  trend: Trend | null;
  consume_rate: number | null;
}
