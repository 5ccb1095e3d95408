// A topic of the summary as a row; the columns of the answer become objects once for each answer.
import type { TopicLive, TopicSummary } from "../api";
import { near } from "../core/exact";
import { percent } from "../core/format";

export interface TopicRow extends TopicLive {
  topic: string;
  topic_id: string;
  internal: boolean;
  partitions: number;
  rf: number;
  health: string;
  bytes_out: number;
  records_exact: boolean;
  groups: number;
  max_lag: string | null;
  max_lag_ms: number | null;
  cleanup: string;
  retention_ms: string;
  min_isr: number | null;
  max_message_bytes: string | null;
  producers: number;
  created_ms: number | null;
  record_size: number | null;
  compression: Record<string, number> | null;
  cold_reads: number | null;
  spark_in: readonly (number | null)[] | null;
}

export function topicRows({ n, cols }: TopicSummary): TopicRow[] {
  const rows: TopicRow[] = [];
  for (let i = 0; i < n; ++i) {
    rows.push({
      topic: cols.topic[i] ?? "",
      topic_id: cols.topic_id[i] ?? "",
      internal: cols.internal[i] === 1,
      partitions: cols.partitions[i] ?? 0,
      rf: cols.rf[i] ?? 0,
      health: cols.health[i] ?? "OK",
      bytes_in: cols.bytes_in[i] ?? 0,
      bytes_out: cols.bytes_out[i] ?? 0,
      records_in: cols.records_in[i] ?? 0,
      size: cols.size[i] ?? "0",
      records: cols.records[i] ?? "0",
      records_exact: cols.records_exact[i] === 1,
      groups: cols.groups?.[i] ?? 0,
      max_lag: cols.max_lag?.[i] ?? null,
      max_lag_ms: cols.max_lag_ms?.[i] ?? null,
      last_append_ms: cols.last_append_ms[i] ?? null,
      cleanup: cols.cleanup[i] ?? "",
      retention_ms: cols.retention_ms[i] ?? "",
      min_isr: cols.min_isr?.[i] ?? null,
      max_message_bytes: cols.max_message_bytes?.[i] ?? null,
      producers: cols.producers[i] ?? 0,
      created_ms: cols.created_ms[i] ?? null,
      record_size: cols.record_size[i] ?? null,
      compression: cols.compression[i] ?? null,
      cold_reads: cols.cold_reads[i] ?? null,
      spark_in: cols.spark_in?.[i] ?? null,
    });
  }
  return rows;
}

/** "lz4 75 %, none 25 %": what most records came with first; empty when that is not known. */
export function mixOf(shares: Record<string, number> | null): string {
  return Object.entries(shares ?? {}).sort(([, a], [, b]) => b - a).map(([codec, share]) => `${codec} ${percent(share)}`).join(", ");
}

export interface TopicChips {
  internal: boolean;
  problems: boolean;
  starred: boolean;
  empty: boolean;
  compacted: boolean;
}
export function passes(row: TopicRow, chips: TopicChips, starred: ReadonlySet<string>): boolean {
  return (chips.internal || !row.internal)
    && (!chips.problems || row.health !== "OK")
    && (!chips.starred || starred.has(row.topic))
    && (!chips.empty || near(row.records) === 0)
    && (!chips.compacted || row.cleanup.includes("compact"));
}
