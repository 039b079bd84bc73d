// A field for a password, which can be shown while one types.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { field } from "./fields.js";

/**
 * As `field` of fields.js. `autocomplete` tells password managers what it is for; `tools` are more
 * buttons behind it. `show(isShown)` shows it, or hides it again.
 */
export function passwordField(label, { autocomplete, name = null, hint = null, tools = [] }) {
  const control = el("input", {
    type: "password",
    class: "form-control",
    name,
    autocomplete,
    autocapitalize: "none",
    spellcheck: "false",
  });
  const button = el("button", {
    type: "button",
    class: "btn btn-outline-secondary password-eye",
    click: () => show(control.type === "password"),
  });
  const show = (isShown) => {
    control.type = isShown ? "text" : "password";
    const what = isShown ? "Hide the password" : "Show the password";
    button.setAttribute("aria-label", what);
    button.title = what;
    button.replaceChildren(icon(isShown ? "eye-slash" : "eye"));
  };
  show(false);
  const holder = el("div", { class: "input-group" }, control, button, tools);
  return { ...field(label, control, hint, holder), show };
}
