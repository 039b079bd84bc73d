import assert from "node:assert/strict";
import { test } from "node:test";

import { Draft } from "../../ndscheduler/static/js/drafts.js";

function storage() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
}

test("a draft comes back for its own page, until it is dropped", () => {
  const shared = storage();
  const draft = new Draft("jobs/new", shared);
  draft.save({ typed: { name: "half" } });

  assert.deepEqual(new Draft("jobs/new", shared).load(), { typed: { name: "half" } });
  assert.equal(new Draft("jobs/1/edit", shared).load(), null);
  draft.drop();
  assert.equal(draft.load(), null);
});

test("a storage that is forbidden, full or filled by others loses nothing that is on the page", () => {
  const refuse = () => {
    throw new Error("no");
  };
  const forbidden = new Draft("a", { getItem: refuse, setItem: refuse, removeItem: refuse });
  const strange = new Draft("a", { ...storage(), getItem: () => "{" });

  forbidden.save({});
  forbidden.drop();

  assert.deepEqual([forbidden.load(), strange.load()], [null, null]);
});
