// What comes next: each job once, the soonest first.

import { Job } from "../../models/job.js";
import { el, textCell } from "../../dom.js";
import { runNow } from "../../job_actions.js";
import { skipNext } from "../../dialogs/skip_next.js";
import { href } from "../../router.js";
import { scheduleInWords } from "../../schedule_words.js";
import { timeElement } from "../../times.js";
import { Panel } from "./panel.js";

const LIMIT = 12;

export class Upcoming extends Panel {
  get name() {
    return "upcoming";
  }

  get heading() {
    return "Upcoming";
  }

  async read(get) {
    const { jobs } = await get("jobs", { sort: "next_run", status: "active", limit: LIMIT });
    const coming = jobs.filter((job) => job.next_run_time).map((job) => new Job(job));
    if (!coming.length) {
      const link = this.app.may("add") && el("a", { href: "#jobs/new" }, "Make one");
      this.show(el("p", { class: "soft panel-empty" }, "No job will fire. ", link));
      return;
    }
    const rows = coming.map((job) => this.item(job));
    this.show(el("ul", { class: "upcoming-list" }, rows));
  }

  async skip(job) {
    if (await skipNext(this.app, job)) this.expectChange();
  }

  item(job) {
    const words = scheduleInWords(job);
    return el(
      "li",
      {},
      el("a", { class: "upcoming-job", href: href(["jobs", job.id]) }, textCell(job.name, 40)),
      el("span", { class: "upcoming-when soft", title: words }, words),
      timeElement(job.get("next_run_time"), "countdown", job.get("timezone")),
      el(
        "span",
        { class: "upcoming-actions" },
        this.app.may("skip") &&
          actButton("Skip", `Skip the next run of ${job.name}`, () => this.skip(job)),
        this.app.may("run") && actButton("Run", `Run ${job.name} now`, () => runNow(this.app, job)),
      ),
    );
  }
}

function actButton(word, label, click) {
  const attributes = { type: "button", class: "btn btn-sm btn-outline-secondary", click };
  return el("button", { ...attributes, "aria-label": label, title: label }, word);
}
