// static_member.js TOPIC GROUP INSTANCE: a static member of a group, for as long as the process
// lives; tells its parent the partitions that it got.

const { Kafka, logLevel } = require('@confluentinc/kafka-javascript').KafkaJS
const { bootstrap, eventually } = require('../javascript/job.js')

async function main(topic, groupId, instance) {
  const kafka = new Kafka({ kafkaJS: { brokers: [bootstrap], logLevel: logLevel.NOTHING } })
  const consumer = kafka.consumer({ kafkaJS: { groupId }, 'group.instance.id': instance })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic] })
  await consumer.run({ eachMessage: async () => {} })
  await eventually('partitions are assigned', () => consumer.assignment().length > 0)
  process.send(consumer.assignment().map(one => one.partition).sort())
}

main(...process.argv.slice(2))
