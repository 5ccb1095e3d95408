import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toBase64 } from "../src/core/bytes";
import { parseCbor } from "../src/core/cbor";
import { decode } from "../src/core/decode";
import { depthMax, print } from "../src/core/lossless_json";
import { parseMessagePack } from "../src/core/msgpack";

const bytes = (hex: string): Uint8Array => fromHex(hex) ?? assert.fail(`${hex} is not hexadecimal`);
const cbor = (hex: string): string => print(parseCbor(bytes(hex)), 0);
const msgpack = (hex: string): string => print(parseMessagePack(bytes(hex)), 0);
const value = (hex: string): { n: number; x: string } => ({ n: bytes(hex).length, x: toBase64(bytes(hex)) });

test("CBOR is read as RFC 8949 has it in appendix A", () => {
  const examples: [string, string][] = [
    ["00", "0"], ["01", "1"], ["0a", "10"], ["17", "23"], ["1818", "24"], ["1819", "25"], ["1864", "100"], ["1903e8", "1000"],
    ["1a000f4240", "1000000"], ["1b000000e8d4a51000", "1000000000000"], ["1bffffffffffffffff", "18446744073709551615"],
    ["c249010000000000000000", "18446744073709551616"], ["3bffffffffffffffff", "-18446744073709551616"],
    ["c349010000000000000000", "-18446744073709551617"], ["20", "-1"], ["29", "-10"], ["3863", "-100"], ["3903e7", "-1000"],
    ["f90000", "0.0"], ["f98000", "-0.0"], ["f93c00", "1.0"], ["fb3ff199999999999a", "1.1"], ["f93e00", "1.5"], ["f97bff", "65504.0"],
    ["fa47c35000", "100000.0"], ["fa7f7fffff", "3.4028234663852886e+38"], ["fb7e37e43c8800759c", "1.0e+300"],
    ["f90001", "5.960464477539063e-8"], ["f90400", "0.00006103515625"], ["f9c400", "-4.0"], ["fbc010666666666666", "-4.1"],
    ["f97c00", "Infinity"], ["f97e00", "NaN"], ["f9fc00", "-Infinity"], ["fa7f800000", "Infinity"], ["fa7fc00000", "NaN"],
    ["faff800000", "-Infinity"], ["fb7ff0000000000000", "Infinity"], ["fb7ff8000000000000", "NaN"], ["fbfff0000000000000", "-Infinity"],
    ["f4", "false"], ["f5", "true"], ["f6", "null"], ["f7", "undefined"], ["f0", "simple(16)"], ["f8ff", "simple(255)"],
    ["c074323031332d30332d32315432303a30343a30305a", '0("2013-03-21T20:04:00Z")'], ["c11a514b67b0", "1(1363896240)"],
    ["c1fb41d452d9ec200000", "1(1363896240.5)"], ["d74401020304", "23(h'01020304')"], ["d818456449455446", "24(h'6449455446')"],
    ["d82076687474703a2f2f7777772e6578616d706c652e636f6d", '32("http://www.example.com")'],
    ["40", "h''"], ["4401020304", "h'01020304'"], ["60", '""'], ["6161", '"a"'], ["6449455446", '"IETF"'], ["62225c", '"\\"\\\\"'],
    ["62c3bc", '"\u00fc"'], ["63e6b0b4", '"\u6c34"'], ["64f0908591", '"\ud800\udd51"'],
    ["80", "[]"], ["83010203", "[1,2,3]"], ["8301820203820405", "[1,[2,3],[4,5]]"],
    ["98190102030405060708090a0b0c0d0e0f101112131415161718181819", `[${Array.from({ length: 25 }, (_, i) => i + 1).join(",")}]`],
    ["a0", "{}"], ["a201020304", '{"1":2,"3":4}'], ["a26161016162820203", '{"a":1,"b":[2,3]}'], ["826161a161626163", '["a",{"b":"c"}]'],
    ["a56161614161626142616361436164614461656145", '{"a":"A","b":"B","c":"C","d":"D","e":"E"}'],
    // Those of indefinite length are shown as the whole that they are.
    ["5f42010243030405ff", "h'0102030405'"], ["7f657374726561646d696e67ff", '"streaming"'], ["9fff", "[]"],
    ["9f018202039f0405ffff", "[1,[2,3],[4,5]]"], ["9f01820203820405ff", "[1,[2,3],[4,5]]"], ["83018202039f0405ff", "[1,[2,3],[4,5]]"],
    ["83019f0203ff820405", "[1,[2,3],[4,5]]"],
    ["9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", `[${Array.from({ length: 25 }, (_, i) => i + 1).join(",")}]`],
    ["bf61610161629f0203ffff", '{"a":1,"b":[2,3]}'], ["826161bf61626163ff", '["a",{"b":"c"}]'], ["bf6346756ef563416d7421ff", '{"Fun":true,"Amt":-2}'],
  ];
  for (const [hex, text] of examples) assert.equal(cbor(hex), text, hex);
});

