import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";
const { Preferences } = await import("../../ndscheduler/static/js/preferences.js");
const { storageNamed } = await import("../../ndscheduler/static/js/storage.js");

const DEFAULTS = { theme: "system", zone: "local", pageSize: 50 };

function remembering(text) {
  const storage = { getItem: () => text, setItem: (key, value) => (storage.kept = value) };
  return new Preferences({}, { storage });
}

test("a choice is kept and comes back", () => {
  const before = remembering(null);
  before.set({ zone: "utc", pageSize: 100 });

  const after = remembering(before.storage.kept);

  assert.deepEqual(after.attributes, { ...DEFAULTS, zone: "utc", pageSize: 100 });
});

test("what is kept and means nothing is left out, the rest holds", () => {
  const kept = { theme: "<x>", zone: { a: 1 }, pageSize: -3, constructor: 1 };

  const found = ["{{", "[1]", "5", "null", JSON.stringify(kept)].map(remembering);

  for (const each of found) assert.deepEqual(each.attributes, DEFAULTS);
  const half = remembering(JSON.stringify({ ...kept, theme: "dark" }));
  assert.deepEqual(half.attributes, { ...DEFAULTS, theme: "dark" });
});

test("a browser that forbids storage has the defaults", () => {
  const forbid = () => {
    throw new Error("denied");
  };
  Object.defineProperty(globalThis.window, "localStorage", { get: forbid });

  const preferences = new Preferences();
  preferences.set({ theme: "dark" });

  assert.equal(storageNamed("localStorage"), null);
  assert.deepEqual(preferences.attributes, { ...DEFAULTS, theme: "dark" });
});
