// A member of a group by kafkajs: member GROUP TOPIC; tells each change, runs until it is killed.
const { Kafka, logLevel } = require("kafkajs");

const [group, topic] = process.argv.slice(2);
const kafka = new Kafka({ brokers: [process.env.BOOTSTRAP], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: group, sessionTimeout: 6000, heartbeatInterval: 1000 });
consumer.on(consumer.events.REBALANCING, () => console.log("revoked"));
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
  console.log("assigned", (payload.memberAssignment[topic] ?? []).length));

async function main() {
  await consumer.connect();
  await consumer.subscribe({ topic });
  await consumer.run({ eachMessage: async () => {} });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
