// The facts of a job that one looks for: when it runs, how it did.

import { recentBars } from "../../charts/recent_bars.js";
import { el, fill } from "../../dom.js";
import { executionsText } from "../../dialogs/delete_job.js";
import { href } from "../../router.js";
import { expressionOf, scheduleInWords } from "../../schedule_words.js";
import { stateBadge, stateOf } from "../../states.js";
import { duration, timeElement } from "../../times.js";
import { BaseView } from "../base_view.js";

export class JobFacts extends BaseView {
  initialize() {
    this.listenTo(this.model, "change", this.render);
  }

  className() {
    return "job-facts";
  }

  render() {
    this.whenFree(this.el, () => fill(this.el, this.facts()));
    return this;
  }

  facts() {
    return [
      fact("Schedule", ...this.schedule()),
      fact("Next run", ...this.next()),
      fact("Last run", ...this.last()),
      fact("Usual duration", ...this.usual()),
      fact("Success", ...this.success()),
      fact("Last 30", ...this.bars()),
    ];
  }

  schedule() {
    const zone = this.model.get("timezone");
    const written = expressionOf(this.model);
    return [
      scheduleInWords(this.model),
      el("span", { title: written }, `${zone ?? ""} `, el("code", {}, written)),
    ];
  }

  next() {
    const { model } = this;
    const { next_run_time: next, paused_until: until, timezone: zone } = model.attributes;
    if (model.isPaused && until) return [["resumes ", timeElement(until, "relative", zone)], null];
    if (model.isPaused) return ["Paused", null];
    if (model.problem) return ["Can not run", null];
    if (!next) return ["Never again", null];
    return [timeElement(next, "countdown", zone), timeElement(next, "minute", zone)];
  }

  last() {
    const { last, running, queued } = this.model.summary;
    if (!last) return [this.model.get("summary") ? "Never" : "–", null];
    const zone = this.model.get("timezone");
    const at = last.finished_time ?? last.started_time ?? last.scheduled_time;
    const isLive = stateOf(last.state).live;
    const time = timeElement(at, isLive ? "elapsed" : "relative", zone);
    const more = [running > 1 && `${running} running`, queued > 1 && `${queued} queued`];
    return [
      el("a", { href: href(["executions", last.execution_id]) }, stateBadge(last.state)),
      [time, more.filter(Boolean).map((words) => `, ${words}`)],
    ];
  }

  usual() {
    const { usual_duration: usual, last } = this.model.summary;
    const took = last?.duration;
    const isKnown = took !== null && took !== undefined;
    return [duration(usual), isKnown ? `last time ${duration(took)}` : null];
  }

  success() {
    const { ended } = this.model.summary;
    if (!ended) return ["–", null];
    const states = Object.keys(ended);
    const bad = sumOf(
      ended,
      states.filter((state) => stateOf(state).bad),
    );
    const good = ended.succeeded ?? 0;
    const of = executionsText(sumOf(ended, states));
    if (!good && !bad) return ["–", of];
    const all = sumOf(ended, states).toLocaleString("en");
    return [
      percent(good, good + bad),
      bad ? `${bad.toLocaleString("en")} of ${all} went wrong` : of,
    ];
  }

  bars() {
    const { recent = [] } = this.model.summary;
    return [recentBars(recent, this.model.get("timezone")), null];
  }
}

function sumOf(counts, states) {
  return states.reduce((sum, state) => sum + counts[state], 0);
}

/** "99.3 %"; 100 only where it is all. */
export function percent(part, whole) {
  const exact = (100 * part) / whole;
  if (part === whole) return "100 %";
  return `${Math.min(99.9, Math.round(exact * 10) / 10).toLocaleString("en")} %`;
}

function fact(title, value, below) {
  return el(
    "div",
    { class: "job-fact" },
    el("div", { class: "job-fact-title" }, title),
    el("div", { class: "job-fact-value" }, value),
    below && el("div", { class: "job-fact-below soft" }, below),
  );
}
