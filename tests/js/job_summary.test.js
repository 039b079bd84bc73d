import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";
const { countsText, failuresInARow, summaryWith } =
  await import("../../ndscheduler/static/js/models/job_summary.js");
const { Job } = await import("../../ndscheduler/static/js/models/job.js");

const SUMMARY = {
  recent: [
    ["a", "succeeded", "2026-11-24T01:00:00+00:00", 10],
    ["b", "running", "2026-11-24T02:00:00+00:00", null],
  ],
  last: { execution_id: "b", state: "running" },
  running: 1,
  queued: 0,
  usual_duration: 10,
  ended: { succeeded: 1 },
  failures_in_a_row: 0,
};

function execution(id, state, hour, duration = null) {
  return { execution_id: id, state, scheduled_time: `2026-11-24T${hour}:00:00+00:00`, duration };
}

test("an execution that ends is counted, and its duration is part of the mean", () => {
  const after = summaryWith(SUMMARY, execution("b", "succeeded", "02", 20));

  assert.deepEqual(after.recent.at(-1), ["b", "succeeded", "2026-11-24T02:00:00+00:00", 20]);
  assert.equal(after.running, 0);
  assert.deepEqual(after.ended, { succeeded: 2 });
  assert.equal(after.usual_duration, 15);
  assert.equal(after.last.state, "succeeded");
});

test("a change that is told twice, or too late, counts once", () => {
  const once = summaryWith(SUMMARY, execution("b", "failed", "02", 1));
  const twice = summaryWith(once, execution("b", "failed", "02", 1));
  const late = summaryWith(once, execution("b", "running", "02"));

  assert.deepEqual(twice, once);
  assert.equal(late, once);
  assert.equal(once.failures_in_a_row, 1);
});

test("a new execution is the last, and the oldest of thirty goes", () => {
  let summary = { recent: [] };
  for (let at = 0; at < 31; at += 1) {
    const id = String(at).padStart(2, "0");
    summary = summaryWith(summary, { ...execution(id, "scheduled", "03") });
  }

  assert.equal(summary.recent.length, 30);
  assert.equal(summary.recent[0][0], "01");
  assert.equal(summary.last.execution_id, "30");
  assert.equal(summary.queued, 31);
});

test("an execution older than the thirty that show changes nothing", () => {
  const recent = Array.from({ length: 30 }, (_, at) => [
    `x${at}`,
    "succeeded",
    "2026-11-24T05:00:00+00:00",
    1,
  ]);
  const summary = { ...SUMMARY, recent };

  assert.equal(summaryWith(summary, execution("a", "succeeded", "01", 10)), summary);
});

test("failures in a row are counted over skipped and unfinished ones", () => {
  const states = ["failed", "succeeded", "missed", "skipped", "timeout", "running"];

  assert.equal(failuresInARow(states.map((state) => ["x", state])), 2);
});

test("states are counted in words, the most frequent first", () => {
  const states = ["failed", "succeeded", "succeeded", "scheduled error"];

  const text = countsText(states.map((state) => ["x", state]));

  assert.equal(text, "2 succeeded, 1 failed, 1 could not start");
});

test("a job that is mended loses its error", () => {
  const job = new Job({ job_id: "a", rev: 1, error: "Its class vanished." });

  job.set({ job_id: "a", rev: 2 });

  assert.equal(job.problem, null);
});

test("a part of a job leaves its error alone", () => {
  const job = new Job({ job_id: "a", rev: 1, error: "Its class vanished." });

  job.set({ summary: {} });

  assert.equal(job.problem, "Its class vanished.");
});
