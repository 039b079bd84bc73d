// The search for jobs: words and tokens in one field, and selects that write its tokens.

import _ from "underscore";

import { el } from "../../dom.js";
import { parseSearch, searchText, shortClassName } from "../../job_search.js";
import { BaseView } from "../base_view.js";

const TYPING_MILLISECONDS = 300;

const STATUSES = [
  ["", "Any status"],
  ["active", "Active"],
  ["paused", "Paused"],
  ["running", "Running now"],
  ["failing", "Failing"],
  ["broken", "Broken"],
  ["ended", "Never again"],
];

const SORTS = [
  ["name", "By name"],
  ["-name", "By name, backwards"],
  ["next_run", "By next run"],
  ["-next_run", "By next run, last first"],
  ["class", "By class"],
  ["-created", "Newest first"],
  ["created", "Oldest first"],
  ["-updated", "Changed last first"],
];

export class JobFilters extends BaseView {
  /** `onSearch(text, {replace})` is told what is searched for, `onSort(sort)` the order. */
  initialize({ text, sort, onSearch, onSort }) {
    Object.assign(this, { text, sort, onSearch, onSort });
    this.tags = [];
    this.classes = [];
    this.searchSoon = _.debounce(() => this.search({ replace: true }), TYPING_MILLISECONDS);
  }

  tagName() {
    return "form";
  }

  attributes() {
    return { class: "filters job-filters", role: "search", "aria-label": "Filter jobs" };
  }

  events() {
    return { submit: "submit", "input [type=search]": "typed" };
  }

  render() {
    this.field = el("input", {
      type: "search",
      class: "form-control form-control-sm",
      "aria-label": "Search in the list of jobs",
      placeholder: "Name, class, tag:billing, state:failing",
      title: "Words, and tag:NAME state:failing class:NAME",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.tagSelect = this.select("Tag", (tag) => this.change({ tags: tag ? [tag] : [] }));
    this.statusSelect = this.select("Status", (status) =>
      this.change({ statuses: status ? [status] : [] }),
    );
    this.classSelect = this.select("Class", (jobClass) => this.change({ jobClass }));
    this.sortSelect = this.select("Order", (sort) => this.onSort(sort));
    this.el.replaceChildren(
      this.field,
      this.tagSelect,
      this.statusSelect,
      this.classSelect,
      this.sortSelect,
    );
    this.show(this.text, this.sort);
    return this;
  }

  select(label, take) {
    const change = (event) => take(event.target.value);
    return el("select", { class: "form-select form-select-sm", "aria-label": label, change });
  }

  typed() {
    this.searchSoon();
  }

  submit(event) {
    event.preventDefault();
    this.searchSoon.cancel();
    this.search();
  }

  search(options = {}) {
    this.text = this.field.value.trim();
    this.refresh();
    this.onSearch(this.text, options);
  }

  /** Change tokens of the text; the other words stay. */
  change(changes) {
    this.field.value = searchText({ ...parseSearch(this.field.value), ...changes });
    this.searchSoon.cancel();
    this.search();
  }

  /** Show what the URL says; not in a field that somebody types in. */
  show(text, sort) {
    Object.assign(this, { text, sort });
    if (document.activeElement !== this.field) this.field.value = text;
    this.refresh();
  }

  /** What may be chosen: `tags` as GET /tags gives them, `classes` by their full names. */
  offer({ tags = this.tags, classes = this.classes }) {
    Object.assign(this, { tags, classes });
    if (this.field) this.refresh();
  }

  refresh() {
    const { tags, statuses, jobClass } = parseSearch(this.text);
    fill(this.tagSelect, tagOptions(this.tags), tags.join(", "));
    fill(this.statusSelect, STATUSES, statuses.join(", "));
    fill(this.classSelect, classOptions(this.classes), jobClass);
    fill(this.sortSelect, SORTS, this.sort);
  }

  remove() {
    this.searchSoon.cancel();
    return super.remove();
  }
}

function tagOptions(tags) {
  return [["", "Any tag"], ...tags.map(({ tag, jobs }) => [tag, `${tag} (${jobs})`])];
}

// A short name where it names one class only.
function classOptions(classes) {
  const counts = _.countBy(classes, shortClassName);
  const options = classes.map((name) => {
    const short = shortClassName(name);
    return counts[short] === 1 ? [short, short] : [name, name];
  });
  return [["", "Any class"], ..._.sortBy(options, ([, word]) => word.toLowerCase())];
}

// What was typed may be in no list: it is shown all the same.
function fill(select, options, chosen) {
  const isListed = options.some(([value]) => value === chosen);
  const all = isListed ? options : [...options, [chosen, chosen]];
  select.replaceChildren(...all.map(([value, word]) => el("option", { value }, word)));
  select.value = chosen;
  select.classList.toggle(
    "is-chosen",
    chosen !== "" && select.getAttribute("aria-label") !== "Order",
  );
}
