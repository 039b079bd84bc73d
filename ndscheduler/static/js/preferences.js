// What this browser remembers: theme, zone of times, page size ... Kept when storage is allowed.

import Backbone from "backbone";

const KEY = "ndscheduler.preferences";

const DEFAULTS = {
  theme: "system", // system, light, dark
  zone: "local", // local, utc, job
  pageSize: 50,
  isLive: true,
};

export class Preferences extends Backbone.Model {
  preinitialize(attributes, { storage = window.localStorage } = {}) {
    this.storage = storage;
  }

  defaults() {
    return { ...DEFAULTS, ...this.stored() };
  }

  initialize() {
    this.on("change", this.store);
  }

  stored() {
    try {
      const kept = JSON.parse(this.storage.getItem(KEY) ?? "{}");
      return kept && typeof kept === "object" ? kept : {};
    } catch {
      // Storage may be forbidden, or hold what others wrote: the defaults do.
      return {};
    }
  }

  store() {
    try {
      this.storage.setItem(KEY, JSON.stringify(this.attributes));
    } catch {
      // Without storage the choice holds until the page is closed.
    }
  }
}
