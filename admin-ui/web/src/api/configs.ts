// Settings of topics, brokers and groups.

export type ConfigSource =
  | "DYNAMIC_TOPIC_CONFIG" | "DYNAMIC_BROKER_CONFIG" | "DYNAMIC_DEFAULT_BROKER_CONFIG"
  | "STATIC_BROKER_CONFIG" | "DEFAULT_CONFIG" | "DYNAMIC_GROUP_CONFIG" | "UNKNOWN";
export type ConfigType =
  | "BOOLEAN" | "STRING" | "INT" | "SHORT" | "LONG" | "DOUBLE" | "LIST" | "CLASS" | "PASSWORD";

/** GET /topics/{t}/configs, /brokers/{id}/configs, /cluster/configs and /groups/{g}/configs as List. */
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
  /** Of brokers: a sentence, or null. */
  read_only_reason?: string | null;
  /** Of all brokers: which have a value of their own instead. */
  overrides?: { broker_id: number; value: string | null }[];
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
 * POST /topics/{t}/configs:preview and :alter; POST configs:alter of the others. Incremental: other
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
