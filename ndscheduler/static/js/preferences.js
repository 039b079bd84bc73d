// What this browser remembers: theme, zone of times, page size ... Kept when storage is allowed.

import _ from "underscore";
import Backbone from "backbone";

import { storageNamed } from "./storage.js";

const KEY = "ndscheduler.preferences";

const DEFAULTS = { theme: "system", zone: "local", pageSize: 50 };
const THEMES = ["system", "light", "dark"];
const ZONES = ["local", "utc", "job"];
const ALLOWED = {
  theme: (value) => THEMES.includes(value),
  zone: (value) => ZONES.includes(value),
  pageSize: isPageSize,
};
// The most that the server gives at once.
const LARGEST_PAGE = 1000;

/** True for a number of rows that the server gives. */
export function isPageSize(value) {
  return Number.isInteger(value) && value >= 1 && value <= LARGEST_PAGE;
}

export class Preferences extends Backbone.Model {
  preinitialize(attributes, { storage = storageNamed("localStorage") } = {}) {
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
      return _.pick(kept, (value, name) => _.has(ALLOWED, name) && ALLOWED[name](value));
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
