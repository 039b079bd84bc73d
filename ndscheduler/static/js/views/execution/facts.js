// When, where, by whom and which attempt.

import { el } from "../../dom.js";
import { href } from "../../router.js";
import { duration, timeElement } from "../../times.js";
import { triggerWords } from "../executions/columns.js";

export function facts(execution) {
  const rows = [
    ["Scheduled for", timeElement(execution.get("scheduled_time"), "clock", execution.zone)],
    ["Fire time", fireTimes(execution)],
    ["Started", started(execution)],
    ["Finished", finished(execution)],
    ["Trigger", triggerWords(execution)],
    ["Attempt", attempts(execution)],
    ["Host", host(execution)],
    ["Exit code", execution.get("exit_code")],
    ["Description", execution.get("description")],
    ["Job class", execution.get("job_class_string")],
    ["Execution id", el("code", {}, execution.id)],
  ];
  const shown = rows.filter(([, value]) => ![null, undefined, ""].includes(value));
  return el(
    "dl",
    { class: "facts card-box" },
    shown.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );
}

function fireTimes(execution) {
  if (!execution.get("fire_time")) return null;
  const last = timeElement(execution.get("fire_time"), "clock", execution.zone);
  if (!(execution.get("count") > 1)) return last;
  const first = timeElement(execution.get("first_fire_time"), "clock", execution.zone);
  return [`${execution.get("count").toLocaleString("en")} fire times, from `, first, " to ", last];
}

function started(execution) {
  if (!execution.get("started_time")) return null;
  const delay = execution.get("delay");
  const late =
    delay === null || delay === undefined ? "" : ` (${duration(Math.max(0, delay))} later)`;
  const time = timeElement(execution.get("started_time"), "clock", execution.zone);
  return [time, el("span", { class: "soft" }, late)];
}

function finished(execution) {
  const time = execution.get("finished_time");
  return time ? timeElement(time, "clock", execution.zone) : null;
}

function host(execution) {
  const name = execution.get("hostname");
  return name && (execution.get("pid") ? `${name}, process ${execution.get("pid")}` : name);
}

function attempts(execution) {
  const all = execution.get("attempts") ?? [];
  const { attempt } = execution.attributes;
  if (all.length < 2) return attempt > 1 ? String(attempt) : null;
  return all.map((one, at) => [at ? " · " : "", attemptWords(one, execution)]);
}

function attemptWords(attempt, execution) {
  if (attempt.execution_id === execution.id) return `${attempt.attempt} (this one)`;
  const link = href(["executions", attempt.execution_id]);
  return el("a", { href: link }, `${attempt.attempt} ${attempt.state}`);
}
