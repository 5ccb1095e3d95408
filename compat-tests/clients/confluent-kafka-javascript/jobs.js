// The twelve jobs of the client matrix with @confluentinc/kafka-javascript, by its API
// in the manner of kafkajs.

const assert = require('node:assert/strict')
const { fork } = require('node:child_process')
const { once } = require('node:events')
const { promisify } = require('node:util')
const { AdminClient, KafkaJS } = require('@confluentinc/kafka-javascript')
const { bootstrap, eventually, main, prefix, range } = require('../javascript/job.js')
const { groupId, jobsOf, topicName } = require('../javascript/jobs.js')

const { CompressionTypes, ConsumerGroupStates, ErrorCodes, Kafka, logLevel } = KafkaJS
const kafka = new Kafka({
  kafkaJS: { clientId: prefix, brokers: [bootstrap], logLevel: logLevel.NOTHING },
})
const NOT_YET = [
  ErrorCodes.ERR_UNKNOWN_TOPIC_OR_PART, ErrorCodes.ERR_LEADER_NOT_AVAILABLE,
  ErrorCodes.ERR_NOT_LEADER_FOR_PARTITION,
]
const ERROR_NAMES = {
  [ErrorCodes.ERR_TOPIC_EXCEPTION]: 'INVALID_TOPIC_EXCEPTION',
  [ErrorCodes.ERR_UNKNOWN_TOPIC_OR_PART]: 'UNKNOWN_TOPIC_OR_PARTITION',
  [ErrorCodes.ERR_NON_EMPTY_GROUP]: 'NON_EMPTY_GROUP',
  [ErrorCodes.ERR_OFFSET_OUT_OF_RANGE]: 'OFFSET_OUT_OF_RANGE',
  [ErrorCodes.ERR_MSG_SIZE_TOO_LARGE]: 'MESSAGE_TOO_LARGE',
}

const library = {
  kafka,
  codecs: Object.values(CompressionTypes),
  isPassing: error => NOT_YET.includes(error.code),
  errorName: error => ERROR_NAMES[error?.code],

  producer({ codec, isIdempotent, recordBytesMax }) {
    const kafkaJS = {}
    if (codec !== undefined) Object.assign(kafkaJS, { compression: codec, acks: -1 })
    if (isIdempotent) kafkaJS.idempotent = true
    const more = recordBytesMax === undefined ? {} : { 'message.max.bytes': recordBytesMax }
    return kafka.producer({ kafkaJS, 'linger.ms': 0, ...more })
  },

  // Its `rebalances` are how often its partitions changed.
  async start(open, topics, { groupId, autoCommit = true, metadataMaxAge, eachMessage, ...options }) {
    const kafkaJS = { groupId, autoCommit, fromBeginning: true, autoCommitInterval: 100 }
    if (metadataMaxAge !== undefined) kafkaJS.metadataMaxAge = metadataMaxAge
    const consumer = await open(kafka.consumer({
      kafkaJS,
      'heartbeat.interval.ms': 200,
      'fetch.wait.max.ms': 100,
      rebalance_cb: () => { consumer.rebalances += 1 },
      ...options,
    }))
    consumer.rebalances = 0
    await consumer.subscribe({ topics })
    await consumer.run({ eachMessage })
    return consumer
  },
  owned: consumer => consumer.assignment().map(one => one.partition).sort(),

  async stableAssignments(admin) {
    const [{ state, members }] = (await admin.describeGroups([groupId])).groups
    if (state !== ConsumerGroupStates.STABLE) return undefined
    return members.map(({ assignment }) => assignment.topicPartitions.map(one => one.partition))
  },

  describeTopic: async admin => (await admin.fetchTopicMetadata({ topics: [topicName] }))[0],

  // Partitions are added by the library's older API only.
  async addPartitions(admin, count) {
    const older = AdminClient.create({ 'bootstrap.servers': bootstrap })
    await promisify(older.createPartitions.bind(older))(topicName, count)
    older.disconnect()
  },
}

const { jobs, close, createTopic, openMember } = jobsOf(library)

// A static member in a process of its own, which can die without closing its consumer.
async function startMember(instance) {
  const child = fork(`${__dirname}/static_member.js`, [topicName, groupId, instance])
  const [owned] = await once(child, 'message')
  return { owned, kill: () => { child.kill('SIGKILL'); return once(child, 'exit') } }
}

jobs['static-members'] = async () => {
  const { owned } = library
  const admin = await createTopic(4)
  const first = await openMember([topicName], { 'group.instance.id': 'first' })
  const second = await startMember('second')
  await eventually('two members share four partitions', async () =>
    (await library.stableAssignments(admin))?.every(one => one.length === 2) && owned(first).length === 2)
  const had = owned(first)
  const { rebalances } = first

  await second.kill()
  const again = await startMember('second')
  assert.deepEqual(again.owned, range(0, 4).filter(partition => !had.includes(partition)))
  assert.deepEqual(owned(first), had)
  assert.equal(first.rebalances, rebalances, 'the other member saw a rebalance')

  // The library tells of the fencing in its log; what a program sees is that it owns nothing any more.
  const usurper = await openMember([topicName], { 'group.instance.id': 'first' })
  await eventually('the first is fenced', () => owned(first).length === 0)
  await eventually('another has its place', () => owned(usurper).length === 2)
  assert.deepEqual(owned(usurper), had)
  await again.kill()
}

main(jobs, close)
