// A made-up broker's API: enough of everything to look at each page, with numbers that move.
const start = Date.now() - 9_400_000;
const wave = (seed, at = Date.now()) =>
  1 + 0.45 * Math.sin(at / 41_000 + seed * 1.7) + 0.25 * Math.sin(at / 13_000 + seed * 3.1) + 0.12 * Math.sin(at / 2_900 + seed);
const spark = (seed, scale, n = 30, step = 10_000) =>
  Array.from({ length: n }, (_, i) => Math.max(0, scale * wave(seed, Date.now() - (n - i) * step)));
const text = (value) => String(Math.round(value));

const domains = ["orders", "payments", "shipments", "inventory", "clicks", "sessions", "invoices", "emails", "audit", "prices", "reviews", "carts"];
const kinds = ["events", "commands", "state", "dlq", "changes"];
const topicNames = [
  ...domains.flatMap((domain) => kinds.map((kind) => `${domain}.${kind}`)),
  ...Array.from({ length: Number(process.env.MOCK_TOPICS ?? 40) }, (_, i) => `tenant-${String(i).padStart(4, "0")}.events`),
  "__consumer_offsets",
];
const topics = topicNames.map((topic, i) => {
  const busy = i % 7 === 3 || topic.endsWith(".dlq") ? 0 : (i % 5 === 0 ? 4_000_000 : 60_000) / (1 + (i % 11));
  return {
    topic, topic_id: Buffer.from(topic.padEnd(16, "-").slice(0, 16)).toString("base64url"), internal: topic.startsWith("__") ? 1 : 0,
    partitions: topic.startsWith("__") ? 50 : [3, 6, 12, 1, 24][i % 5], rf: 1, health: i === 17 ? "OFFLINE" : "OK", busy, seed: i,
    size: text(busy * 40_000 + i * 31_337), records: text(busy * 90 + i * 97), cleanup: topic.endsWith(".state") || topic.startsWith("__") ? "compact" : "delete",
    groups: i % 4, last: busy > 0 ? 300 : (i % 3 === 0 ? null : 86_400_000 * (i % 9)),
  };
});
const groupNames = ["billing", "billing-shadow", "fraud-detector", "warehouse-sync", "search-indexer", "email-sender", "reporting-nightly", "ml-features",
  "cart-cleanup", "mirror-eu", "session-window", "price-cache", "a/b", ".."];
