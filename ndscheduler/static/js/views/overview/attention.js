// What needs somebody: jobs that fail, missed fires, broken classes, jobs that never run again.

import { Job } from "../../models/job.js";
import { el, textCell } from "../../dom.js";
import { icon } from "../../icons.js";
import { runNow } from "../../job_actions.js";
import { href } from "../../router.js";
import { timeElement } from "../../times.js";
import { Panel } from "./panel.js";

// How each kind looks, as a state looks.
const LOOKS = {
  failing: ["failed", "x"],
  missed: ["missed", "dash"],
  scheduled_error: ["error", "warning"],
  interrupted: ["interrupted", "broken"],
  ended: ["skipped", "info"],
  broken: ["error", "warning"],
};
const SHOWN = 8;

export class Attention extends Panel {
  get name() {
    return "attention";
  }

  get heading() {
    return "Needs attention";
  }

  async read(get) {
    const { items, total } = await get("attention");
    this.app.counts.set({ attention: total });
    this.side.replaceChildren(total > SHOWN ? `${total} in all` : "");
    if (!items.length) {
      this.show(el("p", { class: "all-good state-succeeded state" }, icon("check"), " All good"));
      return;
    }
    const shown = this.isWhole ? items : items.slice(0, SHOWN);
    const list = el(
      "ul",
      { class: "attention-list" },
      shown.map((item) => this.item(item)),
    );
    this.show(list, this.rest(items.length - shown.length));
  }

  rest(count) {
    if (!count) return "";
    const showAll = () => {
      this.isWhole = true;
      this.expectChange();
      this.app.live.trigger("reload", null);
    };
    return el(
      "button",
      { type: "button", class: "btn btn-link btn-sm", click: showAll },
      `${count} more`,
    );
  }

  item(item) {
    const [key, iconName] = LOOKS[item.kind] ?? LOOKS.failing;
    const job = new Job({ job_id: item.job_id, name: item.job_name });
    const open = item.execution_id ? ["executions", item.execution_id] : ["jobs", item.job_id];
    return el(
      "li",
      {},
      el("span", { class: `state state-${key}` }, icon(iconName)),
      el(
        "a",
        { class: "attention-job", href: href(["jobs", item.job_id]) },
        textCell(item.job_name, 40),
      ),
      el("span", { class: "attention-sentence", title: item.sentence }, item.sentence),
      item.since && el("span", { class: "soft attention-since" }, timeElement(item.since)),
      el("a", { class: "btn btn-sm btn-outline-secondary", href: href(open) }, "Open"),
      item.kind === "broken" ? this.editLink(item) : this.runButton(job),
    );
  }

  editLink({ job_id: id }) {
    if (!this.app.may("edit")) return null;
    const attributes = { class: "btn btn-sm btn-outline-secondary" };
    return el("a", { ...attributes, href: href(["jobs", id, "edit"]) }, "Edit");
  }

  runButton(job) {
    if (!this.app.may("run")) return null;
    const attributes = { type: "button", class: "btn btn-sm btn-outline-secondary" };
    return el("button", { ...attributes, click: () => runNow(this.app, job) }, "Run now");
  }
}
