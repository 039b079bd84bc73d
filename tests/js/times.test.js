import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, countdown, duration, relative } from "../../ndscheduler/static/js/times.js";

test("a duration has the unit that people would choose", () => {
  const seconds = [null, 0.0042, 0.9999, 3.25, 41, 90, 3600, 3720, 90000];

  assert.deepEqual(seconds.map(duration), [
    "–",
    "4 ms",
    "1 s",
    "3.3 s",
    "41 s",
    "1 min 30 s",
    "1 h",
    "1 h 2 min",
    "1 d 1 h",
  ]);
});

test("an instant is told by its distance from now", () => {
  const now = new Date("2026-11-24T03:00:00Z");
  const at = (text) => relative(text, now);

  assert.equal(at("2026-11-24T03:00:00.300Z"), "now");
  assert.equal(at("2026-11-23T22:00:00Z"), "5 h ago");
  assert.equal(at("2026-11-24T21:00:00Z"), "in 18 h");
  assert.equal(at("2026-11-12T03:00:00Z"), "12 d ago");
});

test("a countdown shows minutes and seconds, hours when there are any, and when it is due", () => {
  const now = new Date("2026-11-24T03:00:00Z");
  const at = (text) => countdown(text, now);

  assert.equal(at("2026-11-24T03:04:12Z"), "in 04:12");
  assert.equal(at("2026-11-24T05:00:01Z"), "in 2:00:01");
  assert.equal(at("2026-11-24T03:00:00Z"), "due");
  assert.equal(at("2026-11-30T03:00:00Z"), "in 6 d");
});

test("the year of a clock is that of its zone", () => {
  const now = new Date("2026-12-31T20:00:00Z");
  const at = (zone) => clock("2026-12-31T19:00:00Z", { zone, now });

  assert.equal(at("UTC"), "31 Dec 19:00:00");
  assert.equal(at("Asia/Kolkata"), "1 Jan 00:30:00");
  assert.equal(
    clock("2026-12-31T18:00:00Z", { zone: "Asia/Kolkata", now }),
    "31 Dec 2026 23:30:00",
  );
});
