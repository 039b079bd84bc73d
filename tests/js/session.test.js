import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import "./dom_env.mjs";
const { default: $ } = await import("jquery");
const { default: Backbone } = await import("backbone");
const { apiEvents } = await import("../../ndscheduler/static/js/api.js");
const { placeAfterLogin } = await import("../../ndscheduler/static/js/router.js");
const { Session } = await import("../../ndscheduler/static/js/session.js");

const ANN = { username: "ann", role: "editor", way: "session", login_required: false };
const NOBODY = { username: null, role: null, way: null, login_required: true };

let now;
let live;
let begun;
let session;

// The server: who is logged in `now`, null when it is away.
$.ajax = () => ({
  then(done, fail) {
    if (now) done(now);
    else fail({ status: 0 }, "error");
  },
});

beforeEach(() => {
  mock.timers.enable({ apis: ["setInterval"] });
  now = ANN;
  begun = [];
  live = { ...Backbone.Events, status: "live", went: 0, goOn: () => (live.went += 1) };
  globalThis.window.location.hash = "#jobs?q=a%26b";
  session = new Session(ANN, live, (fragment) => begun.push(fragment));
});

afterEach(() => {
  session.stopListening();
  mock.timers.reset();
});

// As long as the promises of one answer take.
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("a login that is over leads to the login, and from there back", async () => {
  now = NOBODY;

  live.trigger("bye");
  await settle();

  assert.deepEqual(begun, ["login?next=jobs%3Fq%3Da%2526b"]);
  assert.equal(placeAfterLogin("jobs?q=a%26b"), "jobs?q=a%26b");
});

test("many refused requests lead to the login once", () => {
  apiEvents.trigger("unauthorized");
  apiEvents.trigger("unauthorized");

  assert.equal(begun.length, 1);
  assert.ok(session.isOver);
});

test("the stream goes on where the login does, as after a new password", async () => {
  live.trigger("bye");
  await settle();

  assert.deepEqual([begun, live.went], [[], 1]);
});

test("another user, or another role, gets a page of his own", async () => {
  now = { ...ANN, role: "viewer" };

  live.trigger("bye");
  await settle();

  assert.deepEqual([begun, live.went], [["jobs?q=a%26b"], 0]);
});

test("a stream that stays lost may have been refused: it is asked who is logged in", async () => {
  live.status = "lost";
  now = null;
  mock.timers.tick(15_000);
  await settle();
  assert.deepEqual(begun, []);

  now = NOBODY;
  mock.timers.tick(15_000);
  await settle();

  assert.equal(begun.length, 1);
});

test("who logs out comes back to the overview, whatever the other tabs are told meanwhile", async () => {
  now = NOBODY;

  const done = session.logOut();
  live.trigger("bye");
  await done;

  assert.deepEqual(begun, ["login"]);
});

test("a logout that fails leaves the page as it is", async () => {
  now = null;

  await assert.rejects(session.logOut(), /can not be reached/);

  assert.deepEqual([begun, session.isOver], [[], false]);
});

test("a login leads to places of the page alone", () => {
  const elsewhere = [
    "https://example.org/",
    "//example.org",
    "javascript:alert(1)",
    "login",
    "login?next=login",
    "nothing/such",
    null,
  ];

  for (const next of elsewhere) assert.equal(placeAfterLogin(next), "", String(next));
  assert.equal(placeAfterLogin("#executions?state=failed"), "executions?state=failed");
  assert.equal(placeAfterLogin("/#logs"), "logs");
  assert.equal(placeAfterLogin("/below/#logs"), "logs");
});
