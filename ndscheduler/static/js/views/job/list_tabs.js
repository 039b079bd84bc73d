// The executions and the audit trail of one job: the lists of the other pages, for it alone.

import { AuditEntries } from "../../collections/audit_entries.js";
import { Executions } from "../../collections/executions.js";
import { el } from "../../dom.js";
import { showEntry } from "../audit_log/entries.js";
import { auditColumns } from "../audit_log_page.js";
import { STATE_OPTIONS } from "../executions_page.js";
import { rangeFilter, searchFilter, selectFilter } from "../filters.js";
import { isInRange, rangeQuery } from "../../ranges.js";
import { executionColumns } from "../executions/columns.js";
import { ListPage } from "../list_page.js";
import { emptyState } from "../table_view.js";

class JobList extends ListPage {
  /** Whether a change can be one of this list; the server has the last word. */
  mayShow() {
    return true;
  }

  listQuery() {
    return { job_id: this.model.id };
  }

  header() {
    return el("h2", { class: "visually-hidden" }, this.title);
  }

  get isFiltered() {
    return Object.keys(this.query).some((name) => !["tab", "limit", "cursor"].includes(name));
  }

  /** Changes of rows that show go into them; new ones come in where nobody is reading. */
  takeLive(items) {
    this.collection.hear(() => this.collection.patch(items));
    const isNew = (item) =>
      item.job_id === this.model.id &&
      !this.collection.get(this.collection.modelId(item)) &&
      this.mayShow(item);
    if (!this.query.cursor && items.some(isNew)) this.refresh();
  }
}

export class ExecutionsTab extends JobList {
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

  listQuery() {
    const { q, state } = this.query;
    return { ...super.listQuery(), q, state, ...rangeQuery(this.query), include: "brief" };
  }

  filterFields() {
    return [
      searchFilter(this, { placeholder: "Error, host or id" }),
      selectFilter(this, { name: "state", label: "State", options: STATE_OPTIONS }),
      rangeFilter(this),
    ];
  }

  mayShow(item) {
    const { state } = this.query;
    if (state && !state.split(",").includes(item.state)) return false;
    return isInRange(item.scheduled_time, this.query);
  }

  columns() {
    return executionColumns({ withJob: false });
  }

  openItem(execution) {
    this.app.router.go(["executions", execution.id]);
  }

  nothing() {
    if (this.isFiltered) {
      const text = "Choose a longer range or fewer filters.";
      return emptyState({ iconName: "search", title: "No execution is like that", text });
    }
    return emptyState({
      title: "It has not run yet",
      text: "Each fire time and each run by hand becomes a row here.",
    });
  }
}

export class AuditTab extends JobList {
  initialize() {
    this.collection = new AuditEntries();
    this.listenTo(this.app.live, "logs", this.takeLive);
  }

  get title() {
    return "Audit log";
  }

  get noun() {
    return ["entry", "entries"];
  }

  columns() {
    return auditColumns({ withJob: false });
  }

  openItem(entry) {
    showEntry(entry);
  }

  nothing() {
    return emptyState({ title: "Nothing has been changed", text: "Changes of the job show here." });
  }
}
