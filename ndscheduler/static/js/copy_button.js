// A button that copies a text.

import { copyText, el } from "./dom.js";
import { icon } from "./icons.js";
import { toast } from "./toasts.js";

/** `label` names it; `read()` gives the text. */
export function copyButton(label, read, kind = "btn-sm icon-button") {
  const button = el(
    "button",
    { type: "button", class: `btn ${kind}`, "aria-label": label, title: label },
    icon("clipboard"),
  );
  button.addEventListener("click", async () => {
    const copied = await copyText(read(), button.parentElement);
    button.focus();
    toast(copied ? "Copied." : "This browser does not let the page copy.");
  });
  return button;
}
