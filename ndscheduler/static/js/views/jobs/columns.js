// The columns of the list of jobs.

import { recentBars } from "../../charts/recent_bars.js";
import { cutText, el } from "../../dom.js";
import { icon } from "../../icons.js";
import { pausedText } from "../../job_actions.js";
import { jobMenuItems } from "../../job_menu.js";
import { menuButton } from "../../menus.js";
import { href } from "../../router.js";
import { expressionOf, scheduleInWords } from "../../schedule_words.js";
import { stateOf } from "../../states.js";
import { duration, everyZone, timeElement } from "../../times.js";
import { jobSwitch } from "./job_switch.js";
import { tagButtons } from "./tags.js";

const TAGS_SHOWN = 3;

/** `onTag(tag)` filters by a tag. */
export function jobColumns(app, { onTag }) {
  return [
    switchColumn(app),
    { title: "Name", sort: "name", className: "job-name", cell: (job) => nameCell(job, onTag) },
    { title: "Schedule", className: "job-schedule", cell: scheduleCell },
    { title: "Last 30", className: "job-bars", cell: barsCell, update: updateBars },
    { title: "Last run", className: "job-last", cell: lastCell },
    {
      title: "Usual",
      className: "job-usual number",
      cell: (job) => duration(job.summary.usual_duration),
    },
    { title: "Next run", sort: "next_run", className: "job-next number", cell: nextCell },
    {
      title: "Actions",
      hideTitle: true,
      className: "job-actions",
      cell: (job) => menuButton(`Actions for ${job.name}`, () => jobMenuItems(app, job)),
    },
  ];
}

function switchColumn(app) {
  return {
    title: "On",
    className: "job-on",
    cell: (job) => el("span", { class: "form-switch" }, jobSwitch(app, job)),
    // Never drawn again: it may have the focus while it is switched.
    update: (cell, job) => {
      cell.querySelector("input").checked = !job.isPaused;
    },
  };
}

function nameCell(job, onTag) {
  const tags = job.get("tags") ?? [];
  const title = tags.length ? `${job.name}\n${tags.join(", ")}` : job.name;
  const attributes = { class: "job-link", href: href(["jobs", job.id]), title };
  const link = el("a", attributes, cutText(job.name));
  return el("div", { class: "name-line" }, link, tagButtons(tags, onTag, TAGS_SHOWN));
}

function scheduleCell(job) {
  const words = scheduleInWords(job);
  const tooltip = [words, expressionOf(job), job.get("timezone")].filter(Boolean).join("\n");
  if (job.problem) return problemLine(job);
  if (job.isPaused) {
    return el("span", { class: "line soft", title: `${pausedText(job)}\n${tooltip}` }, [
      icon("pause"),
      " ",
      pausedText(job),
    ]);
  }
  return el("span", { class: "line", title: tooltip }, words);
}

function problemLine(job) {
  return el("span", { class: "line state state-failed", title: job.problem }, [
    icon("warning"),
    " Broken: ",
    job.problem,
  ]);
}

function barsCell(job) {
  return recentBars(job.summary.recent ?? [], job.get("timezone"));
}

// A bar more moves all the others: not under the pointer, but when it has left.
function updateBars(cell, job) {
  if (!job.hasChanged("summary")) return;
  const draw = () => cell.replaceChildren(barsCell(job));
  if (cell.matches(":hover")) cell.addEventListener("pointerleave", draw, { once: true });
  else draw();
}

function lastCell(job) {
  const { last, failures_in_a_row: failures = 0 } = job.summary;
  if (!last) return el("span", { class: "soft" }, job.get("summary") ? "never" : "–");
  const { key, word, icon: iconName, live } = stateOf(last.state);
  const since = live ? (last.started_time ?? last.scheduled_time) : endOf(last);
  const time = timeElement(since, live ? "elapsed" : "relative", job.get("timezone"));
  const isQuiet = last.state === "succeeded";
  const why = last.error_summary ?? last.reason;
  return el(
    "a",
    { class: `last-run state state-${key}`, href: href(["executions", last.execution_id]) },
    icon(iconName),
    " ",
    el("span", { class: isQuiet ? "visually-hidden" : null, title: why }, word, " "),
    failures > 1 &&
      el("span", { class: "in-a-row", title: `${failures} in a row` }, `${failures}×`),
    time,
  );
}

function endOf({ finished_time: finished, started_time: started, scheduled_time: scheduled }) {
  return finished ?? started ?? scheduled;
}

function nextCell(job) {
  if (job.get("isGone")) return el("span", { class: "soft" }, "deleted");
  if (job.isPaused) return pausedCell(job);
  if (job.problem) return el("span", { class: "soft", title: job.problem }, "can not run");
  if (job.isOver) return el("span", { class: "soft", title: "It fires no more." }, "never again");
  return timeElement(job.get("next_run_time"), "countdown", job.get("timezone"));
}

function pausedCell(job) {
  const until = job.get("paused_until");
  if (!until) return el("span", { class: "soft" }, "paused");
  const zone = job.get("timezone");
  const title = `Paused until\n${everyZone(until, zone)}`;
  return el("span", { class: "soft", title }, "resumes ", timeElement(until, "relative", zone));
}
