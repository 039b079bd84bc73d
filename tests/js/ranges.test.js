import assert from "node:assert/strict";
import { test } from "node:test";

import { fromInput, isInRange, rangeQuery, toInput } from "../../ndscheduler/static/js/ranges.js";

const NOW = new Date("2026-11-24T12:00:00Z");

test("a preset begins so long before now and has no end", () => {
  assert.deepEqual(rangeQuery({ range: "1h" }, NOW), {
    time_range_start: "2026-11-24T11:00:00.000Z",
  });
});

test("a range that is typed has the ends that are typed", () => {
  const query = { from: "2026-11-01T00:00:00.000Z", range: "1h" };

  assert.deepEqual(rangeQuery(query, NOW), {
    time_range_start: "2026-11-01T00:00:00.000Z",
    time_range_end: "",
  });
});

test("no range, and one that nobody knows, is everything", () => {
  assert.deepEqual(rangeQuery({}, NOW), {});
  assert.deepEqual(rangeQuery({ range: "forever" }, NOW), {});
  assert.ok(isInRange("1970-01-01T00:00:00Z", {}, NOW));
});

test("an instant is in a range from its first to its last", () => {
  const query = { from: "2026-11-24T10:00:00Z", to: "2026-11-24T11:00:00Z" };

  const found = ["09:59:59", "10:00:00", "11:00:00", "11:00:01"].map((time) =>
    isInRange(`2026-11-24T${time}Z`, query, NOW),
  );

  assert.deepEqual(found, [false, true, true, false]);
});

test("what a field for a date and time shows comes back as the same instant in each zone", () => {
  const instant = "2026-03-29T01:30:00.000Z";

  assert.equal(toInput(instant, "UTC"), "2026-03-29T01:30");
  assert.equal(toInput(instant, "Europe/Berlin"), "2026-03-29T03:30");
  for (const zone of ["UTC", "Europe/Berlin", "Asia/Kolkata"]) {
    assert.equal(fromInput(toInput(instant, zone), zone), instant);
  }
  assert.equal(toInput("", "UTC"), "");
  assert.equal(fromInput("", "UTC"), "");
  assert.equal(toInput("nonsense", "UTC"), "");
});
