// What the list of users and that of API tokens share.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { ListPage } from "./list_page.js";

const TABS = [
  ["users", "Users"],
  ["tokens", "API tokens"],
];

export class AccountsList extends ListPage {
  initialize() {
    this.listenTo(this.app.live, "logs", this.takeLogs);
  }

  className() {
    return `${super.className()} accounts-page`;
  }

  get hasPages() {
    return false;
  }

  /** Beginnings of the events of the audit log after which the list is another. */
  get events() {
    return [];
  }

  takeLogs(entries) {
    const isOurs = ({ event }) => this.events.some((begin) => event.startsWith(begin));
    if (entries.some(isOurs)) this.refresh();
  }

  /** The heading, a button that adds one, and the way to the other list. */
  headerWith(word, add) {
    return el(
      "div",
      {},
      el(
        "header",
        { class: "page-header" },
        el("h1", {}, this.title),
        el(
          "button",
          { type: "button", class: "btn btn-primary btn-sm", click: add },
          icon("plus"),
          ` ${word}`,
        ),
      ),
      el(
        "nav",
        { class: "nav nav-tabs job-tabs", "aria-label": "Accounts" },
        TABS.map(([path, title]) => this.tab(path, title)),
      ),
    );
  }

  tab(path, title) {
    const isHere = title === this.title;
    const attributes = { class: `nav-link${isHere ? " active" : ""}`, href: `#${path}` };
    return el("a", { ...attributes, "aria-current": isHere ? "page" : null }, title);
  }
}
