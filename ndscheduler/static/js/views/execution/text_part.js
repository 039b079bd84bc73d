// A long text, such as a result or a traceback: wrapped or not, copied, downloaded.

import { copyText, el } from "../../dom.js";
import { toast } from "../../toasts.js";

/** `fileName` is that of the download. */
export function textPart(title, text, fileName) {
  const code = el("pre", { class: "code", tabindex: "0", "aria-label": title }, text);
  const tools = el(
    "div",
    { class: "part-tools" },
    toolButton("Wrap", () => code.classList.toggle("no-wrap")),
    toolButton("Copy", () => copy(text)),
    toolButton("Download", () => download(text, fileName)),
  );
  const head = el("header", {}, el("h2", {}, title), tools);
  return el("section", { class: "part" }, head, code);
}

function toolButton(word, click) {
  return el(
    "button",
    { type: "button", class: "btn btn-sm icon-button", "data-repeats": true, click },
    word,
  );
}

async function copy(text) {
  if (await copyText(text)) toast("Copied.");
  else toast("This browser does not let pages copy.", { kind: "bad" });
}

function download(text, fileName) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  el("a", { href: url, download: fileName }).click();
  URL.revokeObjectURL(url);
}

/** A result as people read it: JSON with indents, a text as it is, null for none. */
export function prettyResult(result) {
  if (result === null || result === undefined || result === "null") return null;
  try {
    const value = JSON.parse(result);
    return typeof value === "string" ? value : JSON.stringify(value, null, 2);
  } catch {
    // A traceback, or what the job class made of its result.
    return result;
  }
}
