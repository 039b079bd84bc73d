import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";
const { Jobs } = await import("../../ndscheduler/static/js/collections/jobs.js");
const { Ticks } = await import("../../ndscheduler/static/js/views/jobs/ticks.js");

function listOf(...ids) {
  return ids.map((id) => ({ job_id: id, name: id, rev: 1 }));
}

function ticked(ticks) {
  return ticks.map((job) => job.id).sort();
}

test("a range is ticked from the job before to the one clicked, in the order of the list", () => {
  const listed = new Jobs(listOf("a", "b", "c", "d"));
  const ticks = new Ticks([], { listed });

  ticks.tick(listed.get("d"), true);
  ticks.tick(listed.get("b"), true, true);

  assert.deepEqual(ticked(ticks), ["b", "c", "d"]);
});

test("what is ticked stays so while other pages are read", () => {
  const listed = new Jobs(listOf("a", "b"));
  const ticks = new Ticks([], { listed });
  ticks.tick(listed.get("a"), true);

  listed.take({ jobs: listOf("c", "d") });
  ticks.tickAll(true);
  listed.take({ jobs: listOf("a", "b") });

  assert.deepEqual(ticked(ticks), ["a", "c", "d"]);
  assert.equal(ticks.shown, 1);
  assert.equal(ticks.get("a"), listed.get("a"));
});

test("a job that is deleted is ticked no more, and the list counts one less", () => {
  const listed = new Jobs();
  listed.take({ jobs: listOf("a", "b"), total: 2 });
  const ticks = new Ticks([], { listed });
  ticks.tickAll(true);

  listed.get("a").trigger("destroy", listed.get("a"), listed);

  assert.deepEqual(ticked(ticks), ["b"]);
  assert.equal(listed.total, 1);
});

test("another page does not count as deleted", () => {
  const listed = new Jobs();
  listed.take({ jobs: listOf("a", "b"), total: 4 });

  listed.take({ jobs: listOf("c", "d"), total: 4 });

  assert.equal(listed.total, 4);
});
