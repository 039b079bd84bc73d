// Runs as a SharedWorker: one stream of changes for all tabs of a browser.
//
// It keeps one EventSource and passes each event on to every tab; a tab that comes later is told
// how things stand. It ends with the last tab.

import { isLogout, openStream } from "./live_stream.js";

const ports = new Set();
let close = null;
let status = "connecting";
// The last event of each kind that tells of a state: a tab that comes later is told these too.
const STANDING = ["trouble", "recovered", "scheduler"];
let standing = new Map();

function tell(message) {
  for (const port of ports) port.postMessage(message);
}

function start(url) {
  close = openStream(url, {
    onStatus: (now) => {
      status = now;
      tell({ status });
    },
    onEvent: (name, data) => {
      keep(name, data);
      // A tab that still is logged in, as after a new password, asks for a stream anew.
      if (isLogout(name, data)) close = null;
      tell({ name, data });
    },
  });
}

function keep(name, data) {
  if (name === "hello" && !data.resumed) standing = new Map();
  if (!STANDING.includes(name)) return;
  standing.delete(name);
  standing.set(name, { name, data });
}

function greet(port) {
  port.postMessage({ status });
  // A tab that had a stream before this one knows from it that it may have missed something.
  if (status === "live") port.postMessage({ name: "hello", data: { resumed: false } });
  for (const told of standing.values()) port.postMessage(told);
}

function leave(port) {
  ports.delete(port);
  port.close();
  if (ports.size || !close) return;
  close();
  close = null;
}

self.onconnect = ({ ports: [port] }) => {
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data.leave) leave(port);
    if (data.url && !close) start(data.url);
    else if (data.url) greet(port);
  };
};
