// When a job fires next: the ten fire times to come.

import { post } from "../../api.js";
import { el } from "../../dom.js";
import { timeElement } from "../../times.js";
import { triggerOf } from "../../schedule_words.js";
import { BaseView } from "../base_view.js";

const COUNT = 10;

export class FireTimes extends BaseView {
  initialize() {
    this.listenTo(this.model, "change:next_run_time change:rev change:trigger", this.load);
  }

  tagName() {
    return "section";
  }

  className() {
    return "card-box fire-times";
  }

  render() {
    this.heading = el("h2");
    this.body = el("div", { class: "soft" }, "Loading …");
    this.el.replaceChildren(this.heading, this.body);
    this.load();
    return this;
  }

  async load() {
    const { model } = this;
    this.heading.textContent = model.isPaused ? "When it would fire" : "Next fire times";
    if (model.problem) return this.body.replaceChildren("None: it can not run.");
    // Of a job that is still being read nothing is known; then its rev changes.
    if (!model.get("trigger")) return undefined;
    const { timezone, start_date: start, end_date: end } = model.attributes;
    const asked = { trigger: triggerOf(model.attributes), timezone, count: COUNT };
    try {
      const body = { ...asked, start_date: start ?? undefined, end_date: end ?? undefined };
      this.show((await post("triggers/preview", body)).fire_times);
    } catch (error) {
      this.body.replaceChildren(`They can not be read now: ${error.message}`);
    }
    return undefined;
  }

  show(times) {
    if (!times.length) {
      this.body.replaceChildren("None: it fires no more.");
      return;
    }
    const zone = this.model.get("timezone");
    const items = times.map(({ utc }) =>
      el("li", {}, timeElement(utc, "clock", zone), timeElement(utc, "relative", zone)),
    );
    this.body.replaceChildren(el("ol", { class: "fire-list" }, items));
  }
}
