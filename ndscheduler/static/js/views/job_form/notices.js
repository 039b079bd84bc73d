// What stands above the form: what went wrong on the whole, and what can be done.

import { get } from "../../api.js";
import { el } from "../../dom.js";
import { icon } from "../../icons.js";
import { relative } from "../../times.js";

/** `actions` are [label, run]; the first is the main one. `kind`: bad, or plain. */
export function notice(content, { kind = "bad", actions = [] } = {}) {
  const buttons = actions.map(([label, run], at) => {
    const look = at === 0 ? "btn-primary" : "btn-outline-secondary";
    return el("button", { type: "button", class: `btn btn-sm ${look}`, click: run }, label);
  });
  return el(
    "div",
    {
      class: `form-notice notice-${kind}`,
      role: kind === "bad" ? "alert" : "status",
      tabindex: "-1",
    },
    icon(kind === "bad" ? "warning" : "info"),
    el("div", { class: "notice-text" }, content),
    buttons.length > 0 && el("div", { class: "notice-actions" }, buttons),
  );
}

/** Who has changed `job` last, and what: lines for a notice. */
export async function lastChange(jobId) {
  const { logs } = await get("logs", { job_id: jobId, limit: 1 });
  const [entry] = logs;
  if (!entry) return [el("p", {}, "This job was changed meanwhile.")];
  const when = relative(entry.created_time).replace(/^now$/, "just now");
  const who = `${entry.user || "Somebody"} changed this job ${when}, while you were editing it.`;
  const changes = Object.entries(entry.changes ?? {}).map(([name, [before, after]]) =>
    el("li", {}, el("strong", {}, name), `: ${brief(before)} → ${brief(after)}`),
  );
  return [el("p", {}, who), changes.length > 0 && el("ul", {}, changes)];
}

function brief(value) {
  const text = JSON.stringify(value) ?? "";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
