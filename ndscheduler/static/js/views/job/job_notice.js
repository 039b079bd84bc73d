// What one should know of a job first: that it is broken, paused, failing, or has run for good.

import { el, fill } from "../../dom.js";
import { icon } from "../../icons.js";
import { hasSelection } from "../../in_use.js";
import { pausedText, switchJob } from "../../job_actions.js";
import { href } from "../../router.js";
import { stateOf } from "../../states.js";
import { timeElement } from "../../times.js";
import { BaseView } from "../base_view.js";

export class JobNotice extends BaseView {
  initialize() {
    this.listenTo(this.model, "change", this.render);
  }

  render() {
    const draw = () => fill(this.el, this.broken(), this.paused(), this.failing(), this.over());
    // A button that was pressed may go with what it was about.
    this.whenFree(this.el, draw, () => !hasSelection(this.el) && !this.el.matches(":active"));
    return this;
  }

  broken() {
    const { problem } = this.model;
    if (!problem) return null;
    return notice("failed", "warning", ["It can not run: ", problem], this.editLink("Edit"));
  }

  editLink(words) {
    if (!this.app.may("edit")) return null;
    const attributes = { class: "btn btn-sm btn-outline-secondary" };
    return el("a", { ...attributes, href: href(["jobs", this.model.id, "edit"]) }, words);
  }

  paused() {
    const { app, model } = this;
    if (!model.isPaused) return null;
    const { paused_at: since, paused_until: until, timezone: zone } = model.attributes;
    const resume = () => switchJob(app, model, true);
    const attributes = { type: "button", class: "btn btn-sm btn-outline-secondary" };
    const button = app.may("pause") && el("button", { ...attributes, click: resume }, "Resume");
    const words = [
      pausedText(model),
      since ? [" (since ", timeElement(since, "minute", zone), ")"] : "",
      until
        ? [
            ". It goes on ",
            timeElement(until, "relative", zone),
            ", ",
            timeElement(until, "minute", zone),
            ".",
          ]
        : ". It does not fire until it is resumed.",
    ];
    return notice("stopped", "pause", words, button);
  }

  failing() {
    const { last, failures_in_a_row: failures = 0 } = this.model.summary;
    if (!failures || !last) return null;
    const times = failures > 1 ? `${failures} times in a row` : "the last time";
    const why = last.error_summary ?? last.reason;
    const word = stateOf(last.state).bad ? stateOf(last.state).word : "Went wrong";
    const open = el(
      "a",
      { class: "btn btn-sm btn-outline-secondary", href: href(["executions", last.execution_id]) },
      "Open the last",
    );
    return notice("failed", "x", [`${word} ${times}`, why ? `: ${why}` : "."], open);
  }

  over() {
    if (!this.model.isOver || this.model.problem) return null;
    const edit = this.editLink("Change its schedule");
    return notice("queued", "info", "Its schedule names no fire time to come.", edit);
  }
}

function notice(state, iconName, words, action) {
  return el(
    "div",
    { class: `job-notice state-${state}`, role: "status" },
    icon(iconName),
    el("p", {}, words),
    action,
  );
}
