// One execution: its times, what came of it and why, and running it again.

import { el, fill } from "../dom.js";
import { icon } from "../icons.js";
import { hasSelection } from "../in_use.js";
import { Execution } from "../models/execution.js";
import { Job } from "../models/job.js";
import { href } from "../router.js";
import { clock, chosenZone, timeElement } from "../times.js";
import { toast, toastError } from "../toasts.js";
import { facts } from "./execution/facts.js";
import { headline } from "./execution/headline.js";
import { prettyResult, textPart } from "./execution/text_part.js";
import { jobLink } from "./executions/columns.js";
import { PageView } from "./page_view.js";
import { emptyState } from "./table_view.js";

export class ExecutionPage extends PageView {
  initialize() {
    this.execution = new Execution({ execution_id: this.place.id });
    this.listenTo(this.app.live, "executions", this.takeLive);
    this.listenTo(this.app.live, "reload", this.load);
    this.listenTo(this.app.preferences, "change:zone", () => this.trigger("title"));
    this.bindKeyFor("run", "r", "Run again", () => this.runAgain());
  }

  className() {
    return "page execution-page";
  }

  get title() {
    const name = this.execution.get("job_name");
    return name ? `${name} · ${this.when()}` : "Execution";
  }

  when() {
    return clock(this.execution.get("scheduled_time"), {
      zone: chosenZone(this.execution.zone),
    });
  }

  render() {
    this.el.replaceChildren(el("p", { class: "soft", role: "status" }, "Loading …"));
    this.load();
    return this;
  }

  async load() {
    try {
      await this.execution.load();
      this.draw();
    } catch (error) {
      this.shown = null;
      this.el.replaceChildren(failure(error, () => this.load()));
    }
    this.trigger("title");
  }

  takeLive(executions) {
    if (executions.some((item) => item.execution_id === this.execution.id)) this.load();
  }

  /** Draw it, unless that is what stands there: somebody may have selected or opened something. */
  draw() {
    const { execution } = this;
    const shown = JSON.stringify(execution);
    if (shown === this.shown) return;
    this.shown = shown;
    const parts = () => [this.head(), headline(execution), facts(execution), this.texts()];
    const isFree = () => !hasSelection(this.el) && !this.el.matches(":active");
    this.whenFree(this.el, () => fill(this.el, parts()), isFree);
  }

  head() {
    const { execution } = this;
    return el(
      "header",
      { class: "page-header" },
      el(
        "nav",
        { class: "crumbs", "aria-label": "Where this is" },
        el("a", { href: "#executions" }, "Executions"),
        " › ",
        jobLink(execution),
        " › ",
        el("h1", {}, timeElement(execution.get("scheduled_time"), "clock", execution.zone)),
      ),
      el("span", { class: "spacer" }),
      this.neighbour("previous_id", "chevron-left", "The execution before"),
      this.neighbour("next_id", "chevron-right", "The execution after"),
      execution.jobStillExists && this.app.may("run") && this.againButton(),
    );
  }

  neighbour(key, iconName, label) {
    const id = this.execution.get(key);
    if (!id) return null;
    const attributes = {
      class: "btn icon-button",
      href: href(["executions", id]),
      "aria-label": label,
    };
    return el("a", { ...attributes, title: label }, icon(iconName));
  }

  againButton() {
    const attributes = { type: "button", class: "btn btn-primary", click: () => this.runAgain() };
    return el("button", { ...attributes, title: "With the same arguments" }, "Run again");
  }

  async runAgain() {
    const { execution } = this;
    if (!execution.jobStillExists) return;
    const job = new Job({ job_id: execution.get("job_id") });
    try {
      // Not its arguments: who runs it may not be shown them, and JavaScript rounds numbers.
      const id = await job.runNow({ arguments_of: execution.id });
      const show = () => this.app.router.go(["executions", id]);
      toast("Queued again with the same arguments.", { action: { label: "Show", run: show } });
    } catch (error) {
      toastError("It was not run again", error);
    }
  }

  texts() {
    const { execution } = this;
    const result = prettyResult(execution.get("result"));
    const args = { pub_args: execution.get("pub_args"), kwargs: execution.get("kwargs") };
    const file = (name) => `${execution.id}-${name}.txt`;
    return [
      result !== null && textPart("Result", result, file("result")),
      textPart("Arguments", JSON.stringify(args, null, 2), file("arguments")),
    ];
  }
}

function failure(error, again) {
  if (error.status === 404) {
    return emptyState({
      title: "There is no such execution",
      text: "It may have been deleted with old history.",
      action: el("a", { class: "btn btn-primary", href: "#executions" }, "All executions"),
    });
  }
  return emptyState({
    iconName: "warning",
    title: "This execution can not be read now",
    text: error.message,
    action: el("button", { type: "button", class: "btn btn-primary", click: again }, "Try again"),
  });
}
