// The contract between the pages and the broker's console API: every request and answer that a page
// uses, under /api/v1. The server follows this file.
//
// Conventions: a Kafka int64 is a string (Exact); a time is epoch milliseconds (`*_ms`), a duration
// a number named `*_ms` or `*_us`; a rate is a number per second; what is not known is null; enums are
// Kafka's names. A list is {data, next}. Names in paths are percent-encoded; a group id that browsers
// would normalise (empty, ".", "..") goes as `/groups/-?id=...`.

/** An int64 as decimal text, so that no double rounds it. */
export type Exact = string;
/** Epoch milliseconds. */
export type Ms = number;

export interface List<T> {
  data: T[];
  /** Cursor of the next page (`?cursor=`), or null. */
  next: string | null;
}

/** The body of every answer with a status of 400 or more. */
export interface ErrorBody {
  error: ApiErrorInfo;
}
export interface ApiErrorInfo {
  status: number;
  kafka_code: number | null;
  kafka_name: string | null;
  message: string;
  detail: Record<string, unknown> | null;
  request_id: string;
}

/** One of the targets of a request that has many; HTTP 200 says only that all were tried. */
export interface TargetResult {
  target: string;
  status: number;
  error?: ApiErrorInfo;
}
export interface Results {
  results: TargetResult[];
}

// ---------------------------------------------------------------- session

export type Feature =
  | "topics" | "groups" | "clients" | "performance" | "audit" | "segments" | "records";

/** GET /session. POST /logout ends it (204). Changes carry its csrf_token as X-CSRF-Token. */
export interface Session {
  principal: string;
  auth: "none" | "password" | "certificate";
  read_only: boolean;
  /** Listens beyond this machine without encryption or authentication. */
  insecure: boolean;
  csrf_token: string;
  expires_ms: Ms;
  cluster_id: string;
  cluster_label: string;
  cluster_colour: string;
  broker_id: number;
  version: string;
  features: string[];
  cluster_operations: string[];
}

// ---------------------------------------------------------------- cluster

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
  type: "topic" | "group" | "broker" | "client" | "principal" | "config";
  name: string;
  detail: string;
  link: string;
}

// ---------------------------------------------------------------- topics

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
    /** Null where that would take a look at every partition. */
    producers: (number | null)[];
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

// ---------------------------------------------------------------- settings of topics and brokers

export type ConfigSource =
  | "DYNAMIC_TOPIC_CONFIG" | "DYNAMIC_BROKER_CONFIG" | "DYNAMIC_DEFAULT_BROKER_CONFIG"
  | "STATIC_BROKER_CONFIG" | "DEFAULT_CONFIG" | "DYNAMIC_GROUP_CONFIG" | "UNKNOWN";
export type ConfigType =
  | "BOOLEAN" | "STRING" | "INT" | "SHORT" | "LONG" | "DOUBLE" | "LIST" | "CLASS" | "PASSWORD";

/** GET /topics/{t}/configs and GET /brokers/{id}/configs as List. */
export interface ConfigEntry {
  name: string;
  /** Null when not set, or sensitive. */
  value: string | null;
  source: ConfigSource;
  read_only: boolean;
  sensitive: boolean;
  type: ConfigType;
  /** What a number counts: "ms", "bytes", or null. */
  unit: "ms" | "bytes" | null;
  /** "Retention", "Compaction", "Replication", "Limits", "Segments", "Timestamps", "Compression", ... */
  group: string;
  /** As documented, such as "[-1,...]". */
  valid: string | null;
  enum: string[] | null;
  documentation: string;
  needs_restart: boolean;
  /** False: known, so that clients may set it, but this version does nothing with it. */
  has_effect?: boolean;
  /** Where else the value may come from, nearest first. */
  synonyms: { name: string; value: string | null; source: ConfigSource }[];
}

export interface ConfigChange {
  name: string;
  /** Null with DELETE. */
  value: string | null;
  operation: "SET" | "DELETE";
}
/**
 * POST /topics/{t}/configs:preview and :alter; POST /brokers/{id}/configs:alter. Incremental: other
 * settings stay. `scope` is of brokers only: this one, or the default of all.
 */
export interface AlterConfigs {
  data: ConfigChange[];
  validate_only?: boolean;
  scope?: "broker" | "default";
}
/** What the change comes to; the answer of :preview and of :alter alike. */
export interface ConfigEffects {
  changes: {
    name: string;
    before: string | null;
    after: string | null;
    /** What it does to the data that is there now, as a sentence, or null. */
    effect: string | null;
    warning: string | null;
  }[];
}

// ---------------------------------------------------------------- a topic's groups and producers

