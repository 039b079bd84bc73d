import { get } from "../api.js";
import { Jobs } from "../collections/jobs.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { parseSearch, searchText, serverQuery } from "../job_search.js";
import { BulkBar } from "./jobs/bulk_bar.js";
import { jobColumns } from "./jobs/columns.js";
import { JobFilters } from "./jobs/job_filters.js";
import { bindRowKeys } from "./jobs/row_keys.js";
import { showTicks, tickColumn, Ticks } from "./jobs/ticks.js";
import { ListPage } from "./list_page.js";
import { emptyState } from "./table_view.js";

export class JobsPage extends ListPage {
  initialize() {
    this.collection = new Jobs();
    this.ticks = new Ticks([], { listed: this.collection });
    this.classNames = [];
    this.listenTo(this.app.live, "jobs", this.takeJobs);
    this.listenTo(this.app.live, "executions", this.takeExecutions);
    this.listenTo(this.app.live, "logs", this.takeLogs);
  }

  get title() {
    return "Jobs";
  }

  get noun() {
    return ["job", "jobs"];
  }

  get defaultSort() {
    return "name";
  }

  get kinds() {
    return ["jobs", "executions"];
  }

  get isInUse() {
    return super.isInUse || this.ticks.length > 0;
  }

  /** What is searched for, as typed; links of other pages may name `tag`, `status`, `class`. */
  get searched() {
    const { q = "", tag, status, class: jobClass } = this.query;
    const named = searchText({
      tags: tag ? [tag] : [],
      statuses: status ? status.split(",") : [],
      jobClass: jobClass ?? "",
    });
    return [named, q].filter(Boolean).join(" ");
  }

  listQuery() {
    return {
      include: "summary",
      ...serverQuery(parseSearch(this.searched), this.classNames),
    };
  }

  columns() {
    const columns = jobColumns(this.app, { onTag: (tag) => this.addTag(tag) });
    // Jobs are ticked to do something with them.
    return this.app.may("run") ? [tickColumn(this.ticks), ...columns] : columns;
  }

  rowClass(job) {
    const classes = {
      "is-paused": job.isPaused,
      "is-gone": job.get("isGone"),
      "is-ticked": this.ticks.isTicked(job),
    };
    return Object.keys(classes)
      .filter((name) => classes[name])
      .join(" ");
  }

  header() {
    const button = this.newButton("btn-sm");
    return el("header", { class: "page-header" }, el("h1", {}, this.title), button);
  }

  newButton(size = "") {
    if (!this.app.may("add")) return null;
    const attributes = { class: `btn btn-primary ${size}`, href: "#jobs/new" };
    return el("a", attributes, icon("plus"), " New job");
  }

  render() {
    super.render();
    this.el.classList.add("jobs-page");
    this.el.classList.toggle("without-ticks", !this.app.may("run"));
    this.filters = this.add(
      new JobFilters({
        app: this.app,
        text: this.searched,
        sort: this.query.sort ?? this.defaultSort,
        onSearch: (text, options) => this.search(text, options),
        onSort: (sort) => this.choose({ sort }),
      }),
    );
    this.el.querySelector(".page-header").after(this.filters.el);
    this.add(new BulkBar({ app: this.app, ticks: this.ticks, onDone: () => this.refresh() }));
    this.listenTo(this.ticks, "ticked remove", this.showTicks);
    bindRowKeys(this);
    this.offerChoices();
    return this;
  }

  showTicks() {
    showTicks(this.ticks, this.table.body);
    this.el.classList.toggle("has-ticks", this.ticks.length > 0);
  }

  /** Fill the selects. The list does without them. */
  async offerChoices() {
    const names = this.readClassNames();
    try {
      const [{ tags }, classes] = await Promise.all([get("tags"), names]);
      this.filters.offer({ tags, classes });
    } catch {
      // api.js has told that the server is away; tokens may still be typed.
    }
  }

  readClassNames() {
    this.classNamesRead ??= get("job-classes").then(({ job_classes: classes }) => {
      this.classNames = classes.map((each) => each.job_class_string).filter(Boolean);
      return this.classNames;
    });
    return this.classNamesRead;
  }

  search(text, { replace = false } = {}) {
    this.choose({ q: text, tag: "", status: "", class: "" }, { replace });
  }

  addTag(tag) {
    const search = parseSearch(this.searched);
    if (search.tags.includes(tag)) return;
    this.search(searchText({ ...search, tags: [...search.tags, tag] }));
  }

  chosen() {
    this.filters.show(this.searched, this.query.sort ?? this.defaultSort);
    super.chosen();
  }

  async reload() {
    if (parseSearch(this.searched).jobClass) await this.readClassNames().catch(() => []);
    return super.reload();
  }

  openItem(job) {
    this.app.router.go(["jobs", job.id]);
  }

  takeJobs(jobs, deleted) {
    this.collection.hear(() => {
      this.collection.patch(jobs);
      for (const id of deleted) this.collection.get(id)?.set({ isGone: true });
    });
  }

  takeExecutions(executions) {
    this.collection.hear(() => {
      for (const execution of executions) {
        this.collection.get(execution.job_id)?.takeExecution(execution);
      }
    });
  }

  takeLogs(entries) {
    if (entries.some(({ event }) => event === "added")) this.refresh();
  }

  nothing() {
    return this.searched ? this.noMatch() : this.noJobs();
  }

  noMatch() {
    const clear = () => this.search("");
    return emptyState({
      iconName: "search",
      title: "No job is like that",
      text: `Nothing matches ${this.searched}`,
      action: el(
        "button",
        { type: "button", class: "btn btn-primary", click: clear },
        "Show all jobs",
      ),
    });
  }

  noJobs() {
    const { help_url: help } = this.app.info;
    const isSafe = /^https?:/i.test(help ?? "");
    return emptyState({
      iconName: "calendar",
      title: "No jobs yet",
      text: "A job runs code by a schedule: choose a job class, its arguments and when. What each execution did shows here.",
      action: el("p", { class: "empty-actions" }, [
        this.newButton(),
        isSafe &&
          el(
            "a",
            { class: "btn btn-outline-secondary", href: help, rel: "noreferrer", target: "_blank" },
            "How jobs work",
          ),
      ]),
    });
  }
}
