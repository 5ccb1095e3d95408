// Topics and their partitions.

import type { ApiErrorInfo, Exact, Ms } from "./basics";
import type { Finding } from "./cluster";

export type Health = "OK" | "UNDER_REPLICATED" | "UNDER_MIN_ISR" | "OFFLINE";

/** GET /topics?view=summary: one array a column, all of length n, in the order of names. */
export interface TopicSummary {
  snapshot: string;
  at_ms: Ms;
  n: number;
  cols: {
    topic: string[];
    topic_id: string[];
    internal: number[];
    partitions: number[];
    rf: number[];
    health: Health[];
    offline: number[];
    under_min_isr: number[];
    under_replicated: number[];
    bytes_in: number[];
    bytes_out: number[];
    records_in: number[];
    size: Exact[];
    records: Exact[];
    /** 0: `records` is an upper bound (compaction, transactions). */
    records_exact: number[];
    groups: number[];
    max_lag: (Exact | null)[];
    max_lag_ms: (number | null)[];
    last_append_ms: (Ms | null)[];
    cleanup: string[];
    retention_ms: Exact[];
    min_isr: number[];
    max_message_bytes: Exact[];
    /** Connections that have produced to it; of a client's topics the first 50 are known. */
    producers: number[];
    /** Null of topics that were taken over, or made before this was kept. */
    created_ms: (Ms | null)[];
    /** Bytes, as records lie in the log: of those that came since the broker started, as `compression`. */
    record_size: (number | null)[];
    /** The share of records by codec, such as {"none": 0.25, "lz4": 0.75}. */
    compression: (Record<string, number> | null)[];
    /** Bytes a second that the disk had to give; null where the file system does not say. */
    cold_reads: (number | null)[];
    /** bytes_in over the last 5 minutes, 30 values each; null when there was no traffic. */
    spark_in: ((number | null)[] | null)[];
  };
}

/** POST /topics. -1 or missing partitions and replication_factor: the broker's default. */
export interface CreateTopic {
  name: string;
  partitions?: number;
  replication_factor?: number;
  configs?: Record<string, string>;
  validate_only?: boolean;
}
/** Answer of POST /topics (201, or 200 with validate_only) and of POST /topics/{t}:clone. */
export interface CreatedTopic {
  topic: string;
  topic_id: string | null;
  partitions: number;
  rf: number;
  configs: Record<string, string | null>;
  validate_only: boolean;
}
/** POST /topics/{t}:clone: partitions, replicas and settings of {t} under another name. */
export interface CloneTopic {
  name: string;
  validate_only?: boolean;
}

/** POST /topics:delete-preview and POST /topics:delete (answers Results). */
export interface TopicNames {
  topics: string[];
}
/** What would be lost with each topic. */
export interface DeletePreview {
  topics: TopicBlast[];
}
export interface TopicBlast {
  topic: string;
  partitions: number;
  size: Exact;
  records: Exact;
  records_exact: boolean;
  /** Groups with committed offsets of this topic. */
  groups: { group: string; state: string; members: number }[];
  /** Client ids that produced in the last 5 minutes. */
  producers: string[];
  /** Why it cannot be deleted, or null. */
  error: ApiErrorInfo | null;
}

/** GET /topics/{t}. */
export interface Topic {
  topic: string;
  topic_id: string;
  internal: boolean;
  partitions: number;
  rf: number;
  min_isr: number;
  health: Health;
  offline: number;
  under_replicated: number;
  under_min_isr: number;
  cleanup: string;
  retention_ms: Exact;
  retention_bytes: Exact;
  max_message_bytes: Exact;
  size: Exact;
  records: Exact;
  records_exact: boolean;
  segments: number;
  bytes_in: number;
  bytes_out: number;
  records_in: number;
  last_append_ms: Ms | null;
  created_ms: Ms | null;
  findings: Finding[];
  /** Settings of this topic that differ from the broker's. */
  overrides: { name: string; value: string | null }[];
  configs: number;
  authorized_operations: string[];
}

/** GET /topics/{t}/partitions as List. */
export interface Partition {
  partition: number;
  state: Health;
  leader: number | null;
  leader_epoch: number;
  preferred_leader: number;
  replicas: Replica[];
  min_isr: number;
  log_start: Exact | null;
  lso: Exact | null;
  high_watermark: Exact | null;
  size: Exact | null;
  segments: number | null;
  bytes_in: number | null;
  bytes_out: number | null;
  /** Bytes a second that had to be read from the disk. */
  cold_reads: number | null;
  producers: number | null;
  reassigning: { adding: number[]; removing: number[] } | null;
}
export interface Replica {
  broker: number;
  in_sync: boolean;
  leo: Exact | null;
  behind_ms?: number | null;
  offline?: boolean;
}

/** POST /topics/{t}/partitions:increase; `count` is the new total. Answers {partitions}. */
export interface IncreasePartitions {
  count: number;
  validate_only?: boolean;
}
