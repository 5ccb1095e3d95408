// The jobs for libraries with the API of kafkajs. What a library does in a way of its own it gives as
//
//   kafka                          its client
//   codecs                         the names of its codecs
//   newTopic                       more fields for createTopics
//   isPassing(error)               an answer to ask again at, such as a coordinator that is loading
//   errorName(error)               as Kafka names it
//   producer(options)              options: codec, isIdempotent, recordBytesMax
//   start(open, topics, options)   a member that reads from the beginning; options: groupId, autoCommit,
//                                  metadataMaxAge, eachMessage, and others of the library
//   owned(consumer)                the partitions that it owns of the job's topic
//   stableAssignments(admin)       the partitions of each member as the coordinator tells them; undefined
//                                  unless Stable
//   findNewTopics(consumer, topics) where a pattern is not looked up again by itself; what to say of that
//   describeTopic(admin), addPartitions(admin, count), configs(admin) where it can: { get(name), set(name, value) }

const assert = require('node:assert/strict')
const { createHash, randomBytes } = require('node:crypto')
const { broker, eventually, prefix, range, refusal } = require('./job.js')

const topicName = `${prefix}-topic`
const groupId = `${prefix}-group`
const opened = []

async function open(client) {
  opened.push(client)
  await client.connect()
  return client
}

const partitionsOf = (records, partition) => records.filter(one => one.partition === partition)
const stored = async (admin, topic) => (await admin.listTopics()).includes(topic)
const numbersOf = records => records.map(one => Number(one.value))

async function committedIsEnd(admin) {
  const [committed] = await admin.fetchOffsets({ groupId, topics: [topicName] })
  const ends = await admin.fetchTopicOffsets(topicName)
  return ends.every(({ partition, high }) =>
    committed?.partitions.find(one => one.partition === partition)?.offset === high)
}

