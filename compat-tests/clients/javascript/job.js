// What the client programs in JavaScript share: the environment that the matrix gives them, waiting
// with a bound, and an exit code that tells passed, failed and "this library cannot" apart.

const { execFile } = require('node:child_process')
const { promisify } = require('node:util')

const CANNOT = 77
const JOB_SECONDS_MAX = 110 // the matrix allows 120
const POLL_MS = 20

const bootstrap = process.env.BOOTSTRAP
const prefix = process.env.PREFIX

class Unsupported extends Error {}

// Looks at `condition` until it gives something truthy, which is returned.
async function eventually(what, condition, seconds = 30) {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`after ${seconds} s still not so: ${what}`)
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
}

// The error that `promise` must end with.
async function refusal(what, promise) {
  let value
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`${what} was not refused but gave ${JSON.stringify(value)}`)
}

// 'restart' (cleanly) or 'kill' (and start); done when the broker answers again.
async function broker(action) {
  await promisify(execFile)(process.env.BROKER_CONTROL, [action])
}

const range = (from, to) => Array.from({ length: to - from }, (_, index) => from + index)

// Runs the job named on the command line, then `close` whatever its end was. A job may return a
// note on what the library lacks in part.
async function main(jobs, close) {
  const name = process.argv[2]
  if (!(name in jobs)) {
    console.log(`jobs are ${Object.keys(jobs).join(', ')}`)
    process.exit(2)
  }
  const end = (code, sentence) => {
    process.stdout.write(`${sentence}\n`, () => process.exit(code))
  }
  const limit = setTimeout(
    () => end(1, `${name} still ran after ${JOB_SECONDS_MAX} s`), JOB_SECONDS_MAX * 1000)
  let code = 0
  let sentence
  try {
    sentence = (await jobs[name]()) ?? ''
  } catch (error) {
    code = error instanceof Unsupported ? CANNOT : 1
    sentence = error.message.replaceAll('\n', ' ')
    if (code === 1) console.error(error)
  }
  try {
    await close()
  } catch (error) {
    if (code === 0) {
      code = 1
      sentence = `closing failed: ${error.message}`
    }
  }
  clearTimeout(limit)
  end(code, sentence)
}

module.exports = { bootstrap, prefix, Unsupported, eventually, refusal, broker, range, main }
