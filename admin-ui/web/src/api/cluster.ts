// The overview: what is not well, what happened, and the search over everything.

import type { Exact, Ms } from "./basics";
import type { Broker } from "./brokers";

export type Severity = "CRITICAL" | "WARNING" | "INFO";

/** Something that is not well, as a sentence. */
export interface Finding {
  /** Stable while it lasts, such as "OFFLINE_PARTITIONS:orders". */
  id: string;
  /** Which rule found it, such as "OFFLINE_PARTITIONS". */
  kind: string;
  severity: Severity;
  text: string;
  /** A route of the pages, such as "/topics/orders", or null. */
  link: string | null;
  since_ms: Ms | null;
}

export type TileId =
  | "records_in" | "bytes_in" | "bytes_out" | "requests"
  | "produce_p99_us" | "fetch_p99_us" | "connections" | "group_lag";

export interface Tile {
  id: TileId;
  value: number | null;
  /** 30 values over the last 15 minutes, oldest first. */
  spark: (number | null)[];
}

/** GET /cluster: the overview. */
export interface Cluster {
  cluster_id: string;
  at_ms: Ms;
  controller_id: number | null;
  /** One sentence: all is well, or how many findings of which kind. */
  verdict: string;
  /** Worst first; empty when all is well. */
  findings: Finding[];
  tiles: Tile[];
  brokers: Broker[];
  topics: number;
  partitions: number;
  groups: number;
  size: Exact;
  auto_create_topics: boolean;
  /** host:port that clients of the first listener use. */
  bootstrap: string;
  /** At most 8 each, worst first. */
  hottest_topics: { topic: string; bytes_in: number; records_in: number }[];
  lagging_groups: { group: string; lag: Exact | null; lag_ms: number | null; state: string }[];
}

/** GET /events?since_ms=&types=&limit= as List, newest first. */
export interface ClusterEvent {
  at_ms: Ms;
  /** Such as "TOPIC_CREATED", "CONFIG_CHANGED", "GROUP_REBALANCE_BEGAN", "BROKER_STARTED". */
  type: string;
  /** The topic, the group, the path. */
  subject: string;
  detail: string;
  link: string | null;
}

/** GET /search?q=: at most 8 hits of each type, prefixes first. */
export interface SearchAnswer {
  hits: SearchHit[];
}
export interface SearchHit {
  type: "topic" | "group" | "broker" | "client" | "principal" | "config" | "event";
  name: string;
  detail: string;
  link: string;
  /** When it happened; null of what has no time. */
  at_ms: Ms | null;
}

/** GET /features: what the broker is, and at which level each feature of the cluster is. */
export interface Features {
  version: string;
  /** Whose protocol. */
  speaks: string;
  data: {
    name: string;
    /** Null when it is not finalized. */
    level: number | null;
    /** What the broker supports. */
    min: number;
    max: number;
  }[];
  next: null;
}

/** GET /quorum: who decides about the metadata. Null is what there is none of: one node elects nobody. */
export interface Quorum {
  leader_id: number;
  leader_epoch: number | null;
  high_watermark: Exact | null;
  voters: QuorumReplica[];
  observers: QuorumReplica[];
  store: {
    kind: "SQLITE";
    path: string;
    /** Of the newest commit; rises by one with each. */
    revision: Exact;
    /** Bytes on the disk. */
    size: Exact | null;
  };
}
export interface QuorumReplica {
  broker_id: number;
  is_leader: boolean;
  log_end_offset: Exact | null;
  lag: Exact | null;
  last_caught_up_ms: Ms | null;
}
