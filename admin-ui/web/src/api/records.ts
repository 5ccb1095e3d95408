// Records: looked at, downloaded, produced and deleted.

import type { ApiErrorInfo, Exact, Ms } from "./basics";
import type { Batch } from "./segments";

/** Bytes of a record: `s` when they are valid UTF-8, else `x` in base64; `n` is the whole size. */
export interface Bytes {
  n: number;
  s?: string;
  x?: string;
  /** The preview was cut; the whole is at .../records/{offset}. */
  cut?: boolean;
}
/** Name and value. */
export type Header = [string, Bytes | null];

export type ByteOp = "contains" | "equals" | "starts_with" | "not_equals" | "is_null" | "regex";
export interface ByteFilter {
  op: ByteOp;
  /** Not with is_null. */
  text?: string;
}

export type BrowseFrom =
  | { type: "newest"; n: number }
  | { type: "beginning" }
  /** By partition; the others begin at their log start. */
  | { type: "offset"; offsets: Record<string, Exact> }
  | { type: "time"; ms: Ms }
  | { type: "group"; group: string }
  | { type: "live" }
  /** Goes on where a scan with the same filter stopped. */
  | { type: "cursor"; token: string };
/** end: where each partition ended when the scan began; none: goes on with what is appended. */
export type BrowseTo =
  | { type: "end" }
  | { type: "offset"; offsets: Record<string, Exact> }
  | { type: "time"; ms: Ms }
  | { type: "none" };

/** POST /topics/{t}/records:browse. The answer is NDJSON: BrowseLine, flushed every 250 ms. */
export interface BrowseRequest {
  from: BrowseFrom;
  to: BrowseTo;
  partitions: number[] | null;
  limit: number;
  order: "asc" | "desc";
  isolation: "read_committed" | "read_uncommitted";
  filter: {
    key?: ByteFilter;
    value?: ByteFilter;
    headers?: ({ name: string } & ByteFilter)[];
    expr?: string;
  };
  preview_bytes: number;
  budget: { ms: number; bytes: number };
}

export type BrowseLine = BrowseStart | BrowseRecord | BrowseProgress | BrowseWarning | BrowseDone;
export interface BrowseStart {
  t: "start";
  scan: string;
  ends: Record<string, Exact>;
  upper_bound: Exact;
}
export interface BrowseRecord {
  t: "rec";
  p: number;
  o: Exact;
  ts: Ms;
  tt: "CREATE_TIME" | "LOG_APPEND_TIME";
  k: Bytes | null;
  v: Bytes | null;
  h: Header[];
  b: RecordBatch;
}
/** The batch that the record came in: base offset, count, codec, producer, sequence, leader epoch. */
export interface RecordBatch {
  o: Exact;
  n: number;
  codec: Codec;
  pid: Exact;
  pe: number;
  seq: number;
  le: number;
  txn: boolean;
  ctl: boolean;
  /** Of an aborted transaction. */
  aborted?: boolean;
}
export type Codec = "none" | "gzip" | "snappy" | "lz4" | "zstd";
export interface BrowseProgress {
  t: "prog";
  scanned: Exact;
  bytes: Exact;
  matched: number;
  pos: Record<string, Exact>;
  ms: number;
  partitions_done?: number;
}
export interface BrowseWarning {
  t: "warn";
  p: number | null;
  kafka_name: string | null;
  message: string;
}
export interface BrowseDone {
  t: "done";
  /** error: `message` says why. */
  reason: "end" | "limit" | "budget" | "cancelled" | "error";
  cursor: string | null;
  scanned: Exact;
  bytes: Exact;
  matched: number;
  ms: number;
  message?: string;
}

/**
 * GET /topics/{t}/partitions/{p}/records/{offset}: one record, whole. With ?raw=value or ?raw=key the
 * bytes alone, as an attachment.
 */
export interface WholeRecord extends Omit<BrowseRecord, "t"> {
  topic: string;
  batch: Batch;
  /** Base offset of the segment that it lies in. */
  segment: Exact;
}

/**
 * GET /topics/{t}/records:download?format=ndjson|csv|json&request=...: all that match, streamed.
 * `request` is a BrowseRequest as JSON, whose preview and budget do not apply.
 */
export type DownloadFormat = "ndjson" | "csv" | "json";

/** Bytes to be sent: text, or base64. */
export type BytesIn = { s: string } | { x: string };
/** POST /topics/{t}/records. */
export interface Produce {
  records: {
    /** Null: chosen by the key (murmur2), or the stickiest without one. */
    partition: number | null;
    key: BytesIn | null;
    value: BytesIn | null;
    headers: [string, BytesIn | null][];
    /** Null: now. */
    timestamp_ms: Ms | null;
  }[];
  compression: Codec;
  acks: "all" | "leader" | "none";
}
/** One result a record, in their order. */
export interface Produced {
  results: {
    partition: number;
    offset: Exact | null;
    timestamp_ms: Ms | null;
    error: ApiErrorInfo | null;
  }[];
}

/** POST /topics/{t}/records:delete-preview and POST /topics/{t}/records:delete. Exactly one bound each. */
export interface DeleteRecords {
  partitions: { id: number; before_offset?: Exact; before_ms?: Ms; before?: "high_watermark" }[];
}
/** The answer to both: what goes, or went. */
export interface DeletedRecords {
  partitions: {
    partition: number;
    log_start_before: Exact | null;
    log_start_after: Exact | null;
    records: Exact | null;
    error: ApiErrorInfo | null;
  }[];
}
