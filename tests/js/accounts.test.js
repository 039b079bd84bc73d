import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";
const { Users } = await import("../../ndscheduler/static/js/collections/users.js");
const { sayAtFields } = await import("../../ndscheduler/static/js/dialogs/fields.js");
const { expiryOf } = await import("../../ndscheduler/static/js/dialogs/tokens.js");
const { generatedPassword, isLongEnough } =
  await import("../../ndscheduler/static/js/new_password.js");
const { ApiError } = await import("../../ndscheduler/static/js/api.js");

test("a generated password is long, is another each time, and can be read out", () => {
  const made = new Set(Array.from({ length: 100 }, generatedPassword));

  assert.equal(made.size, 100);
  for (const password of made) assert.match(password, /^([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}$/);
});

test("a password is measured in characters, as the server does", () => {
  assert.ok(isLongEnough("12345678"));
  assert.ok(!isLongEnough("1234567"));
  assert.ok(!isLongEnough("😀😀😀😀"));
});

test("a token expires so many days from now, or never", () => {
  const now = new Date("2026-11-25T12:00:00Z");

  assert.equal(expiryOf("30", now), "2026-12-25T12:00:00.000Z");
  assert.equal(expiryOf("", now), null);
});

test("accounts of one name in the database and in the settings are two", () => {
  const users = new Users();

  users.take({
    users: [
      { name: "ann", source: "settings", role: "editor" },
      { name: "ann", source: "database", role: "admin" },
    ],
  });
  users.patch([{ name: "ann", source: "database", role: "viewer" }]);

  assert.deepEqual(users.pluck("role"), ["editor", "viewer"]);
  assert.deepEqual([...new Set(users.map(({ id }) => id))].length, 2);
});

test("what the server refuses is said at its field, all else as a sentence", async () => {
  const said = [];
  const role = { say: (problem) => said.push(problem), control: { focus() {} } };
  const refuse = (field) => () => {
    throw new ApiError(400, "role: somebody must stay admin", { field });
  };

  await assert.rejects(sayAtFields({ role }, refuse("role")), { message: "" });
  assert.deepEqual(said, [null, "Somebody must stay admin"]);

  await assert.rejects(sayAtFields({}, refuse("role")), { message: "Somebody must stay admin" });
});
