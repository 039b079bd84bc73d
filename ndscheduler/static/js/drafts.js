// What was typed into a form and not saved yet, kept until the tab is closed.

import { parseExact } from "./exact_json.js";
import { storageNamed } from "./storage.js";

const PREFIX = "ndscheduler.draft:";

/** `name` is the path of the page. */
export class Draft {
  constructor(name, storage = storageNamed("sessionStorage")) {
    this.key = PREFIX + name;
    this.storage = storage;
  }

  /** Null when there is none. */
  load() {
    try {
      return parseExact(this.storage.getItem(this.key) ?? "null");
    } catch {
      // Storage may be forbidden, or hold what others wrote.
      return null;
    }
  }

  save(content) {
    try {
      this.storage.setItem(this.key, JSON.stringify(content));
    } catch {
      // Without storage, or when it is full, the text stands in the form only.
    }
  }

  drop() {
    try {
      this.storage.removeItem(this.key);
    } catch {
      // There was none.
    }
  }
}
