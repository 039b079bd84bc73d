import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";
const { ticksFor } = await import("../../ndscheduler/static/js/charts/scale.js");
const { dayChart, lastDays, totalsOf } =
  await import("../../ndscheduler/static/js/charts/day_chart.js");
const { durationChart } = await import("../../ndscheduler/static/js/charts/duration_chart.js");
const { percent } = await import("../../ndscheduler/static/js/views/job/job_facts.js");

test("an axis has round numbers, the last as large as the largest value", () => {
  assert.deepEqual(ticksFor(2.4), [1, 2, 3]);
  assert.deepEqual(ticksFor(41, { isSeconds: true }), [20, 40, 60]);
  assert.deepEqual(ticksFor(200, { isSeconds: true }), [120, 240]);
  assert.deepEqual(ticksFor(1, { isWhole: true }), [1]);
  assert.deepEqual(ticksFor(140, { isWhole: true }), [50, 100, 150]);
});

test("a value of nothing has an axis too", () => {
  assert.ok(ticksFor(0).at(-1) > 0);
  assert.ok(ticksFor(0, { isWhole: true }).at(-1) >= 1);
});

test("days on which nothing ran have their place among the last thirty", () => {
  const now = new Date("2026-11-25T03:00:00Z");
  const days = lastDays(
    [{ day: "2026-11-24", counts: { succeeded: 2, failed: 1, skipped: 1 }, mean_duration: 3 }],
    now,
  );

  assert.equal(days.length, 30);
  assert.equal(days.at(-1).day, "2026-11-25");
  assert.equal(days.at(-2).counts.failed, 1);
  assert.deepEqual(totalsOf(days), { total: 4, succeeded: 2, bad: 1 });
});

test("charts say in words what they show", () => {
  const recent = [["a", "succeeded", "2026-11-24T01:00:00Z", 3]];

  const durations = durationChart({ recent, usual: 3, zone: "UTC" }, 600);
  const days = dayChart(lastDays([], new Date("2026-11-25T03:00:00Z")), 600);

  assert.match(durations.getAttribute("aria-label"), /1 succeeded; usually 3 s$/);
  assert.match(days.getAttribute("aria-label"), /^0 executions in 30 days/);
});

test("a percentage is 100 only where nothing went wrong", () => {
  assert.equal(percent(10, 10), "100 %");
  assert.equal(percent(99999, 100000), "99.9 %");
  assert.equal(percent(1, 3), "33.3 %");
});
