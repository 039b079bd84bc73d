import assert from "node:assert/strict";
import { test } from "node:test";

import { may, ROLES } from "../../ndscheduler/static/js/permissions.js";

const ACTIONS = ["run", "pause", "skip", "add", "edit", "delete", "accounts"];

const allowed = (role) => ACTIONS.filter((action) => may(role, action));

test("each role may do what those before it may, and more", () => {
  assert.deepEqual(allowed("viewer"), []);
  assert.deepEqual(allowed("operator"), ["run", "pause", "skip"]);
  assert.deepEqual(allowed("editor"), ["run", "pause", "skip", "add", "edit", "delete"]);
  assert.deepEqual(allowed("admin"), ACTIONS);
  assert.equal(ROLES.length, 4);
});

test("a role that the page does not know may nothing, and nobody may what has no name", () => {
  assert.deepEqual(allowed("owner"), []);
  assert.deepEqual(allowed(undefined), []);
  assert.equal(may("admin", "fly"), false);
});
