// The form itself: its parts, saving, and what the server says of it.

import { pathOf, post, put } from "../../api.js";
import { el } from "../../dom.js";
import { runNow } from "../../job_actions.js";
import { Job } from "../../models/job.js";
import { toast } from "../../toasts.js";
import { BaseView } from "../base_view.js";
import { lastChange, notice } from "./notices.js";
import { OptionsPart } from "./options_part.js";
import { SchedulePart } from "./schedule_part.js";
import { WorkPart } from "./work_part.js";

export class EditorView extends BaseView {
  /**
   * `jobId` is that of the job that is changed, or null for a new one; `readJob()` reads it again;
   * `onSaved(jobId)`, `onCancel()`; `onAnew(job)` drops what was typed.
   */
  initialize(options) {
    const { form, lists, jobId, title, readJob, onSaved, onCancel, onAnew } = options;
    Object.assign(this, { form, lists, jobId, title, readJob, onSaved, onCancel, onAnew });
    this.rev = form.job.rev;
    this.keepsMine = false;
  }

  tagName() {
    return "form";
  }

  className() {
    return "job-form";
  }

  attributes() {
    return { novalidate: "", autocomplete: "off" };
  }

  events() {
    return { submit: "submit" };
  }

  render() {
    this.notices = el("div", { class: "form-notices" });
    this.el.replaceChildren(this.header(), this.notices);
    const options = { app: this.app, form: this.form, lists: this.lists };
    this.parts = [WorkPart, SchedulePart, OptionsPart].map((Part) => this.add(new Part(options)));
    return this;
  }

  header() {
    this.changedMark = el("span", { class: "soft changed-mark", role: "status" });
    const save = { type: "submit", class: "btn btn-primary", title: "Ctrl+S" };
    this.saveButton = el("button", save, this.jobId ? "Save" : "Add job");
    const cancel = { type: "button", class: "btn btn-outline-secondary", title: "Esc" };
    return el(
      "header",
      { class: "page-header job-form-header" },
      el("h1", { title: this.title }, this.title),
      this.changedMark,
      el("button", { ...cancel, click: () => this.onCancel() }, "Cancel"),
      this.saveButton,
    );
  }

  get fields() {
    return this.parts.flatMap((part) => part.fields);
  }

  focusFirst() {
    this.el.querySelector("input").focus({ preventScroll: true });
  }

  showChanged(isChanged) {
    this.changedMark.textContent = isChanged ? "Not saved yet" : "";
  }

  submit(event) {
    event.preventDefault();
    this.save();
  }

  async save() {
    if (this.saveButton.disabled) return;
    this.clearProblems();
    this.setBusy(true);
    try {
      this.saved(await this.send());
    } catch (error) {
      await this.refused(error);
    } finally {
      this.setBusy(false);
    }
  }

  setBusy(isBusy) {
    this.saveButton.disabled = isBusy;
    this.el.setAttribute("aria-busy", String(isBusy));
    if (isBusy) this.changedMark.textContent = "Saving …";
    else this.showChanged(true);
  }

  /** The id of the job. */
  async send() {
    if (!this.jobId) return (await post("jobs", this.form.request())).job_id;
    const fields = this.form.request({ isEdit: !this.keepsMine });
    await put(pathOf("jobs", this.jobId), fields, { headers: { "If-Match": `"${this.rev}"` } });
    return this.jobId;
  }

  saved(jobId) {
    const name = this.form.get("name");
    const run = () => runNow(this.app, new Job({ job_id: jobId, name }));
    const message = this.jobId ? `“${name}” was changed.` : `“${name}” was added.`;
    this.onSaved(jobId);
    toast(message, { action: { label: "Run now", run } });
  }

  refused(error) {
    if (error.status === 412) return this.sayConflict();
    if (error.status === 404 && this.jobId) return this.sayGone();
    const field = error.field && this.fields.find((one) => one.takes(error.field));
    if (!field) return this.sayFailed(error);
    field.setProblem(error.sentence ?? error.message, error.field);
    return field.focus();
  }

  clearProblems() {
    this.notices.replaceChildren();
    for (const field of this.fields) field.setProblem(null);
  }

  say(element) {
    this.notices.replaceChildren(element);
    element.focus();
  }

  sayFailed(error) {
    const text = el("p", {}, `Not saved: ${error.message} What you have typed is kept here.`);
    const mayHelp = error.status === 0 || error.status >= 500;
    this.say(notice(text, { actions: mayHelp ? [["Try again", () => this.save()]] : [] }));
  }

  /** The job was deleted by somebody else. Quietly: the focus stays where it is. */
  sayGone({ isQuiet = false } = {}) {
    const saveAsNew = () => {
      this.jobId = null;
      this.save();
    };
    const text = el("p", {}, "This job was deleted meanwhile.");
    const said = notice(text, { actions: [["Save as a new job", saveAsNew]] });
    if (isQuiet) this.notices.replaceChildren(said);
    else this.say(said);
  }

  sayBroken() {
    const text = el("p", {}, `This job can not run now: ${this.form.job.error}`);
    this.notices.replaceChildren(notice(text));
  }

  sayRestored() {
    const text = el("p", {}, "This is what you had typed and not saved.");
    const actions = [["Begin anew", () => this.onAnew()]];
    this.notices.replaceChildren(notice(text, { kind: "plain", actions }));
  }

  /** The job as it is now, as the stream of changes tells: somebody else may have changed it. */
  hear({ rev }) {
    const isOurs = this.saveButton.disabled;
    if (!isOurs && rev > this.rev) this.sayConflict({ isQuiet: true });
  }

  /** Somebody else has changed the job since it was read. Quietly: the focus stays where it is. */
  async sayConflict({ isQuiet = false } = {}) {
    try {
      const [theirs, lines] = await Promise.all([this.readJob(), lastChange(this.jobId)]);
      const actions = [
        ["Load theirs", () => this.onAnew(theirs)],
        ["Keep mine and save", () => this.keepMine(theirs.rev)],
      ];
      const said = notice(lines, { actions });
      if (isQuiet) this.notices.replaceChildren(said);
      else this.say(said);
    } catch (error) {
      this.sayFailed(error);
    }
  }

  // All of mine: what I left as it was, too, in place of theirs.
  keepMine(rev) {
    this.rev = rev;
    this.keepsMine = true;
    this.save();
  }
}
