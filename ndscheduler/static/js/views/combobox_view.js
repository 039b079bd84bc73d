// A text field with a list to choose from, that narrows while one types. Other text stays allowed.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { BaseView } from "./base_view.js";

const MOST_SHOWN = 1000;
let count = 0;

export class ComboboxView extends BaseView {
  /** `items`: {value, title, detail}; `onChange(value)` is told what is typed or chosen. */
  initialize({ value = "", items = [], placeholder = "", listLabel, onChange }) {
    Object.assign(this, { value, items, placeholder, listLabel, onChange });
    this.active = -1;
    this.shown = [];
    this.input = this.newInput();
    this.list = el("ul", { role: "listbox", id: `${this.input.id}-list`, hidden: true });
    this.list.setAttribute("aria-label", listLabel);
  }

  className() {
    return "combobox";
  }

  newInput() {
    const id = `combobox-${(count += 1)}`;
    const input = el("input", {
      type: "text",
      id,
      class: "form-control",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: this.placeholder,
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": `${id}-list`,
      input: () => this.typed(),
      click: () => this.open(true),
      keydown: (event) => this.press(event),
      blur: () => this.close(),
    });
    input.value = this.value;
    return input;
  }

  render() {
    this.el.replaceChildren(this.input, icon("chevron-down"), this.list);
    return this;
  }

  /** The list has come, or is another one: it may have been asked for before. */
  setItems(items) {
    this.items = items;
    if (this.isWanted) this.open(this.isWhole);
  }

  typed() {
    this.value = this.input.value;
    this.onChange(this.value);
    this.open(false);
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Show the list: all of it, or what matches what is typed. */
  open(isWhole) {
    this.isWanted = true;
    this.isWhole = isWhole;
    const words = isWhole ? [] : this.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = ({ value }) => words.every((word) => value.toLowerCase().includes(word));
    this.shown = this.items.filter(matches).slice(0, MOST_SHOWN);
    this.list.replaceChildren(...this.shown.map((item, at) => this.option(item, at)));
    this.list.hidden = !this.shown.length;
    this.input.setAttribute("aria-expanded", String(this.isOpen));
    this.activate(isWhole ? this.shown.findIndex(({ value }) => value === this.value) : -1);
  }

  option({ value, title, detail }, at) {
    const attributes = {
      role: "option",
      id: `${this.list.id}-${at}`,
      "aria-selected": String(value === this.value),
      // The field keeps the focus: its blur would close the list before the click.
      mousedown: (event) => event.preventDefault(),
      click: () => this.choose(at),
    };
    return el("li", attributes, title ?? value, detail && el("span", { class: "soft" }, detail));
  }

  activate(at) {
    this.active = at;
    for (const option of this.list.children) option.classList.remove("is-active");
    const option = this.list.children[at];
    if (option) {
      option.classList.add("is-active");
      option.scrollIntoView?.({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    } else this.input.removeAttribute("aria-activedescendant");
  }

  choose(at) {
    this.value = this.shown[at].value;
    this.input.value = this.value;
    this.close();
    this.onChange(this.value);
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    this.isWanted = false;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.activate(-1);
  }

  press(event) {
    const isDone = (this.isOpen ? OPEN_KEYS : CLOSED_KEYS)[event.key]?.(this);
    if (!isDone) return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(by) {
    const last = this.shown.length - 1;
    const next = this.active + by;
    this.activate(next > last ? 0 : next < 0 ? last : next);
    return true;
  }
}

const openWhole = (view) => {
  view.open(true);
  return true;
};

const CLOSED_KEYS = { ArrowDown: openWhole, ArrowUp: openWhole };

const OPEN_KEYS = {
  ArrowDown: (view) => view.move(1),
  ArrowUp: (view) => view.move(-1),
  Enter: (view) => {
    if (view.active < 0) return false;
    view.choose(view.active);
    return true;
  },
  Escape: (view) => {
    view.close();
    return true;
  },
};
