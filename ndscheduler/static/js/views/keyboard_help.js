import { el } from "../dom.js";
import { openDialog } from "../dialogs.js";

/** Show which keys do what on this page. */
export function showKeyboardHelp(keys) {
  const rows = keys.list().map(([combination, help]) => {
    const caps = combination.split(" ").flatMap((key) => [el("kbd", {}, key), " "]);
    return el("tr", {}, el("th", { scope: "row" }, caps), el("td", {}, help));
  });
  rows.push(el("tr", {}, el("th", { scope: "row" }, el("kbd", {}, "Esc")), el("td", {}, "Close")));
  const table = el("table", { class: "table table-sm keyboard-help" }, el("tbody", {}, rows));
  return openDialog({ title: "Keyboard", body: table });
}
