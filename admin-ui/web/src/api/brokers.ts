// Brokers: disks, threads, and the APIs they speak.

import type { Exact, Ms } from "./basics";

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
