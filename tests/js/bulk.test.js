import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";
const { forEachJob, outcome } = await import("../../ndscheduler/static/js/bulk.js");
const { Job } = await import("../../ndscheduler/static/js/models/job.js");
const { barAt, barHeight, recentBars } =
  await import("../../ndscheduler/static/js/charts/recent_bars.js");

const JOBS = ["A", "B", "C"].map((name) => new Job({ job_id: name, name }));

async function failFor(name, job) {
  if (job.get("name") === name) throw new Error("The database is away.");
}

test("what fails for one job does not keep the others from being done", async () => {
  const counts = [];

  const found = await forEachJob(JOBS, (job) => failFor("B", job), {
    onProgress: (count) => counts.push(count),
  });

  assert.deepEqual(found.done.map((job) => job.id).sort(), ["A", "C"]);
  assert.deepEqual(counts, [1, 2, 3]);
  assert.equal(outcome("paused", found), "2 jobs paused. 1 was not: “B”: The database is away.");
});

test("after a stop no other job is begun", async () => {
  const aborter = new AbortController();
  aborter.abort();

  const found = await forEachJob(JOBS, () => {}, { signal: aborter.signal });

  assert.deepEqual(found, { done: [], failed: [] });
});

test("of many failures some are named and the others counted", () => {
  const failed = Array.from({ length: 7 }, (_, at) => [
    new Job({ name: `J${at}` }),
    new Error("No."),
  ]);

  assert.match(outcome("run", { done: [], failed }), /^7 were not: “J0”: No\. .* and 2 more$/);
});

test("a bar is as high as its execution was long, and never nothing", () => {
  assert.deepEqual([barHeight(0, 10), barHeight(10, 10), barHeight(0, 0)], [3, 20, 3]);
  assert.ok(barHeight(null, 10) > 3);
});

test("bars tell in words what they show, and each place is that of one execution", () => {
  const bars = recentBars([
    ["a", "succeeded", "2026-11-24T01:00:00Z", 3],
    ["b", "missed", "2026-11-24T02:00:00Z", null],
  ]);

  assert.equal(bars.getAttribute("aria-label"), "Last 2 executions: 1 succeeded, 1 missed");
  assert.deepEqual([barAt(0), barAt(4.9), barAt(5)], [0, 0, 1]);
});
