// A page that is a list: filters above, the table, the pager; states of loading, nothing, failure.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { isPageSize } from "../preferences.js";
import { emptyState, TableView } from "./table_view.js";
import { PagerView } from "./pager_view.js";
import { PageView } from "./page_view.js";

const REFRESH_MILLISECONDS = 3000;

export class ListPage extends PageView {
  // Subclasses say: collection (made in initialize), columns(), noun, caption, defaultSort,
  // listQuery() (the filters as the server takes them), nothing() (what to show when there is none).

  className() {
    return "page list-page";
  }

  get size() {
    const wanted = Number(this.query.limit);
    return isPageSize(wanted) ? wanted : this.app.preferences.get("pageSize");
  }

  get defaultSort() {
    return null;
  }

  listQuery() {
    return {};
  }

  /** False for lists that are short by nature. */
  get hasPages() {
    return true;
  }

  get fullQuery() {
    if (!this.hasPages) return this.listQuery();
    const { cursor, sort } = this.query;
    return { limit: this.size, cursor, sort: sort ?? this.defaultSort, ...this.listQuery() };
  }

  /** The fields that filter the list, drawn anew as the URL changes; null where one has no place. */
  filterFields() {
    return [];
  }

  /** The heading and its buttons. */
  header() {
    return el("header", { class: "page-header" }, el("h1", {}, this.title));
  }

  render() {
    this.message = el("div", { class: "list-message" });
    this.el.replaceChildren(this.header(), this.filterBar());
    this.table = this.add(
      new TableView({
        app: this.app,
        collection: this.collection,
        columns: this.columns(),
        caption: this.title,
        sort: this.query.sort ?? this.defaultSort,
        onSort: (sort) => this.choose({ sort }),
        onOpen: this.openItem ? (model) => this.openItem(model) : null,
        rowClass: this.rowClass ? (model) => this.rowClass(model) : null,
      }),
    );
    this.el.append(this.message, this.staleNote());
    if (this.hasPages) this.pager = this.add(this.makePager());
    this.listenTo(this.collection, "loading", () => this.el.classList.add("is-loading"));
    this.listenTo(this.collection, "loaded failed", this.settle);
    // Not of each row while another page comes in.
    this.listenTo(this.collection, "remove", () => this.collection.isTaking || this.settle());
    this.listenTo(this.collection, "stale", () => (this.stale.hidden = false));
    this.listenTo(this.app.live, "reload", this.hearReload);
    this.listenTo(this.app.preferences, "change:zone", this.redrawFilters);
    this.reload();
    return this;
  }

  filterBar() {
    this.filterRow = el("div", { class: "filters" });
    this.redrawFilters();
    return this.filterRow;
  }

  redrawFilters() {
    const fields = this.filterFields().filter(Boolean);
    this.filterRow.replaceChildren(...fields);
    this.filterRow.hidden = !fields.length;
  }

  makePager() {
    return new PagerView({
      collection: this.collection,
      noun: this.noun,
      size: this.size,
      onPage: (cursor) => this.choose({ cursor }),
      onSize: (limit) => this.resize(limit),
    });
  }

  resize(limit) {
    this.app.preferences.set({ pageSize: limit });
    this.choose({ limit });
  }

  chosen() {
    this.table.showSort(this.query.sort ?? this.defaultSort);
    this.pager?.showSize(this.size);
    if (!this.filterRow.contains(document.activeElement)) this.redrawFilters();
    this.reload();
  }

  /** The kinds of changes that this list shows. */
  get kinds() {
    return [this.collection.key];
  }

  /** `what` the stream tells to read again; null is everything. */
  hearReload(what) {
    if (what && !what.some((kind) => this.kinds.includes(kind))) return;
    this.refresh();
  }

  // A busy server may tell every second to read again: there is always one call at most, and a
  // pause as long as REFRESH_MILLISECONDS after it.
  refresh() {
    if (this.refreshTimer) {
      this.refreshAgain = true;
      return;
    }
    this.refreshTimer = setTimeout(() => this.afterRefresh(), REFRESH_MILLISECONDS);
    this.collection.refresh(() => this.isInUse);
  }

  afterRefresh() {
    this.refreshTimer = null;
    if (this.refreshAgain) this.refresh();
    this.refreshAgain = false;
  }

  /** True while no row may move. */
  get isInUse() {
    return this.table.isInUse;
  }

  staleNote() {
    const show = () => this.reload();
    this.stale = el(
      "button",
      { type: "button", class: "btn btn-sm btn-primary stale-button", hidden: true, click: show },
      icon("arrow-clockwise"),
      " The list has changed: show it",
    );
    return el("div", { class: "stale-note", role: "status" }, this.stale);
  }

  remove() {
    clearTimeout(this.refreshTimer);
    return super.remove();
  }

  /** Read the list again, as the URL says. */
  reload() {
    return this.collection.load(this.fullQuery);
  }

  settle() {
    const { error, length } = this.collection;
    // All that was on a later page has gone.
    if (!error && length === 0 && this.query.cursor) {
      this.choose({ cursor: "" }, { replace: true });
      return;
    }
    this.el.classList.remove("is-loading");
    this.stale.hidden = true;
    this.table.el.hidden = length === 0;
    if (error) this.message.replaceChildren(this.failure(error));
    else if (length === 0) this.message.replaceChildren(this.nothing());
    else this.message.replaceChildren();
  }

  failure(error) {
    // What the server refuses stands in the URL; to ask once more would not help.
    const isRefused = error.status === 400;
    const [words, click] = isRefused
      ? ["Show all", () => this.chooseNothing()]
      : ["Try again", () => this.reload()];
    return emptyState({
      iconName: "warning",
      title: isRefused ? "There is no such list" : "This list can not be read now",
      text: error.message,
      action: el("button", { type: "button", class: "btn btn-primary", click }, words),
    });
  }

  chooseNothing() {
    const { tab = "" } = this.query;
    const names = Object.keys(this.query);
    this.choose({ ...Object.fromEntries(names.map((name) => [name, ""])), tab });
  }

  nothing() {
    return emptyState({ title: `There are no ${this.noun[1]}` });
  }
}
