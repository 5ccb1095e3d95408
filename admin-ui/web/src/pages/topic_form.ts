// What a person may write when a topic is created, and what it comes to; no screen needed.
import { parseSpan } from "../core/format";
import { topics as words } from "../en/topics";

export interface TopicForm {
  name: string;
  partitions: string;
  rf: string;
  cleanup: "delete" | "compact" | "both";
  retention: string;
  retentionBytes: string;
  minIsr: string;
  maxMessage: string;
  more: string;
}
export const blankForm: TopicForm = {
  name: "", partitions: "", rf: "", cleanup: "delete", retention: "", retentionBytes: "", minIsr: "", maxMessage: "", more: "",
};

/** A sentence on what is wrong, or null. */
export function nameProblem(name: string, existing: readonly string[]): string | null {
  const { form } = words;
  if (name === "") return form.nameEmpty;
  if (name === "." || name === "..") return form.nameDots;
  if (name.length > 249) return form.nameLong;
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) return form.nameBad;
  if (existing.includes(name)) return form.nameTaken;
  const blurred = name.replaceAll(".", "_");
  const other = existing.find((one) => one.replaceAll(".", "_") === blurred);
  return other === undefined ? null : form.nameCollides(other);
}

export const wholeProblem = (text: string): string | null =>
  text === "" || (/^\d+$/.test(text) && Number(text) > 0) ? null : words.form.whole;

/** "10 MiB", "1g", "unlimited", or bytes; undefined when it is none of these. */
export function parseSize(text: string): number | undefined {
  if (/^\s*(unlimited|-1)\s*$/i.test(text)) return -1;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(text);
  if (!match) return undefined;
  const power = " kmgt".indexOf((match[2] ?? "").toLowerCase() || " ");
  return Math.round(Number(match[1]) * 1024 ** power);
}
/** "7d", "12 h", "unlimited", or ms. */
export function parseRetention(text: string): number | undefined {
  if (/^\s*(unlimited|-1)\s*$/i.test(text)) return -1;
  return parseSpan(text) ?? undefined;
}

export const sizeProblem = (text: string): string | null =>
  text === "" || parseSize(text) !== undefined ? null : words.form.positive;
export const retentionProblem = (text: string): string | null =>
  text === "" || parseRetention(text) !== undefined ? null : words.form.positive;

export function moreProblem(more: string): string | null {
  const bad = more.split("\n").find((line) => line.trim() !== "" && !/^\s*[\w.]+\s*=/.test(line));
  return bad === undefined ? null : words.form.moreBad(bad.trim());
}

export function configsOf(form: TopicForm): Record<string, string> {
  const configs: Record<string, string> = {};
  if (form.cleanup !== "delete") configs["cleanup.policy"] = form.cleanup === "both" ? "compact,delete" : "compact";
  if (form.retention) configs["retention.ms"] = String(parseRetention(form.retention));
  if (form.retentionBytes) configs["retention.bytes"] = String(parseSize(form.retentionBytes));
  if (form.minIsr) configs["min.insync.replicas"] = form.minIsr;
  if (form.maxMessage) configs["max.message.bytes"] = String(parseSize(form.maxMessage));
  for (const line of form.more.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) configs[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return configs;
}

export function createCommand(form: TopicForm): string {
  const parts = ["kafka-topics.sh --bootstrap-server BROKER --create", `--topic ${form.name || "NAME"}`];
  if (form.partitions) parts.push(`--partitions ${form.partitions}`);
  if (form.rf) parts.push(`--replication-factor ${form.rf}`);
  for (const [name, value] of Object.entries(configsOf(form))) parts.push(`--config ${name}=${value}`);
  return parts.join(" ");
}
