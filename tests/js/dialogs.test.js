import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";
import { jsonText, readList, readObject } from "../../ndscheduler/static/js/arguments.js";

const { endOf } = await import("../../ndscheduler/static/js/dialogs/pause_job.js");
test("arguments are read as JSON of the right kind, and nothing is none", () => {
  assert.deepEqual(readList(' ["one", 2] '), { value: ["one", 2], problem: null });
  assert.deepEqual(readList("  "), { value: [], problem: null });
  assert.deepEqual(readObject('{"a": null}'), { value: { a: null }, problem: null });
  assert.deepEqual(readObject(""), { value: {}, problem: null });
});

test("arguments of another kind are refused with what would be right", () => {
  assert.match(readList('{"a": 1}').problem, /a list/);
  assert.match(readObject("[1]").problem, /an object/);
  assert.match(readObject("null").problem, /an object/);
  assert.match(readList("['one']").problem, /^Not valid JSON/);
});

test("short arguments are one line, long ones a line for each", () => {
  assert.equal(jsonText(["one", 2]), '["one",2]');
  assert.equal(jsonText(Array(20).fill("word")).split("\n").length, 22);
});

test("a pause ends at an instant to come, or when somebody resumes the job", () => {
  const now = new Date(2026, 10, 25, 13, 0); // a Wednesday
  const at = (choice, typed = "") => endOf(choice, typed, now);

  assert.equal(at("none"), null);
  assert.equal(at("hour"), new Date(2026, 10, 25, 14, 0).toISOString());
  assert.equal(at("morning"), new Date(2026, 10, 26, 8, 0).toISOString());
  assert.equal(at("monday"), new Date(2026, 10, 30, 8, 0).toISOString());
  assert.equal(at("typed", "2026-12-01T09:30"), new Date(2026, 11, 1, 9, 30).toISOString());
  assert.throws(() => at("typed", "2026-11-25T12:59"), /passed/);
  assert.throws(() => at("typed", ""), /what day/);
});
