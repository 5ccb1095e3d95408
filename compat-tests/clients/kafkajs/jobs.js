// The twelve jobs of the client matrix with kafkajs.

const assert = require('node:assert/strict')
const { createHash, randomBytes } = require('node:crypto')
const zstd = require('@bokuweb/zstd-wasm')
const {
  AssignerProtocol, CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel,
} = require('kafkajs')
const LZ4Codec = require('kafkajs-lz4')
const SnappyCodec = require('kafkajs-snappy')
const {
  Unsupported, bootstrap, broker, eventually, main, prefix, range, refusal,
} = require('../javascript/job.js')

CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec
CompressionCodecs[CompressionTypes.LZ4] = new LZ4Codec().codec
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => Buffer.from(zstd.compress(encoder.buffer)),
  decompress: async buffer => Buffer.from(zstd.decompress(buffer)),
})

const settings = { clientId: prefix, brokers: [bootstrap], logLevel: logLevel.NOTHING }
const kafka = new Kafka(settings)
const topicName = `${prefix}-topic`
const groupId = `${prefix}-group`
const opened = []

async function open(client) {
  opened.push(client)
  await client.connect()
  return client
}

const openAdmin = () => open(kafka.admin())
const openProducer = () => open(kafka.producer())

async function createTopic(numPartitions, topic = topicName) {
  const admin = await openAdmin()
  await admin.createTopics({
    waitForLeaders: false, topics: [{ topic, numPartitions, replicationFactor: 1 }],
  })
  await whenRetriable('all partitions have leaders', () => admin.fetchTopicOffsets(topic))
  return admin
}

// Asks again while the answer is an error that passes, such as a coordinator that is loading.
const whenRetriable = (what, ask) => eventually(what, () => ask().catch(error => {
  if (!error.retriable) throw error
}))

// A member of the group that reads `topics` from the beginning. Its `records` are what it has read,
// its `assignment` the partitions it owned last.
async function openMember(topics = [topicName], { group = groupId, run, ...options } = {}) {
  const consumer = await open(
    kafka.consumer({ groupId: group, maxWaitTimeInMs: 100, heartbeatInterval: 200, ...options }))
  consumer.records = []
  consumer.assignment = []
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    consumer.assignment = payload.memberAssignment[topicName] ?? []
  })
  await consumer.subscribe({ topics, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      consumer.records.push({ topic, partition, ...message })
    },
    ...run,
  })
  return consumer
}

async function readAll(topic, count) {
  const consumer = await openMember([topic], { group: `${groupId}-${topic}` })
  await eventually(`${count} records are read`, () => consumer.records.length >= count, 60)
  await consumer.disconnect()
  const admin = await openAdmin()
  const ends = await admin.fetchTopicOffsets(topic)
  assert.equal(ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0), count)
  return consumer.records
}

const partitionsOf = (records, partition) => records.filter(one => one.partition === partition)
const stored = async (admin, topic) => (await admin.listTopics()).includes(topic)

async function committedIsEnd(admin) {
  const [committed] = await admin.fetchOffsets({ groupId, topics: [topicName] })
  const ends = await admin.fetchTopicOffsets(topicName)
  return ends.every(({ partition, high }) =>
    committed.partitions.find(one => one.partition === partition).offset === high)
}

// The partitions of each member as the coordinator tells them; undefined unless Stable.
async function stableAssignments(admin) {
  const [{ state, members }] = (await admin.describeGroups([groupId])).groups
  if (state !== 'Stable') return undefined
  return members.map(({ memberAssignment }) =>
    AssignerProtocol.MemberAssignment.decode(memberAssignment).assignment[topicName] ?? [])
}

