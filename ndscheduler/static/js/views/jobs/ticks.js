// Which jobs are ticked, over all pages of the list, and the column to tick them in.

import { Jobs } from "../../collections/jobs.js";
import { el } from "../../dom.js";

export class Ticks extends Jobs {
  /** Tick the jobs of `listed`; what is ticked there stays ticked when the page is turned. */
  initialize(models, { listed }) {
    super.initialize();
    this.listed = listed;
    this.lastTicked = null;
    this.listenTo(listed, "loaded", this.takeNewer);
  }

  isTicked(job) {
    return this.has(job.id);
  }

  /** Tick `job` or not; with `isRange`, all from the one before up to it. */
  tick(job, isOn, isRange = false) {
    const jobs = isRange ? this.rangeTo(job) : [job];
    this.lastTicked = job.id;
    if (isOn) this.add(jobs);
    else this.remove(jobs);
    this.trigger("ticked");
  }

  tickAll(isOn) {
    if (isOn) this.add(this.listed.models);
    else this.remove(this.listed.models);
    this.trigger("ticked");
  }

  clear() {
    this.reset();
    this.trigger("ticked");
  }

  /** How many of the page that shows are ticked. */
  get shown() {
    return this.listed.filter((job) => this.isTicked(job)).length;
  }

  rangeTo(job) {
    const from = this.listed.findIndex(({ id }) => id === this.lastTicked);
    const to = this.listed.indexOf(job);
    if (from < 0) return [job];
    return this.listed.slice(Math.min(from, to), Math.max(from, to) + 1);
  }

  // A page that is read again brings other objects for jobs that were ticked before.
  takeNewer() {
    for (const job of this.listed.models) {
      const known = this.get(job.id);
      if (!known || known === job) continue;
      this.remove(known, { silent: true });
      this.add(job, { silent: true });
    }
    this.trigger("ticked");
  }
}

/** The column with a tick for each job, and one in its head for all. */
export function tickColumn(ticks) {
  return {
    title: "Tick",
    className: "job-tick",
    head: () => headTick(ticks),
    cell: (job) => rowTick(ticks, job),
    update: () => {},
  };
}

function headTick(ticks) {
  const input = el("input", {
    type: "checkbox",
    class: "form-check-input",
    "aria-label": "Tick all jobs on this page",
    change: () => ticks.tickAll(input.checked),
  });
  ticks.on("ticked", () => {
    const { shown } = ticks;
    input.checked = shown > 0 && shown === ticks.listed.length;
    input.indeterminate = shown > 0 && shown < ticks.listed.length;
  });
  return input;
}

function rowTick(ticks, job) {
  const input = el("input", {
    type: "checkbox",
    class: "form-check-input",
    "aria-label": `Tick ${job.name}`,
    click: (event) => ticks.tick(job, input.checked, event.shiftKey),
  });
  input.checked = ticks.isTicked(job);
  return input;
}

/** Show in `body` (of the table) which rows are ticked. */
export function showTicks(ticks, body) {
  for (const row of body.querySelectorAll("tr[data-id]")) {
    const isTicked = ticks.has(row.dataset.id);
    row.classList.toggle("is-ticked", isTicked);
    const input = row.querySelector(".job-tick input");
    if (input) input.checked = isTicked;
  }
}