/** GET /topics/{t}/groups as List. */
export interface TopicGroup {
  group: string;
  type: string;
  state: string;
  /** Members that this topic's partitions are assigned to. */
  members: number;
  lag: Exact | null;
  lag_ms: number | null;
  consume_rate: number | null;
  assignor: string | null;
}

/** GET /topics/{t}/producers and GET /clients/producers as List: a row for each producer and partition. */
export interface Producer {
  producer_id: Exact;
  epoch: number;
  client_id: string | null;
  address: string | null;
  principal: string | null;
  transactional_id: string | null;
  topic: string;
  partition: number;
  last_sequence: number;
  last_offset: Exact | null;
  last_ms: Ms | null;
  /** First offset of its open transaction, or null. */
  txn_start: Exact | null;
  duplicates: number;
  out_of_order: number;
  fenced: number;
  expires_ms: Ms | null;
}

// ---------------------------------------------------------------- records

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

// ---------------------------------------------------------------- segments

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

// ---------------------------------------------------------------- groups

export type Trend = "CATCHING_UP" | "STEADY" | "FALLING_BEHIND";

/** GET /groups?view=summary: one array a column, as the topics'. */
export interface GroupSummary {
  snapshot: string;
  at_ms: Ms;
  n: number;
  cols: {
    group: string[];
    type: string[];
    state: string[];
    members: number[];
    topics: number[];
    lag: (Exact | null)[];
    lag_ms: (number | null)[];
    trend: (Trend | null)[];
    /** Until the lag is gone at the present pace. */
    eta_ms: (number | null)[];
    consume_rate: (number | null)[];
    /** Since the newest commit. */
    commit_age_ms: (number | null)[];
    coordinator: number[];
    assignor: (string | null)[];
    epoch: number[];
    rebalances_1h: number[];
    /** When its offsets expire if nothing happens. */
    expires_ms: (Ms | null)[];
    /** Lag over the last 5 minutes, 30 values each. */
    spark_lag: ((number | null)[] | null)[];
  };
}

/** GET /groups/{g}. DELETE /groups/{g} answers 204, or 409 NON_EMPTY_GROUP. */
export interface Group {
  group: string;
  type: string;
  state: string;
  epoch: number;
  protocol: string | null;
  assignor: string | null;
  coordinator: number;
  members: number;
  topics: string[];
  lag: Exact | null;
  lag_ms: number | null;
  trend: Trend | null;
  eta_ms: number | null;
  consume_rate: number | null;
  commit_age_ms: number | null;
  rebalances_1h: number;
  /** What the broker makes of it. */
  verdict: {
    /** "OK", "STALLED", "TOO_SLOW", "COMMIT_STUCK", "REBALANCE_LOOP", "STARVED", "EMPTY", ... */
    code: string;
    severity: Severity;
    text: string;
    suggestion: string | null;
  };
}

/** GET /groups/{g}/offsets as List, by topic and partition; assigned ones without a commit too. */
export interface GroupOffset {
  topic: string;
  partition: number;
  member_id: string | null;
  client_id: string | null;
  committed: Exact | null;
  /** The offset that the member last fetched from. */
  position: Exact | null;
  log_start: Exact | null;
  end: Exact | null;
  lag: Exact | null;
  lag_ms: number | null;
  commit_ms: Ms | null;
  metadata: string | null;
  leader_epoch: number | null;
}

/** GET /groups/{g}/members as List. */
export interface GroupMember {
  member_id: string;
  instance_id: string | null;
  client_id: string;
  host: string;
  software: string | null;
  assignment: { topic: string; partitions: number[] }[];
  epoch: number | null;
  target_epoch: number | null;
  session_timeout_ms: number | null;
  rebalance_timeout_ms: number | null;
  /** When it was last heard of. */
  heartbeat_ms: Ms | null;
  is_leader: boolean;
}

/** GET /groups/{g}/history as List, newest first. */
export interface GroupEvent {
  at_ms: Ms;
  /** "REBALANCE_BEGAN", "STABLE", "EMPTY", ... */
  type: string;
  detail: string;
  duration_ms: number | null;
}

export type ResetStrategy =
  | { type: "earliest" }
  | { type: "latest" }
  | { type: "time"; ms: Ms }
  | { type: "offset"; offset: Exact }
  | { type: "shift"; by: Exact }
  | { type: "duration"; ms: number }
  | { type: "group"; group: string }
  | { type: "explicit"; offsets: { topic: string; partition: number; offset: Exact }[] };

