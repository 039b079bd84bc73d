// A list as a table. Sorting, filtering and paging are the server's; rows are patched in place.

import { el, fill } from "../dom.js";
import { icon } from "../icons.js";
import { hasSelection } from "../in_use.js";
import { BaseView } from "./base_view.js";

/**
 * A column: `title`; `head()`, what stands in its head in place of it; `cell(model)` gives what
 * stands in it (a node, text, or a list of these); `sort`, the server's name for sorting by it;
 * `className`; `update(td, model)` where a change does not simply draw the cell again; `hideTitle`
 * leaves the title to screen readers.
 */
export class TableView extends BaseView {
  /** `sort` is the server's ("-name" is descending), `onSort(sort)` is told of a new one. */
  initialize({ columns, caption, sort = null, onSort = null, onOpen = null, rowClass = null }) {
    Object.assign(this, { columns, caption, sort, onSort, onOpen, rowClass });
    this.rows = new Map();
    this.listenTo(this.collection, "loaded", this.sync);
    this.listenTo(this.collection, "change", this.patch);
    this.listenTo(this.collection, "add remove", () => this.collection.isLoading || this.sync());
  }

  className() {
    return "table-frame";
  }

  render() {
    this.body = el("tbody");
    const table = el(
      "table",
      { class: "table list-table" },
      el("caption", { class: "visually-hidden" }, this.caption),
      el("thead", {}, el("tr", {}, (this.heads = this.columns.map((column) => this.head(column))))),
      this.body,
    );
    this.el.replaceChildren(table);
    if (this.onOpen) this.body.addEventListener("click", (event) => this.open(event));
    this.sync();
    return this;
  }

  head(column) {
    const attributes = { scope: "col", class: column.className ?? null };
    if (column.head) return el("th", attributes, column.head());
    if (!column.sort) {
      const title = column.hideTitle ? "visually-hidden" : null;
      return el("th", attributes, el("span", { class: title }, column.title));
    }
    const button = el(
      "button",
      { type: "button", class: "sort-button", "data-repeats": true },
      column.title,
    );
    button.addEventListener("click", () => this.sortBy(column.sort));
    return el("th", { ...attributes, "aria-sort": this.direction(column.sort) }, button);
  }

  direction(sort) {
    if (this.sort === sort) return "ascending";
    return this.sort === `-${sort}` ? "descending" : "none";
  }

  sortBy(sort) {
    this.showSort(this.sort === sort ? `-${sort}` : sort);
    this.onSort(this.sort);
  }

  /** Mark the column that the list is in the order of. */
  showSort(sort) {
    this.sort = sort;
    this.columns.forEach((column, at) => {
      if (column.sort) this.heads[at].setAttribute("aria-sort", this.direction(column.sort));
    });
  }

  /** True while pointer, keyboard or a selection is in the table: then no row may move. */
  get isInUse() {
    const { body } = this;
    return body.matches(":hover") || body.contains(document.activeElement) || hasSelection(body);
  }

  /** A click on a row, but on nothing in it that is a control of its own. */
  open(event) {
    if (event.target.closest("a, button, input, label, .dropdown-menu")) return;
    if (String(window.getSelection())) return;
    const row = event.target.closest("tr[data-id]");
    const model = row && this.collection.get(row.dataset.id);
    if (model) this.onOpen(model, event);
  }

  /** Show the items of the collection in its order; rows that were there stay the same elements. */
  sync() {
    if (!this.body) return;
    const kept = new Map();
    const rows = this.collection.map((model) => {
      const row = this.rows.get(model.id) ?? this.row(model);
      kept.set(model.id, row);
      return row;
    });
    for (const [id, row] of this.rows) if (!kept.has(id)) row.remove();
    this.rows = kept;
    this.place(rows);
  }

  // No row is taken out that stays where it is: it would lose focus and selection.
  place(rows) {
    let next = this.body.firstChild;
    for (const row of rows) {
      if (row === next) next = next.nextSibling;
      else this.body.insertBefore(row, next);
    }
  }

  row(model) {
    const row = el("tr", { "data-id": model.id, class: this.rowClass?.(model) ?? null });
    row.append(...this.columns.map((column) => this.cell(column, model)));
    return row;
  }

  cell(column, model) {
    const cell = el("td", { class: column.className ?? null, "data-title": column.title });
    fill(cell, column.cell(model));
    return cell;
  }

  /** One item has changed: draw its cells again, those in which somebody is later. */
  patch(model) {
    const row = this.rows.get(model.id);
    if (!row) return;
    if (this.rowClass) row.className = this.rowClass(model) ?? "";
    this.columns.forEach((column, at) => {
      const cell = row.children[at];
      if (column.update) column.update(cell, model);
      else this.whenFree(cell, () => fill(cell, column.cell(model)));
    });
  }
}

/** What stands in place of a list: why it is empty and what would fill it, or what went wrong. */
export function emptyState({ title, text = null, action = null, iconName = "info" }) {
  return el(
    "div",
    { class: "empty-state" },
    icon(iconName),
    el("h2", {}, title),
    text && el("p", {}, text),
    action,
  );
}
