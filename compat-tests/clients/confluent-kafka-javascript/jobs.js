// The twelve jobs of the client matrix with @confluentinc/kafka-javascript, by its API
// in the manner of kafkajs.

const assert = require('node:assert/strict')
const { fork } = require('node:child_process')
const { createHash, randomBytes } = require('node:crypto')
const { once } = require('node:events')
const { promisify } = require('node:util')
const { AdminClient, KafkaJS } = require('@confluentinc/kafka-javascript')
const { bootstrap, broker, eventually, main, prefix, range, refusal } = require('../javascript/job.js')

const { CompressionTypes, ConsumerGroupStates, ErrorCodes, Kafka, logLevel } = KafkaJS
const kafka = new Kafka({
  kafkaJS: { clientId: prefix, brokers: [bootstrap], logLevel: logLevel.NOTHING },
})
const NOT_YET = [
  ErrorCodes.ERR_UNKNOWN_TOPIC_OR_PART, ErrorCodes.ERR_LEADER_NOT_AVAILABLE,
  ErrorCodes.ERR_NOT_LEADER_FOR_PARTITION,
]
const topicName = `${prefix}-topic`
const groupId = `${prefix}-group`
const opened = []

async function open(client) {
  opened.push(client)
  await client.connect()
  return client
}

const openAdmin = () => open(kafka.admin())
const openProducer = options => open(kafka.producer({ 'linger.ms': 0, ...options }))

async function createTopic(numPartitions, topic = topicName) {
  const admin = await openAdmin()
  await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }] })
  await whenReady('all partitions have leaders', () => admin.fetchTopicOffsets(topic))
  return admin
}

// Asks again while the answer says that the broker does not know the topic yet.
const whenReady = (what, ask) => eventually(what, () => ask().catch(error => {
  if (!NOT_YET.includes(error.code)) throw error
}))

// A member of the group that reads `topics` from the beginning. Its `records` are what it has read,
// `rebalances` how often its partitions changed.
async function openMember(topics = [topicName], { kafkaJS, eachMessage, ...options } = {}) {
  const consumer = await open(kafka.consumer({
    kafkaJS: { groupId, fromBeginning: true, autoCommitInterval: 100, ...kafkaJS },
    'heartbeat.interval.ms': 200,
    'fetch.wait.max.ms': 100,
    rebalance_cb: () => { consumer.rebalances += 1 },
    ...options,
  }))
  consumer.records = []
  consumer.rebalances = 0
  await consumer.subscribe({ topics })
  await consumer.run({
    eachMessage: eachMessage ?? (async ({ topic, partition, message }) => {
      consumer.records.push({ topic, partition, ...message })
    }),
  })
  return consumer
}

async function readAll(topic, count) {
  const consumer = await openMember([topic], { kafkaJS: { groupId: `${groupId}-${topic}` } })
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
    committed?.partitions.find(one => one.partition === partition)?.offset === high)
}

// The partitions of each member as the coordinator tells them; undefined unless Stable.
async function stableAssignments(admin) {
  const [{ state, members }] = (await admin.describeGroups([groupId])).groups
  if (state !== ConsumerGroupStates.STABLE) return undefined
  return members.map(({ assignment }) => assignment.topicPartitions.map(one => one.partition))
}

const ownedBy = consumer => consumer.assignment().map(one => one.partition).sort()

// A static member in a process of its own, which can die without closing its consumer.
async function startMember(instance) {
  const child = fork(`${__dirname}/static_member.js`, [topicName, groupId, instance])
  const [owned] = await once(child, 'message')
  return { owned, kill: () => { child.kill('SIGKILL'); return once(child, 'exit') } }
}

