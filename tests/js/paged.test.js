import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import "./dom_env.mjs";
const { default: $ } = await import("jquery");
const { Jobs } = await import("../../ndscheduler/static/js/collections/jobs.js");
const { Executions } = await import("../../ndscheduler/static/js/collections/executions.js");

let calls;
let jobs;
let heard;

// The network: the test answers each call.
$.ajax = ({ url }) => {
  const call = { url };
  calls.push(call);
  return {
    then: (answer, fail) => Object.assign(call, { answer, fail }),
    abort: () => call.fail({}, "abort"),
  };
};

beforeEach(() => {
  calls = [];
  heard = [];
  jobs = new Jobs();
  for (const name of ["loaded", "failed", "stale"]) jobs.on(name, () => heard.push(name));
});

function listOf(...ids) {
  return { jobs: ids.map((id) => ({ job_id: id, name: `name of ${id}` })), total: ids.length };
}

async function loaded(...ids) {
  const done = jobs.load({ limit: 2 });
  calls.at(-1).answer({ ...listOf(...ids), next_cursor: "next" });
  await done;
}

test("a page is read with what is asked for", async () => {
  const done = jobs.load({ limit: 2, q: "a&b", tag: ["one", "two"], state: "" });
  calls[0].answer({ ...listOf("a", "b"), next_cursor: "n", total: 10000, total_is_exact: false });
  await done;

  assert.equal(calls[0].url, "api/v1/jobs?limit=2&q=a%26b&tag=one&tag=two");
  assert.deepEqual(jobs.pluck("name"), ["name of a", "name of b"]);
  assert.equal(jobs.nextCursor, "n");
  assert.equal(jobs.previousCursor, null);
  assert.equal(jobs.totalText(), "10,000+");
  assert.deepEqual(heard, ["loaded"]);
});

test("only the last of several calls counts", async () => {
  const first = jobs.load({ q: "a" });
  const second = jobs.load({ q: "ab" });
  calls[1].answer(listOf("ab"));
  calls[0].answer(listOf("a"));
  await Promise.all([first, second]);

  assert.deepEqual(jobs.pluck("job_id"), ["ab"]);
  assert.deepEqual(heard, ["loaded"]);
});

test("a failure is told, and leaves what was read", async () => {
  await loaded("a");
  const done = jobs.load();
  const responseJSON = { error: "The database is away." };
  calls[1].fail({ status: 503, responseJSON, getResponseHeader: () => "5" }, "error");
  await done;

  assert.equal(jobs.error.message, "The database is away.");
  assert.equal(jobs.error.waitSeconds, 5);
  assert.deepEqual(jobs.pluck("job_id"), ["a"]);
  assert.equal(jobs.isLoading, false);
});

test("what is read again replaces the page where nobody is in it", async () => {
  await loaded("a", "b");
  const done = jobs.refresh(() => false);
  calls[1].answer(listOf("b", "c"));
  await done;

  assert.deepEqual(jobs.pluck("job_id"), ["b", "c"]);
});

test("rows stay where they are while somebody is in the list, and it says that it is stale", async () => {
  await loaded("a", "b");
  const done = jobs.refresh(() => true);
  const answer = listOf("b", "c");
  answer.jobs[0].name = "renamed";
  calls[1].answer(answer);
  await done;

  assert.deepEqual(jobs.pluck("name"), ["name of a", "renamed"]);
  assert.deepEqual(heard, ["loaded", "stale"]);
});

test("what was told while a list was read is not undone by an older answer", async () => {
  await loaded("a");
  const done = jobs.refresh(() => false);
  jobs.hear(() => jobs.patch([{ job_id: "a", name: "renamed" }]));
  calls[1].answer(listOf("a"));
  await done;

  assert.deepEqual(jobs.pluck("name"), ["renamed"]);
});

test("a failure of a page that was left does not show on the next", async () => {
  await loaded("a");
  const old = jobs.refresh(() => false);
  const next = jobs.load({ q: "b" });
  calls[2].answer(listOf("b"));
  await next;
  const responseJSON = { error: "The database is away." };
  calls[1].fail({ status: 503, responseJSON, getResponseHeader: () => "5" }, "error");
  await old;

  assert.equal(jobs.error, null);
  assert.deepEqual(jobs.pluck("job_id"), ["b"]);
});

test("changes of the stream go into the rows that are shown, and bring no others", async () => {
  await loaded("a");

  jobs.patch([
    { job_id: "a", name: "renamed" },
    { job_id: "z", name: "elsewhere" },
  ]);

  assert.deepEqual(jobs.pluck("name"), ["renamed"]);
});

test("an execution that comes twice is one row", () => {
  const executions = new Executions();

  executions.set([{ execution_id: "a", state: "running" }]);
  executions.set([{ execution_id: "a", state: "succeeded" }], { remove: false });

  assert.deepEqual(executions.pluck("state"), ["succeeded"]);
  assert.equal(executions.at(0).isLive, false);
});
