// One job: what it is, how it did, what it did, who changed it.

import { el } from "../dom.js";
import { runNow } from "../job_actions.js";
import { Job } from "../models/job.js";
import { href } from "../router.js";
import { JobFacts } from "./job/job_facts.js";
import { JobHead } from "./job/job_head.js";
import { JobNotice } from "./job/job_notice.js";
import { AuditTab, ExecutionsTab } from "./job/list_tabs.js";
import { OptionsTab } from "./job/options_tab.js";
import { OverviewTab } from "./job/overview_tab.js";
import { PageView } from "./page_view.js";
import { emptyState } from "./table_view.js";

// [name in the URL, title, view].
const TABS = [
  ["", "Overview", OverviewTab],
  ["executions", "Executions", ExecutionsTab],
  ["audit", "Audit log", AuditTab],
  ["options", "Options", OptionsTab],
];

export class JobPage extends PageView {
  initialize() {
    this.job = new Job({ job_id: this.place.id });
    this.listenTo(this.job, "change:name", () => this.trigger("title"));
    this.listenTo(this.app.live, "jobs", this.takeJobs);
    this.listenTo(this.app.live, "executions", this.takeExecutions);
    this.listenTo(this.app.live, "reload", this.reload);
    this.bindKeyFor("edit", "e", "Edit the job", () =>
      this.app.router.go(["jobs", this.job.id, "edit"]),
    );
    this.bindKeyFor("run", "r", "Run the job now", () => {
      if (this.isDrawn) runNow(this.app, this.job);
    });
  }

  className() {
    return "page job-page";
  }

  get title() {
    return this.job.name ?? "Job";
  }

  render() {
    this.el.replaceChildren(el("p", { class: "soft", role: "status" }, "Loading …"));
    this.load();
    return this;
  }

  async load() {
    try {
      await this.job.load();
      if (!this.isDrawn) this.draw();
    } catch (error) {
      this.fail(error);
    }
  }

  draw() {
    const { app, job } = this;
    this.isDrawn = true;
    this.el.replaceChildren();
    for (const Part of [JobHead, JobNotice, JobFacts]) this.add(new Part({ app, model: job }));
    this.nav = el("nav", { class: "nav nav-tabs job-tabs", "aria-label": "Parts of the job" });
    this.el.append(this.nav);
    this.showTab();
  }

  get tabName() {
    const { tab = "" } = this.query;
    return TABS.some(([name]) => name === tab) ? tab : "";
  }

  showTab() {
    const { app, job, place, tabName } = this;
    const [, , Tab] = TABS.find(([name]) => name === tabName);
    if (this.tab) this.drop(this.tab);
    this.shownTab = tabName;
    this.nav.replaceChildren(...TABS.map(([name, title]) => this.tabLink(name, title)));
    this.tab = this.add(new Tab({ app, model: job, place }));
  }

  tabLink(name, title) {
    const isShown = name === this.shownTab;
    const attributes = {
      class: `nav-link${isShown ? " active" : ""}`,
      href: href(["jobs", this.job.id], { tab: name }),
      "data-tab": name,
      "aria-current": isShown ? "page" : null,
    };
    return el("a", attributes, title);
  }

  /** The URL has changed: another tab, or what is chosen in this one. */
  chosen() {
    if (!this.isDrawn) return;
    if (this.tabName !== this.shownTab) this.showTab();
    else this.tab.chosen?.();
  }

  takeJobs(jobs, deleted) {
    const found = jobs.find((item) => item.job_id === this.job.id);
    if (found) this.job.set(found);
    if (deleted.includes(this.job.id)) this.fail({ status: 404 });
  }

  takeExecutions(executions) {
    for (const execution of executions) {
      if (execution.job_id === this.job.id) this.job.takeExecution(execution);
    }
  }

  reload(what) {
    if (!what || what.includes("jobs") || what.includes("executions")) this.load();
  }

  fail(error) {
    // What is known stays while the server is away: the pill tells of that.
    if (this.isDrawn && error.status !== 404) return;
    for (const child of [...this.children]) this.drop(child);
    this.isDrawn = false;
    this.el.replaceChildren(this.failure(error));
  }

  failure(error) {
    if (error.status !== 404) {
      const again = () => this.render();
      return emptyState({
        iconName: "warning",
        title: "This job can not be read now",
        text: error.message,
        action: el(
          "button",
          { type: "button", class: "btn btn-primary", click: again },
          "Try again",
        ),
      });
    }
    const audit = href(["logs"], { job_id: this.job.id });
    return emptyState({
      title: "There is no such job",
      text: "It was deleted, or never existed. The audit log and its executions tell of it.",
      action: el("p", { class: "empty-actions" }, [
        el("a", { class: "btn btn-primary", href: "#jobs" }, "All jobs"),
        el("a", { class: "btn btn-outline-secondary", href: audit }, "Its audit log"),
      ]),
    });
  }
}
