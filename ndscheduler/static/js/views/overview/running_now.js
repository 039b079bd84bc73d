// What runs at this moment, and how long it usually takes.

import { el, textCell } from "../../dom.js";
import { href } from "../../router.js";
import { stateBadge } from "../../states.js";
import { duration, timeElement } from "../../times.js";
import { Panel } from "./panel.js";

const LIMIT = 12;

export class RunningNow extends Panel {
  get name() {
    return "running";
  }

  get heading() {
    return "Running now";
  }

  async read(get) {
    const query = { state: "running,stopping,scheduled", limit: LIMIT, include: "brief" };
    const { executions, total, total_is_exact: isExact } = await get("executions", query);
    const more = total > LIMIT ? `${total}${isExact ? "" : "+"} queued and running` : "";
    this.side.replaceChildren(more);
    if (!executions.length) {
      this.show(el("p", { class: "soft panel-empty" }, "Nothing runs at the moment."));
      return;
    }
    const usual = await this.usualDurations(get, executions);
    this.show(
      el(
        "ul",
        { class: "running-list" },
        executions.map((one) => item(one, usual)),
      ),
    );
  }

  /** Mean seconds by job, of the jobs that are shown. */
  async usualDurations(get, executions) {
    const ids = [...new Set(executions.map((execution) => execution.job_id))];
    const read = (id) => get(`jobs/${encodeURIComponent(id)}`, { include: "summary" });
    const jobs = await Promise.allSettled(ids.map(read));
    return Object.fromEntries(
      ids.map((id, at) => [id, jobs[at].value?.summary?.usual_duration ?? null]),
    );
  }
}

function item(execution, usual) {
  const seconds = usual[execution.job_id];
  return el(
    "li",
    {},
    el("a", { href: href(["executions", execution.execution_id]) }, stateBadge(execution.state)),
    el(
      "a",
      { class: "running-job", href: href(["jobs", execution.job_id]) },
      textCell(execution.job_name, 40),
    ),
    execution.started_time
      ? el("span", {}, "for ", timeElement(execution.started_time, "elapsed"))
      : el(
          "span",
          { class: "soft" },
          "waits since ",
          timeElement(execution.scheduled_time, "clock"),
        ),
    progress(execution, seconds),
  );
}

function progress(execution, seconds) {
  if (!seconds || !execution.started_time) return null;
  const elapsed = (Date.now() - new Date(execution.started_time)) / 1000;
  const meter = el("progress", { max: seconds, value: Math.min(elapsed, seconds) });
  meter.setAttribute("aria-label", "Against its usual duration");
  return [meter, el("span", { class: "soft" }, `usually ${duration(seconds)}`)];
}
