// Where time goes: latencies, waits, flushes, and metrics over time.

import type { Exact, Ms } from "./basics";

/** Of a request's life; which ones there are is the server's to say, in their order. */
export type Phase =
  | "READ" | "QUEUE" | "THROTTLE" | "LOCAL" | "FSYNC" | "REPLICATE" | "PURGATORY" | "RESPOND" | "SEND";
export interface Percentiles {
  mean_us: number | null;
  p50_us: number | null;
  p99_us: number | null;
  p999_us: number | null;
  max_us: number | null;
}

/** GET /requests/latency?range=15m. Times are without a fetch's voluntary wait (PURGATORY). */
export interface Latency {
  at_ms: Ms;
  range_ms: number;
  data: ApiLatency[];
}
export interface ApiLatency extends Percentiles {
  api_key: number;
  api: string;
  count: Exact;
  rate: number | null;
  errors: Exact;
  error_rate: number | null;
  phases: ({ phase: Phase } & Percentiles)[];
}

/** GET /requests/latency?api=Produce&range=15m: one API over time. */
export interface LatencyOverTime {
  api: string;
  from_ms: Ms;
  step_ms: number;
  p50_us: (number | null)[];
  p99_us: (number | null)[];
  p999_us: (number | null)[];
  rate: (number | null)[];
  /** Mean of each phase; stacked they are the mean of the whole. */
  phases: { phase: Phase; mean_us: (number | null)[] }[];
  /** Counts by [time][bucket]; bounds_us are the buckets' upper ends. */
  heat: { bounds_us: number[]; counts: number[][] } | null;
}

/** GET /requests/waiting as List: what is parked now, longest first. */
export interface Waiting {
  api: string;
  /** "FETCH", "PRODUCE", "JOIN", "SYNC", "THROTTLE", ... */
  kind: string;
  client_id: string | null;
  connection_id: string | null;
  group: string | null;
  /** A sentence: who, for what, how long yet. */
  reason: string;
  since_ms: Ms | null;
  deadline_ms: Ms | null;
}

/** GET /requests/slow as List: the slowest of late, slowest first. */
export interface SlowRequest {
  at_ms: Ms;
  api: string;
  version: number;
  client_id: string;
  principal: string | null;
  address: string;
  connection_id: string | null;
  topic: string | null;
  total_us: number;
  phases: { phase: Phase; us: number }[];
  bytes_in: number | null;
  bytes_out: number | null;
  error: string | null;
}

/** GET /storage/fsync?range=15m. */
export interface Fsync {
  at_ms: Ms;
  dirs: FsyncDir[];
  /** Of the bytes fetched, how many came from memory: 0 to 1. */
  cache_hit_ratio: number | null;
}
export interface FsyncDir extends Percentiles {
  path: string;
  state: "ONLINE" | "OFFLINE";
  total: Exact | null;
  usable: Exact | null;
  /** Until it is full at the present rate; null when it does not fill. */
  full_in_ms: number | null;
  flushes: Exact;
  flush_rate: number | null;
  bytes_per_flush: number | null;
  /** Partitions that wait for a flush now. */
  queue: number | null;
  /** Why was flushed: "ACKS", "INTERVAL", "ROLL", "SHUTDOWN". */
  /** Flushes by what asked for them, ACKS, GROUPS, UNAWAITED, ROLL; one may have several causes. */
  causes: { cause: string; count: Exact }[];
  from_ms: Ms;
  step_ms: number;
  /** `bytes` a second. */
  times: { p50_us: (number | null)[]; p99_us: (number | null)[]; max_us: (number | null)[]; bytes: (number | null)[] };
}

/**
 * GET /metrics/series?names=a,b&labels=topic:orders&range=15m&step=ms, or from=&to= in place of range.
 * `labels` may come again. Names: broker.bytes_in, broker.bytes_out, broker.records_in, broker.requests,
 * broker.produce_p50_us, broker.produce_p99_us, broker.produce_p999_us, broker.fetch_p99_us,
 * broker.connections, broker.cpu, broker.rss, broker.disk_used, broker.fsync_p99_us;
 * topic.bytes_in, topic.bytes_out, topic.records_in (label topic);
 * group.lag, group.lag_ms, group.consume_rate (label group).
 */
export interface SeriesAnswer {
  from_ms: Ms;
  step_ms: number;
  series: Series[];
}
export interface Series {
  name: string;
  labels: Record<string, string>;
  v: (number | null)[];
}
