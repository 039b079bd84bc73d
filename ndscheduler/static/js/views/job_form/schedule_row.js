// One of the ways to say a schedule: a radio button, its controls, what is wrong.

import { el } from "../../dom.js";
import { newId } from "./field.js";

export class ScheduleRow {
  // Subclasses say: form (as the schedule names it), title, controls(), show().

  constructor(schedule) {
    this.schedule = schedule;
    this.radio = el("input", {
      type: "radio",
      class: "form-check-input",
      name: "schedule-form",
      id: newId("schedule"),
      change: () => schedule.chooseForm(this.form),
    });
    this.problem = el("p", { class: "form-problem", id: newId("problem"), "aria-live": "polite" });
    this.body = el("div", { class: "schedule-controls" }, this.controls());
    this.el = el(
      "div",
      { class: "form-row schedule-row" },
      el(
        "div",
        { class: "form-label form-check" },
        this.radio,
        el("label", { class: "form-check-label", for: this.radio.id }, this.title),
      ),
      el("div", { class: "form-cell" }, this.body, this.problem),
    );
  }

  get isChosen() {
    return this.schedule.get("form") === this.form;
  }

  refresh() {
    this.radio.checked = this.isChosen;
    this.el.classList.toggle("is-chosen", this.isChosen);
    this.show();
  }

  /** The input that a problem with the field `name` is about. */
  inputFor() {
    return this.body.querySelector("input, select");
  }

  setProblem(sentence, name = "") {
    this.problem.textContent = sentence ?? "";
    this.el.classList.toggle("has-problem", Boolean(sentence));
    for (const input of this.body.querySelectorAll("[aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    this.blamed = sentence ? this.inputFor(name) : null;
    this.blamed?.setAttribute("aria-invalid", "true");
    this.blamed?.setAttribute("aria-describedby", this.problem.id);
  }

  focus() {
    const fold = this.blamed?.closest("details");
    if (fold) fold.open = true;
    (this.blamed ?? this.inputFor()).focus();
  }
}

/** Put `text` into `input`, but not while somebody types there. */
export function setUnlessFocused(input, text) {
  if (input !== document.activeElement && input.value !== text) input.value = text;
}
