import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";
const { rate, startOfDay } = await import("../../ndscheduler/static/js/views/overview/tiles.js");
const { hoursOf } = await import("../../ndscheduler/static/js/views/overview/timeline.js");

test("a rate of success is never rounded up to all", () => {
  assert.deepEqual([null, 1, 0.99999, 0.99312, 0].map(rate), [
    "–",
    "100 %",
    "99.9 %",
    "99.3 %",
    "0 %",
  ]);
});

test("the day begins at midnight of the zone that is shown", () => {
  const now = new Date("2026-11-24T20:15:30.250Z");

  assert.equal(startOfDay("UTC", now).toISOString(), "2026-11-24T00:00:00.000Z");
  assert.equal(startOfDay("Asia/Kolkata", now).toISOString(), "2026-11-24T18:30:00.000Z");
});

test("the day of a change of the clocks begins at its own midnight", () => {
  const after = new Date("2026-03-29T12:00:00Z");
  const before = new Date("2026-10-25T12:00:00Z");

  assert.equal(startOfDay("Europe/Berlin", after).toISOString(), "2026-03-28T23:00:00.000Z");
  assert.equal(startOfDay("Europe/Berlin", before).toISOString(), "2026-10-24T22:00:00.000Z");
});

test("the timeline has each hour once, with what ran and what will", () => {
  const now = Date.parse("2026-11-24T20:00:00Z");
  const past = [{ hour: "2026-11-24T19:00:00+00:00", counts: { succeeded: 3, failed: 1 } }];
  const coming = [{ hour: "2026-11-24T20:00:00+00:00", count: 2 }];

  const hours = hoursOf(past, coming, now);

  assert.equal(hours.length, 30);
  assert.deepEqual(
    hours.filter((hour) => hour.ran || hour.coming).map((hour) => [hour.ran, hour.coming]),
    [
      [4, 0],
      [0, 2],
    ],
  );
  assert.equal(hours.find((hour) => hour.isNow).at, now);
});
