// Changes as they happen, for the whole page.
//
// Events: `executions` (list), `jobs` (list, deleted ids), `logs`, `instances`, `stats`, `reload`
// (names of lists to read again, or null for all), `status`, `bye` (the login is over).

import Backbone from "backbone";

import { isLogout, openStream } from "./live_stream.js";

export class Live {
  /** `url` of the stream, absolute; `workerUrl` of live_worker.js, or null for a stream per tab. */
  constructor(url, workerUrl) {
    Object.assign(this, Backbone.Events);
    this.url = url;
    this.workerUrl = workerUrl;
    // connecting, live, lost; paused while the user wants nothing to change.
    this.status = "connecting";
    this.isPaused = false;
    this.wasLost = false;
    this.trouble = null;
    this.standstill = null;
  }

  start() {
    if (this.workerUrl && typeof SharedWorker !== "undefined") this.startShared();
    else this.startOwn();
  }

  startShared() {
    const worker = this.openWorker();
    if (!worker) {
      this.startOwn();
      return;
    }
    const { port } = worker;
    // Its file may be gone after an upgrade: nothing would ever be heard of it.
    worker.onerror = () => this.startOwn();
    port.onmessage = ({ data }) => {
      if (data.status) this.setStatus(data.status);
      else this.take(data.name, data.data);
    };
    this.open = () => port.postMessage({ url: this.url });
    this.open();
    window.addEventListener("pagehide", () => port.postMessage({ leave: true }));
    // A page that comes back from the browser's cache has left the stream.
    window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
  }

  openWorker() {
    try {
      return new SharedWorker(this.workerUrl, { type: "module", name: "ndscheduler" });
    } catch {
      // Forbidden, as storage is in some browsers: each tab then has a stream of its own.
      return null;
    }
  }

  startOwn() {
    let close;
    this.open = () => {
      close = openStream(this.url, {
        onStatus: (status) => this.setStatus(status),
        onEvent: (name, data) => this.take(name, data),
      });
    };
    this.open();
    window.addEventListener("pagehide", () => close());
  }

  /** After a `bye`: the login goes on, so the stream does. What happened meanwhile is unknown. */
  goOn() {
    if (!this.isClosed) return;
    this.isClosed = false;
    this.wasLost = true;
    this.open();
  }

  setStatus(status) {
    if (status === this.status) return;
    if (status === "lost") this.wasLost = true;
    this.status = status;
    this.trigger("status");
  }

  pause(isPaused) {
    this.isPaused = isPaused;
    this.trigger("status");
    if (!isPaused) this.trigger("reload", null);
  }

  take(name, data) {
    if (isLogout(name, data)) return this.hearBye();
    if (name === "hello") return this.greet(data);
    if (name === "trouble") return this.setTrouble(data.error);
    if (name === "recovered") return this.setTrouble(null);
    if (name === "scheduler") return this.setStandstill(data.problem);
    if (this.isPaused) return undefined;
    if (name === "reload") return this.trigger("reload", data.what);
    if (name === "jobs") return this.trigger("jobs", data.jobs ?? [], data.deleted ?? []);
    if (name === "stats") return this.trigger("stats", data);
    if (data[name]) return this.trigger(name, data[name]);
    return undefined;
  }

  hearBye() {
    this.isClosed = true;
    this.trigger("bye");
  }

  greet({ resumed }) {
    const { wasLost } = this;
    this.wasLost = false;
    if (resumed) return;
    // What still is so is told next.
    this.setTrouble(null);
    this.setStandstill(null);
    // What happened while the stream was broken is unknown: everything is read again.
    if (wasLost && !this.isPaused) this.trigger("reload", null);
  }

  /** Why changes can not be told now; null when they can. */
  setTrouble(sentence) {
    this.trouble = sentence;
    this.trigger("status");
  }

  /** Why the scheduler does no work now; null when it does. */
  setStandstill(sentence) {
    this.standstill = sentence;
    this.trigger("status");
  }
}
