// One page of a list of the REST API, by cursor, kept up to date by the stream of changes.

import Backbone from "backbone";

import { get } from "../api.js";

// Far more than come while a list is read.
const MOST_HEARD = 200;

export class Paged extends Backbone.Collection {
  /** The list's path and the key of its items. */
  get path() {
    throw new Error("A list says where it is read.");
  }

  get key() {
    return this.path;
  }

  initialize() {
    this.nextCursor = null;
    this.previousCursor = null;
    this.total = null;
    this.totalIsExact = true;
    this.isLoading = false;
    this.heard = [];
    this.query = {};
    this.on("remove", this.countRemoved);
  }

  /** Read the page that `query` (limit, cursor, filters) asks for. Only the last call counts. */
  async load(query = this.query) {
    this.query = query;
    this.aborter?.abort();
    const aborter = (this.aborter = new AbortController());
    this.isLoading = true;
    this.heard = [];
    this.trigger("loading");
    try {
      const answer = await get(this.path, query, { signal: aborter.signal });
      if (this.aborter === aborter) this.take(answer);
    } catch (error) {
      if (this.aborter === aborter) this.fail(error);
    } finally {
      if (this.aborter === aborter) this.isLoading = false;
    }
  }

  /**
   * Read the same page again because something has changed, it is not known what. While `isInUse()`
   * rows only change in place, and "stale" is triggered if the list would be another.
   */
  async refresh(isInUse) {
    if (this.isLoading || !this.wasLoaded) return this.load();
    const { query } = this;
    this.heard = [];
    try {
      const answer = await get(this.path, query);
      if (this.isLoading || query !== this.query) return undefined;
      if (!isInUse() || !this.isOther(answer[this.key])) return this.take(answer);
      this.patch(answer[this.key]);
      return this.trigger("stale");
    } catch (error) {
      // Another page may be on its way, or there already.
      return this.isLoading || query !== this.query ? undefined : this.fail(error);
    }
  }

  isOther(items) {
    const ids = items.map((item) => this.modelId(item));
    return ids.length !== this.length || ids.some((id, at) => id !== this.at(at).id);
  }

  take(answer) {
    this.nextCursor = answer.next_cursor ?? null;
    this.previousCursor = answer.previous_cursor ?? null;
    this.total = answer.total ?? null;
    this.totalIsExact = answer.total_is_exact ?? true;
    this.isLoading = false;
    this.error = null;
    this.wasLoaded = true;
    this.isTaking = true;
    this.set(answer[this.key], { remove: true, merge: true });
    this.isTaking = false;
    for (const change of this.heard) change();
    this.trigger("loaded");
  }

  // What is removed but by reading another page is gone for good.
  countRemoved() {
    if (!this.isTaking && this.total !== null) this.total -= 1;
  }

  fail(error) {
    this.isLoading = false;
    this.error = error;
    this.trigger("failed", error);
  }

  /** Make a change that was told of: now, and again if what is being read now is older. */
  hear(change) {
    change();
    this.heard.push(change);
    if (this.heard.length > MOST_HEARD) this.heard.shift();
  }

  /** Take changes of items that are on this page; the others are left. */
  patch(items) {
    for (const item of items) {
      const known = this.get(this.modelId(item));
      if (known) known.set(item);
    }
  }

  /** "12", "10,000+". */
  totalText() {
    if (this.total === null) return String(this.length);
    return this.total.toLocaleString("en") + (this.totalIsExact ? "" : "+");
  }
}
