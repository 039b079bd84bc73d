// Below or above a list: how many there are, the pages beside this one, how long a page is.

import { el, setText } from "../dom.js";
import { icon } from "../icons.js";
import { BaseView } from "./base_view.js";

export const PAGE_SIZES = [10, 25, 50, 100, 500];

export class PagerView extends BaseView {
  /** `noun` is [one, many]; `onPage(cursor)` and `onSize(size)` are told what is wanted. */
  initialize({ noun, size, onPage, onSize }) {
    Object.assign(this, { noun, size, onPage, onSize });
    this.listenTo(this.collection, "loaded add remove", this.refresh);
  }

  className() {
    return "pager";
  }

  render() {
    this.count = el("span", { class: "pager-count", "aria-live": "polite" });
    this.previous = this.turner("chevron-left", "Previous page", "previousCursor");
    this.next = this.turner("chevron-right", "Next page", "nextCursor");
    this.el.replaceChildren(this.count, this.sizes(), this.previous, this.next);
    this.refresh();
    return this;
  }

  turner(iconName, label, cursor) {
    const attributes = {
      type: "button",
      class: "btn icon-button",
      "aria-label": label,
      "data-repeats": true,
      title: label,
    };
    const turn = () => this.onPage(this.collection[cursor]);
    return el("button", { ...attributes, click: turn }, icon(iconName));
  }

  sizes() {
    const options = PAGE_SIZES.map((size) =>
      el("option", { value: size, selected: size === this.size }, `${size} a page`),
    );
    const change = (event) => this.onSize(Number(event.target.value));
    const attributes = { class: "form-select form-select-sm", "aria-label": "Rows a page", change };
    return (this.select = el("select", attributes, options));
  }

  showSize(size) {
    this.select.value = String(size);
  }

  refresh() {
    if (!this.count) return;
    const { total, length } = this.collection;
    const [one, many] = this.noun;
    const text = `${this.collection.totalText()} ${(total ?? length) === 1 ? one : many}`;
    setText(this.count, this.collection.wasLoaded ? text : "");
    this.previous.disabled = !this.collection.previousCursor;
    this.next.disabled = !this.collection.nextCursor;
  }
}