test("CBOR loses nothing that JSON has no word for", () => {
  assert.equal(cbor("d9d9f7a1616101"), '{"a":1}', "the tag that only says: this is CBOR");
  assert.equal(cbor("d9010283010203"), '{"258()":[1,2,3]}');
  assert.equal(cbor("a2616101616102"), '{"a":1,"a":2}', "a key that is there twice");
  assert.equal(cbor("a182010203"), '{"[1,2]":3}');
  assert.equal(cbor("c240"), "0");
});

// RFC 8949, appendix F, and lengths that lie.
test("CBOR that is not well-formed is an error with its place", () => {
  const broken = [
    "", "18", "19", "1a", "1b", "1901", "1a0102", "1b01020304050607", "38", "58", "78", "98", "9a01ff00", "b8", "d8", "f8", "f900", "fa0000", "fb000000",
    "41", "61", "5affffffff00", "5bffffffffffffffff010203", "7affffffff00", "7b7fffffffffffffff010203", "81", "818181818181818181", "8200", "a1", "a20102",
    "a100", "a2000000", "5f4100", "7f6100", "9f", "9f0102", "bf", "bf01020102", "819f", "9f8000", "9f9f9f9f9fffffffff", "9f819f819f9fffffff", "c0",
    "1c", "1d", "1e", "3c", "5c", "7e", "9d", "bc", "dd", "fc", "f800", "f818", "f81f", "5f00ff", "5f21ff", "5f6100ff", "5f80ff", "5fa0ff", "5fc000ff",
    "5fe0ff", "7f4100ff", "5f5f4100ffff", "7f7f6100ffff", "ff", "81ff", "8200ff", "a1ff", "a1ff00", "a100ff", "a20000ff", "9f81ff", "bf00ff",
    "bf000000ff", "1f", "3f", "df", "00ff", "0000", "61ff", "7f61c361bcff", "9bffffffffffffffff00", "bbffffffffffffffff00",
  ];
  for (const hex of broken) assert.throws(() => parseCbor(bytes(hex)), /at byte \d+$/, hex);
  assert.throws(() => parseCbor(bytes("83 01 02")), /no room for 3 values at byte 1$/);
  assert.throws(() => parseCbor(new Uint8Array(100_000).fill(0x81)), /nested deeper/);
});

// One of each format of the specification, at the ends of its range.
test("MessagePack is read as its specification has it", () => {
  const examples: [string, string][] = [
    ["c0", "null"], ["c2", "false"], ["c3", "true"], ["00", "0"], ["7f", "127"], ["ff", "-1"], ["e0", "-32"],
    ["cc80", "128"], ["ccff", "255"], ["cd0100", "256"], ["cdffff", "65535"], ["ce00010000", "65536"], ["ceffffffff", "4294967295"],
    ["cf0000000100000000", "4294967296"], ["cf0020000000000001", "9007199254740993"], ["cfffffffffffffffff", "18446744073709551615"],
    ["d0df", "-33"], ["d080", "-128"], ["d18000", "-32768"], ["d280000000", "-2147483648"], ["d38000000000000000", "-9223372036854775808"],
    ["d37fffffffffffffff", "9223372036854775807"], ["d3ffdfffffffffffff", "-9007199254740993"],
    ["ca3fc00000", "1.5"], ["ca3dcccccd", "0.10000000149011612"], ["cb3fb999999999999a", "0.1"], ["cb3ff0000000000000", "1.0"],
    ["cb8000000000000000", "-0.0"], ["cb7ff8000000000000", "NaN"], ["cbfff0000000000000", "-Infinity"], ["cb0000000000000001", "5.0e-324"],
    ["a0", '""'], ["a161", '"a"'], [`bf${"61".repeat(31)}`, `"${"a".repeat(31)}"`], ["d90161", '"a"'], ["da000161", '"a"'], ["db0000000161", '"a"'],
    ["a3e6b0b4", '"\u6c34"'], ["a1ff", "h'ff'"], ["c400", "h''"], ["c40200ff", "h'00ff'"], ["c5000100", "h'00'"], ["c60000000100", "h'00'"],
    ["90", "[]"], ["930102c0", "[1,2,null]"], ["dc000101", "[1]"], ["dd0000000101", "[1]"],
    ["80", "{}"], ["81a16101", '{"a":1}'], ["82a16101a16102", '{"a":1,"a":2}'], ["81cd010001", '{"256":1}'], ["de0001a16101", '{"a":1}'],
    ["df00000001a16101", '{"a":1}'], ["82a7636f6d70616374c3a6736368656d6100", '{"compact":true,"schema":0}'],
    ["d40100", "ext(1, h'00')"], ["d5800001", "ext(-128, h'0001')"], ["d67f00010203", "ext(127, h'00010203')"], ["d8050000000000000000000000000000000a",
      "ext(5, h'0000000000000000000000000000000a')"], ["c70005", "ext(5, h'')"], ["c80001050a", "ext(5, h'0a')"], ["c900000001050a", "ext(5, h'0a')"],
    ["d6ff00000000", 'timestamp "1970-01-01T00:00:00.000000000Z"'], ["d6ffffffffff", 'timestamp "2106-02-07T06:28:15.000000000Z"'],
    ["d7ffee6b27fc00000001", 'timestamp "1970-01-01T00:00:01.999999999Z"'],
    ["c70cff00000001ffffffffffffffff", 'timestamp "1969-12-31T23:59:59.000000001Z"'],
    ["d7ffffffffff00000000", "ext(-1, h'ffffffff00000000')"], ["c70cff000000007fffffffffffffff", "ext(-1, h'000000007fffffffffffffff')"],
    ["d4ff00", "ext(-1, h'00')"],
  ];
  for (const [hex, text] of examples) assert.equal(msgpack(hex), text, hex);
});