/** POST /groups/{g}/offsets:preview. `partitions` null: all of the topic. */
export interface ResetRequest {
  strategy: ResetStrategy;
  partitions: { topic: string; partitions: number[] | null }[];
}
export interface ResetPlan {
  plan: ResetStep[];
  active_members: number;
  cli: string;
}
export interface ResetStep {
  topic: string;
  partition: number;
  /** Null when nothing was committed. */
  before: Exact | null;
  after: Exact;
  delta: Exact | null;
  delta_ms: number | null;
  /** "BEFORE_LOG_START", "BEYOND_END", "NO_CHANGE" or null. */
  warning: string | null;
}
/**
 * POST /groups/{g}/offsets:reset: applies the plan as it was previewed. Answers Results, or 409
 * OFFSETS_MOVED with detail.current ({topic, partition, offset}[]) when one of `before` is no longer true.
 */
export interface ApplyReset {
  plan: { topic: string; partition: number; before: Exact | null; after: Exact }[];
}

/** POST /groups/{g}/offsets:delete; answers Results ("topic" each). */
export interface DeleteOffsets {
  topics: string[];
}
/** POST /groups/{g}/members:remove; answers Results (member id or instance id each). */
export interface RemoveMembers {
  members: { member_id?: string; instance_id?: string }[];
}

// ---------------------------------------------------------------- clients

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

// ---------------------------------------------------------------- brokers

/** GET /brokers as List. */
export interface Broker {
  broker_id: number;
  host: string;
  port: number;
  rack: string | null;
  /** "controller", "broker". */
  roles: string[];
  is_controller: boolean;
  version: string | null;
  started_ms: Ms | null;
  disk_used: Exact | null;
  disk_total: Exact | null;
  log_bytes: Exact | null;
  memory: Exact | null;
  memory_total: Exact | null;
  /** Of one core: 1.5 is one and a half. */
  cpu: number | null;
  cores: number | null;
  open_files: number | null;
  open_files_max: number | null;
  connections: number | null;
  leaders: number;
  partitions: number;
  bytes_in: number | null;
  bytes_out: number | null;
}
/** GET /brokers/{id}. */
export interface BrokerDetail extends Broker {
  listeners: {
    name: string;
    protocol: string;
    bind: string;
    advertised: string;
    tls: boolean;
    connections: number | null;
  }[];
}

/** GET /brokers/{id}/partitions?limit=&cursor= as List. */
export interface BrokerPartition {
  topic: string;
  partition: number;
  leader: boolean;
  size: Exact | null;
  bytes_in: number | null;
  bytes_out: number | null;
}

/** GET /brokers/{id}/logdirs as List. */
export interface LogDir {
  path: string;
  state: "ONLINE" | "OFFLINE";
  error: string | null;
  total: Exact | null;
  usable: Exact | null;
  /** Of our logs. */
  size: Exact;
  partitions: number;
  replicas: { topic: string; partition: number; size: Exact; offset_lag: Exact; future: boolean }[];
}

/** GET /brokers/{id}/runtime. */
export interface Runtime {
  at_ms: Ms;
  pid: number;
  started_ms: Ms;
  cpu: number | null;
  cores: number;
  rss: Exact;
  rss_peak: Exact | null;
  virtual: Exact | null;
  heap_live: Exact | null;
  heap_free: Exact | null;
  open_files: number | null;
  open_files_max: number | null;
  page_faults_major: Exact | null;
  threads: {
    id: number;
    name: string;
    /** Of one core. */
    cpu: number | null;
    /** As /proc has it: R, S, D. */
    state: string;
    /** Context switches a second: because it waited, because it was made to. */
    switches_voluntary: number | null;
    switches_forced: number | null;
    connections: number | null;
    requests: number | null;
  }[];
}

/** GET /api-versions as List. */
export interface ApiVersion {
  api_key: number;
  api: string;
  min: number;
  max: number;
}

// ---------------------------------------------------------------- performance

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

// ---------------------------------------------------------------- audit

/** GET /audit?limit=&cursor= as List, newest first. */
export interface AuditEntry {
  at_ms: Ms;
  principal: string;
  remote: string;
  action: string;
  target: string;
  status: number;
  message: string | null;
  request: unknown;
  before: unknown;
  request_id: string;
}

// ---------------------------------------------------------------- stream

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
  data: Partial<ChannelData[C]>;
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
    brokers: Broker[];
    latency: { produce_p50_us: number | null; produce_p99_us: number | null; produce_p999_us: number | null };
  };
  topics: { rows: Record<string, Partial<TopicLive>> };
  topic: TopicLive & {
    partitions: {
      partition: number;
      log_start: Exact | null;
      high_watermark: Exact | null;
      size: Exact | null;
      bytes_in: number | null;
      bytes_out: number | null;
    }[];
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
export interface GroupLive {
  state: string;
  members: number;
  lag: Exact | null;
  lag_ms: number | null;
  trend: Trend | null;
  consume_rate: number | null;
}
