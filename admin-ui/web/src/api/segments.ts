// What a partition's log is made of: segments and batches.

import type { Exact, Ms } from "./basics";
import type { Bytes, Codec } from "./records";

/** GET /topics/{t}/partitions/{p}/segments. */
export interface Segments {
  topic: string;
  partition: number;
  log_start: Exact;
  lso: Exact;
  high_watermark: Exact;
  log_end: Exact;
  size: Exact;
  /** Where groups stand in this partition. */
  groups: { group: string; offset: Exact }[];
  /** By offset. */
  segments: Segment[];
}
export interface Segment {
  base: Exact;
  /** The offset after its last one. */
  end: Exact;
  /** An upper bound once it has been compacted. */
  records: Exact;
  bytes: Exact;
  first_ms: Ms | null;
  last_ms: Ms | null;
  index_entries: number;
  time_index_entries: number;
  state: "ACTIVE" | "CLOSED" | "CLEANING";
  file: string;
}

/** GET .../segments/{base}/batches?from=offset&limit= as List (`next` is an offset for `from`). */
export interface Batch {
  base: Exact;
  last: Exact;
  count: number;
  /** Where in the segment's file. */
  position: Exact;
  bytes: number;
  /** Of its records when not compressed; null when that was not looked at. */
  raw_bytes: number | null;
  codec: Codec;
  magic: number;
  crc: number;
  /** The checksum was computed and is the stored one. */
  crc_ok: boolean;
  leader_epoch: number;
  producer_id: Exact;
  producer_epoch: number;
  base_sequence: number;
  transactional: boolean;
  control: boolean;
  timestamp_type: "CREATE_TIME" | "LOG_APPEND_TIME";
  first_ms: Ms;
  max_ms: Ms;
  delete_horizon_ms: Ms | null;
}

/** GET /topics/{t}/partitions/{p}/batches/{offset}/records: the batch that holds the offset. */
export interface BatchRecords {
  batch: Batch;
  segment: Exact;
  records: {
    offset: Exact;
    timestamp_ms: Ms;
    bytes: number;
    key: Bytes | null;
    value: Bytes | null;
    headers: number;
  }[];
}

/** POST .../segments/{base}:verify: every checksum and index entry of the segment, read again. */
export interface Verified {
  ok: boolean;
  batches: number;
  records: Exact;
  bytes: Exact;
  ms: number;
  problems: { offset: Exact | null; position: Exact; message: string }[];
}
