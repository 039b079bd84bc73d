// The page of the form of a job: new, edit and clone. Nothing typed is lost.

import _ from "underscore";

import { get, pathOf } from "../api.js";
import { ask } from "../dialogs.js";
import { Draft } from "../drafts.js";
import { el } from "../dom.js";
import { JobForm } from "../models/job_form.js";
import { EditorView } from "./job_form/editor_view.js";
import { FormLists } from "./job_form/lists.js";
import { PageView } from "./page_view.js";
import { emptyState } from "./table_view.js";

const KEEP_AFTER = 400;
const FALLBACK_DEFAULTS = { misfire_grace_time: 3600, coalesce: true, max_instances: 3 };

export class JobFormPage extends PageView {
  initialize() {
    this.action = { "jobs/new": "new", "jobs/:id/edit": "edit" }[this.place.pattern] ?? "clone";
    this.draft = new Draft(`${this.app.info.username} ${this.place.path}`);
    this.lists = new FormLists();
    this.keepSoon = _.debounce(() => this.keep(), KEEP_AFTER);
    if (this.action === "edit") {
      this.listenTo(this.app.live, "jobs", this.hear);
      this.listenTo(this.app.live, "reload", this.lookAgain);
    }
    this.onEvent(document, "keydown", (event) => this.press(event));
    this.onEvent(window, "beforeunload", (event) => this.mustAsk && event.preventDefault());
    this.onEvent(window, "pagehide", () => this.keep());
  }

  className() {
    return "page job-form-page";
  }

  get title() {
    const name = this.form?.job.name ?? "";
    return { new: "New job", edit: `Edit ${name}`, clone: `Clone ${name}` }[this.action].trim();
  }

  onEvent(target, event, run) {
    target.addEventListener(event, run);
    this.undo.push(() => target.removeEventListener(event, run));
  }

  render() {
    this.el.replaceChildren(el("p", { class: "soft", role: "status" }, "Loading …"));
    this.lists.load();
    this.load();
    return this;
  }

  async load() {
    const draft = this.draft.load();
    try {
      const job = draft?.typed ? draft.job : await this.readJob();
      this.begin(job, draft?.typed);
    } catch (error) {
      this.showFailure(error);
    }
  }

  /** The job with its numbers as they are written; null for a new one. */
  async readJob() {
    if (this.action === "new") return null;
    return get(pathOf("jobs", this.place.id), {}, { isExact: true });
  }

  showFailure(error) {
    const click = () => this.render();
    const action = el("button", { type: "button", class: "btn btn-primary", click }, "Try again");
    const title = error.status === 404 ? "There is no such job" : "The job can not be read now";
    this.el.replaceChildren(
      emptyState({ iconName: "warning", title, text: error.message, action }),
    );
  }

  /** Show the form of `job`, with what was typed into it before. */
  begin(job, typed = null) {
    this.jobAsRead = job;
    this.form = this.formOf(job);
    // The new name of a clone is no change that anybody would miss.
    if (this.action === "clone") this.form.set({ name: `${job.name} (copy)` });
    this.first = this.form.typed();
    if (typed) this.form.takeTyped(typed);
    this.listenTo(this.form, "edited", this.edited);
    this.draw();
    if (typed) this.editor.sayRestored();
    else if (this.action === "edit" && this.form.job.error) this.editor.sayBroken();
  }

  formOf(job) {
    if (job) return JobForm.ofJob(job);
    const { timezone, job_defaults: defaults } = this.app.info;
    return JobForm.ofNew({ timezone: timezone ?? "UTC", ...FALLBACK_DEFAULTS, ...defaults });
  }

  draw() {
    if (this.editor) this.drop(this.editor);
    this.el.replaceChildren();
    this.editor = this.add(
      new EditorView({
        app: this.app,
        form: this.form,
        lists: this.lists,
        jobId: this.action === "edit" ? this.place.id : null,
        title: this.title,
        readJob: () => this.readJob(),
        onSaved: (jobId) => this.leaveFor(jobId),
        onCancel: () => this.leave(),
        onAnew: (theirs) => this.beginAnew(theirs),
      }),
    );
    this.editor.focusFirst();
    this.showChanged();
    this.trigger("title");
  }

  get isChanged() {
    return Boolean(this.form) && !this.isDone && !_.isEqual(this.form.typed(), this.first);
  }

  // When the login ends, what was typed waits as a draft.
  get mustAsk() {
    return this.isChanged && !this.app.session.isOver;
  }

  edited() {
    this.keepSoon();
    this.showChanged();
  }

  showChanged() {
    this.editor.showChanged(this.isChanged);
    this.app.router.guardWith(this.isChanged ? (leave) => this.askToLeave(leave) : null);
  }

  keep() {
    if (!this.form || this.isDone) return;
    if (this.isChanged) this.draft.save({ job: this.jobAsRead, typed: this.form.typed() });
    else this.draft.drop();
  }

  hear(jobs, deleted) {
    if (!this.editor || this.isDone) return;
    const job = jobs.find(({ job_id: jobId }) => jobId === this.place.id);
    if (job) this.editor.hear(job);
    if (deleted.includes(this.place.id)) this.editor.sayGone({ isQuiet: true });
  }

  /** Something has changed while nothing was told: see whether it is this job. */
  async lookAgain() {
    try {
      this.hear([await this.readJob()], []);
    } catch (error) {
      if (error.status === 404) this.hear([], [this.place.id]);
    }
  }

  press(event) {
    if (document.body.classList.contains("modal-open") || !this.editor) return;
    const isControl = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (isControl && event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.editor.save();
    } else if (event.key === "Escape" && !event.defaultPrevented && !isInMenu(event.target)) {
      this.leave();
    }
  }

  /** Back to where one comes from; the router asks when something was changed. */
  leave() {
    this.app.router.go(this.action === "new" ? ["jobs"] : ["jobs", this.place.id]);
  }

  leaveFor(jobId) {
    this.finish();
    this.app.router.go(["jobs", jobId]);
  }

  askToLeave(leave) {
    return ask({
      title: "Leave without saving?",
      lines: ["What you have changed in this form will be lost."],
      confirm: "Leave",
      act: async () => this.finish(),
    }).then((isSure) => isSure && leave());
  }

  /** Nothing of this form is wanted any more. */
  finish() {
    this.isDone = true;
    this.draft.drop();
    this.app.router.guardWith(null);
  }

  /** Without what was typed: the job as `theirs`, or as it is read now. */
  async beginAnew(theirs = undefined) {
    try {
      const job = theirs ?? (await this.readJob());
      this.draft.drop();
      this.stopListening(this.form);
      this.begin(job);
    } catch (error) {
      this.editor.sayFailed(error);
    }
  }

  remove() {
    this.keepSoon.cancel();
    this.app.router.guardWith(null);
    return super.remove();
  }
}

function isInMenu(target) {
  return Boolean(target.closest?.(".dropdown"));
}