function jobsOf(library) {
  const openAdmin = () => open(library.kafka.admin())
  const openProducer = async (options = {}) => open(await library.producer(options))

  const whenReady = (what, ask) => eventually(what, () => ask().catch(error => {
    if (!library.isPassing(error)) throw error
  }))

  async function createTopic(numPartitions, topic = topicName) {
    const admin = await openAdmin()
    await admin.createTopics({ ...library.newTopic, topics: [{ topic, numPartitions, replicationFactor: 1 }] })
    await whenReady('all partitions have leaders', () => admin.fetchTopicOffsets(topic))
    return admin
  }

  // A member of the group; its `records` are what it has read.
  async function openMember(topics = [topicName], options = {}) {
    const records = []
    const consumer = await library.start(open, topics, {
      groupId,
      eachMessage: async ({ topic, partition, message }) => { records.push({ topic, partition, ...message }) },
      ...options,
    })
    consumer.records = records
    return consumer
  }

  async function readAll(topic, count) {
    const consumer = await openMember([topic], { groupId: `${groupId}-${topic}` })
    await eventually(`${count} records are read`, () => consumer.records.length >= count, 60)
    await consumer.disconnect()
    const admin = await openAdmin()
    const ends = await admin.fetchTopicOffsets(topic)
    assert.equal(ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0), count)
    return consumer.records
  }

  // Numbers `from` up to `to`, one after another over the partitions, twenty in a request.
  async function produceNumbers(producer, partitions, from, to) {
    for (const start of range(from / 20, to / 20)) {
      const messages = range(start * 20, start * 20 + 20).map(number => ({
        partition: number % partitions, value: String(number),
      }))
      await producer.send({ topic: topicName, messages })
    }
  }

  const jobs = {
    async 'produce-codecs'() {
      for (const codec of library.codecs) {
        const producer = await openProducer({ codec })
        const topic = `${topicName}-${codec}`
        await createTopic(3, topic)
        const record = number => ({
          key: `key ${number % 20}`,
          value: `value ${number}`,
          headers: { origin: `number ${number}`, empty: '' },
        })
        for (const from of range(0, 10)) { // send() may change the records that it is given
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
      const shared = members => eventually(`${members.length} members share six partitions`, async () => {
        const told = await library.stableAssignments(admin)
        return told?.length === members.length && told.every(one => one.length === 6 / told.length) &&
          assert.deepEqual(told.flat().sort(), range(0, 6), 'a partition has two owners') === undefined &&
          members.flatMap(library.owned).length === 6
      }, 60)

      const members = await Promise.all(range(0, 3).map(() => openMember()))
      await shared(members)
      await produceNumbers(producer, 6, 0, 1000)
      await eventually('all three read', () => members.every(one => one.records.length > 0))
      await Promise.all([members[0].disconnect(), produceNumbers(producer, 6, 1000, 2000)])
      await shared(members.slice(1))
      const [late] = await Promise.all([openMember(), produceNumbers(producer, 6, 2000, 3000)])
      members.push(late)
      await shared(members.slice(1))

      const seen = new Set()
      await eventually('every record was seen', () => {
        for (const { value } of members.flatMap(one => one.records)) seen.add(value.toString())
        return seen.size === 3000
      })
      await eventually('all is committed', () => committedIsEnd(admin))
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
        autoCommit: false,
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
      const resumed = await openMember([topicName], { autoCommit: false })
      await eventually('the rest is read', () => resumed.records.length >= 100)
      for (const partition of [0, 1]) {
        assert.deepEqual(numbersOf(partitionsOf(resumed.records, partition)),
          range(50, 100).map(number => number * 2 + partition))
      }
      const [{ partitions }] = await whenReady('the group is loaded', () =>
        admin.fetchOffsets({ groupId, topics: [topicName] }))
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

      // The libraries turn the broker's "none" into the end offset.
      const [none] = await admin.fetchTopicOffsetsByTimestamp(topicName, first + 20 * HOUR)
      assert.equal(none.offset, '10')
    },

    async 'idempotent-restart'() {
      await createTopic(3)
      const producer = await openProducer({ isIdempotent: true })
      await produceNumbers(producer, 3, 0, 1000)
      await Promise.all([broker('restart'), produceNumbers(producer, 3, 1000, 3000)])
      await Promise.all([broker('kill'), produceNumbers(producer, 3, 3000, 5000)])

      const records = await readAll(topicName, 5000)
      for (const partition of range(0, 3)) {
        assert.deepEqual(numbersOf(partitionsOf(records, partition)),
          range(0, 5000).filter(number => number % 3 === partition))
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

      const consumer = await openMember([pattern], { metadataMaxAge: 500 })
      await Promise.all([produce(topics[0]), produce(topics[1])])
      await reads(topics.slice(0, 2))
      await createTopic(1, topics[2])
      await produce(topics[2])
      const note = await library.findNewTopics?.(consumer, [pattern])
      await reads(topics)
      return note
    },

    async 'topic-admin'() {
      const admin = await openAdmin()
      const partitions = async () => (await library.describeTopic(admin)).partitions.length
      const create = topic => admin.createTopics({
        ...library.newTopic,
        topics: [{
          topic, numPartitions: 3, replicationFactor: 1,
          configEntries: [{ name: 'retention.ms', value: '7200000' }],
        }],
      })

      assert.equal(await create(topicName), true)
      await eventually('the topic is listed', () => stored(admin, topicName))
      assert.equal(await partitions(), 3)
      const configs = library.configs?.(admin)
      if (configs) {
        assert.equal(await configs.get('retention.ms'), '7200000')
        await configs.set('retention.ms', '3600000')
        await eventually('the config is altered', async () => await configs.get('retention.ms') === '3600000')
      }
      await library.addPartitions(admin, 6)
      await eventually('there are six partitions', async () => await partitions() === 6)

      // TOPIC_ALREADY_EXISTS alone is what is answered with false.
      assert.equal(await create(topicName), false)
      const illegal = await refusal('an illegal name', create(`${prefix}/illegal name`))
      assert.equal(library.errorName(illegal.errors[0]), 'INVALID_TOPIC_EXCEPTION')

      await admin.deleteTopics({ topics: [topicName] })
      await eventually('the topic is gone', async () => !await stored(admin, topicName))
      const unknown = await refusal('an unknown topic', library.describeTopic(admin))
      assert.equal(library.errorName(unknown), 'UNKNOWN_TOPIC_OR_PARTITION')
      return configs ? undefined : 'without describing and altering configs: no such call'
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
      assert.deepEqual(await library.stableAssignments(admin), [[0, 1]])

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
      assert.equal(library.errorName(refused.groups[0].error), 'NON_EMPTY_GROUP')
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
      assert.equal(library.errorName((beyond.cause ?? beyond).partitions[0].error), 'OFFSET_OUT_OF_RANGE')
      assert.deepEqual(numbersOf(await readAll(topicName, 40)), range(60, 100))
    },

    async 'large-records'() {
      await createTopic(1)
      const producer = await openProducer({ recordBytesMax: 3_000_000 })
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
      assert.equal(library.errorName(refused), 'MESSAGE_TOO_LARGE')
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
      const values = numbersOf(await readAll(topicName, 3000)).sort((a, b) => a - b)
      assert.deepEqual(values, range(0, 3000))
      assert.equal((await library.describeTopic(admin)).partitions.length, 1000)
      await admin.deleteTopics({ topics: [topicName] })
      await eventually('the topic is gone', async () => !await stored(admin, topicName))
    },
  }

  // Ends every client, then removes the groups and topics of this job.
  async function close() {
    await Promise.all(opened.map(client => client.disconnect()))
    const admin = library.kafka.admin()
    await admin.connect()
    const { groups } = await admin.listGroups()
    const ids = groups.map(one => one.groupId).filter(id => id.startsWith(prefix))
    if (ids.length > 0) {
      await admin.deleteGroups(ids).catch(error => {
        // A static member that was killed stays until its session ends.
        if (!error.groups?.every(one => library.errorName(one.error) === 'NON_EMPTY_GROUP')) throw error
      })
    }
    const topics = (await admin.listTopics()).filter(topic => topic.startsWith(prefix))
    if (topics.length > 0) await admin.deleteTopics({ topics })
    await admin.disconnect()
  }

  return { jobs, close, createTopic, openMember }
}

module.exports = { groupId, jobsOf, topicName }
