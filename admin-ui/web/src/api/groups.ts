// Groups: members, offsets, and how offsets are moved.

import type { Exact, Ms } from "./basics";
import type { Severity } from "./cluster";

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
