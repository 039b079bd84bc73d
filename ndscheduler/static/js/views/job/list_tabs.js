// The executions and the audit trail of one job: the lists of the other pages, for it alone.

import { AuditEntries } from "../../collections/audit_entries.js";
import { Executions } from "../../collections/executions.js";
import { el } from "../../dom.js";
import { showEntry } from "../audit_log/entries.js";
import { auditColumns } from "../audit_log_page.js";
import { executionColumns } from "../executions/columns.js";
import { ListPage } from "../list_page.js";
import { emptyState } from "../table_view.js";

class JobList extends ListPage {
  listQuery() {
    return { job_id: this.model.id };
  }

  header() {
    return el("h2", { class: "visually-hidden" }, this.title);
  }

  /** Changes of rows that show go into them; new ones come in where nobody is reading. */
  takeLive(items) {
    this.collection.patch(items);
    const isNew = (item) =>
      item.job_id === this.model.id && !this.collection.get(this.collection.modelId(item));
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
    return { ...super.listQuery(), include: "brief" };
  }

  columns() {
    return executionColumns({ withJob: false });
  }

  openItem(execution) {
    this.app.router.go(["executions", execution.id]);
  }

  nothing() {
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
