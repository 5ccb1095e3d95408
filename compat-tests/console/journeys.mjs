// What a person does, as sentences. Each gets a Person on a page of its own and the broker.
import assert from "node:assert/strict";
import { until } from "./broker.mjs";
import { hostile } from "./fill.mjs";

const decoded = ({ s, x }) => (x === undefined ? Buffer.from(s) : Buffer.from(x, "base64"));

export const journeys = {
  "creates a topic, after the form has said what is wrong": async (person, broker) => {
    await person.open("/topics/new");
    await person.type("Name", "a b");
    await person.sees("Only letters, digits, dot, underscore and dash.");
    await person.type("Name", "orders");
    await person.sees("There is such a topic already.");
    await person.type("Name", "made.by.hand");
    await person.type("Partitions", "4");
    await person.type("Retention time", "2d");
    await person.sees("The broker would accept this.");
    await person.click("Create");
    await until("the new topic's page is open", () => person.path() === "/topics/made.by.hand");
    const topic = await broker.api("/topics/made.by.hand");
    assert.equal(topic.partitions, 4);
    assert.equal(topic.retention_ms, "172800000");
  },

  "produces a record with a header, and finds it by that header": async (person, broker) => {
    await broker.api("/topics", { name: "hand", partitions: 2 });
    await person.open("/produce?topic=hand");
    await person.pick("text", "[aria-label='Key: Format']");
    await person.type("Key", "k-1");
    await person.type("Value", '{"n": 9007199254740993}');
    await person.click("Add header");
    await person.type("Name", "type");
    await person.page.locator(".header-row input[aria-label=Value]").fill("by-hand");
    await person.click("Send");
    await person.sees("1 record was written");
    await person.open("/topics/hand/messages?from=beginning&header=type&header_value=by-hand");
    await person.sees("9007199254740993");
    await person.sees("1 match");
    await person.open("/topics/hand/messages?from=beginning&header=type&header_value=other");
    await person.sees("none match");
  },

  "watches records arrive live": async (person, broker) => {
    await broker.api("/topics", { name: "live", partitions: 1 });
    await person.open("/topics/live/messages?from=live");
    await person.sees("Waiting for records");
    await broker.kcat(["-P", "-t", "live"], "it has arrived\n");
    await person.sees("it has arrived");
    await person.click("Stop");
    await person.sees("stopped");
  },

  "is told what an expression may go on with, and where it is wrong": async (person) => {
    await person.open("/topics/orders/messages?from=beginning&expr=value.customer%20%3D%3D%20%22c-1%22");
    await person.sees('"customer"');
    await person.type("Expression", "value.cust");
    await until("the field is suggested", () =>
      person.page.$$eval("#expression-ends option", (all) => all.some((one) => one.value === "value.customer")));
    await person.type("Expression", "value.total > > 1");
    await person.click("Run");
    await person.page.waitForSelector(".browse-bar [role=alert] mark", { timeout: 30_000 });
    assert.equal(await person.page.$eval(".browse-bar [role=alert] mark", (mark) => `${mark.previousSibling.textContent}|${mark.textContent}`), "value.total > |>");
  },

  "reads a record in the drawer, steps to the next, and opens its permalink": async (person) => {
    await person.open("/topics/orders/messages?from=beginning&partitions=0&limit=50");
    await person.page.locator("[role=grid] [data-index='0'] [role=gridcell]").click();
    await person.sees("Partition 0, offset 0");
    await person.click("Next record");
    await person.sees("Partition 0, offset 1");
    await person.pick("Batch", ".drawer");
    await person.sees("CRC");
    await person.open("/topics/orders/p/0/o/1");
    await person.sees("customer");
  },

  "reads MessagePack and CBOR, and what they are not": async (person, broker) => {
    await broker.api("/topics", { name: "binary", partitions: 1 });
    const values = [
      "82 a2 6964 cf0020000000000001 a5 6e6f746573 92 cb3fb999999999999a c403000102",  // {"id": 2^53 + 1, "notes": [0.1, bytes]}
      "bf 62 6964 1bffffffffffffffff 64 6e6f7465 61 61 ff",  // {"id": 2^64 - 1, "note": "a"}
      "82 a1 61 01",  // of two members, one
    ];
    await broker.api("/topics/binary/records", {
      records: values.map((hex) => ({
        partition: 0, key: null, value: { x: Buffer.from(hex.replaceAll(" ", ""), "hex").toString("base64") }, headers: [], timestamp_ms: null,
      })),
      compression: "none", acks: "all",
    });
    await person.open("/topics/binary/p/0/o/0");
    await person.sees("auto (msgpack)");
    for (const part of ["9007199254740993", "0.1", "h'000102'"]) await person.sees(part);
    await person.open("/topics/binary/p/0/o/1");
    await person.sees("auto (cbor)");
    await person.sees("18446744073709551615");
    await person.open("/topics/binary/p/0/o/2");
    await person.sees("auto (hex)");
    await person.page.select("[aria-label=Decoder]", "msgpack");
    await person.page.locator("summary ::-p-text(What was tried)").click();
    await person.sees("cut off at byte 4");
    await person.page.select("[aria-label=Decoder]", "auto");
  },

  "reads a large value, which a worker decodes": async (person, broker) => {
    await broker.api("/topics", { name: "large", partitions: 1 });
    const items = Array.from({ length: 20_000 }, (_, i) => i);
    const text = JSON.stringify({ items, last: "LAST" }).replace('"LAST"', "12345678901234567890");
    await broker.api("/topics/large/records", {
      records: [{ partition: 0, key: null, value: { s: text }, headers: [], timestamp_ms: null }], compression: "none", acks: "all",
    });
    const workers = [];
    person.page.on("workercreated", (worker) => workers.push(worker.url()));
    await person.open("/topics/large/p/0/o/0");
    await person.sees("12345678901234567890");
    await person.sees("auto (json)");
    assert.equal(workers.length, 1);
    assert.match(workers[0], /\/assets\/decoders-\w+\.js$/);
  },

  "sees numbers as they were written": async (person, broker) => {
    const partitions = (await broker.api("/topics/orders/partitions")).data;
    const last = Number(partitions[0].high_watermark) - 1;
    await person.open(`/topics/orders/p/0/o/${last}`);
    for (const number of ["9223372036854775807", "0.1000", "1e400"]) await person.sees(number);
    assert.equal((await person.text()).match(/twice/g)?.length, 2);
  },

  "produces a binary record again, and its bytes stay what they were": async (person, broker) => {
    const before = (await broker.api("/topics/orders/partitions")).data[0];
    const offset = Number(before.high_watermark) - 3;
    await broker.api("/topics", { name: "again", partitions: 1 });
    await person.open(`/produce?topic=again&from=orders/0/${offset}`);
    await person.sees("its bytes go as they are");
    await person.click("Send");
    await person.sees("1 record was written");
    const first = await broker.api(`/topics/orders/partitions/0/records/${offset}`);
    const second = await broker.api("/topics/again/partitions/0/records/0");
    assert.deepEqual(decoded(second.v), decoded(first.v));
    assert.deepEqual(decoded(second.k), decoded(first.k));
  },

  "changes a setting after reviewing its effect, and takes it back": async (person, broker) => {
    await broker.api("/topics", { name: "configured", partitions: 1 });
    const value = async () => (await broker.api("/topics/configured/configs")).data.find((one) => one.name === "retention.ms");
    await person.open("/topics/configured/config");
    await person.click("Edit retention.ms");
    await person.type("retention.ms", "3");
    await person.sees("1 change");
    await person.click("Review (1)");
    await person.sees("retention.ms");
    await person.click("Apply");
    await person.sees("The setting was changed");
    assert.equal((await value()).value, String(3 * 86_400_000));
    await person.click("Back to the inherited value of retention.ms");
    await person.click("Review (1)");
    await person.click("Apply");
    await until("the setting is the broker's again", async () => (await value()).source !== "DYNAMIC_TOPIC_CONFIG");
  },

  "changes a setting of all brokers, and is told which broker keeps its own": async (person, broker) => {
    const name = "log.cleaner.backoff.ms";
    const setting = async () => (await broker.api("/cluster/configs")).data.find((one) => one.name === name);
    await broker.api("/brokers/1/configs:alter", { data: [{ name, value: "16000", operation: "SET" }] });
    await person.open(`/cluster/config?q=${name}`);
    await person.sees("not broker 1");
    await person.click(`Edit ${name}`);
    await person.type(name, "20");
    await person.click("Review (1)");
    await person.sees("keeps it");
    await person.click("Apply");
    await person.sees("The setting was changed");
    assert.equal((await setting()).value, "20000");
    await person.click(`Back to the inherited value of ${name}`);
    await person.click("Review (1)");
    await person.click("Apply");
    await until("the setting is the default again", async () => (await setting()).source === "DEFAULT_CONFIG");
    await person.open("/cluster/config?q=log.dirs");
    await person.sees("read-only");
  },

  "changes a setting of a group": async (person, broker) => {
    const name = "consumer.session.timeout.ms";
    const setting = async () => (await broker.api("/groups/billing/configs")).data.find((one) => one.name === name);
    await person.open("/groups/billing");
    await person.click("Config", "link");
    await person.click(`Edit ${name}`);
    await person.type(name, "50");
    await person.click("Review (1)");
    await person.sees("nothing here goes by it");
    await person.click("Apply");
    await person.sees("this group");
    assert.equal((await setting()).value, "50000");
    assert.equal((await setting()).source, "DYNAMIC_GROUP_CONFIG");
  },

  "goes to the cluster, and sees who decides and what is on": async (person, broker) => {
    await person.open("/overview");
    await person.click("Cluster", "link");
    await person.sees("decides alone");
    await person.sees((await broker.api("/quorum")).store.path);
    await person.click("Features", "link");
    await person.sees("Apache Kafka 4.3");
    await person.sees("No feature is finalized");
  },

  "chooses what the list of topics shows": async (person) => {
    await person.open("/topics?q=^orders$");
    await person.click("Columns");
    for (const name of ["Producers now", "Record size avg", "Compression mix", "Created"]) {
      await person.page.locator(`.chooser ::-p-text(${name})`).click();
    }
    await person.press("Escape");
    await person.sees(/zstd \d/);
    assert.deepEqual(await person.barriers(), []);
  },

  "finds what has happened, and the pages of the cluster": async (person, broker) => {
    await broker.api("/topics", { name: "found.by.event", partitions: 1 });
    await person.open("/overview");
    await person.page.keyboard.down("Control");
    await person.press("k");
    await person.page.keyboard.up("Control");
    await person.page.waitForSelector("dialog input:focus", { timeout: 30_000 });
    await person.page.keyboard.type("created found.by");
    await person.page.waitForSelector("[role=option] ::-p-text(topic created found.by.event)", { timeout: 30_000 });
    await person.press("Enter");
    await until("what happened is open", () => person.path() === "/topics/found.by.event");
    await person.page.keyboard.down("Control");
    await person.press("k");
    await person.page.keyboard.up("Control");
    await person.page.waitForSelector("dialog input:focus", { timeout: 30_000 });
    await person.page.keyboard.type("quorum");
    await person.page.waitForSelector("[role=option] ::-p-text(Quorum)", { timeout: 30_000 });
    await person.press("Enter");
    await until("the quorum is open", () => person.path() === "/cluster/quorum");
    await person.page.keyboard.down("Control");
    await person.press("k");
    await person.page.keyboard.up("Control");
    await person.page.waitForSelector("dialog input:focus", { timeout: 30_000 });
    await person.page.keyboard.type("log.retention.hours");
    await person.page.waitForSelector("[role=option] ::-p-text(log.retention.hours)", { timeout: 30_000 });
    await person.press("Enter");
    await until("the setting alone is shown", async () => (await person.page.$$(".config-row")).length === 1);
  },

  "looks for a key in its partition alone, where that is wanted": async (person, broker) => {
    await broker.api("/topics", { name: "keyed", partitions: 6 });
    const records = Array.from({ length: 60 }, (_, i) => ({ partition: null, key: { s: `k-${i}` }, value: { s: `v-${i}` }, headers: [], timestamp_ms: null }));
    await broker.api("/topics/keyed/records", { records, compression: "none", acks: "all" });
    await person.open("/topics/keyed/messages?from=beginning&key_op=equals&key=k-7");
    await person.sees("scanned 60 of");
    await person.sees("1 match");
    const only = await person.page.waitForSelector(".browse-bar button ::-p-text(only partition)", { timeout: 30_000 });
    assert.equal(await only.evaluate((button) => button.closest("button").ariaPressed), "false");
    await only.click();
    await person.click("Run");
    await person.sees(/scanned \d of|scanned [1-5]\d of/);
    await person.sees("1 match");
    await person.sees("v-7");
  },

  "sets a config of several topics at once, and empties them": async (person, broker) => {
    for (const name of ["many.a", "many.b"]) {
      await broker.api("/topics", { name, partitions: 1 });
      await broker.kcat(["-P", "-t", name], "a\nb\n");
    }
    const selectBoth = async () => {
      await person.open("/topics?q=many");
      await person.page.locator("[role=row].row [aria-label='Select many.a']").click();
      await person.page.locator("[role=row].row [aria-label='Select many.b']").click();
      await person.sees("2 selected");
    };
    await selectBoth();
    await person.click("Set config…");
    await person.type("Value", "60000");
    await person.click("Preview");
    await person.sees("1 min");
    await person.click("Apply");
    await until("both have the setting", async () => {
      const both = await Promise.all(["many.a", "many.b"].map((name) => broker.api(`/topics/${name}`)));
      return both.every((topic) => topic.retention_ms === "60000");
    });
    await selectBoth();
    await person.click("Empty…");
    await person.page.locator("dialog input").fill("empty 2 topics");
    await person.click("Empty");
    await until("both are empty", async () => {
      const both = await Promise.all(["many.a", "many.b"].map((name) => broker.api(`/topics/${name}/partitions`)));
      return both.every(({ data }) => data[0].log_start === data[0].high_watermark);
    });
  },

  "saves what a page shows as a view, opens it, renames it and deletes it": async (person) => {
    await person.open("/topics?q=tenant&sort=topic%3Adesc");
    await person.sees("12 of");
    await person.click("Saved views");
    await person.type("Save what is shown as", "tenants");
    await person.click("Save");
    await person.open("/topics");
    await person.click("Saved views");
    await person.click("Rename tenants");
    await person.type("Rename tenants to", "tenants, last first");
    await person.click("Rename");
    await person.click("tenants, last first");
    await person.sees("12 of");
    assert.equal(new URL(person.page.url()).search, "?q=tenant&sort=topic%3Adesc");
    await person.open("/groups");
    await person.click("Saved views");
    await person.sees("None yet.");
    await person.open("/topics");
    await person.click("Saved views");
    await person.click("Delete tenants, last first");
    await person.sees("None yet.");
  },

  "opens a view of a topic's messages, and its records are looked for": async (person) => {
    await person.open("/topics/orders/messages?from=beginning&header=type&header_value=refund");
    await person.sees("100 match");
    await person.click("Saved views");
    await person.type("Save what is shown as", "refunds");
    await person.click("Save");
    await person.open("/topics/orders/messages?from=beginning&header=type&header_value=nothing");
    await person.sees("none match");
    await person.click("Saved views");
    await person.click("refunds");
    await person.sees("100 match");
  },

  "finds in the audit what was done to a topic": async (person, broker) => {
    for (const name of ["audited", "audited.too"]) await broker.api("/topics", { name, partitions: 1 });
    await broker.api("/topics/audited/partitions:increase", { count: 2 });
    await person.open("/audit?q=topic%20audited%20");
    await person.sees("2 of");
    await person.sees("topic audited");
    await person.doesNotSee("audited.too");
    await person.page.locator("[role=grid] [data-index='0'] [role=gridcell]").click();
    await person.sees("/api/v1/topics/audited/partitions:increase");
  },

  "sees every thread by its name": async (person, broker) => {
    const { threads } = await broker.api("/brokers/1/runtime");
    const unnamed = threads.filter(({ name }) => name === "mambamq");
    assert.equal(unnamed.length, 1, "the thread that began the program");
    await person.open("/brokers/1/runtime");
    for (const name of ["io-0", "flush", "housekeeping", "metadata", "console-io", "console-look-0", "console-slow-0", "console-produce", "console-sampler"]) {
      assert.ok(threads.some((thread) => thread.name === name), name);
      await person.sees(name);
    }
  },

  "adds partitions and deletes old records": async (person, broker) => {
    await broker.api("/topics", { name: "grown", partitions: 1 });
    await broker.kcat(["-P", "-t", "grown"], "a\nb\nc\nd\n");
    await person.open("/topics/grown/partitions");
    await person.click("Add partitions…");
    await person.type("Partitions from now on", "3");
    await person.click("Apply");
    await until("there are three partitions", async () => (await broker.api("/topics/grown")).partitions === 3);
    await person.click("Delete records…");
    await person.pick("up to the high watermark", "dialog");
    await person.click("Preview");
    await person.sees("What goes");
    await person.page.locator("dialog input").fill("grown");
    await person.click("Delete");
    await until("the records are gone", async () => (await broker.api("/topics/grown/partitions")).data.some((one) => one.log_start === "4"));
  },

  "sees which group lags, and resets its offsets after a preview": async (person, broker) => {
    await person.open("/groups?q=billing");
    await person.sees("billing");
    await person.open("/groups/billing/reset");
    await person.pick("Earliest");
    await person.click("Preview");
    await person.sees("What changes");
    await person.page.locator("button.danger").click();
    await until("the offsets are the earliest", async () =>
      (await broker.api("/groups/billing/offsets")).data.filter((one) => one.committed !== null).every((one) => one.committed === "0"));
    await person.open("/groups/indexer/reset");
    await person.click("Preview");
    await person.sees("NON_EMPTY_GROUP");
  },

  "resets a group to the record that is looked at": async (person, broker) => {
    await broker.kcat(["-G", "replayer", "-X", "auto.offset.reset=earliest", "-c", "300", "orders"], "");
    await until("the group is empty", async () => (await broker.api("/groups/replayer")).state === "Empty");
    await person.open("/topics/orders/messages?from=beginning&record=0/7");
    await person.click("Reset a group to here…");
    await person.pick("replayer", ".menu");
    await person.click("Preview");
    await person.sees("What changes");
    await person.page.locator("button.danger").click();
    await until("the offset is that of the record", async () =>
      (await broker.api("/groups/replayer/offsets")).data.some((one) => one.partition === 0 && one.committed === "7"));
  },

  "does not overwrite a commit that came after the preview": async (person, broker) => {
    await broker.kcat(["-G", "raced", "-X", "auto.offset.reset=earliest", "-c", "10", "orders"], "");
    await until("the group is empty", async () => (await broker.api("/groups/raced")).state === "Empty");
    await person.open("/groups/raced/reset");
    await person.pick("Latest");
    await person.click("Preview");
    await person.sees("What changes");
    await broker.kcat(["-G", "raced", "-X", "auto.offset.reset=earliest", "-c", "200", "orders"], "");
    await until("the group is empty again", async () => (await broker.api("/groups/raced")).state === "Empty");
    const before = (await broker.api("/groups/raced/offsets")).data.map((one) => one.committed);
    await person.page.locator("button.danger").click();
    await person.sees("nothing was changed");
    assert.deepEqual((await broker.api("/groups/raced/offsets")).data.map((one) => one.committed), before);
  },

  "closes a connection": async (person, broker) => {
    const tail = broker.kcat(["-C", "-t", "empty", "-X", "client.id=to-be-closed"]);
    const mine = async () => (await broker.api("/clients/connections")).data.filter((one) => one.client_id === "to-be-closed");
    const [first] = await until("the client is connected", async () => { const all = await mine(); return all.length > 0 && all; });
    await person.open(`/clients/connections/${first.id}`);
    await person.sees("librdkafka");
    await person.click("Close connection");
    await person.page.locator("dialog input").fill("to-be-closed");
    await person.page.locator("dialog button.danger").click();
    await until("the connection is closed", async () => !(await mine()).some((one) => one.id === first.id));
    await tail.stop();
  },

  "verifies a segment and looks into its batches": async (person) => {
    await person.open("/topics/orders/partitions/0/segments/0");
    await person.click("Verify");
    await person.sees("All is well");
    await person.open("/topics/orders/partitions/0/segments/0/batches/0");
    await person.sees("Batch header");
  },

  "deletes a topic only after typing its name, and its page says that it is gone": async (person, broker) => {
    await broker.api("/topics", { name: "short.lived", partitions: 1 });
    await person.open("/topics/short.lived");
    await person.click("Actions for short.lived");
    await person.pick("Delete…", ".menu");
    await person.sees("nobody");
    assert.equal(await person.page.$eval("dialog button.danger", (button) => button.disabled), true);
    await person.page.locator("dialog input").fill("short.live");
    assert.equal(await person.page.$eval("dialog button.danger", (button) => button.disabled), true);
    await person.page.locator("dialog input").fill("short.lived");
    await person.page.locator("dialog button.danger").click();
    await until("the list is open", () => person.path() === "/topics");
    const names = (await broker.api("/topics?view=summary")).cols.topic;
    assert.ok(!names.includes("short.lived"));
    await person.open("/topics/short.lived");
    await person.sees("There is no topic");
  },

  "is shown hostile text as text": async (person) => {
    await person.open("/topics/orders/messages?from=newest");
    await person.sees(hostile);
    await person.open("/clients");
    await person.sees(hostile);
    assert.equal(await person.page.$("main img"), null);
  },

  "works with the keyboard alone": async (person) => {
    await person.open("/overview");
    await person.press("g", "t");
    await until("topics are open", () => person.path() === "/topics");
    await person.settled();
    await person.press("/");
    await person.page.keyboard.type("orders");
    await person.sees("1 of");
    await person.press("Escape");
    await person.page.focus("[role=grid] [role=row][tabindex='0']");
    await person.press("j", "Enter");
    await until("a topic is open", () => person.path().startsWith("/topics/"));
    await person.settled();
    await person.press("]");
    await until("the next tab is open", () => person.path().endsWith("/messages"));
    await person.press("?");
    await person.sees("Previous, next tab");
    await person.press("Escape");
    await person.page.keyboard.down("Control");
    await person.press("k");
    await person.page.keyboard.up("Control");
    await person.page.waitForSelector("dialog input:focus", { timeout: 30_000 });
    await person.page.keyboard.type("billing");
    await person.page.waitForSelector("[role=option] ::-p-text(billing)", { timeout: 30_000 });
    await person.press("Enter");
    await until("the group is open", () => person.path() === "/groups/billing");
  },

  "reads on a narrow screen without scrolling sideways": async (person) => {
    await person.page.setViewport({ width: 320, height: 720 });
    for (const path of ["/overview", "/topics", "/topics/orders", "/groups/billing", "/groups/billing/config", "/cluster", "/cluster/config", "/cluster/features", "/settings"]) {
      await person.open(path);
      const overflow = await person.overflow();
      assert.ok(overflow <= 0, `${path} is ${overflow} px too wide`);
    }
  },

  "keeps the page while the broker restarts": async (person, broker) => {
    await person.open("/topics");
    await person.sees("orders");
    await broker.end();
    await person.sees("No live data", 30_000);
    await person.sees("orders");
    await broker.run();
    await person.page.waitForSelector(".live.is-live", { timeout: 40_000 });
    await broker.api("/topics", { name: "after.restart", partitions: 1 });
    await person.press("r");
    await person.sees("after.restart");
    await person.open("/topics/new");
    await person.type("Name", "after.restart.by.hand");
    await person.sees("The broker would accept this.");
  },
};
