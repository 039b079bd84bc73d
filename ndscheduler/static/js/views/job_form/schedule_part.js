// When the job runs: three ways to say it, the zone, and what comes of it.

import { el } from "../../dom.js";
import { CRON_FIELDS } from "../../schedule/rule.js";
import { BaseView } from "../base_view.js";
import { ComboboxView } from "../combobox_view.js";
import { CrontabRow } from "./crontab_row.js";
import { Field } from "./field.js";
import { FieldsRow } from "./fields_row.js";
import { PresetRow } from "./preset_row.js";
import { PreviewPart } from "./preview_part.js";

export class SchedulePart extends BaseView {
  initialize({ form, lists }) {
    Object.assign(this, { form, lists, schedule: form.schedule });
    this.listenTo(this.schedule, "change", this.showSchedule);
    this.listenTo(lists, "change:zones", this.takeZones);
    this.listenTo(form, "previewed", this.showPreviewProblem);
  }

  tagName() {
    return "section";
  }

  className() {
    return "form-part";
  }

  render() {
    this.rows = [PresetRow, FieldsRow, CrontabRow].map((Row) => new Row(this.schedule));
    const group = el("div", {
      class: "schedule-rows",
      role: "radiogroup",
      "aria-label": "Schedule",
    });
    group.append(...this.rows.map((row) => row.el));
    this.zone = this.zoneField();
    this.el.replaceChildren(el("h2", {}, "Schedule"), group, this.zone.el);
    this.add(new PreviewPart({ app: this.app, form: this.form }));
    this.showSchedule();
    this.takeZones();
    return this;
  }

  get fields() {
    const chosen = this.rows.find((row) => row.form === this.schedule.get("form"));
    // What the server says of the schedule belongs to the row that is meant.
    return [{ ...asField(chosen), takes: (name) => isOfSchedule(name) }, this.zone];
  }

  zoneField() {
    this.combobox = new ComboboxView({
      value: this.form.get("timezone"),
      placeholder: "Europe/Berlin",
      listLabel: "Time zones",
      onChange: (timezone) => this.form.set({ timezone }),
    });
    this.children.add(this.combobox.render());
    const { el: control, input } = this.combobox;
    return new Field({ label: "Time zone", names: ["timezone"], control, input });
  }

  takeZones() {
    const items = (this.lists.get("zones") ?? []).map((value) => ({ value }));
    this.combobox?.setItems(items);
  }

  showSchedule() {
    for (const row of this.rows) row.refresh();
  }

  showPreviewProblem(problem) {
    for (const row of this.rows) row.setProblem(null);
    this.zone.setProblem(null);
    if (!problem) return;
    const field = this.fields.find((one) => one.takes(problem.field ?? ""));
    field?.setProblem(problem.sentence ?? problem.message, problem.field);
  }
}

function asField(row) {
  return {
    setProblem: (sentence, name) => row.setProblem(sentence, name),
    focus: () => row.focus(),
  };
}

function isOfSchedule(name) {
  return CRON_FIELDS.includes(name) || name === "trigger" || name.startsWith("trigger.");
}
