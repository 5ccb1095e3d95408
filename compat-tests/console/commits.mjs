// Commits offsets for many groups at once, as a client without membership does: FindCoordinator v1, which makes
// the broker create its offsets topic, then OffsetCommit v2 (Kafka protocol guide).
import { connect } from "node:net";
import { once } from "node:events";
import { until } from "./broker.mjs";

const int8 = (value) => Buffer.from([value]);
const int16 = (value) => { const bytes = Buffer.alloc(2); bytes.writeInt16BE(value); return bytes; };
const int32 = (value) => { const bytes = Buffer.alloc(4); bytes.writeInt32BE(value); return bytes; };
const int64 = (value) => { const bytes = Buffer.alloc(8); bytes.writeBigInt64BE(BigInt(value)); return bytes; };
const string = (text) => Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)]);

const noGeneration = int32(-1);
const noMember = string("");
const retentionOfBroker = int64(-1);
const ofGroup = int8(0);

function request(apiKey, version, fields) {
  const body = Buffer.concat([int16(apiKey), int16(version), int32(0), string("console-tests"), ...fields]);
  return Buffer.concat([int32(body.length), body]);
}
const findCoordinator = (group) => request(10, 1, [string(group), ofGroup]);
const offsetCommit = ({ group, topic, partition, offset }) => request(8, 2, [
  string(group), noGeneration, noMember, retentionOfBroker,
  int32(1), string(topic), int32(1), int32(partition), int64(offset), string(""),
]);

/** Sends all at once; the answers, without their length, in the order of the requests. */
async function ask(port, requests) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const answers = [];
  let rest = Buffer.alloc(0);
  const all = new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`the broker closed the connection after ${answers.length} answers`)));
    socket.on("data", (data) => {
      rest = Buffer.concat([rest, data]);
      for (let end; rest.length >= 4 && rest.length >= (end = 4 + rest.readInt32BE()); rest = rest.subarray(end)) {
        answers.push(rest.subarray(4, end));
      }
      if (answers.length === requests.length) resolve();
    });
  });
  socket.write(Buffer.concat(requests));
  try {
    await all;
  } finally {
    socket.removeAllListeners("close");
    socket.destroy();
  }
  return answers;
}

/** Each is {group, topic, partition, offset}; an error code throws. */
export async function commit(port, commits) {
  const errorAfterThrottle = 4 + 4;
  await until("there is a coordinator", async () =>
    (await ask(port, [findCoordinator(commits[0].group)]))[0].readInt16BE(errorAfterThrottle) === 0);
  for (const answer of await ask(port, commits.map(offsetCommit))) {
    const error = answer.readInt16BE(answer.length - 2);  // the last field is that of the one partition
    if (error !== 0) throw new Error(`a commit was answered with error ${error}`);
  }
}
