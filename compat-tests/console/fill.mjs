// What the broker holds before anyone looks: topics, records of several kinds, groups that lag and one
// that keeps up, and text that would like to be HTML wherever a client can put text.
import { until } from "./broker.mjs";

export const hostile = '<img src=x onerror=alert(1)>';

export async function fill(broker) {
  await broker.api("/topics", { name: "orders", partitions: 3, configs: { "retention.ms": "86400000", "segment.bytes": "1048576" } });
  await broker.api("/topics", { name: "payments.state", partitions: 2, configs: { "cleanup.policy": "compact" } });
  await broker.api("/topics", { name: "empty", partitions: 2 });
  for (let i = 0; i < 12; ++i) await broker.api("/topics", { name: `tenant-${i}.events`, partitions: 1 + (i % 3) });
  const order = (i) => JSON.stringify({ id: "ID", customer: `c-${i % 40}`, total: "TOTAL", items: [{ sku: `A-${i % 13}`, n: 1 }] })
    .replace('"ID"', `90071992547409${10 + (i % 90)}`).replace('"TOTAL"', `${20 + (i % 80)}.10`);
  const lines = (n, of) => Array.from({ length: n }, (_, i) => `c-${i % 40}|${of(i)}`).join("\n") + "\n";
  const producing = ["-P", "-K|", "-X", "enable.idempotence=true"];
  await broker.kcat([...producing, "-t", "orders", "-X", "client.id=orders-api", "-H", "type=created", "-z", "zstd"], lines(4000, order));
  await broker.kcat([...producing, "-t", "orders", "-X", "client.id=orders-api", "-H", "type=refund", "-z", "lz4"], lines(100, order));
  await broker.kcat([...producing, "-t", "payments.state", "-X", "client.id=payments-api"], lines(200, order));
  for (let i = 0; i < 4; ++i) await broker.kcat([...producing, "-t", `tenant-${i}.events`], lines(50 * (i + 1), order));
  await broker.api("/topics/orders/records", {
    records: [
      { partition: 0, key: { s: hostile }, value: { s: hostile }, headers: [[hostile, { s: hostile }]], timestamp_ms: null },
      { partition: 0, key: { x: "AAECAwQFBgc=" }, value: { x: "/wD+AQI=" }, headers: [], timestamp_ms: null },
      { partition: 0, key: null, value: null, headers: [], timestamp_ms: null },
      { partition: 0, key: { s: "numbers" }, value: { s: '{"max":9223372036854775807,"decimal":0.1000,"far":1e400,"twice":1,"twice":2}' }, headers: [], timestamp_ms: null },
    ],
    compression: "none", acks: "all",
  });
  await broker.kcat(["-G", "billing", "-X", "client.id=billing-1", "-X", "auto.offset.reset=earliest", "-c", "500", "orders"], "");
  const indexer = broker.kcat(["-G", "indexer", "-X", `client.id=${hostile}`, "-X", "auto.offset.reset=earliest", "orders", "payments.state"]);
  await until("the group indexer is stable", async () => (await broker.api("/groups/indexer")).state === "Stable");
  await until("the group billing has committed", async () => (await broker.api("/groups/billing/offsets")).data.length > 0);
  return { stop: () => indexer.stop() };
}
