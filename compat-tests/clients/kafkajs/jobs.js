// The twelve jobs of the client matrix with kafkajs.

const zstd = require('@bokuweb/zstd-wasm')
const {
  AssignerProtocol, CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel,
} = require('kafkajs')
const LZ4Codec = require('kafkajs-lz4')
const SnappyCodec = require('kafkajs-snappy')
const { Unsupported, bootstrap, main, prefix } = require('../javascript/job.js')
const { groupId, jobsOf, topicName } = require('../javascript/jobs.js')

CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec
CompressionCodecs[CompressionTypes.LZ4] = new LZ4Codec().codec
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => Buffer.from(zstd.compress(encoder.buffer)),
  decompress: async buffer => Buffer.from(zstd.decompress(buffer)),
})

const settings = { clientId: prefix, brokers: [bootstrap], logLevel: logLevel.NOTHING }
const kafka = new Kafka(settings)
const resource = { type: ConfigResourceTypes.TOPIC, name: topicName }

const library = {
  kafka,
  codecs: Object.keys(CompressionTypes),
  newTopic: { waitForLeaders: false },
  isPassing: error => error.retriable,
  errorName: error => error.type,

  // kafkajs has no limit of its own on the size of a record.
  async producer({ codec = 'None', isIdempotent = false }) {
    await zstd.init()
    // The producer's own retries cover requests; those of the client cover connecting.
    const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: Number.MAX_SAFE_INTEGER }
    const client = isIdempotent ? new Kafka({ ...settings, retry }) : kafka
    const producer = client.producer({ idempotent: isIdempotent })
    const send = request => producer.send({ acks: -1, compression: CompressionTypes[codec], ...request })
    return { ...producer, send }
  },

  async start(open, topics, { groupId, autoCommit = true, eachMessage }) {
    const consumer = await open(kafka.consumer({ groupId, maxWaitTimeInMs: 100, heartbeatInterval: 200 }))
    consumer.assignment = []
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      consumer.assignment = payload.memberAssignment[topicName] ?? []
    })
    consumer.subscribeAndRun = async () => {
      await consumer.subscribe({ topics, fromBeginning: true })
      await consumer.run({ autoCommit, eachMessage })
    }
    await consumer.subscribeAndRun()
    return consumer
  },
  owned: consumer => consumer.assignment,

  async stableAssignments(admin) {
    const [{ state, members }] = (await admin.describeGroups([groupId])).groups
    if (state !== 'Stable') return undefined
    return members.map(({ memberAssignment }) =>
      AssignerProtocol.MemberAssignment.decode(memberAssignment).assignment[topicName] ?? [])
  },

  // consumer.subscribe looks for matching topics once, so its user has to call it again.
  async findNewTopics(consumer) {
    await consumer.stop()
    await consumer.subscribeAndRun()
    return 'without finding a new topic: a pattern is looked up once, at subscribing'
  },

  describeTopic: async admin => (await admin.fetchTopicMetadata({ topics: [topicName] })).topics[0],
  addPartitions: (admin, count) => admin.createPartitions({ topicPartitions: [{ topic: topicName, count }] }),
  configs: admin => ({
    async get(name) {
      const { resources } = await admin.describeConfigs({ resources: [{ ...resource, configNames: [name] }] })
      return resources[0].configEntries[0].configValue
    },
    set: (name, value) =>
      admin.alterConfigs({ resources: [{ ...resource, configEntries: [{ name, value }] }] }),
  }),
}

const { jobs, close } = jobsOf(library)

jobs['static-members'] = async () => {
  throw new Unsupported('no static members: kafkajs sends no group.instance.id')
}

main(jobs, close)
