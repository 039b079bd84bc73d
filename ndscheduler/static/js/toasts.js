// Short messages at the edge of the page; what went wrong stays until it is closed.

import { el } from "./dom.js";
import { icon } from "./icons.js";

const GONE_AFTER = 5000;
export const UNDO_MILLISECONDS = 8000;

function region() {
  return document.querySelector("#toasts");
}

/** Say `message`. `kind`: good or bad; `action`: {label, run}, offered for `milliseconds`. */
export function toast(message, { kind = "good", action, milliseconds } = {}) {
  const close = () => element.remove();
  const act = () => {
    close();
    action.run();
  };
  const element = el(
    "div",
    { class: `toast-message toast-${kind}`, role: kind === "bad" ? "alert" : "status" },
    icon(kind === "bad" ? "warning" : "check"),
    el("span", { class: "toast-text" }, message),
    action &&
      el("button", { type: "button", class: "btn btn-sm btn-link", click: act }, action.label),
    el(
      "button",
      { type: "button", class: "btn btn-sm icon-button", "aria-label": "Close", click: close },
      icon("x"),
    ),
  );
  region().append(element);
  const stay = milliseconds ?? (action ? UNDO_MILLISECONDS : GONE_AFTER);
  if (kind !== "bad") setTimeout(close, stay);
  return element;
}

/** Say what went wrong; `what` is the sentence's beginning, such as "The job was not paused". */
export function toastError(what, error) {
  return toast(`${what}: ${error.message}`, { kind: "bad" });
}
