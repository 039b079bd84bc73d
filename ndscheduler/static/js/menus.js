// Buttons that open a menu. The menu is made when it is opened: a list may have hundreds.

import "bootstrap/js/dist/dropdown.js";

import { el } from "./dom.js";
import { icon } from "./icons.js";

/**
 * A button with `face` (by default three dots), named `label`. `items()` gives what is in its menu:
 * {word, run} or {word, href}, with `danger` for what destroys, `disabled`; null is a line.
 */
export function menuButton(label, items, face = icon("three-dots")) {
  const button = el(
    "button",
    {
      type: "button",
      class: "btn btn-sm icon-button menu-button",
      "aria-label": label,
      "aria-expanded": "false",
      "data-bs-toggle": "dropdown",
      // Tables cut off what stands out of them, but not what is fixed to the window.
      "data-bs-popper-config": '{"strategy":"fixed"}',
      title: label,
    },
    face,
  );
  const list = el("ul", { class: "dropdown-menu dropdown-menu-end" });
  const holder = el("div", { class: "dropdown menu-holder" }, button, list);
  holder.addEventListener("show.bs.dropdown", () => {
    list.replaceChildren(...items().map((item) => itemOf(item, button)));
  });
  holder.addEventListener("hidden.bs.dropdown", () => list.replaceChildren());
  return holder;
}

function itemOf(item, button) {
  if (!item) return el("li", {}, el("hr", { class: "dropdown-divider" }));
  const { word, run, href, danger, disabled } = item;
  const attributes = { class: `dropdown-item${danger ? " text-danger" : ""}`, href };
  if (href) return el("li", {}, el("a", attributes, word));
  const click = () => {
    // The item goes with the menu: a dialog gives the focus back to what stays.
    button.focus();
    run();
  };
  return el("li", {}, el("button", { ...attributes, type: "button", disabled, click }, word));
}
