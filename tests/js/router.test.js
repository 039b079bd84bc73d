import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";
const { href, makeFragment, parseFragment } = await import("../../ndscheduler/static/js/router.js");

test("what is chosen on a page goes into its URL and comes back", () => {
  const query = { q: "a&b=c #1", state: "failed" };

  const fragment = makeFragment("jobs", { ...query, tag: "", cursor: null });

  assert.deepEqual(parseFragment(fragment), { path: "jobs", query });
});

test("an id of any characters is one part of a URL", () => {
  assert.equal(href(["jobs", "a/b c"], { tab: "options" }), "#jobs/a%2Fb%20c?tab=options");
});

test("a guarded page stays, with its URL, until leaving is wanted", async () => {
  const { default: Backbone } = await import("backbone");
  const { Router } = await import("../../ndscheduler/static/js/router.js");
  const shown = [];
  const asked = [];
  const router = new Router({ show: (place) => shown.push(place.path) });
  Backbone.history.start({ pushState: false });
  router.go(["jobs", "new"]);
  router.guardWith((leave) => asked.push(leave));

  router.go(["logs"]);
  assert.deepEqual([shown.at(-1), globalThis.window.location.hash], ["jobs/new", "#jobs/new"]);
  asked[0]();

  assert.deepEqual([shown.at(-1), globalThis.window.location.hash], ["logs", "#logs"]);
  assert.equal(asked.length, 1);
  Backbone.history.stop();
});

test("a page that is being asked about is not asked about again", async () => {
  const { default: Backbone } = await import("backbone");
  const { Router } = await import("../../ndscheduler/static/js/router.js");
  const answers = [];
  const router = new Router({ show: () => {} });
  Backbone.history.start({ pushState: false });
  router.go(["jobs", "new"]);
  router.guardWith(() => new Promise((resolve) => answers.push(resolve)));

  router.go(["logs"]);
  router.go(["jobs"]);
  assert.equal(answers.length, 1);
  assert.equal(globalThis.window.location.hash, "#jobs/new");
  answers[0]();
  await new Promise((resolve) => setTimeout(resolve));
  router.go(["jobs"]);

  assert.equal(answers.length, 2);
  router.guardWith(null);
  Backbone.history.stop();
});

test("what can be no id in a URL of the REST API is the address of nothing", async () => {
  const { default: Backbone } = await import("backbone");
  const { Router } = await import("../../ndscheduler/static/js/router.js");
  const shown = [];
  const router = new Router({ show: (place) => shown.push(place.page) });
  Backbone.history.start({ pushState: false });

  for (const id of [".", "..", "%2e", "%", "a.b"]) {
    globalThis.window.location.hash = `#jobs/${id}`;
    router.arrive();
  }

  assert.deepEqual(shown.slice(-5), ["notFound", "notFound", "notFound", "job", "job"]);
  Backbone.history.stop();
});
