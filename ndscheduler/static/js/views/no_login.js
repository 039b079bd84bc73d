// What stands where accounts will be managed: this release has none.

import { el } from "../dom.js";
import { emptyState } from "./table_view.js";

const WHY =
  "This server has no login: everybody who reaches it may use it. It listens on its own machine " +
  "only, unless its setting AUTH is none.";

/** A page of accounts that says that there are none. */
export function noLogin(heading, title) {
  const action = el("a", { class: "btn btn-primary", href: "#" }, "Go to the overview");
  return [
    el("header", { class: "page-header" }, el("h1", {}, heading)),
    emptyState({ title, text: WHY, action, iconName: "person" }),
  ];
}
