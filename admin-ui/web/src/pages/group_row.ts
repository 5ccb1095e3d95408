// A group of the summary as a row.
import type { GroupLive, GroupSummary, Trend } from "../api";
import { near } from "../core/exact";

export interface GroupRow extends GroupLive {
  group: string;
  type: string;
  topics: number;
  eta_ms: number | null;
  commit_age_ms: number | null;
  coordinator: number;
  assignor: string | null;
  epoch: number;
  rebalances_1h: number;
  expires_ms: number | null;
  spark_lag: readonly (number | null)[] | null;
}

export function groupRows({ n, cols }: GroupSummary): GroupRow[] {
  const rows: GroupRow[] = [];
  for (let i = 0; i < n; ++i) {
    rows.push({
      group: cols.group[i] ?? "",
      type: cols.type[i] ?? "",
      state: cols.state[i] ?? "",
      members: cols.members[i] ?? 0,
      topics: cols.topics[i] ?? 0,
      lag: cols.lag[i] ?? null,
      lag_ms: cols.lag_ms[i] ?? null,
      trend: (cols.trend[i] ?? null) as Trend | null,
      eta_ms: cols.eta_ms[i] ?? null,
      consume_rate: cols.consume_rate[i] ?? null,
      commit_age_ms: cols.commit_age_ms[i] ?? null,
      coordinator: cols.coordinator[i] ?? 0,
      assignor: cols.assignor[i] ?? null,
      epoch: cols.epoch[i] ?? 0,
      rebalances_1h: cols.rebalances_1h[i] ?? 0,
      expires_ms: cols.expires_ms[i] ?? null,
      spark_lag: cols.spark_lag?.[i] ?? null,
    });
  }
  return rows;
}

export interface GroupChips {
  lagging: boolean;
  empty: boolean;
  expiring: boolean;
}
const soonMs = 86_400_000;
export function passes(row: GroupRow, chips: GroupChips, now: number): boolean {
  return (!chips.lagging || (near(row.lag) ?? 0) > 0)
    && (!chips.empty || row.members === 0)
    && (!chips.expiring || (row.expires_ms !== null && row.expires_ms - now < soonMs));
}
