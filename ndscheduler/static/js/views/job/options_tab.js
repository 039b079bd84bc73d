// All that a job is made of.

import { get, pathOf } from "../../api.js";
import { jsonText } from "../../arguments.js";
import { copyButton } from "../../copy_button.js";
import { el, fill } from "../../dom.js";
import { expressionOf, scheduleInWords } from "../../schedule_words.js";
import { duration, timeElement } from "../../times.js";
import { BaseView } from "../base_view.js";

// By the names of the REST API; one that is new shows as it is.
const OVERLAPS = { skip: "Skip it" };
const EXECUTORS = { threads: "Threads of the scheduler" };

export class OptionsTab extends BaseView {
  initialize() {
    this.listenTo(this.model, "change:rev", this.render);
    this.args = {};
  }

  className() {
    return "job-options";
  }

  render() {
    this.args = {};
    this.draw();
    this.readArguments();
    return this;
  }

  draw() {
    fill(
      this.el,
      group("What runs", this.what()),
      group("When", this.when()),
      group("How", this.how()),
      group("The job itself", this.itself()),
    );
  }

  // The model has the numbers of JavaScript, not those that were written.
  async readArguments() {
    const { rev } = this.model.attributes;
    try {
      const job = await get(pathOf("jobs", this.model.id), {}, { isExact: true });
      if (rev !== this.model.get("rev")) return;
      this.args = { pub_args: job.pub_args, kwargs: job.kwargs };
      this.draw();
    } catch {
      // What the model has stays: wrong only in digits beyond the sixteenth.
    }
  }

  what() {
    const { model } = this;
    return [
      ["Job class", el("code", {}, model.get("job_class_string"))],
      ["Arguments", code(this.args.pub_args ?? model.get("pub_args") ?? [])],
      ["Keyword arguments", code(this.args.kwargs ?? model.get("kwargs") ?? {})],
    ];
  }

  when() {
    const { timezone: zone, start_date: start, end_date: end } = this.model.attributes;
    return [
      ["Schedule", scheduleInWords(this.model)],
      ["As written", el("code", {}, expressionOf(this.model))],
      ["Time zone", zone],
      ["Starts", start ? timeElement(start, "clock", zone) : "At once"],
      ["Ends", end ? timeElement(end, "clock", zone) : "Never"],
    ];
  }

  how() {
    const { model } = this;
    const grace = model.get("misfire_grace_time");
    return [
      ["Grace time", grace === null ? "However late" : duration(grace), "So late it may still run"],
      ["Coalesce", yesNo(model.get("coalesce")), "Several fires that are due become one execution"],
      ["At once", model.get("max_instances"), "So many executions may run at the same time"],
      [
        "Beyond that",
        wordOf(OVERLAPS, model.get("overlap")),
        "The fire time becomes an execution that is recorded as skipped",
      ],
      ["After a crash", model.get("retry_on_crash") ? "Start it again" : "Leave it interrupted"],
      ["Executor", wordOf(EXECUTORS, model.get("executor"))],
    ];
  }

  itself() {
    const { job_id: id, rev, created_at: created, updated_at: updated } = this.model.attributes;
    return [
      ["Name", this.model.name],
      ["Job id", [el("code", {}, id), copyButton("Copy the id", () => id)]],
      ["Tags", (this.model.get("tags") ?? []).join(", ")],
      ["Description", this.model.get("description")],
      ["Created", created && timeElement(created, "clock")],
      ["Changed", updated && timeElement(updated, "clock")],
      ["Revision", rev],
    ];
  }
}

function group(title, rows) {
  const shown = rows.filter(([, value]) => ![null, undefined, ""].includes(value));
  return el(
    "section",
    { class: "card-box" },
    el("h2", {}, title),
    el(
      "dl",
      { class: "facts" },
      shown.map(([name, value, hint]) => [
        el("dt", {}, name),
        el("dd", {}, value, hint && el("span", { class: "soft option-hint" }, hint)),
      ]),
    ),
  );
}

function wordOf(words, name) {
  return words[name] ?? name;
}

function code(value) {
  return el("pre", { class: "code" }, jsonText(value));
}

function yesNo(value) {
  if (value === null || value === undefined) return null;
  return value ? "Yes" : "No";
}
