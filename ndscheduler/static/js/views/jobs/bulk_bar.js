// What can be done with the jobs that are ticked. Stands below the list: it moves no row.

import { forEachJob, jobsText, outcome } from "../../bulk.js";
import { askPause } from "../../dialogs/pause_job.js";
import { ask } from "../../dialogs.js";
import { el, shortened } from "../../dom.js";
import { toast } from "../../toasts.js";
import { BaseView } from "../base_view.js";

const NAMED = 10;

export class BulkBar extends BaseView {
  /** `ticks` are the jobs; `onDone()` is told when something was done with them. */
  initialize({ ticks, onDone = () => {} }) {
    Object.assign(this, { ticks, onDone });
    this.listenTo(ticks, "ticked remove", this.refresh);
  }

  className() {
    return "bulk-bar";
  }

  attributes() {
    return { role: "region", "aria-label": "Ticked jobs" };
  }

  render() {
    this.count = el("strong", { class: "bulk-count", role: "status" });
    this.buttons = el("div", { class: "bulk-buttons" }, [
      bulkButton("Run now", () => this.run()),
      bulkButton("Pause …", () => this.pause()),
      bulkButton("Resume", () => this.resume()),
      this.app.may("delete") &&
        bulkButton("Delete …", () => this.deleteAll(), "btn-outline-danger"),
      bulkButton("Untick all", () => this.ticks.clear(), "btn-link"),
    ]);
    this.progress = el("progress", { class: "bulk-progress", "aria-label": "Progress" });
    this.working = el("div", { class: "bulk-working", hidden: true }, [
      this.progress,
      (this.told = el("span")),
      bulkButton("Stop", () => this.aborter.abort()),
    ]);
    this.el.replaceChildren(this.count, this.buttons, this.working);
    this.refresh();
    return this;
  }

  refresh() {
    if (!this.count) return;
    this.count.textContent = `${this.ticks.length.toLocaleString("en")} ticked`;
    this.el.hidden = this.ticks.length === 0 && !this.isWorking;
  }

  async run() {
    const jobs = [...this.ticks.models];
    const act = () => this.work("Run", "queued", jobs, (job) => job.runNow());
    if (jobs.length === 1) await act();
    else await this.askFirst(`Run ${jobsText(jobs.length)} now?`, jobs, "Run now", false, act);
  }

  async pause() {
    const jobs = this.ticks.filter((job) => !job.isPaused);
    if (!jobs.length) return this.nothingTo("All of them are paused already.");
    const chosen = {};
    const isSure = await askPause({
      title: `Pause ${jobsText(jobs.length)}`,
      text: `${names(jobs)} will not fire until resumed. What runs goes on.`,
      act: (reason, until) => Object.assign(chosen, { reason, until }),
    });
    if (!isSure) return undefined;
    const act = (job) => job.pause(chosen.reason, chosen.until);
    return this.work("Pause", "paused", jobs, act, { label: "Undo", undo: (job) => job.resume() });
  }

  async resume() {
    const jobs = this.ticks.filter((job) => job.isPaused);
    if (!jobs.length) return this.nothingTo("None of them is paused.");
    const before = new Map(jobs.map((job) => [job.id, { ...job.attributes }]));
    const undo = (job) => {
      const { paused_reason: reason, paused_until: until } = before.get(job.id);
      return job.pause(reason, until);
    };
    return this.work("Resume", "resumed", jobs, (job) => job.resume(), { label: "Undo", undo });
  }

  deleteAll() {
    const jobs = [...this.ticks.models];
    const act = () => this.work("Delete", "deleted", jobs, (job) => job.deleteForGood());
    const title = `Delete ${jobsText(jobs.length)}?`;
    return this.askFirst(title, jobs, `Delete ${jobsText(jobs.length)}`, true, act);
  }

  async askFirst(title, jobs, confirm, danger, act) {
    const lines = danger
      ? [
          `${names(jobs)} will not run any more. This can not be undone.`,
          "Their executions stay among the executions, and the audit log keeps what they were.",
        ]
      : [`${names(jobs)} start at once, with their own arguments.`];
    // The dialog closes before the work: its progress shows in the bar.
    if (await ask({ title, lines, confirm, danger, act: () => {} })) await act();
  }

  nothingTo(sentence) {
    toast(sentence);
  }

  /** Do it with `jobs`, show how far it is, and tell in one toast what came of it. */
  async work(verb, word, jobs, act, { label = null, undo = null } = {}) {
    this.begin();
    const show = (count) => this.show(`${verb}: ${count} of ${jobs.length}`, count, jobs.length);
    show(0);
    const found = await forEachJob(jobs, act, { onProgress: show, signal: this.aborter.signal });
    this.end();
    const run = () => this.work("Undo", "as before", found.done, undo);
    toast(outcome(word, found), {
      kind: found.failed.length ? "bad" : "good",
      action: undo && found.done.length ? { label, run } : undefined,
    });
  }

  begin() {
    this.aborter = new AbortController();
    this.isWorking = true;
    this.buttons.hidden = true;
    this.working.hidden = false;
    this.refresh();
  }

  show(sentence, count, total) {
    this.told.textContent = sentence;
    this.progress.max = total;
    this.progress.value = count;
  }

  end() {
    this.isWorking = false;
    this.buttons.hidden = false;
    this.working.hidden = true;
    this.refresh();
    this.onDone();
  }
}

function bulkButton(word, run, kind = "btn-outline-secondary") {
  return el("button", { type: "button", class: `btn btn-sm ${kind}`, click: run }, word);
}

function names(jobs) {
  const named = jobs.slice(0, NAMED).map((job) => `“${shortened(job.name, 40)}”`);
  const more = jobs.length > NAMED ? ` and ${jobs.length - NAMED} more` : "";
  return named.join(", ") + more;
}
