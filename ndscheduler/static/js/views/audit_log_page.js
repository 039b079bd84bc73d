// Who changed what, when and from where.

import { AuditEntries } from "../collections/audit_entries.js";
import { el, textCell } from "../dom.js";
import { rangeQuery } from "../ranges.js";
import { href } from "../router.js";
import { timeElement } from "../times.js";
import { changesCell, eventWord, showEntry } from "./audit_log/entries.js";
import { EVENT_WORDS } from "./audit_log/events.js";
import { chipFilter, rangeFilter, searchFilter, selectFilter } from "./filters.js";
import { ListPage } from "./list_page.js";
import { emptyState } from "./table_view.js";

const EVENT_OPTIONS = [["", "Any event"], ...EVENT_WORDS];

export class AuditLogPage extends ListPage {
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
    return auditColumns();
  }

  openItem(entry) {
    showEntry(entry);
  }

  listQuery() {
    const { q, event, user, job_id: jobId } = this.query;
    return { q, event, user, job_id: jobId, ...rangeQuery(this.query) };
  }

  filterFields() {
    return [
      searchFilter(this, { placeholder: "Job, user or change" }),
      selectFilter(this, { name: "event", label: "Event", options: EVENT_OPTIONS }),
      rangeFilter(this),
      chipFilter(this, { name: "user", words: `By ${this.query.user ?? ""}` }),
      chipFilter(this, { name: "job_id", words: "One job" }),
    ];
  }

  takeLive() {
    if (!this.query.cursor) this.refresh();
  }

  nothing() {
    return emptyState({
      title: "No change is like that",
      text: "Each change of a job or an account, by the page, REST or code, and each login becomes an entry here.",
    });
  }
}

/** The columns of a list of audit entries; without the job's for lists that are of one job. */
export function auditColumns({ withJob = true } = {}) {
  const columns = [
    { title: "When", cell: (entry) => timeElement(entry.get("created_time"), "clock") },
    { title: "Who", cell: userCell },
    {
      title: "From",
      className: "spare",
      cell: (entry) => textCell(entry.get("remote") ?? "", 24),
    },
    { title: "What", cell: (entry) => eventWord(entry) },
    withJob && { title: "Job", className: "grow", cell: jobCell },
    { title: "Change", className: "fill", cell: changesCell },
  ];
  return columns.filter(Boolean);
}

// Nobody is known who did not get in.
function userCell(entry) {
  const user = entry.get("user");
  if (!user) return el("span", { class: "soft" }, "–");
  return el("a", { href: href(["logs"], { user }) }, textCell(user, 24));
}

function jobCell(entry) {
  if (!entry.get("job_id")) return el("span", { class: "soft" }, "–");
  const name = textCell(entry.get("job_name"), 50);
  if (entry.get("event") === "deleted") return name;
  return el("a", { href: href(["jobs", entry.get("job_id")]) }, name);
}
