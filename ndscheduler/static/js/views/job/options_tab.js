// All that a job is made of.

import { jsonText } from "../../arguments.js";
import { copyText, el } from "../../dom.js";
import { icon } from "../../icons.js";
import { expressionOf, scheduleInWords } from "../../schedule_words.js";
import { duration, timeElement } from "../../times.js";
import { toast } from "../../toasts.js";
import { BaseView } from "../base_view.js";

export class OptionsTab extends BaseView {
  initialize() {
    this.listenTo(this.model, "change:rev", this.render);
  }

  className() {
    return "job-options";
  }

  render() {
    this.el.replaceChildren(
      group("What runs", this.what()),
      group("When", this.when()),
      group("How", this.how()),
      group("The job itself", this.itself()),
    );
    return this;
  }

  what() {
    const { model } = this;
    return [
      ["Job class", el("code", {}, model.get("job_class_string"))],
      ["Arguments", code(model.get("pub_args") ?? [])],
      ["Keyword arguments", code(model.get("kwargs") ?? {})],
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
      ["Beyond that", model.get("overlap")],
      ["After a crash", model.get("retry_on_crash") ? "Start it again" : "Leave it interrupted"],
      ["Executor", model.get("executor")],
    ];
  }

  itself() {
    const { job_id: id, rev, created_at: created, updated_at: updated } = this.model.attributes;
    return [
      ["Job id", [el("code", {}, id), copyButton(id)]],
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

function code(value) {
  return el("pre", { class: "code" }, jsonText(value));
}

function yesNo(value) {
  if (value === null || value === undefined) return null;
  return value ? "Yes" : "No";
}

function copyButton(text) {
  const copy = async () => {
    const copied = await copyText(text);
    toast(copied ? "Copied." : "This browser does not let the page copy.");
  };
  return el(
    "button",
    { type: "button", class: "btn btn-sm icon-button", "aria-label": "Copy the id", click: copy },
    icon("clipboard"),
  );
}