const groups = groupNames.map((group, i) => ({
  group, type: "Classic", state: i % 5 === 4 ? "Empty" : i === 6 ? "PreparingRebalance" : "Stable", members: i % 5 === 4 ? 0 : 1 + (i % 4), seed: i,
  lag: [0, 14, 98_331, 3_200, 17, 412_000, 0, 5][i % 8], trend: ["STEADY", "CATCHING_UP", "FALLING_BEHIND"][i % 3],
}));
const findings = [
  { id: "OFFLINE_PARTITIONS:1", kind: "OFFLINE_PARTITIONS", severity: "CRITICAL", text: "prices.commands has 1 of 12 partitions offline: log dir /data/b has failed",
    link: "/topics/prices.commands", since_ms: Date.now() - 340_000 },
  { id: "GROUP_STALLED:email-sender", kind: "GROUP_STALLED", severity: "WARNING", text: "email-sender has fetched nothing for 4 min and lags 412 000 records",
    link: "/groups/email-sender", since_ms: Date.now() - 240_000 },
];
const broker = () => ({
  broker_id: 1, host: "broker.example", port: 9092, rack: null, roles: ["controller", "broker"], is_controller: true, version: "0.1.0", started_ms: start,
  disk_used: "412316860416", disk_total: "1099511627776", log_bytes: "301234567890", memory: text(48e6 * wave(1)), memory_total: "25276063744",
  cpu: 0.31 * wave(2), cores: 8, open_files: 214, open_files_max: 1_048_576, connections: 42, leaders: 1204, partitions: 1204,
  bytes_in: 21e6 * wave(3), bytes_out: 58e6 * wave(4),
});
const tiles = () => [
  ["records_in", 84_000, 5], ["bytes_in", 21e6, 3], ["bytes_out", 58e6, 4], ["requests", 3_900, 6], ["produce_p99_us", 1_850, 7],
  ["fetch_p99_us", 420, 8], ["connections", 42, 9], ["group_lag", 514_000, 10],
].map(([id, scale, seed]) => ({ id, value: scale * wave(seed), spark: spark(seed, scale, 30, 30_000) }));
const eventNames = ["CONFIG_CHANGED", "GROUP_REBALANCE_BEGAN", "TOPIC_CREATED", "GROUP_STABLE", "PARTITIONS_ADDED", "TOPIC_DELETED"];
const events = Array.from({ length: 14 }, (_, i) => ({
  at_ms: Date.now() - i * 97_000 - 20_000, type: eventNames[i % 6], subject: i % 2 ? groupNames[i % 9] : topicNames[i * 3], detail: "retention.ms=86400000",
  link: i % 2 ? `/groups/${groupNames[i % 9]}` : `/topics/${topicNames[i * 3]}`,
}));
const list = (data) => ({ data, next: null });
const cluster = () => ({
  cluster_id: "kV4hT0nVQ6m3vZ9s1xYh2A", at_ms: Date.now(), controller_id: 1, verdict: "2 findings: 1 is critical", findings, tiles: tiles(), brokers: [broker()],
  topics: topics.length, partitions: 1204, groups: groups.length, size: "301234567890", auto_create_topics: true, bootstrap: "127.0.0.1:9092",
  hottest_topics: [...topics].sort((a, b) => b.busy - a.busy).slice(0, 8).map((t) => ({ topic: t.topic, bytes_in: t.busy * wave(t.seed), records_in: t.busy / 200 })),
  lagging_groups: groups.filter((g) => g.lag > 0).sort((a, b) => b.lag - a.lag).slice(0, 8).map((g) => ({ group: g.group, lag: text(g.lag), lag_ms: g.lag * 12, state: g.state })),
});
const columns = (rows, pick) => Object.fromEntries(Object.entries(pick).map(([name, of]) => [name, rows.map(of)]));
const topicSummary = () => ({
  snapshot: "1", at_ms: Date.now(), n: topics.length,
  cols: columns(topics, {
    topic: (t) => t.topic, topic_id: (t) => t.topic_id, internal: (t) => t.internal, partitions: (t) => t.partitions, rf: (t) => t.rf, health: (t) => t.health,
    offline: () => 0, under_min_isr: () => 0, under_replicated: () => 0, bytes_in: (t) => t.busy * wave(t.seed), bytes_out: (t) => t.busy * 2.4 * wave(t.seed + 1),
    records_in: (t) => (t.busy / 210) * wave(t.seed), size: (t) => t.size, records: (t) => t.records, records_exact: (t) => (t.cleanup === "delete" ? 1 : 0),
    groups: (t) => t.groups, max_lag: (t) => (t.groups ? text(t.seed * t.seed * 7) : null), max_lag_ms: (t) => (t.groups ? t.seed * 40 : null),
    last_append_ms: (t) => (t.last === null ? null : Date.now() - t.last), cleanup: (t) => t.cleanup, retention_ms: () => "604800000", min_isr: () => 1,
    max_message_bytes: () => "1048588", producers: (t) => t.seed % 3, created_ms: (t) => (t.seed % 6 === 5 ? null : start - t.seed * 8e7),
    record_size: (t) => (t.busy > 0 ? 180 + t.seed * 7 : null), compression: (t) => (t.busy > 0 ? { none: 0.25, lz4: 0.75 } : null), cold_reads: (t) => (t.seed % 9 === 4 ? t.busy / 3 : 0),
    spark_in: (t) => (t.busy > 0 ? spark(t.seed, t.busy) : null),
  }),
});
const groupSummary = () => ({
  snapshot: "1", at_ms: Date.now(), n: groups.length,
  cols: columns(groups, {
    group: (g) => g.group, type: (g) => g.type, state: (g) => g.state, members: (g) => g.members, topics: (g) => 1 + (g.seed % 3), lag: (g) => text(g.lag),
    lag_ms: (g) => g.lag * 12, trend: (g) => g.trend, eta_ms: () => 61_000, consume_rate: (g) => 900 * wave(g.seed), commit_age_ms: (g) => 800 + g.seed * 900,
    coordinator: () => 1, assignor: () => "range", epoch: (g) => 3 + g.seed, rebalances_1h: (g) => g.seed % 4, expires_ms: () => null,
    spark_lag: (g) => spark(g.seed, g.lag),
  }),
});
const topicOf = (name) => topics.find((t) => t.topic === name);
const topicDetail = (t) => ({
  topic: t.topic, topic_id: t.topic_id, internal: t.internal === 1, partitions: t.partitions, rf: 1, min_isr: 1, health: t.health, offline: 0, under_replicated: 0,
  under_min_isr: 0, cleanup: t.cleanup, retention_ms: "604800000", retention_bytes: "-1", max_message_bytes: "1048588", size: t.size, records: t.records,
  records_exact: t.cleanup === "delete", segments: t.partitions * 4, bytes_in: t.busy * wave(t.seed), bytes_out: t.busy * 2.4, records_in: t.busy / 210,
  last_append_ms: t.last === null ? null : Date.now() - t.last, findings: t.seed === 17 ? [findings[0]] : [],
  overrides: [{ name: "retention.ms", value: "604800000" }, { name: "compression.type", value: "zstd" }], configs: 36, authorized_operations: ["READ", "WRITE"],
});
const partition = (t, p) => ({
  partition: p, state: t.seed === 17 && p === 3 ? "OFFLINE" : "OK", leader: 1, leader_epoch: 4, preferred_leader: 1,
  replicas: [{ broker: 1, in_sync: true, leo: "98331" }, ...(t.partitions > 6 ? [{ broker: 2, in_sync: false, leo: "97001", behind_ms: 41_000, offline: false }] : [])],
  min_isr: 1, log_start: text(1200 + p * 37), lso: "98300", high_watermark: text(98_331 + p * 977), size: text(Number(t.size) / t.partitions), segments: 4,
  bytes_in: (t.busy / t.partitions) * wave(p), bytes_out: (t.busy / t.partitions) * 2.4 * wave(p), cold_reads: 0, producers: 2, reassigning: null,
});
const setting = (name, value, group, more = {}) => ({
  name, value, source: "DEFAULT_CONFIG", read_only: false, sensitive: false, type: "LONG", unit: null, group, valid: null, enum: null, needs_restart: false,
  documentation: "How long records are kept before they may be deleted, when the cleanup policy deletes. Every setting has such a sentence of ours.",
  synonyms: [{ name: `log.${name}`, value, source: "DEFAULT_CONFIG" }], ...more,
});
const settings = [
  setting("retention.ms", "86400000", "Retention", { unit: "ms", valid: "[-1,...]", source: "DYNAMIC_TOPIC_CONFIG",
    synonyms: [{ name: "retention.ms", value: "86400000", source: "DYNAMIC_TOPIC_CONFIG" }, { name: "log.retention.ms", value: "604800000", source: "DEFAULT_CONFIG" }] }),
  setting("retention.bytes", "-1", "Retention", { unit: "bytes", valid: "[-1,...]" }),
  setting("cleanup.policy", "delete", "Retention", { type: "LIST", enum: ["compact", "delete"] }),
  setting("min.cleanable.dirty.ratio", "0.5", "Compaction", { type: "DOUBLE", valid: "[0,...,1]" }),
  setting("delete.retention.ms", "86400000", "Compaction", { unit: "ms", valid: "[0,...]" }),
  setting("min.insync.replicas", "1", "Replication", { type: "INT", valid: "[1,...]" }),
  setting("unclean.leader.election.enable", "false", "Replication", { type: "BOOLEAN" }),
  setting("max.message.bytes", "1048588", "Limits", { type: "INT", unit: "bytes", valid: "[0,...]" }),
  setting("segment.bytes", "1073741824", "Segments", { type: "INT", unit: "bytes", valid: "[14,...]" }),
  setting("segment.ms", "604800000", "Segments", { unit: "ms", valid: "[1,...]" }),
  setting("compression.type", "zstd", "Compression", { type: "STRING", enum: ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"], source: "DYNAMIC_TOPIC_CONFIG" }),
  setting("message.timestamp.type", "CreateTime", "Timestamps", { type: "STRING", enum: ["CreateTime", "LogAppendTime"] }),
  setting("log.dirs", "/data/a,/data/b", "Storage", { type: "LIST", read_only: true, source: "STATIC_BROKER_CONFIG", needs_restart: true }),
  setting("ssl.keystore.password", null, "Security", { type: "PASSWORD", sensitive: true }),
];
const producers = (topic) => [...identified(topic), {
  producer_id: null, epoch: null, client_id: "meter-3", address: "10.0.4.31", principal: "User:ANONYMOUS", connection_id: "1007", transactional_id: null, topic: topic ?? "metrics.raw",
  partition: null, last_sequence: null, last_offset: null, last_ms: Date.now() - 700, txn_start: null, duplicates: null, out_of_order: null, fenced: null, expires_ms: null,
}];
const identified = (topic) => Array.from({ length: 9 }, (_, i) => ({
  producer_id: text(4001 + i), epoch: i % 3, client_id: ["orders-api", "payments-api", null, "etl-7"][i % 4], address: "10.0.4.17", principal: "User:ANONYMOUS",
  connection_id: null, transactional_id: i % 5 === 0 ? "payments-tx" : null, topic: topic ?? topicNames[i], partition: i % 6, last_sequence: 120_411 + i * 77, last_offset: text(98_000 + i), last_ms: Date.now() - i * 9_000,
  txn_start: null, duplicates: i === 2 ? 3 : 0, out_of_order: i === 4 ? 1 : 0, fenced: 0, expires_ms: Date.now() + 80_000_000,
}));
const batch = (base) => ({
  base: text(base), last: text(base + 30), count: 31, position: text(base * 512), bytes: 15_872, raw_bytes: 41_220, codec: "zstd", magic: 2, crc: 2_863_311_530 ^ base, crc_ok: true,
  leader_epoch: 4, producer_id: "4001", producer_epoch: 0, base_sequence: base, transactional: false, control: false, timestamp_type: "CREATE_TIME",
  first_ms: start + base * 40, max_ms: start + base * 40 + 900, delete_horizon_ms: null,
});
const valueOf = (o) => JSON.stringify({
  id: "@@ID@@", order: { customer: `c-${o % 97}`, total: "@@TOTAL@@", currency: "EUR", items: [{ sku: `A-${o % 13}`, n: 1 + (o % 3) }, { sku: "B-7", n: 1 }] },
  state: ["created", "paid", "shipped", "refund"][o % 4], note: o % 5 === 0 ? "Grüße aus Köln ✓" : null,
}).replace('"@@ID@@"', `90071992547409${93 + (o % 7)}`).replace('"@@TOTAL@@"', `${20 + (o % 80)}.10`);
const bytesOf = (s) => ({ n: Buffer.byteLength(s), s });
const record = (p, o) => ({
  t: "rec", p, o: text(o), ts: Date.now() - (98_331 - o) * 400 - p * 13, tt: "CREATE_TIME", k: o % 9 === 0 ? null : bytesOf(`c-${o % 97}`),
  v: o % 31 === 0 ? null : o % 17 === 0 ? { n: 24, x: Buffer.from(`\u0000\u0001bin${o}\u00ff`).toString("base64") } : bytesOf(valueOf(o)),
  h: [["type", bytesOf(["created", "refund"][o % 2])], ["trace-id", bytesOf(`${o}af03`)]],
  b: { o: text(o - (o % 31)), n: 31, codec: "zstd", pid: "4001", pe: 0, seq: o, le: 4, txn: false, ctl: false, ...(o % 41 === 0 ? { aborted: true } : {}) },
});
function browse(t, wanted, response) {
  const send = (line) => response.write(`${JSON.stringify(line)}\n`);
  send({ t: "start", scan: "s-1", ends: Object.fromEntries(Array.from({ length: t.partitions }, (_, p) => [p, "98331"])), upper_bound: text(t.partitions * 97_131) });
  const isLive = wanted.to.type === "none";
  const limit = Math.min(wanted.limit, 400);
  if (!isLive) {
    for (let i = 0; i < limit; ++i) send(record(i % t.partitions, 98_330 - Math.floor(i / t.partitions)));
    send({ t: "prog", scanned: text(limit * 3), bytes: "41200000", matched: limit, pos: {}, ms: 310 });
    const budget = wanted.from.type === "beginning";
    send({ t: "done", reason: budget ? "budget" : "limit", cursor: budget ? "c-1" : null, scanned: text(budget ? 223_400 : limit * 3), bytes: "41200000", matched: limit, ms: 412 });
    response.end();
    return;
  }
  let o = 98_331;
  const timer = setInterval(() => {
    send({ ...record(o % t.partitions, ++o), ts: Date.now() });
    if (o % 8 === 0) send({ t: "prog", scanned: text(o - 98_331), bytes: "9000", matched: o - 98_331, pos: {}, ms: (o - 98_331) * 200 });
  }, 200);
  response.on("close", () => clearInterval(timer));
}
const phases = (total, fetch) => [["READ", 0.04], ["LOCAL", 0.22], ["FSYNC", fetch ? 0 : 0.58], ["RESPOND", 0.1], ["SEND", 0.06]].map(([phase, share]) => ({
  phase, mean_us: total * share, p50_us: total * share, p99_us: total * share * 3, p999_us: total * share * 6, max_us: total * share * 20 }));
const apis = [["Produce", 0, 1200, 310], ["Fetch", 1, 1900, 140], ["Metadata", 3, 12, 60], ["OffsetCommit", 8, 44, 520], ["Heartbeat", 12, 21, 30], ["ApiVersions", 18, 2, 40], ["JoinGroup", 11, 0.2, 2900]];
const percentiles = (p50) => ({ mean_us: p50 * 1.2, p50_us: p50, p99_us: p50 * 5.2, p999_us: p50 * 11, max_us: p50 * 47 });
const latency = () => ({ at_ms: Date.now(), range_ms: 900_000, data: apis.map(([api, key, rate, p50]) => ({
  api_key: key, api, count: text(rate * 900), rate: rate * wave(key), errors: key === 8 ? "3" : "0", error_rate: 0, ...percentiles(p50), phases: phases(p50 * 1.2, key === 1) })) });
const points = 90;
const over = (seed, scale) => Array.from({ length: points }, (_, i) => (i < 12 ? null : scale * wave(seed, Date.now() - (points - i) * 10_000)));
const latencyOf = (api) => ({
  api, from_ms: Date.now() - points * 10_000, step_ms: 10_000, p50_us: over(1, 310), p99_us: over(2, 1_800), p999_us: over(3, 4_100), rate: over(4, 1200),
  phases: [["READ", 14], ["LOCAL", 70], ["FSYNC", 190], ["RESPOND", 30], ["SEND", 22]].map(([phase, us], i) => ({ phase, mean_us: over(i, us) })),
  heat: { bounds_us: Array.from({ length: 22 }, (_, i) => Math.round(30 * 1.5 ** i)),
    counts: Array.from({ length: points }, (_, x) => Array.from({ length: 22 }, (_, y) => Math.max(0, Math.round(400 * Math.exp(-((y - 6 - wave(1, Date.now() + x * 9000)) ** 2) / 4) + (y > 14 ? wave(y, x * 9e3) - 1.2 : 0))))) },
});
const waiting = () => [
  { api: "Fetch", kind: "FETCH", client_id: "billing-3", connection_id: "7", group: null, reason: "Fetch by billing-3 on 12 partitions waits for 1 MiB, has 214 KiB, 380 ms left of 500", since_ms: Date.now() - 120, deadline_ms: Date.now() + 380 },
  { api: "Produce", kind: "PRODUCE", client_id: "orders-api", connection_id: "2", group: null, reason: "Produce (acks=all) by orders-api to orders.events-7 waits for its flush, 3 records behind", since_ms: Date.now() - 4, deadline_ms: null },
  { api: "JoinGroup", kind: "JOIN", client_id: "report-1", connection_id: "9", group: "reporting-nightly", reason: "Join of group reporting-nightly: 3 of 5 members have re-joined, waiting for m-4 (rebalance timeout in 48 s)", since_ms: Date.now() - 12_000, deadline_ms: Date.now() + 48_000 },
];
const slow = (n) => Array.from({ length: n }, (_, i) => ({
  at_ms: Date.now() - i * 3_700, api: ["Produce", "Fetch", "OffsetCommit"][i % 3], version: 9, client_id: ["etl-7", "orders-api", "billing-3"][i % 3], principal: "User:ANONYMOUS", address: "10.0.4.17",
  connection_id: text(i % 7), topic: i % 3 === 2 ? null : topicNames[i % 9], total_us: 41_000 - i * 700, bytes_in: 48_120, bytes_out: 96, error: i === 5 ? "REQUEST_TIMED_OUT" : null,
  phases: [["READ", 210], ["LOCAL", 900], ["FSYNC", 33_000 - i * 700], ["RESPOND", 700], ["SEND", 410]].map(([phase, us]) => ({ phase, us })) }));
const connections = Array.from({ length: 42 }, (_, i) => ({
  id: text(i + 1), client_id: ["orders-api", "billing-3", "etl-7", "", "kcat", "search-indexer-1"][i % 6], principal: "User:ANONYMOUS", address: `10.0.${i % 5}.${17 + i}`, port: 40_000 + i * 13, listener: "PLAINTEXT",
  software_name: ["apache-kafka-java", "librdkafka", "kafka-python", null][i % 4], software_version: ["4.3.0", "2.6.1", "2.0.2", null][i % 4], kind: ["PRODUCER", "CONSUMER", "ADMIN"][i % 3],
  bytes_in: i % 3 === 0 ? 900_000 * wave(i) : 2_000, bytes_out: i % 3 === 1 ? 1_900_000 * wave(i) : 900, requests: 120 * wave(i), bytes_in_total: text(8e9 / (i + 1)), bytes_out_total: text(6e9 / (i + 1)),
  requests_total: text(1e6 / (i + 1)), errors: text(i % 9 === 0 ? 3 : 0), in_flight: i % 4, throttled_ms: 0, send_queue: text(i === 4 ? 1_200_000 : 0), send_blocks: "0", slow_reader: i === 4, group: i % 3 === 1 ? groupNames[i % 9] : null,
  member_id: null, transactional_id: null, tls: null, connected_ms: start + i * 40_000, idle_ms: i * 130 }));
const groupDetail = (g) => ({
  group: g.group, type: g.type, state: g.state, epoch: 7, protocol: "consumer", assignor: "range", coordinator: 1, members: g.members, topics: ["orders.events", "payments.events"],
  lag: text(g.lag), lag_ms: g.lag * 12, trend: g.trend, eta_ms: 61_000, consume_rate: 900 * wave(g.seed), commit_age_ms: 1800, rebalances_1h: 1,
  verdict: g.lag > 100_000
    ? { code: "STALLED", severity: "WARNING", text: "Stalled: the members are alive but have fetched nothing for 4 min.", suggestion: "A handler is likely stuck on the record at orders.events-3 offset 91 022." }
    : { code: "OK", severity: "INFO", text: "Keeping up: the newest record is consumed within 240 ms.", suggestion: null } });
const offsets = (g) => Array.from({ length: 9 }, (_, i) => ({
  topic: i < 6 ? "orders.events" : "payments.events", partition: i % 6, member_id: i === 8 ? null : `consumer-${i % 2}-8f2c`, client_id: i === 8 ? null : `${g.group}-${i % 2}`, committed: text(98_000 - i * 7), position: text(98_200 - i * 7),
  log_start: "1200", end: "98331", lag: text(331 + i * 7), lag_ms: (331 + i * 7) * 12, commit_ms: Date.now() - 1800, metadata: "", leader_epoch: 4 }));
const series = (query) => {
  const spans = { "15m": 900_000, "1h": 3.6e6, "6h": 21.6e6, "24h": 86.4e6, "7d": 604.8e6 };
  const length = query.get("from") ? Number(query.get("to")) - Number(query.get("from")) : spans[query.get("range")] ?? 900_000;
  const n = 180;
  const from = query.get("from") ? Number(query.get("from")) : Date.now() - length;
  const scale = (name) => ({ bytes_in: 21e6, bytes_out: 58e6, records_in: 84e3, produce_p50_us: 310, produce_p99_us: 1850, produce_p999_us: 4200, cpu: 0.3, rss: 48e6, connections: 42, lag: 98_000, lag_ms: 41_000 })[name.split(".")[1]] ?? 100;
  return { from_ms: from, step_ms: length / n, series: query.get("names").split(",").map((name, s) => ({ name, labels: {},
    v: Array.from({ length: n }, (_, i) => (i > 60 && i < 66 ? null : scale(name) * wave(s + 3, from + (i * length) / n))) })) };
};
const fsync = () => ({ at_ms: Date.now(), cache_hit_ratio: 0.994, dirs: [{
  path: "/var/lib/mambamq", state: "ONLINE", total: "1099511627776", usable: "687194767360", full_in_ms: 1_490_000_000, flushes: "918273", flush_rate: 310 * wave(1), bytes_per_flush: 71_000,
  queue: 2, causes: [{ cause: "ACKS", count: "910000" }, { cause: "ROLL", count: "812" }, { cause: "INTERVAL", count: "7461" }], from_ms: Date.now() - points * 10_000, step_ms: 10_000, ...percentiles(480),
  times: { p50_us: over(1, 480), p99_us: over(2, 2100), max_us: over(3, 5200), bytes: over(4, 2.1e8) } }] });
const segments = (t, p) => ({
  topic: t.topic, partition: Number(p), log_start: "1200", lso: "98331", high_watermark: "98331", log_end: "98331", size: "419430400", groups: [{ group: "billing", offset: "91022" }, { group: "email-sender", offset: "40210" }],
  segments: [[0, 30_000, 110e6], [30_000, 61_000, 107e6], [61_000, 90_000, 108e6], [90_000, 98_331, 31e6]].map(([base, end, bytes], i) => ({
    base: text(base), end: text(end), records: text(end - base), bytes: text(bytes), first_ms: start + base * 40, last_ms: start + end * 40, index_entries: 26_000 - i * 300, time_index_entries: 25_000 - i * 300,
    state: i === 3 ? "ACTIVE" : "CLOSED", file: `${t.topic}-${p}/${String(base).padStart(20, "0")}.log` })) });
const audit = Array.from({ length: 12 }, (_, i) => ({
  at_ms: Date.now() - i * 760_000, principal: "User:ANONYMOUS", remote: "127.0.0.1", action: ["POST /api/v1/topics", "POST /api/v1/topics/{topic}/configs:alter", "POST /api/v1/groups/{group}/offsets:reset", "POST /api/v1/topics:delete"][i % 4],
  target: ["topic invoices", "topic orders.events", "group billing", "topic clicks, topic carts"][i % 4],
  path: ["/api/v1/topics", "/api/v1/topics/orders.events/configs:alter", "/api/v1/groups/billing/offsets:reset", "/api/v1/topics:delete"][i % 4], status: i === 5 ? 409 : 200, message: i === 5 ? "The group is not empty." : null,
  request: { data: [{ name: "retention.ms", value: "86400000", operation: "SET" }] }, before: i % 4 === 1 ? { "retention.ms": "604800000" } : null, request_id: `r-${900 - i}` }));
const runtime = () => ({
  at_ms: Date.now(), pid: 4711, started_ms: start, cpu: 0.31 * wave(2), cores: 8, rss: "48120000", rss_peak: "51000000", virtual: "912000000", heap_live: "21000000", heap_free: "3000000", open_files: 214, open_files_max: 1_048_576,
  page_faults_major: "3", threads: ["mambamq", "io-0", "io-1", "flush", "housekeeping", "work-0", "console-io", "console-look-0", "console-sampler"].map((name, i) => ({
    id: 4711 + i, name, cpu: Math.max(0, (0.5 / (i + 1)) * wave(i)), state: i < 2 ? "R" : "S", switches_voluntary: 900 / (i + 1), switches_forced: 4, connections: i < 2 ? 21 : null, requests: i < 2 ? 1900 * wave(i) : null })) });

const session = {
  principal: "User:ANONYMOUS", auth: "none", read_only: process.env.MOCK_READ_ONLY === "1", insecure: false, csrf_token: "t", expires_ms: Date.now() + 3.6e6, cluster_id: "kV4hT0nVQ6m3vZ9s1xYh2A", cluster_label: "staging",
  cluster_colour: "", broker_id: 1, version: "0.1.0", features: ["topics", "groups", "clients", "performance", "audit", "segments", "records"], cluster_operations: ["DESCRIBE", "ALTER", "CREATE"],
};

const byTopic = (then) => (match, context) => {
  const t = topicOf(match[1]);
  return t ? then(t, match, context) : undefined;
};
const byGroup = (then) => (match, context) => {
  const g = groups.find((one) => one.group === (match[1] === "-" ? context.query.get("id") : match[1]));
  return g ? then(g, match, context) : undefined;
};
const routes = [
  [/^\/session$/, () => session], [/^\/cluster$/, cluster], [/^\/events$/, () => list(events)],
  [/^\/search$/, (_, { query }) => ({ hits: [...topicNames.filter((t) => t.includes(query.get("q"))).slice(0, 8).map((name) => ({ type: "topic", name, detail: "12 partitions", link: `/topics/${name}` })),
    ...groupNames.filter((g) => g.includes(query.get("q"))).slice(0, 8).map((name) => ({ type: "group", name, detail: "Stable", link: `/groups/${encodeURIComponent(name)}` }))] })],
  [/^\/topics$/, (_, { method, body }) => (method === "POST" ? { topic: body.name, topic_id: null, partitions: 1, rf: 1, configs: {}, validate_only: true } : topicSummary())],
  [/^\/topics:delete-preview$/, (_, { body }) => ({ topics: body.topics.map((topic) => ({ topic, partitions: 12, size: "73400320", records: "98331", records_exact: true,
    groups: [{ group: "billing", state: "Stable", members: 3 }], producers: ["orders-api"], error: null })) })],
  [/^\/topics:delete$/, (_, { body }) => ({ results: body.topics.map((target) => ({ target, status: 204 })) })],
  [/^\/topics\/([^/]+)$/, byTopic(topicDetail)],
  [/^\/topics\/([^/]+)\/partitions$/, byTopic((t) => list(Array.from({ length: t.partitions }, (_, p) => partition(t, p))))],
  [/^\/topics\/([^/]+)\/configs$/, byTopic(() => list(settings))],
  [/^\/(?:cluster|(?:topics|brokers|groups)\/[^/]+)\/configs:(?:preview|alter)$/, (_, { body }) => ({ changes: body.data.map(({ name, value }) => ({ name, before: settings.find((one) => one.name === name)?.value ?? null, after: value ?? "604800000",
    effect: "312 segments, 1.4 TiB, offsets up to 98 331 become deletable at the next check (within 5 min).", warning: "group slow would lose 120 000 unread records." })) })],
  [/^\/topics\/([^/]+)\/groups$/, byTopic(() => list(groups.slice(0, 4).map((g) => ({ group: g.group, type: g.type, state: g.state, members: g.members, lag: text(g.lag), lag_ms: g.lag * 12, consume_rate: 900, assignor: "range" }))))],
  [/^\/topics\/([^/]+)\/producers$/, byTopic((t) => list(producers(t.topic)))],
  [/^\/topics\/([^/]+)\/records:delete(?:-preview)?$/, (_, { body }) => ({ partitions: body.partitions.map(({ id }) => ({ partition: id, log_start_before: "1200", log_start_after: "98331", records: "97131", error: null })) })],
  [/^\/topics\/([^/]+)\/records$/, (_, { body }) => ({ results: body.records.map((one, i) => ({ partition: one.partition ?? i % 3, offset: text(98_331 + i), timestamp_ms: Date.now(), error: null })) })],
  [/^\/topics\/([^/]+)\/partitions\/(\d+)\/records\/(\d+)$/, byTopic((t, m) => ({ ...record(Number(m[2]), Number(m[3])), topic: t.topic, batch: batch(Number(m[3]) - (Number(m[3]) % 31)), segment: "90000" }))],
  [/^\/topics\/([^/]+)\/partitions\/(\d+)\/segments$/, byTopic((t, m) => segments(t, m[2]))],
  [/^\/topics\/([^/]+)\/partitions\/\d+\/segments\/(\d+)\/batches$/, byTopic((_, m) => ({ data: Array.from({ length: 120 }, (_, i) => batch(Number(m[2]) + i * 31)), next: text(Number(m[2]) + 3720) }))],
  [/^\/topics\/([^/]+)\/partitions\/\d+\/segments\/(\d+):verify$/, () => ({ ok: true, batches: 974, records: "30000", bytes: "110000000", ms: 71, problems: [] })],
  [/^\/topics\/([^/]+)\/partitions\/(\d+)\/batches\/(\d+)\/records$/, byTopic((_, m) => ({ batch: batch(Number(m[3])), segment: "90000", records: Array.from({ length: 31 }, (_, i) => {
    const { o, ts, k, v } = record(Number(m[2]), Number(m[3]) + i);
    return { offset: o, timestamp_ms: ts, bytes: 181, key: k, value: v, headers: 2 };
  }) }))],
  [/^\/groups$/, groupSummary], [/^\/groups\/([^/]+)$/, byGroup(groupDetail)], [/^\/groups\/([^/]+)\/offsets$/, byGroup((g) => list(offsets(g)))],
  [/^\/groups\/([^/]+)\/members$/, byGroup((g) => list(Array.from({ length: g.members }, (_, i) => ({ member_id: `consumer-${i}-8f2c51de-77a2-4b1e-9f6e-0b8a1c2d3e4f`, instance_id: i === 0 ? "static-1" : null, client_id: `${g.group}-${i}`, host: `10.0.4.${17 + i}`,
    software: "apache-kafka-java 4.3.0", assignment: [{ topic: "orders.events", partitions: [0, 1, 2] }], epoch: 7, target_epoch: 7, session_timeout_ms: 45_000, rebalance_timeout_ms: 300_000, heartbeat_ms: Date.now() - 900, is_leader: i === 0 }))))],
  [/^\/groups\/([^/]+)\/history$/, byGroup(() => list([["STABLE", "3 members"], ["REBALANCE_BEGAN", "member report-2 joined"], ["STABLE", "2 members"], ["REBALANCE_BEGAN", "session of report-3 expired"]].map(([type, detail], i) => ({ at_ms: Date.now() - i * 140_000 - 60_000, type, detail, duration_ms: i % 2 ? null : 3100 }))))],
  [/^\/groups\/([^/]+)\/offsets:preview$/, byGroup((g) => ({ plan: offsets(g).map((o, i) => ({ topic: o.topic, partition: o.partition, before: o.committed, after: i === 3 ? o.committed : "1200", delta: text(1200 - Number(o.committed)), delta_ms: -3_800_000, warning: i === 3 ? "NO_CHANGE" : null })),
    active_members: g.members, cli: `kafka-consumer-groups.sh --bootstrap-server BROKER --group ${g.group} --topic orders.events --reset-offsets --to-earliest --execute` }))],
  [/^\/clients\/connections$/, () => list(connections)],
  [/^\/clients\/connections\/(\d+)$/, (m) => { const c = connections.find((one) => one.id === m[1]); return c && { ...c, api_versions: apis.slice(0, 4).map(([api, key, rate]) => ({ api_key: key, api, version: 9, count: text(rate * 900) })),
    waiting: waiting().slice(0, 1), recent: slow(12), topics: [{ topic: "orders.events", bytes_in: 900_000, bytes_out: 0 }], warnings: ["Its batches hold 1.2 records on average: a linger.ms of 5 would save most of its requests."] }; }],
  [/^\/clients\/producers$/, () => list(producers())],
  [/^\/clients\/software$/, () => list([["apache-kafka-java", "4.3.0", 18], ["librdkafka", "2.6.1", 12], ["kafka-python", "2.0.2", 8], [null, null, 4]].map(([name, version, n]) => ({ name, version, connections: n, client_ids: n - 2, principals: 1, first_seen_ms: start, last_seen_ms: Date.now() })))],
  [/^\/brokers$/, () => list([broker()])],
  [/^\/brokers\/1$/, () => ({ ...broker(), listeners: [{ name: "PLAINTEXT", protocol: "PLAINTEXT", bind: "127.0.0.1:9092", advertised: "127.0.0.1:9092", tls: false, connections: 42 }] })],
  [/^\/brokers\/1\/configs$/, () => list(settings)], [/^\/(?:cluster|groups\/[^/]+)\/configs$/, () => list(settings)],
  [/^\/brokers\/1\/partitions$/, () => list(topics.slice(0, 40).map((t) => ({ topic: t.topic, partition: 0, leader: true, size: t.size, bytes_in: t.busy, bytes_out: t.busy * 2 })))],
  [/^\/brokers\/1\/logdirs$/, () => list([{ path: "/var/lib/mambamq", state: "ONLINE", error: null, total: "1099511627776", usable: "687194767360", size: "301234567890", partitions: 1204,
    replicas: topics.slice(0, 60).map((t) => ({ topic: t.topic, partition: 0, size: t.size, offset_lag: "0", future: false })) }])],
  [/^\/brokers\/1\/runtime$/, runtime], [/^\/api-versions$/, () => list(apis.map(([api, key]) => ({ api_key: key, api, min: 0, max: 12 })))],
  [/^\/requests\/latency$/, (_, { query }) => (query.get("api") ? latencyOf(query.get("api")) : latency())],
  [/^\/requests\/waiting$/, () => list(waiting())], [/^\/requests\/slow$/, () => list(slow(40))], [/^\/storage\/fsync$/, fsync],
  [/^\/features$/, () => ({ version: "0.1.0", speaks: "Apache Kafka 4.3", next: null, data: [
    { name: "metadata.version", level: 29, min: 7, max: 29 }, { name: "group.version", level: 1, min: 0, max: 1 }, { name: "share.version", level: null, min: 0, max: 1 }] })],
  [/^\/quorum$/, () => ({ leader_id: 1, leader_epoch: null, high_watermark: null, observers: [],
    voters: [{ broker_id: 1, is_leader: true, log_end_offset: null, lag: null, last_caught_up_ms: null }],
    store: { kind: "SQLITE", path: "/var/lib/mambamq/metadata.db", revision: "4711", size: "1048576" } })],
  [/^\/metrics\/series$/, (_, { query }) => series(query)], [/^\/audit$/, () => list(audit)],
];

function stream(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const send = (event, data) => response.write(`event: ${event}\nid: ${Date.now()}\ndata: ${JSON.stringify(data)}\n\n`);
  send("hello", { stream_id: "1", interval_ms: 1000 });
  const timer = setInterval(() => {
    send("delta", { ch: "cluster", t: Date.now(), data: { tiles: Object.fromEntries(tiles().map((tile) => [tile.id, tile.value])), findings } });
    const rows = topics.slice(0, 40);
    send("snapshot", { ch: "topics", t: Date.now(), data: { names: rows.map((t) => t.topic), rows: rows.map((_, i) => i),
      cols: { bytes_in: rows.map((t) => t.busy * wave(t.seed)) } } });
  }, 1000);
  response.on("close", () => clearInterval(timer));
}

export async function answer(request, response) {
  const url = new URL(request.url, "http://localhost");
  const path = url.pathname.replace("/api/v1", "").split("/").map(decodeURIComponent).join("/");
  const raw = url.pathname.replace("/api/v1", "");
  let text = "";
  for await (const chunk of request) text += chunk;
  const context = { method: request.method, query: url.searchParams, body: text ? JSON.parse(text) : {} };
  if (path === "/stream") return stream(response);
  if (/^\/stream\//.test(path)) return response.writeHead(204).end();
  const browsed = /^\/topics\/([^/]+)\/records:browse$/.exec(raw);
  if (browsed) {
    response.writeHead(200, { "Content-Type": "application/x-ndjson" });
    return browse(topicOf(decodeURIComponent(browsed[1])), context.body, response);
  }
  for (const [pattern, handle] of routes) {
    const match = pattern.exec(raw);
    if (!match) continue;
    const body = handle([match[0], ...match.slice(1).map(decodeURIComponent)], context);
    if (body === undefined) break;
    return response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  }
  response.writeHead(404, { "Content-Type": "application/json" })
    .end(JSON.stringify({ error: { status: 404, kafka_code: 3, kafka_name: "UNKNOWN_TOPIC_OR_PARTITION", message: "There is no such thing here.", detail: null, request_id: "r-1" } }));
}
