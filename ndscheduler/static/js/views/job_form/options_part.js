// What else can be said of a job; folded away while it is all as usual.

import { el } from "../../dom.js";
import { GRACE_UNITS, tagsOf } from "../../models/job_form.js";
import { BaseView } from "../base_view.js";
import { choiceOf, Field, textInput, tickBox } from "./field.js";

const MOST_TAGS = 12;

export class OptionsPart extends BaseView {
  initialize({ form, lists }) {
    Object.assign(this, { form, lists });
    this.listenTo(lists, "change:tags", this.offerTags);
    this.listenTo(form, "change:tags", this.offerTags);
    this.listenTo(form, "change:isLateFine", this.showGrace);
    this.listenTo(form, "change:timezone", this.showZone);
  }

  tagName() {
    return "section";
  }

  className() {
    return "form-part";
  }

  render() {
    this.fields = [
      ...this.describing(),
      this.instant("Starts", "start", "start_date"),
      this.instant("Ends", "end", "end_date"),
      this.grace(),
      ...this.running(),
    ];
    this.el.replaceChildren(el("h2", {}, "Options"), ...this.fields.map((field) => field.el));
    this.offerTags();
    this.showGrace();
    this.showZone();
    return this;
  }

  describing() {
    this.tagOffers = el("div", { class: "tag-offers", role: "group", "aria-label": "Known words" });
    this.tagInput = textInput(this.form, "tags", { placeholder: "nightly, billing" });
    const area = el("textarea", { class: "form-control", rows: 2, maxlength: 10000 });
    area.value = this.form.get("description");
    area.addEventListener("input", () => this.form.set("description", area.value));
    return [
      new Field({
        label: "Tags",
        names: ["tags"],
        input: this.tagInput,
        control: [this.tagInput, this.tagOffers],
        hint: "Words to find the job by, with commas between them.",
      }),
      new Field({ label: "Description", names: ["description"], control: area }),
    ];
  }

  instant(label, name, restName) {
    const control = textInput(this.form, name, { type: "datetime-local", step: "1" });
    const first =
      name === "start" ? "It does not fire before this." : "It does not fire after this.";
    const hint = [first, " A time in ", el("span", { class: "job-zone" }), "."];
    return new Field({ label, names: [restName], control, hint });
  }

  grace() {
    const setUnit = (graceUnit) => this.form.set({ graceUnit });
    const units = Object.keys(GRACE_UNITS).map((unit) => [unit, unit]);
    this.graceInput = textInput(this.form, "grace", {
      type: "number",
      min: 1,
      class: "form-control short-input",
    });
    this.graceUnit = choiceOf(units, this.form.get("graceUnit"), setUnit, {
      "aria-label": "Unit of the grace time",
    });
    const { control: tick } = tickBox(this.form, "isLateFine", "however late");
    return new Field({
      label: "Grace time",
      names: ["misfire_grace_time"],
      input: this.graceInput,
      control: el("div", { class: "inline-controls" }, this.graceInput, this.graceUnit, tick),
      hint: "How late it may start and still run. Later than that, it is recorded as missed.",
    });
  }

  running() {
    const coalesce = tickBox(this.form, "coalesce", "Run once for several fire times that are due");
    const retry = tickBox(
      this.form,
      "retryOnCrash",
      "Start again what a scheduler that died had begun",
    );
    const most = textInput(this.form, "maxInstances", {
      type: "number",
      min: 1,
      max: 10000,
      class: "form-control short-input",
    });
    const overlap = choiceOf([["skip", "Skip it"]], "skip", (value) =>
      this.form.set("overlap", value),
    );
    return [
      new Field({ label: "Coalesce", names: ["coalesce"], ...coalesce, isGroup: true }),
      new Field({
        label: "At most at once",
        names: ["max_instances"],
        control: most,
        hint: "How many executions by schedule may be queued or running.",
      }),
      new Field({
        label: "Overlap",
        names: ["overlap"],
        control: overlap,
        hint: "What becomes of a fire time when that many run; for now always an execution that is recorded as skipped.",
      }),
      new Field({
        label: "Retry on crash",
        names: ["retry_on_crash"],
        ...retry,
        isGroup: true,
        hint: "Only for work that may be done twice.",
      }),
    ];
  }

  showGrace() {
    const isLateFine = this.form.get("isLateFine");
    this.graceInput.disabled = isLateFine;
    this.graceUnit.disabled = isLateFine;
  }

  showZone() {
    for (const place of this.el.querySelectorAll(".job-zone")) {
      place.textContent = this.form.get("timezone") || "the zone of the job";
    }
  }

  offerTags() {
    const taken = tagsOf(this.form.get("tags"));
    const known = (this.lists.get("tags") ?? []).filter((tag) => !taken.includes(tag));
    const buttons = known.slice(0, MOST_TAGS).map((tag) => {
      const click = () => this.takeTag(tag);
      return el(
        "button",
        { type: "button", class: "tag", click, "aria-label": `Add the tag ${tag}` },
        `+ ${tag}`,
      );
    });
    this.tagOffers?.replaceChildren(...buttons);
  }

  takeTag(tag) {
    this.tagInput.value = [...tagsOf(this.tagInput.value), tag].join(", ");
    this.form.set("tags", this.tagInput.value);
    this.tagInput.focus();
  }
}
