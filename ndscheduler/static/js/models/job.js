// A job: what runs and when.

import { del, pathOf, post, put } from "../api.js";
import { summaryWith } from "./job_summary.js";
import { Record } from "./record.js";

export class Job extends Record {
  preinitialize() {
    this.idAttribute = "job_id";
  }

  get path() {
    return "jobs";
  }

  get readQuery() {
    return { include: "summary" };
  }

  get name() {
    return this.get("name");
  }

  get summary() {
    return this.get("summary") ?? {};
  }

  async load() {
    this.heard = [];
    await super.load();
    // What was read may be older than what was told meanwhile.
    const { heard } = this;
    this.heard = null;
    for (const execution of heard ?? []) this.takeExecution(execution);
    return this;
  }

  /** Take an execution of this job into the summary, where there is one. */
  takeExecution(execution) {
    this.heard?.push(execution);
    const summary = this.get("summary");
    if (summary) this.set({ summary: summaryWith(summary, execution) });
  }

  /** `error` is only there while the job can not run; what it says ends with it. */
  set(key, value, options) {
    if (key && typeof key === "object" && "rev" in key && !("error" in key)) {
      return super.set({ ...key, error: null }, value);
    }
    return super.set(key, value, options);
  }

  /** True if it is on and will fire no more. */
  get isOver() {
    return !this.isPaused && !this.get("next_run_time");
  }

  get isPaused() {
    return Boolean(this.get("paused"));
  }

  /** Why it can not run, or null. */
  get problem() {
    return this.get("error") ?? null;
  }

  pause(reason = null, until = null) {
    return this.act("pause", { reason, until });
  }

  resume() {
    return this.act("resume");
  }

  skipNext(reason = null) {
    return this.act("skip-next", { reason });
  }

  async act(action, body = undefined) {
    await post(pathOf("jobs", this.id, action), body);
    await this.load();
  }

  /** The id of the new execution; `args` are {pub_args, kwargs} or {arguments_of} in place of its own. */
  async runNow(args = undefined) {
    const { execution_id: executionId } = await post(pathOf("executions", this.id), args);
    return executionId;
  }

  async deleteForGood() {
    await del(pathOf("jobs", this.id));
    this.trigger("destroy", this, this.collection);
  }

  /** Store `fields`; refused with 412 when somebody has changed the job since it was read. */
  async store(fields) {
    if (this.isNew()) {
      const { job_id: jobId } = await post("jobs", fields);
      this.set({ job_id: jobId });
    } else {
      const headers = { "If-Match": `"${this.get("rev")}"` };
      await put(pathOf("jobs", this.id), fields, { headers });
    }
    await this.load();
  }
}
