// What an entry of the audit log says, in brief and in full.

import { openDialog } from "../../dialogs.js";
import { el, shortened } from "../../dom.js";
import { icon } from "../../icons.js";
import { href } from "../../router.js";
import { timeElement } from "../../times.js";
import { iconOfEvent, wordOfEvent } from "./events.js";

// Fields of the REST API that have another name on the page.
const FIELDS = {
  pub_args: "arguments",
  kwargs: "keyword arguments",
  job_class_string: "job class",
  paused_reason: "reason",
  paused_until: "until",
  misfire_grace_time: "grace time",
  max_instances: "at most at once",
  day_of_week: "day of week",
  start_date: "starts",
  end_date: "ends",
  expires_at: "expires",
  is_disabled: "disabled",
};

export function fieldWord(field) {
  return FIELDS[field] ?? field.replaceAll("_", " ");
}

export function eventWord(entry) {
  const event = entry.get("event");
  const name = iconOfEvent(event);
  const mark = name ? icon(name) : null;
  return el("span", { class: `audit-event audit-${event}` }, mark, " ", wordOfEvent(event));
}

/** The fields that changed, in one line: "minute 15 → 10". */
export function changesCell(entry) {
  const changes = changesOf(entry);
  // Of what is of no job a sentence tells more: it names whose account it is.
  if (!changes.length || !entry.get("job_id")) return briefDescription(entry);
  return el(
    "span",
    { class: "text-cell" },
    changes.map(([field, [before, after]]) =>
      el(
        "span",
        { class: "audit-change" },
        el("span", { class: "soft" }, `${fieldWord(field)} `),
        briefValue("del", before),
        " → ",
        briefValue("ins", after),
      ),
    ),
  );
}

function changesOf(entry) {
  return Object.entries(entry.get("changes") ?? {}).filter(([, pair]) => Array.isArray(pair));
}

function briefDescription(entry) {
  const said = entry.get("description");
  if (!said) return "";
  if (entry.get("event") === "custom_run") {
    return el("a", { href: href(["executions", said]) }, "Its execution");
  }
  return el("span", { class: "text-cell soft" }, shortened(said.replace(/\s+/g, " "), 160));
}

function isNothing(value) {
  return value === null || value === undefined || value === "";
}

function briefValue(tag, value) {
  if (isNothing(value)) return el("span", { class: "soft" }, "nothing");
  return el(tag, {}, shortened(plain(value).replace(/\s+/g, " "), 40));
}

function wholeValue(value, className) {
  if (isNothing(value)) return el("span", { class: "soft" }, "nothing");
  return el("pre", { class: `audit-value ${className}` }, plain(value));
}

function plain(value) {
  if (value?.$hidden) return "(hidden)";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** The whole entry, old and new values side by side. */
export function showEntry(entry) {
  const rows = changesOf(entry).map(([field, [before, after]]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, fieldWord(field)),
      el("td", {}, wholeValue(before, "audit-old")),
      el("td", {}, wholeValue(after, "audit-new")),
    ),
  );
  const head = ["Field", "Before", "After"].map((word) => el("th", { scope: "col" }, word));
  const table = el(
    "table",
    { class: "table audit-table" },
    el("thead", {}, el("tr", {}, head)),
    el("tbody", {}, rows),
  );
  const said = entry.get("description");
  return openDialog({
    title: titleOf(entry),
    wide: true,
    body: el(
      "div",
      {},
      el(
        "p",
        { class: "soft" },
        `${entry.get("user") || "Somebody"}, `,
        timeElement(entry.get("created_time"), "clock"),
        entry.get("remote") ? `, from ${entry.get("remote")}` : "",
      ),
      rows.length ? table : null,
      said && el("pre", { class: "code" }, prettyDescription(said)),
    ),
  });
}

function titleOf(entry) {
  const word = wordOfEvent(entry.get("event"));
  return entry.get("job_id") ? `${word}: ${entry.get("job_name")}` : word;
}

function prettyDescription(said) {
  try {
    return JSON.stringify(JSON.parse(said), null, 2);
  } catch {
    // A sentence, or what 0.x wrote: shown as it is.
    return said;
  }
}
