// A page of the application: it has a title, and its URL keeps what is chosen on it.

import { BaseView } from "./base_view.js";

export class PageView extends BaseView {
  /** `place` is the router's: {page, id, path, query}. */
  preinitialize(options = {}) {
    super.preinitialize(options);
    this.place = options.place;
  }

  tagName() {
    return "section";
  }

  /** For the heading of the window. */
  get title() {
    return "";
  }

  /** What is chosen: the query of the URL. */
  get query() {
    return this.app.router.place.query;
  }

  /**
   * Change what is chosen: `changes` over the query; an empty value takes one out. A change begins
   * at the first page again, unless it is the page (`cursor`) that changes.
   */
  choose(changes, { replace = false } = {}) {
    const query = { ...this.query, cursor: "", ...changes };
    const kept = Object.entries(query).filter(
      ([, value]) => ![null, undefined, ""].includes(value),
    );
    this.app.router.setQuery(Object.fromEntries(kept), { replace });
    this.chosen();
  }

  /** The query has changed (by `choose`, or by the history): show what it says. */
  chosen() {}
}