test("MessagePack that is broken is an error with its place", () => {
  for (const hex of ["", "c1", "cc", "cd00", "ce000000", "cf00", "d0", "d100", "ca000000", "cb00", "a1", "d902", "da0001", "dbffffffff61", "c401", "c6ffffffff00",
    "91", "dc0002c0", "ddffffffffc0", "81", "81a161", "de0001a161", "dfffffffffc0c0", "d4", "d401", "c701", "c9ffffffff0100", "0000", "9301a161"]) {
    assert.throws(() => parseMessagePack(bytes(hex)), /at byte \d+$/, hex);
  }
  assert.throws(() => parseMessagePack(new Uint8Array(100_000).fill(0x91)), /nested deeper/);
});

test("every beginning of a value is refused", () => {
  const whole: [(all: Uint8Array) => unknown, string][] = [
    [parseCbor, "a4 61 61 1b ffffffffffffffff 61 62 83 01 02 f9 3c00 61 63 7f 61 61 61 62 ff 61 64 c2 42 0100"],
    [parseMessagePack, "84 a161 cf ffffffffffffffff a162 93 01 02 ca 3fc00000 a163 d9 02 6162 a164 c7 03 05 010203"],
  ];
  for (const [parse, hex] of whole) {
    const all = bytes(hex);
    parse(all);
    for (let length = 0; length < all.length; ++length) assert.throws(() => parse(all.subarray(0, length)), /at byte/, String(length));
  }
});

test("as deep as allowed is read", () => {
  const nested = new Uint8Array(depthMax).fill(0x81);
  nested[depthMax - 1] = 0x00;
  assert.equal(print(parseCbor(nested), 0), `${"[".repeat(depthMax - 1)}0${"]".repeat(depthMax - 1)}`);
});

test("binary formats are guessed where no other fits", () => {
  assert.equal(decode(value("81a16101"), "value").result.as, "msgpack");
  assert.equal(decode(value("93ca3fc00000 a161 c0"), "value").result.as, "msgpack");
  assert.equal(decode(value("bf6346756ef563416d7421ff"), "value").result.as, "cbor");
  assert.equal(decode(value("a2616101616202"), "value").result.as, "cbor");
  assert.equal(decode({ n: 1, s: "\u0001" }, "value").result.as, "text", "a number in both, but it is text");
  // An empty map here, an empty array there.
  const both = decode(value("80"), "value");
  assert.equal(both.result.as, "hex");
  assert.match(both.attempts.find((one) => one.decoder === "msgpack")?.error ?? "", /cbor/);
  for (const hex of ["c3", "ff", "fb3ff199999999999a", "cb3ff199999999999a", "d9d9f701", "0080ff"]) {
    assert.equal(decode(value(hex), "value").result.as, "hex", hex);
  }
});

test("what was chosen and does not fit says why, beside the bytes", () => {
  const { result, attempts } = decode(value("82a16101"), "value", "msgpack");
  assert.equal(result.as, "hex");
  assert.deepEqual(attempts.map((one) => one.decoder), ["msgpack", "hex"]);
  assert.match(attempts[0]?.error ?? "", /cut off at byte 4$/);
  const all = decode(value("9f01fe"), "value").attempts;
  assert.deepEqual(all.map((one) => one.decoder), ["json", "text", "msgpack", "cbor", "hex"]);
  assert.ok(all.slice(0, -1).every((one) => one.error !== null));
});
