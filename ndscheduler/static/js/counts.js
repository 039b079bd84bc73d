// The few numbers that show on every page: beside the navigation and in the title of the window.

import Backbone from "backbone";

import { get } from "./api.js";
import { stateOf } from "./states.js";

export class Counts extends Backbone.Model {
  defaults() {
    return { running: 0, attention: 0, failedWhileHidden: 0 };
  }

  initialize(attributes, { live }) {
    this.listenTo(live, "stats", this.take);
    this.listenTo(live, "reload", this.load);
    this.listenTo(live, "executions", this.countFailures);
    document.addEventListener("visibilitychange", () => this.set({ failedWhileHidden: 0 }));
  }

  /** Read them; a failure shows elsewhere, and the next change of the stream brings new ones. */
  async load() {
    try {
      const [stats, attention] = await Promise.all([get("stats"), get("attention")]);
      this.take(stats);
      this.set({ attention: attention.total });
    } catch {
      // api.js has told of it.
    }
  }

  take(stats) {
    this.set({ running: stats.live?.running ?? 0 });
  }

  countFailures(executions) {
    const failed = executions.filter((execution) => stateOf(execution.state).bad).length;
    if (!failed) return;
    this.load();
    if (document.hidden) this.set({ failedWhileHidden: this.get("failedWhileHidden") + failed });
  }
}
