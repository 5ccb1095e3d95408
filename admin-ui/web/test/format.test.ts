import assert from "node:assert/strict";
import { test } from "node:test";
import { compareExact, difference, sum } from "../src/core/exact";
import { byteRate, coarse, count, digits, micros, moment, parseSpan, parseTime, percent, size, span, stamp } from "../src/core/format";

const plain = (text: string): string => text.replaceAll("\u202f", " ").replaceAll("\u2212", "-");

test("numbers are abbreviated, small ones are not", () => {
  const expected: [number, string][] = [[0, "0"], [7, "7"], [9999, "9999"], [10_000, "10 k"], [12_345, "12.3 k"], [999_999, "1 M"], [1_234_567, "1.23 M"], [-12_345, "-12.3 k"]];
  for (const [value, text] of expected) assert.equal(plain(count(value)), text);
});

test("all digits are shown in groups, whatever their number", () => {
  assert.equal(plain(digits("9223372036854775807")), "9 223 372 036 854 775 807");
  assert.equal(plain(digits(1234)), "1234");
  assert.equal(plain(digits("-12345")), "-12 345");
});

test("sizes are powers of 1024", () => {
  assert.equal(plain(size(1023)), "1023 B");
  assert.equal(plain(size(1024)), "1 KiB");
  assert.equal(plain(size("1610612736")), "1.5 GiB");
  assert.equal(plain(byteRate(10_485_760)), "10 MiB/s");
});

test("durations have the two units that matter", () => {
  const expected: [number, string][] = [[0, "0 ms"], [240, "240 ms"], [1500, "1.5 s"], [59_000, "59 s"], [252_000, "4 min 12 s"], [7_200_000, "2 h"], [604_800_000, "7 d"], [-5000, "-5 s"]];
  for (const [ms, text] of expected) assert.equal(plain(span(ms)), text);
  assert.equal(plain(micros(840)), "840 µs");
  assert.equal(plain(micros(1240)), "1.24 ms");
  assert.equal(plain(micros(3_100_000)), "3.1 s");
  assert.equal(plain(percent(0.385)), "39 %");
  assert.equal(plain(percent(0.0996)), "10 %");
  assert.equal(plain(coarse(252_000)), "4 min");
  assert.equal(plain(coarse(20)), "20 ms");
});

test("times are those of the zone", () => {
  const at = Date.UTC(2026, 10, 28, 12, 4, 7, 123);
  assert.equal(stamp(at, "utc"), "2026-11-28 12:04:07.123");
  assert.equal(moment(at, "utc", at + 1000), "12:04:07");
  assert.equal(moment(at, "utc", at + 86_400_000), "2026-11-28 12:04:07");
});

test("what people write for a time is understood, or refused", () => {
  const now = Date.UTC(2026, 10, 28, 12);
  assert.equal(parseTime("-15m", "utc", now), now - 900_000);
  assert.equal(parseTime("today", "utc", now), Date.UTC(2026, 10, 28));
  assert.equal(parseTime("2026-11-28 10:30", "utc", now), Date.UTC(2026, 10, 28, 10, 30));
  assert.equal(parseTime("2026-11-28T10:30:01.5Z", "local", now), Date.UTC(2026, 10, 28, 10, 30, 1, 500));
  assert.equal(parseTime("1790000000000", "utc", now), 1_790_000_000_000);
  for (const bad of ["", "soon", "-", "2026-99-99", "12"]) assert.equal(parseTime(bad, "utc", now), null, bad);
  assert.equal(parseSpan("1.5h"), 5_400_000);
  assert.equal(parseSpan("7 d"), 604_800_000);
  assert.equal(parseSpan("x"), null);
});

test("exact numbers are added and compared beyond 2^53", () => {
  assert.equal(sum(["9223372036854775807", null, "1"]), "9223372036854775808");
  assert.equal(difference("9007199254740993", "1"), "9007199254740992");
  assert.equal(difference(null, "1"), null);
  assert.equal(compareExact("9007199254740993", "9007199254740992"), 1);
});
