import assert from "node:assert/strict";
import { test } from "node:test";

import { JobForm } from "../../ndscheduler/static/js/models/job_form.js";
import { newPreset } from "../../ndscheduler/static/js/schedule/presets.js";
import { instantOf, wallTime } from "../../ndscheduler/static/js/zones.js";

const DEFAULTS = { timezone: "UTC", misfire_grace_time: 3600, coalesce: true, max_instances: 3 };

function job(changes = {}) {
  return {
    job_id: "1",
    name: "Backup",
    job_class_string: "jobs.Backup",
    pub_args: ["db"],
    kwargs: { keep: 7 },
    trigger: { type: "interval", seconds: 5400.0, anchor: "2026-11-24T02:00:00.123456+00:00" },
    timezone: "Europe/Berlin",
    start_date: "2026-11-24T02:00:00.123456+00:00",
    end_date: null,
    misfire_grace_time: 90,
    coalesce: false,
    max_instances: 2,
    overlap: "skip",
    retry_on_crash: true,
    tags: ["a", "b"],
    description: null,
    rev: 4,
    ...changes,
  };
}

test("a job that nobody touched is sent as it was, its arguments not at all", () => {
  const form = JobForm.ofJob(job());

  const sent = form.request({ isEdit: true });

  const { job_id: id, rev, pub_args: args, kwargs, ...expected } = job();
  assert.ok([id, rev, args, kwargs]);
  assert.deepEqual(sent, expected);
  assert.equal(form.isChanged, false);
});

test("an interval keeps its anchor to the microsecond when its length changes", () => {
  const form = JobForm.ofJob(job());
  form.schedule.choosePreset({ ...form.schedule.get("preset"), every: "2", unit: "hours" });

  assert.deepEqual(form.request().trigger, {
    type: "interval",
    hours: 2,
    anchor: "2026-11-24T02:00:00.123456+00:00",
  });
});

test("a new job has what the server would give it, and a schedule", () => {
  const form = JobForm.ofNew(DEFAULTS);
  form.set({ name: " a$b ", classString: "jobs.Backup ", args: "[1]", tags: "x, y,, x" });

  const sent = form.request();

  assert.deepEqual([sent.name, sent.job_class_string], [" a$b ", "jobs.Backup"]);
  assert.deepEqual([sent.pub_args, sent.kwargs, sent.tags], [[1], {}, ["x", "y"]]);
  assert.deepEqual(sent.trigger, { type: "cron", hour: "3", minute: "0" });
  assert.deepEqual([sent.misfire_grace_time, sent.max_instances], [3600, 3]);
});

test("a problem of the form names its field before anything is sent", () => {
  const fieldOf = (changes) => {
    const form = JobForm.ofNew(DEFAULTS);
    if (changes.preset) form.schedule.choosePreset(changes.preset);
    form.set({ name: "Backup", classString: "jobs.Backup", ...changes });
    try {
      form.request();
      return null;
    } catch (problem) {
      return problem.field;
    }
  };

  assert.equal(fieldOf({ name: " " }), "name");
  assert.equal(fieldOf({ classString: "" }), "job_class_string");
  assert.equal(fieldOf({ args: "[1" }), "pub_args");
  assert.equal(fieldOf({ kwargs: "[]" }), "kwargs");
  assert.equal(fieldOf({ grace: "0" }), "misfire_grace_time");
  assert.equal(fieldOf({ grace: "0", isLateFine: true }), null);
  assert.equal(fieldOf({ maxInstances: "many" }), "max_instances");
  assert.equal(fieldOf({ preset: newPreset("once") }), "trigger.run_date");
});

test("what was typed comes back, with the schedule", () => {
  const form = JobForm.ofNew(DEFAULTS);
  form.set({ name: "half a na" });
  form.schedule.chooseCrontab("0 3 * *");
  const kept = JSON.parse(JSON.stringify(form.typed()));

  const again = JobForm.ofNew(DEFAULTS);
  again.takeTyped(kept);

  assert.deepEqual(again.typed(), form.typed());
  assert.equal(again.isChanged, true);
});

test("times of a form are those of the job's zone, also where clocks change", () => {
  assert.equal(instantOf("2026-11-24T03:00", "Europe/Berlin"), "2026-11-24T02:00:00.000Z");
  assert.equal(instantOf("2026-10-25T02:30", "Europe/Berlin"), "2026-10-25T00:30:00.000Z");
  assert.equal(instantOf("2026-03-29T02:30", "Europe/Berlin"), "2026-03-29T01:00:00.000Z");
  assert.equal(instantOf("soon", "UTC"), null);
  assert.equal(wallTime("2026-11-24T02:00:05.5Z", "Europe/Berlin"), "2026-11-24T03:00:05");
  assert.equal(wallTime(null, "UTC"), "");
});
