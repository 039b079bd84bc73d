import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import "./dom_env.mjs";
const { Live } = await import("../../ndscheduler/static/js/live.js");

let live;
let heard;

beforeEach(() => {
  live = new Live("http://localhost/api/v1/stream", null);
  heard = [];
  live.on("all", (...event) => heard.push(event));
});

test("each kind of change is an event of its own", () => {
  live.take("executions", { executions: [{ execution_id: "a" }] });
  live.take("jobs", { jobs: [{ job_id: "b" }] });
  live.take("stats", { jobs: 2 });
  live.take("something new", {});

  assert.deepEqual(heard, [
    ["executions", [{ execution_id: "a" }]],
    ["jobs", [{ job_id: "b" }], []],
    ["stats", { jobs: 2 }],
  ]);
});

test("all is read again after a break that the server can not bridge", () => {
  live.setStatus("live");
  live.setStatus("lost");
  live.setStatus("live");

  live.take("hello", { resumed: false });

  assert.deepEqual(heard.at(-1), ["reload", null]);
});

test("a greeting that does not go on forgets the troubles of before", () => {
  live.take("trouble", { error: "The database does not answer." });
  live.take("scheduler", { problem: "The loop has stopped." });
  live.take("hello", { resumed: true });
  assert.deepEqual(
    [live.trouble, live.standstill],
    ["The database does not answer.", "The loop has stopped."],
  );

  live.take("hello", { resumed: false });

  assert.deepEqual([live.trouble, live.standstill], [null, null]);
});

test("nothing is read again when the stream goes on where it broke, nor at the start", () => {
  live.take("hello", { resumed: false });
  live.setStatus("lost");
  live.take("hello", { resumed: true });
  live.take("hello", { resumed: false });

  assert.deepEqual(
    heard.filter(([name]) => name === "reload"),
    [],
  );
});

test("lists are read again that the server names", () => {
  live.take("reload", { what: ["executions"] });

  assert.deepEqual(heard, [["reload", ["executions"]]]);
});

test("a paused page hears of nothing, and of everything when it goes on", () => {
  live.pause(true);
  live.take("stats", { jobs: 2 });
  live.take("reload", { what: ["jobs"] });
  live.pause(false);

  assert.deepEqual(heard, [["status"], ["status"], ["reload", null]]);
});

test("trouble with the database is told until it is over", () => {
  live.take("trouble", { error: "The database is away." });
  assert.equal(live.trouble, "The database is away.");

  live.take("recovered", {});

  assert.equal(live.trouble, null);
});

test("a status is told once", () => {
  live.setStatus("live");
  live.setStatus("live");

  assert.deepEqual(heard, [["status"]]);
});

function withWorkers(SharedWorker) {
  const opened = [];
  class Source {
    constructor(url) {
      opened.push(url);
    }
    addEventListener() {}
  }
  Object.assign(globalThis, { SharedWorker, EventSource: Source });
  new Live("http://localhost/api/v1/stream", "worker.js").start();
  return opened;
}

test("after a logout the stream is opened anew where the login goes on, and all is read again", () => {
  let opened = 0;
  live.open = () => (opened += 1);
  live.goOn();
  assert.equal(opened, 0);

  live.take("bye", { reason: "logged out" });
  live.goOn();
  live.goOn();
  live.take("hello", { resumed: false });

  assert.equal(opened, 1);
  assert.deepEqual(heard[0], ["bye"]);
  assert.deepEqual(heard.at(-1), ["reload", null]);
});

test("a tab has a stream of its own where the shared one may not be opened", () => {
  const opened = withWorkers(function Forbidden() {
    throw new Error("denied");
  });

  assert.deepEqual(opened, ["http://localhost/api/v1/stream"]);
});

test("a tab has a stream of its own where the file of the shared one is gone", () => {
  let worker;
  const opened = withWorkers(function Gone() {
    worker = this;
    this.port = { postMessage() {} };
  });
  assert.deepEqual(opened, []);

  worker.onerror();

  assert.deepEqual(opened, ["http://localhost/api/v1/stream"]);
});
