// The columns of lists of executions.

import { el, shortened, textCell } from "../../dom.js";
import { href } from "../../router.js";
import { stateBadge } from "../../states.js";
import { duration, timeElement } from "../../times.js";

const KINDS = { schedule: "Schedule", manual: "By hand", retry: "Retry", chain: "Chain" };

/** "By hand: ana", "Schedule". */
export function triggerWords(execution) {
  const kind = KINDS[execution.get("trigger_kind")] ?? execution.get("trigger_kind") ?? "";
  const who = execution.get("requested_by");
  const attempt = execution.get("attempt");
  const words = who ? `${kind}: ${who}` : kind;
  return attempt > 1 ? `${words}, attempt ${attempt}` : words;
}

/** A link to the job; the name alone where the job is gone. */
export function jobLink(execution) {
  const name = execution.get("job_name") ?? execution.get("job")?.name ?? "";
  if (!execution.jobStillExists && execution.get("job_exists") !== true) {
    return el("span", { class: "soft", title: "This job was deleted." }, textCell(name, 50));
  }
  return el("a", { href: href(["jobs", execution.get("job_id")]) }, textCell(name, 50));
}

/** How long it took; while it runs, how long so far. */
export function durationCell(execution) {
  if (execution.isLive && execution.get("started_time")) {
    return timeElement(execution.get("started_time"), "elapsed");
  }
  return execution.get("duration") === null ? "" : duration(execution.get("duration"));
}

/** In one line what came of it: why it was missed, the error, the result. */
export function outcomeText(execution) {
  const said = execution.get("error_summary") || execution.get("reason");
  if (said) return said;
  const result = execution.get("result_brief") ?? execution.get("result");
  return result && result !== "null" ? result.replace(/\s+/g, " ") : "";
}

function startedCell(execution) {
  const started = execution.get("started_time");
  if (!started) return "";
  const delay = execution.get("delay");
  const late = delay >= 1 ? el("span", { class: "soft" }, ` +${duration(delay)}`) : null;
  return [timeElement(started, "clock", execution.zone), late];
}

function scheduledCell(execution) {
  const count = execution.get("count");
  const time = timeElement(execution.get("scheduled_time"), "clock", execution.zone);
  if (!count || count < 2) return time;
  const title = `Stands for ${count} fire times, the first at ${execution.get("first_fire_time")}.`;
  return [time, " ", el("span", { class: "tag", title }, `×${count}`)];
}

/** All columns; without the job's for lists that are of one job. */
export function executionColumns({ withJob = true } = {}) {
  const columns = [
    {
      title: "State",
      cell: (execution) =>
        el(
          "a",
          { href: href(["executions", execution.id]), class: "state-link" },
          stateBadge(execution.get("state")),
        ),
    },
    withJob && { title: "Job", className: "grow", cell: jobLink },
    {
      title: "Trigger",
      className: "spare",
      cell: (execution) => textCell(triggerWords(execution), 30),
    },
    { title: "Scheduled for", cell: scheduledCell },
    { title: "Started", className: "spare", cell: startedCell },
    { title: "Duration", className: "number", cell: durationCell },
    {
      title: "Host",
      className: "spare",
      cell: (execution) => textCell(execution.get("hostname") ?? "", 20),
    },
    {
      title: "Result",
      className: "fill soft",
      cell: (execution) => {
        const text = outcomeText(execution);
        return el(
          "span",
          { class: "text-cell", title: shortened(text, 600) },
          shortened(text, 200),
        );
      },
    },
  ];
  return columns.filter(Boolean);
}