const jobs = {
  async 'produce-codecs'() {
    await zstd.init()
    const producer = await openProducer()
    for (const [codec, compression] of Object.entries(CompressionTypes)) {
      const topic = `${topicName}-${codec}`
      await createTopic(3, topic)
      const sent = range(0, 500).map(number => ({
        key: `key ${number % 20}`,
        value: `value ${number}`,
        headers: { origin: `number ${number}`, empty: '' },
      }))
      for (const from of range(0, 10)) {
        const messages = sent.slice(from * 50, from * 50 + 50)
        await producer.send({ topic, acks: -1, compression, messages })
      }
      const read = (await readAll(topic, sent.length)).map(({ key, value, headers }) => ({
        key: key.toString(),
        value: value.toString(),
        headers: { origin: headers.origin.toString(), empty: headers.empty.toString() },
      }))
      for (const key of new Set(sent.map(one => one.key))) {
        const ofKey = records => records.filter(one => one.key === key)
        assert.deepEqual(ofKey(read), ofKey(sent), `${codec}, ${key}`)
      }
    }
  },

  async 'group-of-three'() {
    const admin = await createTopic(6)
    const producer = await openProducer()
    const produce = async (from, to) => {
      for (const start of range(from / 20, to / 20)) {
        const messages = range(start * 20, start * 20 + 20).map(number => ({
          partition: number % 6, value: String(number),
        }))
        await producer.send({ topic: topicName, messages })
      }
    }
    const shared = members => eventually(`${members.length} members share six partitions`, async () => {
      const told = await stableAssignments(admin)
      return told?.length === members.length && told.every(one => one.length === 6 / told.length) &&
        assert.deepEqual(told.flat().sort(), range(0, 6), 'a partition has two owners') === undefined &&
        members.flatMap(one => one.assignment).length === 6
    }, 60)

    const members = await Promise.all(range(0, 3).map(() => openMember()))
    await shared(members)
    await produce(0, 1000)
    await eventually('all three read', () => members.every(one => one.records.length > 0))
    await Promise.all([members[0].disconnect(), produce(1000, 2000)])
    await shared(members.slice(1))
    const [late] = await Promise.all([openMember(), produce(2000, 3000)])
    members.push(late)
    await shared(members.slice(1))

    const seen = new Set()
    await eventually('every record was seen', () => {
      for (const { value } of members.flatMap(one => one.records)) seen.add(value.toString())
      return seen.size === 3000
    })
    await eventually('all is committed', () => committedIsEnd(admin))
  },

  async 'static-members'() {
    throw new Unsupported('no static members: kafkajs sends no group.instance.id')
  },

  async 'commit-resume'() {
    const admin = await createTopic(2)
    const producer = await openProducer()
    const messages = range(0, 200).map(number => ({
      partition: number % 2, value: String(number),
    }))
    await producer.send({ topic: topicName, messages })

    const records = []
    const half = await openMember([topicName], {
      run: {
        autoCommit: false,
        eachMessage: async ({ partition, message, pause }) => {
          records.push({ partition, ...message })
          if (message.offset === '49') pause()
        },
      },
    })
    await eventually('half is read', () => records.length === 100)
    await half.commitOffsets(range(0, 2).map(partition => (
      { topic: topicName, partition, offset: '50', metadata: `half of ${partition}` })))
    await half.disconnect()

    await broker('restart')
    const [{ partitions }] = await whenRetriable('the group is loaded', () =>
      admin.fetchOffsets({ groupId, topics: [topicName] }))
    for (const { partition, offset, metadata } of partitions) {
      assert.deepEqual([offset, metadata], ['50', `half of ${partition}`])
    }
    const resumed = await openMember()
    await eventually('the rest is read', () => resumed.records.length >= 100)
    for (const partition of [0, 1]) {
      const values = partitionsOf(resumed.records, partition).map(one => Number(one.value))
      assert.deepEqual(values, range(50, 100).map(number => number * 2 + partition))
    }
  },

  async 'seek-by-time'() {
    const HOUR = 3_600_000
    const first = Date.now() - 10 * HOUR
    const admin = await createTopic(1)
    const producer = await openProducer()
    const messages = range(0, 10).map(number => ({
      value: String(number), timestamp: String(first + number * HOUR),
    }))
    await producer.send({ topic: topicName, messages })
    const [{ offset }] = await admin.fetchTopicOffsetsByTimestamp(topicName, first + 4.5 * HOUR)
    assert.equal(offset, '5')

    const consumer = await openMember()
    await eventually('all is read', () => consumer.records.length === 10)
    consumer.records.length = 0
    consumer.seek({ topic: topicName, partition: 0, offset })
    await eventually('the rest is read again', () => consumer.records.length === 5)
    assert.equal(consumer.records[0].value.toString(), '5')
    assert.equal(consumer.records[0].timestamp, String(first + 5 * HOUR))

    // kafkajs turns the broker's "none" into the end offset.
    const [none] = await admin.fetchTopicOffsetsByTimestamp(topicName, first + 20 * HOUR)
    assert.equal(none.offset, '10')
  },

  async 'idempotent-restart'() {
    await createTopic(3)
    // The producer's own retries cover requests; those of the client cover connecting.
    const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: Number.MAX_SAFE_INTEGER }
    const producer = await open(new Kafka({ ...settings, retry }).producer({ idempotent: true }))
    const produce = async (from, to) => {
      for (const start of range(from / 20, to / 20)) {
        const messages = range(start * 20, start * 20 + 20).map(number => ({
          partition: number % 3, value: String(number),
        }))
        await producer.send({ topic: topicName, acks: -1, messages })
      }
    }
    await produce(0, 1000)
    await Promise.all([broker('restart'), produce(1000, 3000)])
    await Promise.all([broker('kill'), produce(3000, 5000)])

    const records = await readAll(topicName, 5000)
    for (const partition of range(0, 3)) {
      const values = partitionsOf(records, partition).map(one => Number(one.value))
      assert.deepEqual(values, range(0, 5000).filter(number => number % 3 === partition))
    }
  },

  async 'pattern-subscription'() {
    const topics = ['a', 'b', 'c'].map(letter => `${prefix}-p-${letter}`)
    await createTopic(1, topics[0])
    await createTopic(1, topics[1])
    const producer = await openProducer()
    const produce = topic => producer.send({ topic, messages: [{ value: topic }] })
    const pattern = new RegExp(`^${prefix}-p-.*`)
    const reads = expected => eventually(`${expected} are read`, () =>
      expected.every(topic => consumer.records.some(one => one.topic === topic)))

    const consumer = await openMember([pattern])
    await Promise.all([produce(topics[0]), produce(topics[1])])
    await reads(topics.slice(0, 2))
    await createTopic(1, topics[2])
    await produce(topics[2])
    // consumer.subscribe looks for matching topics once, so its user has to call it again.
    await consumer.stop()
    await consumer.subscribe({ topics: [pattern], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ topic, message }) => consumer.records.push({ topic, ...message }),
    })
    await reads(topics)
    return 'without finding a new topic: a pattern is looked up once, at subscribing'
  },

  async 'topic-admin'() {
    const admin = await openAdmin()
    const resource = { type: ConfigResourceTypes.TOPIC, name: topicName }
    const config = async name => {
      const { resources } = await admin.describeConfigs({
        resources: [{ ...resource, configNames: [name] }],
      })
      return resources[0].configEntries[0].configValue
    }
    const partitions = async () =>
      (await admin.fetchTopicMetadata({ topics: [topicName] })).topics[0].partitions.length
    const create = topic => admin.createTopics({
      waitForLeaders: false,
      topics: [{
        topic, numPartitions: 3, replicationFactor: 1,
        configEntries: [{ name: 'retention.ms', value: '7200000' }],
      }],
    })

    assert.equal(await create(topicName), true)
    await eventually('the topic is listed', () => stored(admin, topicName))
    assert.equal(await partitions(), 3)
    assert.equal(await config('retention.ms'), '7200000')
    await admin.alterConfigs({
      resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '3600000' }] }],
    })
    await eventually('the config is altered', async () => await config('retention.ms') === '3600000')
    await admin.createPartitions({ topicPartitions: [{ topic: topicName, count: 6 }] })
    await eventually('there are six partitions', async () => await partitions() === 6)

    // TOPIC_ALREADY_EXISTS alone is what kafkajs answers with false.
    assert.equal(await create(topicName), false)
    const illegal = await refusal('an illegal name', create(`${prefix}/illegal name`))
    assert.equal(illegal.errors[0].type, 'INVALID_TOPIC_EXCEPTION')

    await admin.deleteTopics({ topics: [topicName] })
    await eventually('the topic is gone', async () => !await stored(admin, topicName))
    const unknown = await refusal(
      'an unknown topic', admin.fetchTopicMetadata({ topics: [topicName] }))
    assert.equal(unknown.type, 'UNKNOWN_TOPIC_OR_PARTITION')
  },

  async 'group-admin'() {
    const admin = await createTopic(2)
    const producer = await openProducer()
    const produce = partition =>
      producer.send({ topic: topicName, messages: range(0, 50).map(() => ({ partition, value: 'x' })) })
    await Promise.all([produce(0), produce(1)])
    const consumer = await openMember()
    await eventually('all is committed', () =>
      consumer.records.length === 100 && committedIsEnd(admin))
    assert.ok((await admin.listGroups()).groups.some(one => one.groupId === groupId))
    assert.deepEqual(await stableAssignments(admin), [[0, 1]])

    consumer.pause([{ topic: topicName, partitions: [1] }])
    await produce(1)
    const lag = async () => {
      const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topicName] })
      const ends = await admin.fetchTopicOffsets(topicName)
      return ends.sort((a, b) => a.partition - b.partition).map(({ partition, high }) =>
        Number(high) - Number(partitions.find(one => one.partition === partition).offset))
    }
    assert.deepEqual(await lag(), [0, 50])

    const refused = await refusal('deleting an active group', admin.deleteGroups([groupId]))
    assert.equal(refused.groups[0].error.type, 'NON_EMPTY_GROUP')
    await consumer.disconnect()
    await admin.deleteGroups([groupId])
    assert.ok(!(await admin.listGroups()).groups.some(one => one.groupId === groupId))
    return "without deleting a group's offsets for a topic: no such call"
  },

  async 'delete-records'() {
    const admin = await createTopic(1)
    const producer = await openProducer()
    const messages = range(0, 100).map(number => ({ value: String(number) }))
    await producer.send({ topic: topicName, messages })
    const deleteBefore = offset =>
      admin.deleteTopicRecords({ topic: topicName, partitions: [{ partition: 0, offset }] })

    await deleteBefore('60')
    assert.equal((await admin.fetchTopicOffsets(topicName))[0].low, '60')
    const beyond = await refusal('an offset beyond the end', deleteBefore('101'))
    assert.equal(beyond.cause.partitions[0].error.type, 'OFFSET_OUT_OF_RANGE')
    const records = await readAll(topicName, 40)
    assert.deepEqual(records.map(one => Number(one.value)), range(60, 100))
  },

  async 'large-records'() {
    await createTopic(1)
    const producer = await openProducer()
    const hash = value => createHash('sha256').update(value).digest('hex')
    const sums = []
    for (const number of range(0, 20)) {
      const value = randomBytes(1_000_000)
      sums.push(hash(value))
      await producer.send({ topic: topicName, messages: [{ key: String(number), value }] })
    }
    // kafkajs has no limit of its own on the size of a record.
    const refused = await refusal('a record of 2,000,000 bytes', producer.send({
      topic: topicName, messages: [{ value: randomBytes(2_000_000) }],
    }))
    assert.equal(refused.type, 'MESSAGE_TOO_LARGE')
    const records = await readAll(topicName, 20)
    assert.deepEqual(records.map(one => hash(one.value)), sums)
  },

  async 'thousand-partitions'() {
    const admin = await createTopic(1000)
    const producer = await openProducer()
    const messages = range(0, 3000).map(number => ({
      partition: number % 1000, value: String(number),
    }))
    await producer.send({ topic: topicName, messages })
    const records = await readAll(topicName, 3000)
    const values = records.map(one => Number(one.value)).sort((a, b) => a - b)
    assert.deepEqual(values, range(0, 3000))
    const { topics } = await admin.fetchTopicMetadata({ topics: [topicName] })
    assert.equal(topics[0].partitions.length, 1000)
    await admin.deleteTopics({ topics: [topicName] })
    await eventually('the topic is gone', async () => !await stored(admin, topicName))
  },
}

// Ends every client, then removes the groups and topics of this job.
async function close() {
  await Promise.all(opened.map(client => client.disconnect()))
  const admin = kafka.admin()
  await admin.connect()
  const { groups } = await admin.listGroups()
  await admin.deleteGroups(groups.map(one => one.groupId).filter(id => id.startsWith(prefix)))
  const topics = (await admin.listTopics()).filter(topic => topic.startsWith(prefix))
  if (topics.length > 0) await admin.deleteTopics({ topics })
  await admin.disconnect()
}

main(jobs, close)