const jobs = {
  async 'produce-codecs'() {
    for (const codec of Object.values(CompressionTypes)) {
      const producer = await openProducer({ kafkaJS: { compression: codec, acks: -1 } })
      const topic = `${topicName}-${codec}`
      await createTopic(3, topic)
      const record = number => ({
        key: `key ${number % 20}`,
        value: `value ${number}`,
        headers: { origin: `number ${number}`, empty: '' },
      })
      for (const from of range(0, 10)) { // send() changes the records that it is given
        await producer.send({ topic, messages: range(from * 50, from * 50 + 50).map(record) })
      }
      const sent = range(0, 500).map(record)
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
        members.flatMap(ownedBy).length === 6
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
    const admin = await createTopic(4)
    const first = await openMember([topicName], { 'group.instance.id': 'first' })
    const second = await startMember('second')
    await eventually('two members share four partitions', async () =>
      (await stableAssignments(admin))?.every(one => one.length === 2) && ownedBy(first).length === 2)
    const owned = ownedBy(first)
    const { rebalances } = first

    await second.kill()
    const again = await startMember('second')
    assert.deepEqual(again.owned, range(0, 4).filter(partition => !owned.includes(partition)))
    assert.deepEqual(ownedBy(first), owned)
    assert.equal(first.rebalances, rebalances, 'the other member saw a rebalance')

    // The library tells of the fencing in its log; what a program sees is that it owns nothing any more.
    const usurper = await openMember([topicName], { 'group.instance.id': 'first' })
    await eventually('the first is fenced', () => ownedBy(first).length === 0)
    await eventually('another has its place', () => ownedBy(usurper).length === 2)
    assert.deepEqual(ownedBy(usurper), owned)
    await again.kill()
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
      kafkaJS: { autoCommit: false },
      eachMessage: async ({ partition, message, pause }) => {
        records.push({ partition, ...message })
        if (message.offset === '49') pause()
      },
    })
    await eventually('half is read', () => records.length === 100)
    await half.commitOffsets(range(0, 2).map(partition => (
      { topic: topicName, partition, offset: '50', metadata: `half of ${partition}` })))
    await half.disconnect()

    await broker('restart')
    const resumed = await openMember([topicName], { kafkaJS: { autoCommit: false } })
    await eventually('the rest is read', () => resumed.records.length >= 100)
    for (const partition of [0, 1]) {
      const values = partitionsOf(resumed.records, partition).map(one => Number(one.value))
      assert.deepEqual(values, range(50, 100).map(number => number * 2 + partition))
    }
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topicName] })
    for (const { partition, offset, metadata } of partitions) {
      assert.deepEqual([offset, metadata], ['50', `half of ${partition}`])
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
    const producer = await openProducer({ kafkaJS: { idempotent: true } })
    const produce = async (from, to) => {
      for (const start of range(from / 20, to / 20)) {
        const messages = range(start * 20, start * 20 + 20).map(number => ({
          partition: number % 3, value: String(number),
        }))
        await producer.send({ topic: topicName, messages })
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

    const consumer = await openMember([pattern], { kafkaJS: { metadataMaxAge: 500 } })
    await Promise.all([produce(topics[0]), produce(topics[1])])
    await reads(topics.slice(0, 2))
    await createTopic(1, topics[2])
    await produce(topics[2])
    await reads(topics)
  },

  async 'topic-admin'() {
    const admin = await openAdmin()
    const partitions = async () =>
      (await admin.fetchTopicMetadata({ topics: [topicName] }))[0].partitions.length
    const create = topic => admin.createTopics({
      topics: [{
        topic, numPartitions: 3, replicationFactor: 1,
        configEntries: [{ name: 'retention.ms', value: '7200000' }],
      }],
    })

    assert.equal(await create(topicName), true)
    await eventually('the topic is listed', () => stored(admin, topicName))
    assert.equal(await partitions(), 3)
    // Partitions are added by the library's older API only.
    const older = AdminClient.create({ 'bootstrap.servers': bootstrap })
    await promisify(older.createPartitions.bind(older))(topicName, 6)
    older.disconnect()
    await eventually('there are six partitions', async () => await partitions() === 6)

    // TOPIC_ALREADY_EXISTS alone is what the library answers with false.
    assert.equal(await create(topicName), false)
    const illegal = await refusal('an illegal name', create(`${prefix}/illegal name`))
    assert.equal(illegal.errors[0].code, ErrorCodes.ERR_TOPIC_EXCEPTION)

    await admin.deleteTopics({ topics: [topicName] })
    await eventually('the topic is gone', async () => !await stored(admin, topicName))
    const unknown = await refusal(
      'an unknown topic', admin.fetchTopicMetadata({ topics: [topicName] }))
    assert.equal(unknown.code, ErrorCodes.ERR_UNKNOWN_TOPIC_OR_PART)
    return 'without describing and altering configs: no such call'
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
    assert.equal(refused.groups[0].error.code, ErrorCodes.ERR_NON_EMPTY_GROUP)
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
    assert.equal(beyond.partitions[0].error.code, ErrorCodes.ERR_OFFSET_OUT_OF_RANGE)
    const records = await readAll(topicName, 40)
    assert.deepEqual(records.map(one => Number(one.value)), range(60, 100))
  },

  async 'large-records'() {
    await createTopic(1)
    const producer = await openProducer({ 'message.max.bytes': 3_000_000 })
    const hash = value => createHash('sha256').update(value).digest('hex')
    const sums = []
    for (const number of range(0, 20)) {
      const value = randomBytes(1_000_000)
      sums.push(hash(value))
      await producer.send({ topic: topicName, messages: [{ key: String(number), value }] })
    }
    const refused = await refusal('a record of 2,000,000 bytes', producer.send({
      topic: topicName, messages: [{ value: randomBytes(2_000_000) }],
    }))
    assert.equal(refused.code, ErrorCodes.ERR_MSG_SIZE_TOO_LARGE)
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
    const [topic] = await admin.fetchTopicMetadata({ topics: [topicName] })
    assert.equal(topic.partitions.length, 1000)
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
  const ids = groups.map(one => one.groupId).filter(id => id.startsWith(prefix))
  if (ids.length > 0) {
    await admin.deleteGroups(ids).catch(error => {
      // A static member that was killed stays until its session ends.
      if (!error.groups?.every(one => one.error?.code === ErrorCodes.ERR_NON_EMPTY_GROUP)) throw error
    })
  }
  const topics = (await admin.listTopics()).filter(topic => topic.startsWith(prefix))
  if (topics.length > 0) await admin.deleteTopics({ topics })
  await admin.disconnect()
}

main(jobs, close)
