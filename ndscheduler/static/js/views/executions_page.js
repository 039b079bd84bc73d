// Every execution: what ran, what did not, and why.

import { Executions } from "../collections/executions.js";
import { el } from "../dom.js";
import { isInRange, rangeQuery } from "../ranges.js";
import { STATES } from "../states.js";
import { executionColumns } from "./executions/columns.js";
import { chipFilter, rangeFilter, searchFilter, selectFilter } from "./filters.js";
import { ListPage } from "./list_page.js";
import { emptyState } from "./table_view.js";

// Who has scrolled so far reads further down: nothing comes in above.
const SCROLLED_PIXELS = 80;
const BAD = "failed,timeout,scheduled error,interrupted,missed";
export const STATE_OPTIONS = [
  ["", "Any state"],
  [BAD, "All that went wrong"],
  ["scheduled,running,stopping", "Queued and running"],
  ...Object.entries(STATES)
    .filter(([label]) => label !== "stopping")
    .map(([label, { word }]) => [label, word]),
];
const TRIGGER_OPTIONS = [
  ["", "Any trigger"],
  ["schedule", "By schedule"],
  ["manual", "By hand"],
  ["retry", "Retries"],
];

export class ExecutionsPage extends ListPage {
  initialize() {
    this.collection = new Executions();
    this.listenTo(this.app.live, "executions", this.takeLive);
  }

  get title() {
    return "Executions";
  }

  get noun() {
    return ["execution", "executions"];
  }

  columns() {
    return executionColumns();
  }

  openItem(execution) {
    this.app.router.go(["executions", execution.id]);
  }

  listQuery() {
    const { q, state, job_id: jobId, tag, trigger_kind: kind } = this.query;
    const chosen = { q, state, job_id: jobId, tag, trigger_kind: kind };
    return { ...chosen, ...rangeQuery(this.query), include: "brief" };
  }

  filterFields() {
    return [
      searchFilter(this, { placeholder: "Job, class, error or id" }),
      selectFilter(this, { name: "state", label: "State", options: STATE_OPTIONS }),
      rangeFilter(this),
      selectFilter(this, { name: "trigger_kind", label: "Trigger", options: TRIGGER_OPTIONS }),
      chipFilter(this, { name: "job_id", words: "One job" }),
      chipFilter(this, { name: "tag", words: `Tag ${this.query.tag ?? ""}` }),
    ];
  }

  /** Changes of rows that are shown go into them; new rows come where nobody is reading. */
  takeLive(executions) {
    this.collection.hear(() => this.collection.patch(executions));
    const isNew = (item) => !this.collection.get(item.execution_id) && this.mayShow(item);
    if (!this.query.cursor && executions.some(isNew)) this.refresh();
  }

  /** Whether an execution can be one of this list; the server has the last word. */
  mayShow(item) {
    const { state, job_id: jobId, trigger_kind: kind } = this.query;
    if (state && !state.split(",").includes(item.state)) return false;
    if (jobId && item.job_id !== jobId) return false;
    if (kind && item.trigger_kind !== kind) return false;
    return isInRange(item.scheduled_time, this.query);
  }

  get isInUse() {
    return super.isInUse || window.scrollY > SCROLLED_PIXELS;
  }

  nothing() {
    const isFiltered = Object.keys(this.query).some((name) => name !== "limit" && name !== "sort");
    if (!isFiltered) {
      return emptyState({
        title: "Nothing has run yet",
        text: "Each fire time of a job and each run by hand becomes a row here.",
        action: el("a", { class: "btn btn-primary", href: "#jobs" }, "Go to the jobs"),
      });
    }
    const clear = () => this.app.router.go(["executions"]);
    return emptyState({
      iconName: "search",
      title: "No execution is like that",
      text: "Choose a longer range or fewer filters.",
      action: el("button", { type: "button", class: "btn btn-primary", click: clear }, "Show all"),
    });
  }
}
