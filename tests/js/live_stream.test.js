import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { openStream } from "../../ndscheduler/static/js/live_stream.js";

const URL = "http://localhost/api/v1/stream";
let sources;
let statuses;
let events;
let close;

// A stream of the network: the test says what comes.
class Source {
  constructor(url) {
    this.url = url;
    this.listeners = {};
    this.isClosed = false;
    sources.push(this);
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  send(type, data, lastEventId = "") {
    this.listeners[type]({ type, data: JSON.stringify(data), lastEventId });
  }

  close() {
    this.isClosed = true;
  }
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  [sources, statuses, events] = [[], [], []];
  close = openStream(URL, {
    onStatus: (status) => statuses.push(status),
    onEvent: (name, data) => events.push([name, data]),
    Source,
  });
});

afterEach(() => mock.timers.reset());

test("events are passed on by name", () => {
  sources[0].onopen();
  sources[0].send("stats", { jobs: 3 });

  assert.deepEqual(statuses, ["connecting", "live"]);
  assert.deepEqual(events, [["stats", { jobs: 3 }]]);
});

test("a stream that breaks is connected again from the last event on", () => {
  sources[0].onopen();
  sources[0].send("logs", { logs: [] }, "id 7");
  sources[0].onerror();
  assert.equal(statuses.at(-1), "lost");
  assert.ok(sources[0].isClosed);

  mock.timers.tick(1000);
  sources[1].onopen();

  assert.equal(sources[1].url, `${URL}?last_event_id=id%207`);
  assert.equal(statuses.at(-1), "live");
});

test("one break is one new connection, however often it is told of", () => {
  sources[0].onerror();
  sources[0].onerror();
  mock.timers.tick(60_000);

  assert.equal(sources.length, 2);
});

test("a server that stays away is asked ever more seldom, and at once again when it was there", () => {
  const waits = [];
  for (let at = 0; at < 6; at += 1) {
    sources.at(-1).onerror();
    let waited = 0;
    for (const before = sources.length; sources.length === before; waited += 1000) {
      mock.timers.tick(1000);
    }
    waits.push(waited / 1000);
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 15, 15]);

  sources.at(-1).onopen();
  sources.at(-1).onerror();
  mock.timers.tick(1000);

  assert.equal(sources.length, 8);
});

test("a logout closes the stream; a server that stops does not", () => {
  sources[0].send("bye", { reason: "stopping" });
  sources[0].onerror();
  mock.timers.tick(1000);
  assert.equal(sources.length, 2);

  sources[1].send("bye", { reason: "logged out" });
  sources[1].onerror();
  mock.timers.tick(60_000);

  assert.equal(sources.length, 2);
  assert.ok(sources[1].isClosed);
  assert.deepEqual(events.at(-1), ["bye", { reason: "logged out" }]);
});

test("a stream that is closed stays closed", () => {
  sources[0].onerror();
  close();
  sources[0].onerror();
  mock.timers.tick(60_000);

  assert.equal(sources.length, 1);
});
